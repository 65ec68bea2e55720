/* SPDX-License-Identifier: MIT */
/* The kernel's ELF file. */
#include "vmm/kernel.h"

#include <elf.h>
#include <string.h>

#include "guest/layout.h"
#include "xen/start_info.h"

enum { PAGE = XEN_PAGE_SIZE, NOTE_ALIGN = 4 };

/* The guest's root slots 0 and 256..271 are not its own; nor are addresses that are none. */
#define SEGMENTS_END (1UL << 40)

struct file {
	const uint8_t *bytes;
	size_t size;
	Elf64_Ehdr header;
};

/* What the notes say, before it is checked. */
struct notes {
	bool found, has_entry, has_base;
	uint64_t paddr_offset, hole_start;
	char version[8];
};

static bool inside(const struct file *f, uint64_t offset, uint64_t bytes)
{
	return offset <= f->size && bytes <= f->size - offset;
}

/* --- Header and segments --- */

static const char *read_header(struct file *f)
{
	const Elf64_Ehdr *h = &f->header;

	if (f->size < sizeof(*h))
		return "is too short for an ELF file";
	memcpy(&f->header, f->bytes, sizeof(f->header));
	if (memcmp(h->e_ident, ELFMAG, SELFMAG) || h->e_ident[EI_CLASS] != ELFCLASS64 ||
	    h->e_ident[EI_DATA] != ELFDATA2LSB || h->e_machine != EM_X86_64)
		return "is no 64-bit x86 kernel";
	if (h->e_type != ET_EXEC && h->e_type != ET_DYN)
		return "is no executable ELF file";
	if (h->e_phentsize != sizeof(Elf64_Phdr) ||
	    !inside(f, h->e_phoff, (uint64_t)h->e_phnum * sizeof(Elf64_Phdr)))
		return "has no proper program headers";
	return NULL;
}

static Elf64_Phdr program_header(const struct file *f, unsigned i)
{
	Elf64_Phdr p;

	memcpy(&p, f->bytes + f->header.e_phoff + i * sizeof(p), sizeof(p));
	return p;
}

static void insert(struct kernel *k, const struct kernel_segment *s)
{
	unsigned i = k->count++;

	for (; i && k->segments[i - 1].start > s->start; i--)
		k->segments[i] = k->segments[i - 1];
	k->segments[i] = *s;
}

static const char *add_segment(const struct file *f, const Elf64_Phdr *p, uint64_t paddr_offset,
			       struct kernel *k)
{
	struct kernel_segment s = { .offset = p->p_offset,
				    .file_bytes = p->p_filesz,
				    .start = p->p_paddr - paddr_offset,
				    .bytes = p->p_memsz,
				    .code_bytes = p->p_flags & PF_X ? p->p_filesz : 0 };

	if (k->count == KERNEL_SEGMENTS_MAX)
		return "has too many segments";
	if (!inside(f, s.offset, s.file_bytes) || s.file_bytes > s.bytes)
		return "has a segment that is not all there";
	if (s.start >= SEGMENTS_END || s.bytes > SEGMENTS_END - s.start)
		return "has a segment at an address that no guest has";
	insert(k, &s);
	return NULL;
}

static const char *read_segments(const struct file *f, uint64_t paddr_offset, struct kernel *k)
{
	for (unsigned i = 0; i < f->header.e_phnum; i++) {
		Elf64_Phdr p = program_header(f, i);
		const char *wrong = NULL;

		if (p.p_type == PT_LOAD && p.p_memsz)
			wrong = add_segment(f, &p, paddr_offset, k);
		if (wrong)
			return wrong;
	}
	if (!k->count)
		return "has no segments";
	for (unsigned i = 1; i < k->count; i++)
		if (k->segments[i - 1].start + k->segments[i - 1].bytes > k->segments[i].start)
			return "has segments that overlap";
	k->start = k->segments[0].start;
	k->end = k->segments[k->count - 1].start + k->segments[k->count - 1].bytes;
	return NULL;
}

/* --- Sections --- */

static Elf64_Shdr section_header(const struct file *f, unsigned i)
{
	Elf64_Shdr h;

	memcpy(&h, f->bytes + f->header.e_shoff + i * sizeof(h), sizeof(h));
	return h;
}

