/* SPDX-License-Identifier: MIT */
/* Checks and loads ELF64 programs for x86-64. Pure code. */
#include "elf64.h"

#include <stddef.h>
#include <string.h>

#define PAGE 4096ULL

#define ET_EXEC		  2
#define ET_DYN		  3
#define EM_X86_64	  62
#define PT_LOAD		  1
#define PT_DYNAMIC	  2
#define PT_INTERP	  3
#define PT_L4_KIP	  0x10
#define DT_PLTRELSZ	  2
#define DT_RELA		  7
#define DT_RELASZ	  8
#define DT_RELSZ	  18
#define DT_RELRSZ	  35
#define R_X86_64_RELATIVE 8
#define DYNAMIC_ENTRIES	  128

struct elf_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_phdr {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

struct elf_dyn {
	uint64_t tag, value;
};

struct elf_rela {
	uint64_t offset;
	uint32_t type, symbol;
	int64_t addend;
};

/* Addresses that matter here are below this, so that sums of them cannot wrap. */
#define SANE_LIMIT (1ULL << 47)

static uint64_t page_down(uint64_t v)
{
	return v & ~(PAGE - 1);
}

static uint64_t page_up(uint64_t v)
{
	return page_down(v + PAGE - 1);
}

static bool in_file(uint64_t offset, uint64_t bytes, uint64_t size)
{
	return offset <= size && bytes <= size - offset;
}

static const char *check_header(const struct elf_header *h, uint64_t size)
{
	static const uint8_t ident[7] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };

	if (memcmp(h->ident, ident, sizeof(ident)) != 0)
		return "not an ELF64 file";
	if (h->machine != EM_X86_64)
		return "not for x86-64";
	if (h->type != ET_EXEC && h->type != ET_DYN)
		return "not an executable";
	if (h->phentsize != sizeof(struct elf_phdr))
		return "wrong program header size";
	if (!in_file(h->phoff, (uint64_t)h->phnum * sizeof(struct elf_phdr), size))
		return "program headers outside the file";
	return NULL;
}

static const char *add_segment(struct elf_image *image, const struct elf_phdr *p, uint64_t size)
{
	struct elf_segment *s = image->segment + image->segments;

	if (!p->memsz)
		return NULL;
	if (image->segments == ELF_SEGMENTS)
		return "too many segments";
	if (!in_file(p->offset, p->filesz, size))
		return "segment outside the file";
	if (p->filesz > p->memsz || p->memsz > SANE_LIMIT || p->vaddr + p->memsz < p->vaddr ||
	    page_up(p->vaddr + p->memsz) < p->vaddr)
		return "segment size out of range";
	if (image->segments && p->vaddr < s[-1].vaddr + s[-1].memsz)
		return "segments overlap or are not sorted";
	if (p->align & (p->align - 1))
		return "segment alignment is no power of two";
	*s = (struct elf_segment){ p->vaddr, p->offset, p->filesz, p->memsz, p->flags & 7 };
	if (!image->segments++)
		image->start = page_down(p->vaddr);
	image->end = page_up(p->vaddr + p->memsz);
	image->align = p->align > image->align ? p->align : image->align;
	return NULL;
}

/* The segment whose file part (or, with @whole, memory) holds [vaddr, vaddr + bytes). */
static const struct elf_segment *find_segment(const struct elf_image *image, uint64_t vaddr,
					      uint64_t bytes, bool whole)
{
	for (unsigned i = 0; i < image->segments; i++) {
		const struct elf_segment *s = image->segment + i;
		uint64_t length = whole ? s->memsz : s->filesz;

		if (vaddr >= s->vaddr && in_file(vaddr - s->vaddr, bytes, length))
			return s;
	}
	return NULL;
}

static struct elf_rela get_rela(const struct elf_image *image, uint64_t i)
{
	struct elf_rela rela;

	memcpy(&rela, image->file + image->rela + i * sizeof(rela), sizeof(rela));
	return rela;
}

/* Locate the table at @vaddr and check each relocation. */
static const char *check_relocations(struct elf_image *image, uint64_t vaddr, uint64_t bytes)
{
	const struct elf_segment *s = find_segment(image, vaddr, bytes, false);

	if (!bytes)
		return NULL;
	if (!s)
		return "relocations outside the segments";
	image->rela = s->offset + (vaddr - s->vaddr);
	image->relas = bytes / sizeof(struct elf_rela);
	for (uint64_t i = 0; i < image->relas; i++) {
		struct elf_rela rela = get_rela(image, i);

		if (rela.type != R_X86_64_RELATIVE)
			return "relocation of a type other than R_X86_64_RELATIVE";
		if (!find_segment(image, rela.offset, 8, true))
			return "relocation outside the segments";
	}
	return NULL;
}

