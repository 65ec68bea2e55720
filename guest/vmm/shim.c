/* SPDX-License-Identifier: MIT */
/* The shim's image. The ELF file is our own and as trustworthy as this program. */
#include "vmm/shim.h"

#include <elf.h>
#include <string.h>
#include <l4/sys/__l4_fpage.h>

#include "guest/start.h"

enum { PAGE = 4096 };

extern const char shim_image[];

static const Elf64_Phdr *headers(unsigned *count)
{
	const Elf64_Ehdr *h = (const Elf64_Ehdr *)shim_image;

	*count = h->e_phnum;
	return (const Elf64_Phdr *)(shim_image + h->e_phoff);
}

static uint64_t page_round(uint64_t bytes)
{
	return (bytes + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

uint64_t shim_bytes(void)
{
	unsigned count;
	const Elf64_Phdr *p = headers(&count);
	uint64_t end = PAGE;

	for (unsigned i = 0; i < count; i++)
		if (p[i].p_type == PT_LOAD && p[i].p_vaddr + p[i].p_memsz - GUEST_SHIM > end)
			end = p[i].p_vaddr + p[i].p_memsz - GUEST_SHIM;
	return page_round(end);
}

void shim_load(uint8_t *to)
{
	unsigned count;
	const Elf64_Phdr *p = headers(&count);

	for (unsigned i = 0; i < count; i++)
		if (p[i].p_type == PT_LOAD)
			memcpy(to + (p[i].p_vaddr - GUEST_SHIM), shim_image + p[i].p_offset,
			       p[i].p_filesz);
	memset(to, 0, PAGE);
}

static unsigned rights_of(const Elf64_Phdr *p)
{
	return L4_FPAGE_RO | (p->p_flags & PF_W ? L4_FPAGE_W : 0) |
	       (p->p_flags & PF_X ? L4_FPAGE_X : 0);
}

bool shim_next_part(struct shim_part *part)
{
	unsigned count;
	const Elf64_Phdr *p = headers(&count);

	if (!part->next) {
		*part = (struct shim_part){ 0, PAGE, L4_FPAGE_RO, 1 };
		return true;
	}
	for (unsigned i = part->next - 1; i < count; i++) {
		uint64_t start = (p[i].p_vaddr - GUEST_SHIM) & ~(uint64_t)(PAGE - 1);
		uint64_t end = page_round(p[i].p_vaddr + p[i].p_memsz - GUEST_SHIM);

		start = start < PAGE ? PAGE : start;
		part->next = i + 2;
		if (p[i].p_type != PT_LOAD || end <= start)
			continue;
		part->offset = start;
		part->bytes = end - start;
		part->rights = rights_of(&p[i]);
		return true;
	}
	return false;
}