static bool in_segment(const Elf64_Shdr *h, const struct kernel_segment *s)
{
	return h->sh_type != SHT_NOBITS && h->sh_offset >= s->offset &&
	       h->sh_offset - s->offset <= s->file_bytes &&
	       h->sh_size <= s->file_bytes - (h->sh_offset - s->offset);
}

/* End of the last section of code that lies in the segment; 0: none is known. */
static uint64_t code_end(const struct file *f, const struct kernel_segment *s)
{
	uint64_t end = 0;

	for (unsigned i = 0; i < f->header.e_shnum; i++) {
		Elf64_Shdr h = section_header(f, i);
		uint64_t here = h.sh_offset - s->offset + h.sh_size;

		if (h.sh_flags & SHF_EXECINSTR && in_segment(&h, s) && here > end)
			end = here;
	}
	return end;
}

/* Is this the section's name in the table of names? */
static bool has_name(const struct file *f, const Elf64_Shdr *h, const Elf64_Shdr *names,
		     const char *name)
{
	size_t bytes = strlen(name) + 1;

	return inside(f, names->sh_offset, names->sh_size) && h->sh_name < names->sh_size &&
	       bytes <= names->sh_size - h->sh_name &&
	       !memcmp(f->bytes + names->sh_offset + h->sh_name, name, bytes);
}

/* Where the table of alternatives is in memory, if there is one. */
static void find_alternatives(const struct file *f, struct kernel *k)
{
	Elf64_Shdr names, table = { 0 };

	if (f->header.e_shstrndx >= f->header.e_shnum)
		return;
	names = section_header(f, f->header.e_shstrndx);
	for (unsigned i = 0; i < f->header.e_shnum; i++) {
		Elf64_Shdr h = section_header(f, i);

		if (has_name(f, &h, &names, ".altinstructions"))
			table = h;
	}
	for (unsigned i = 0; table.sh_size && i < k->count; i++) {
		const struct kernel_segment *s = &k->segments[i];

		if (!in_segment(&table, s))
			continue;
		k->alternatives = s->start + table.sh_offset - s->offset;
		k->alternatives_bytes = table.sh_size;
	}
}

/* Most of what can be executed is data. Without sections all of it may be code. */
static void read_sections(const struct file *f, struct kernel *k)
{
	const Elf64_Ehdr *h = &f->header;

	if (h->e_shentsize != sizeof(Elf64_Shdr) ||
	    !inside(f, h->e_shoff, (uint64_t)h->e_shnum * sizeof(Elf64_Shdr)))
		return;
	for (unsigned i = 0; i < k->count; i++) {
		struct kernel_segment *s = &k->segments[i];
		uint64_t end = s->code_bytes ? code_end(f, s) : 0;

		if (end)
			s->code_bytes = end;
	}
	find_alternatives(f, k);
}

/* --- Notes --- */

static uint64_t number(const uint8_t *value, uint32_t bytes)
{
	uint64_t n = 0;

	memcpy(&n, value, bytes < sizeof(n) ? bytes : sizeof(n));
	return n;
}

static void text(char *to, size_t room, const uint8_t *value, uint32_t bytes)
{
	memset(to, 0, room);
	memcpy(to, value, bytes < room ? bytes : room - 1);
}

static void take_note(uint32_t type, const uint8_t *value, uint32_t bytes, struct notes *n,
		      struct kernel *k)
{
	n->found = true;
	switch (type) {
	case XEN_NOTE_ENTRY:
		n->has_entry = true;
		k->entry = number(value, bytes);
		break;
	case XEN_NOTE_HYPERCALL_PAGE:
		k->hypercall_page = number(value, bytes);
		break;
	case XEN_NOTE_VIRT_BASE:
		n->has_base = true;
		k->virt_base = number(value, bytes);
		break;
	case XEN_NOTE_PADDR_OFFSET:
		n->paddr_offset = number(value, bytes);
		break;
	case XEN_NOTE_XEN_VERSION:
		text(n->version, sizeof(n->version), value, bytes);
		break;
	case XEN_NOTE_HV_START_LOW:
		n->hole_start = number(value, bytes);
		break;
	case XEN_NOTE_INIT_P2M:
		k->p2m = number(value, bytes);
		break;
	case XEN_NOTE_MOD_START_PFN:
		k->module_frame = number(value, bytes) & 1;
		break;
	}
}

static uint64_t rounded(uint32_t bytes)
{
	return ((uint64_t)bytes + NOTE_ALIGN - 1) & ~(uint64_t)(NOTE_ALIGN - 1);
}