static const char *parse_dynamic(struct elf_image *image, const struct elf_phdr *p, uint64_t size)
{
	uint64_t rela = 0, relasz = 0, n = p->filesz / sizeof(struct elf_dyn);
	struct elf_dyn dyn;

	if (!in_file(p->offset, p->filesz, size) || n > DYNAMIC_ENTRIES)
		return "dynamic section out of range";
	for (uint64_t i = 0; i < n; i++) {
		memcpy(&dyn, image->file + p->offset + i * sizeof(dyn), sizeof(dyn));
		if (!dyn.tag)
			break;
		if (dyn.tag == DT_RELA)
			rela = dyn.value;
		else if (dyn.tag == DT_RELASZ)
			relasz = dyn.value;
		else if ((dyn.tag == DT_PLTRELSZ || dyn.tag == DT_RELSZ || dyn.tag == DT_RELRSZ) &&
			 dyn.value)
			return "relocations of an unsupported kind";
	}
	return check_relocations(image, rela, relasz);
}

static const char *parse_phdr(struct elf_image *image, const struct elf_phdr *p, uint64_t size)
{
	switch (p->type) {
	case PT_LOAD:
		return add_segment(image, p, size);
	case PT_INTERP:
		return "needs a dynamic linker";
	case PT_L4_KIP:
		image->kip = p->vaddr;
		return NULL;
	default:
		return NULL;
	}
}

static struct elf_phdr get_phdr(const struct elf_image *image, const struct elf_header *h,
				unsigned i)
{
	struct elf_phdr p;

	memcpy(&p, image->file + h->phoff + i * sizeof(p), sizeof(p));
	return p;
}

/* Relocations can be checked when all segments are known only. */
static const char *parse_relocations(struct elf_image *image, const struct elf_header *h,
				     uint64_t size)
{
	const char *why = NULL;

	for (unsigned i = 0; i < h->phnum && !why && image->relocatable; i++) {
		struct elf_phdr p = get_phdr(image, h, i);

		if (p.type == PT_DYNAMIC)
			why = parse_dynamic(image, &p, size);
	}
	return why;
}

const char *elf_parse(const void *file, uint64_t size, struct elf_image *image)
{
	struct elf_header h;
	const char *why;

	*image = (struct elf_image){ .file = file, .align = PAGE };
	if (size < sizeof(h))
		return "not an ELF64 file";
	memcpy(&h, file, sizeof(h));
	why = check_header(&h, size);
	for (unsigned i = 0; !why && i < h.phnum; i++) {
		struct elf_phdr p = get_phdr(image, &h, i);

		why = parse_phdr(image, &p, size);
	}
	if (why)
		return why;
	image->relocatable = h.type == ET_DYN;
	image->entry = h.entry;
	if (!image->segments)
		return "nothing to load";
	if (!find_segment(image, h.entry, 1, true))
		return "entry point outside the segments";
	return parse_relocations(image, &h, size);
}

/* Clear from the end of what was written so far to the segment, within pages of segments. */
static void clear_gap(uint8_t *memory, uint64_t done, uint64_t start)
{
	if (page_up(done) > page_down(start)) { /* in one page */
		memset(memory + done, 0, start - done);
		return;
	}
	memset(memory + done, 0, page_up(done) - done);
	memset(memory + page_down(start), 0, start - page_down(start));
}

static void relocate(const struct elf_image *image, uint8_t *memory, uint64_t delta)
{
	for (uint64_t i = 0; i < image->relas; i++) {
		struct elf_rela rela = get_rela(image, i);
		uint64_t value = (uint64_t)rela.addend + delta;

		memcpy(memory + (rela.offset - image->start), &value, sizeof(value));
	}
}

void elf_load(const struct elf_image *image, uint8_t *memory, uint64_t address)
{
	uint64_t done = 0; /* bytes from image->start */

	for (unsigned i = 0; i < image->segments; i++) {
		const struct elf_segment *s = image->segment + i;
		uint64_t start = s->vaddr - image->start;

		clear_gap(memory, done, start);
		memcpy(memory + start, image->file + s->offset, s->filesz);
		memset(memory + start + s->filesz, 0, s->memsz - s->filesz);
		done = start + s->memsz;
	}
	clear_gap(memory, done, image->end - image->start);
	relocate(image, memory, address - image->start);
}