/* Notes of others are skipped; the list ends where one is not all there. */
static void read_note_segment(const uint8_t *p, uint64_t bytes, struct notes *n, struct kernel *k)
{
	while (bytes >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr h;
		uint64_t all;

		memcpy(&h, p, sizeof(h));
		all = sizeof(h) + rounded(h.n_namesz) + rounded(h.n_descsz);
		if (all > bytes)
			return;
		if (h.n_namesz == sizeof(XEN_NOTE_OWNER) &&
		    !memcmp(p + sizeof(h), XEN_NOTE_OWNER, sizeof(XEN_NOTE_OWNER)))
			take_note(h.n_type, p + sizeof(h) + rounded(h.n_namesz), h.n_descsz, n, k);
		p += all;
		bytes -= all;
	}
}

static const char *read_notes(const struct file *f, struct notes *n, struct kernel *k)
{
	for (unsigned i = 0; i < f->header.e_phnum; i++) {
		Elf64_Phdr p = program_header(f, i);

		if (p.p_type == PT_NOTE && inside(f, p.p_offset, p.p_filesz))
			read_note_segment(f->bytes + p.p_offset, p.p_filesz, n, k);
	}
	if (!n->found)
		return "has no notes for paravirtual guests (Linux: CONFIG_XEN_PV is off)";
	if (!n->has_base || !n->has_entry)
		return "does not say where a paravirtual guest starts";
	if (strncmp(n->version, "xen-3.0", sizeof(n->version)))
		return "wants another version of the paravirtual interface than xen-3.0";
	return NULL;
}

/* --- What must fit together --- */

static bool in_image(const struct kernel *k, uint64_t address, uint64_t bytes)
{
	uint64_t offset = address - k->virt_base;

	return offset >= k->start && offset < k->end && bytes <= k->end - offset;
}

/* The lower half, or the upper one behind the hole, with some room. */
static bool address_ok(uint64_t address, uint64_t room)
{
	if (address & (PAGE - 1) || address > UINT64_MAX - room)
		return false;
	return address + room <= 1UL << 47 || address >= XEN_HOLE_END;
}

static const char *check(const struct notes *n, const struct kernel *k)
{
	if (!address_ok(k->virt_base, k->end))
		return "wants to run at addresses that it cannot have";
	if (!in_image(k, k->entry, 1))
		return "starts outside of itself";
	if (k->hypercall_page &&
	    (k->hypercall_page & (PAGE - 1) || !in_image(k, k->hypercall_page, PAGE)))
		return "asks for a hypercall page at a place that is not its own";
	if (k->p2m && !address_ok(k->p2m, SEGMENTS_END))
		return "wants its frame list at addresses that it cannot have";
	if (n->hole_start > GUEST_SHIM)
		return "leaves too few addresses to the other side";
	return NULL;
}

const char *kernel_read(const void *file, size_t bytes, struct kernel *k)
{
	struct file f = { .bytes = file, .size = bytes };
	struct notes n = { 0 };
	const char *wrong = read_header(&f);

	*k = (struct kernel){ 0 };
	if (!wrong)
		wrong = read_notes(&f, &n, k);
	if (!wrong)
		wrong = read_segments(&f, n.paddr_offset, k);
	if (!wrong)
		read_sections(&f, k);
	return wrong ? wrong : check(&n, k);
}

/* Does what segment s is in memory overlap with what segment t is in the file? */
static bool overwrites(const struct kernel_segment *s, const struct kernel_segment *t,
		       uint64_t offset)
{
	uint64_t from = offset + t->offset;

	return s->start < from + t->file_bytes && from < s->start + s->bytes;
}

bool kernel_can_move(const struct kernel *k, uint64_t offset)
{
	for (unsigned i = 0; i < k->count; i++)
		for (unsigned later = i + 1; later < k->count; later++)
			if (overwrites(&k->segments[i], &k->segments[later], offset))
				return false;
	return true;
}

void kernel_load(const void *file, const struct kernel *k, void *memory)
{
	for (unsigned i = 0; i < k->count; i++) {
		const struct kernel_segment *s = &k->segments[i];
		uint8_t *to = (uint8_t *)memory + s->start;

		if (to != (const uint8_t *)file + s->offset)
			memmove(to, (const uint8_t *)file + s->offset, s->file_bytes);
		memset(to + s->file_bytes, 0, s->bytes - s->file_bytes);
	}
}
