/* SPDX-License-Identifier: MIT */
/* Reading ELF headers: decode, check, and only then believe. */
#include "loader/elf.h"

#include <l4/sys/consts.h>
#include <l4/zwinger/wellknown.h>

enum elf_numbers {
	TYPE_EXEC = 2,
	TYPE_DYN = 3,
	MACHINE_X86_64 = 62,
	PT_LOAD = 1,
	PT_INTERP = 3,
	PT_GNU_STACK = 0x6474e551,
	PT_L4_AUX = 0x60000014
};

enum aux_tags { AUX_END, AUX_VMA, AUX_STACK_SIZE, AUX_STACK_ADDRESS, AUX_KIP, AUX_EX_REGS_FLAGS };

/* The structures of the file format (System V ABI, 64 bit). */
struct elf_header {
	l4_uint8_t ident[16];
	l4_uint16_t type, machine;
	l4_uint32_t version;
	l4_uint64_t entry, phoff, shoff;
	l4_uint32_t flags;
	l4_uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct program_header {
	l4_uint32_t type, flags;
	l4_uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

L4_STATIC_ASSERT(sizeof(struct elf_header) == ELF_HEADER_BYTES);
L4_STATIC_ASSERT(sizeof(struct program_header) == ELF_PROGRAM_HEADER_BYTES);

static const l4_addr_t lower_end = 0x7ffffffff000;
static const l4_addr_t upper_end = ~0UL << L4_PAGESHIFT;

static l4_addr_t segment_page(const struct elf_segment *s)
{
	return l4_trunc_page(s->start);
}

static l4_addr_t segment_end(const struct elf_segment *s)
{
	return l4_round_page(s->start + s->bytes);
}

static const char *check_ident(const struct elf_header *h)
{
	static const l4_uint8_t magic[] = { 0x7f, 'E', 'L', 'F' };

	if (__builtin_memcmp(h->ident, magic, sizeof(magic)))
		return "not an ELF file";
	if (h->ident[4] != 2 || h->ident[5] != 1 || h->machine != MACHINE_X86_64)
		return "ELF file for another machine than x86-64";
	if (h->ident[6] != 1 || h->version != 1)
		return "ELF file of an unknown version";
	if (h->type != TYPE_EXEC && h->type != TYPE_DYN)
		return "ELF file is no program";
	return NULL;
}

const char *elf_read_header(const void *bytes, size_t count, l4_uint64_t file_size,
			    struct elf_file *file)
{
	struct elf_header h;
	const char *wrong;

	if (count < sizeof(h) || file_size < sizeof(h))
		return "not an ELF file: too short";
	__builtin_memcpy(&h, bytes, sizeof(h));
	wrong = check_ident(&h);
	if (wrong)
		return wrong;
	if (!h.phnum || h.phnum > ELF_PROGRAM_HEADERS_MAX)
		return "ELF file with no or too many program headers";
	if (h.phentsize != ELF_PROGRAM_HEADER_BYTES)
		return "ELF file with program headers of a wrong size";
	if (h.phoff > file_size || h.phnum * h.phentsize > file_size - h.phoff)
		return "ELF program headers lie outside of the file";
	*file = (struct elf_file){ .size = file_size,
				   .headers = h.phoff,
				   .header_count = h.phnum,
				   .entry = h.entry,
				   .relocatable = h.type == TYPE_DYN };
	return NULL;
}

static const char *add_segment(const struct program_header *p, struct elf_image *image)
{
	struct elf_segment *s = &image->segments[image->count];

	if (p->filesz > p->memsz)
		return "ELF segment is larger in the file than in memory";
	if (p->memsz > lower_end || p->vaddr > upper_end - p->memsz)
		return "ELF segment lies outside of the address space";
	if ((p->vaddr ^ p->offset) & (L4_PAGESIZE - 1))
		return "ELF segment is not aligned as its file offset";
	if (!(p->flags & (ELF_READ | ELF_WRITE | ELF_EXECUTE)))
		return "ELF segment without any rights";
	if (image->count == ELF_SEGMENTS_MAX)
		return "ELF file with too many segments";
	*s = (struct elf_segment){ p->vaddr, p->memsz, p->offset, p->filesz, 0 };
	s->rights = p->flags & (ELF_READ | ELF_WRITE | ELF_EXECUTE);
	if (image->count && segment_page(s) < segment_end(s - 1))
		return "ELF segments share a page or are not in order";
	image->count++;
	return NULL;
}

static const char *add_header(const struct program_header *p, const struct elf_file *file,
			      struct elf_image *image)
{
	if (p->offset > file->size || p->filesz > file->size - p->offset)
		return "ELF segment lies outside of the file";
	switch (p->type) {
	case PT_LOAD:
		return p->memsz ? add_segment(p, image) : NULL;
	case PT_INTERP:
		return "program is dynamically linked; only static programs can be loaded";
	case PT_GNU_STACK:
		image->executable_stack = p->flags & ELF_EXECUTE;
		return NULL;
	case PT_L4_AUX:
		if (p->filesz > ELF_AUX_BYTES_MAX)
			return "ELF AUX section is too large";
		image->aux_offset = p->offset;
		image->aux_bytes = p->filesz;
		return NULL;
	default:
		return NULL;
	}
}

/* Where the program itself finds its headers, which tell it where its thread-local storage is. */
static l4_addr_t find_headers(const struct elf_file *file, const struct elf_image *image)
{
	l4_uint64_t bytes = file->header_count * ELF_PROGRAM_HEADER_BYTES;

	for (unsigned i = 0; i < image->count; i++) {
		const struct elf_segment *s = &image->segments[i];

		if (file->headers >= s->offset && s->file_bytes >= bytes &&
		    file->headers - s->offset <= s->file_bytes - bytes)
			return s->start + (file->headers - s->offset);
	}
	return 0;
}

static bool entry_ok(const struct elf_image *image)
{
	for (unsigned i = 0; i < image->count; i++) {
		const struct elf_segment *s = &image->segments[i];

		if ((s->rights & ELF_EXECUTE) && image->entry >= s->start &&
		    image->entry - s->start < s->bytes)
			return true;
	}
	return false;
}

const char *elf_read_program_headers(const void *headers, const struct elf_file *file,
				     struct elf_image *image)
{
	*image = (struct elf_image){ .entry = file->entry,
				     .header_count = file->header_count,
				     .relocatable = file->relocatable };
	for (unsigned i = 0; i < file->header_count; i++) {
		struct program_header p;
		const char *wrong;

		__builtin_memcpy(&p, (const char *)headers + i * sizeof(p), sizeof(p));
		wrong = add_header(&p, file, image);
		if (wrong)
			return wrong;
	}
	if (!image->count)
		return "ELF file has nothing to load";
	if (!entry_ok(image))
		return "ELF entry point is not in an executable segment";
	image->start = segment_page(&image->segments[0]);
	image->end = segment_end(&image->segments[image->count - 1]);
	image->headers = find_headers(file, image);
	return NULL;
}

static const char *add_element(l4_umword_t tag, const l4_umword_t *value, size_t words,
			       struct elf_aux *aux)
{
	l4_umword_t *const wishes[] = { [AUX_STACK_SIZE] = &aux->stack_size,
					[AUX_STACK_ADDRESS] = &aux->stack_address,
					[AUX_KIP] = &aux->kip_address,
					[AUX_EX_REGS_FLAGS] = &aux->ex_regs_flags };

	if (tag > AUX_EX_REGS_FLAGS)
		return NULL; /* unknown elements are for others */
	if (words < (tag == AUX_VMA ? 2 : 1))
		return "ELF AUX element is too short";
	if (tag != AUX_VMA) {
		*wishes[tag] = value[0];
		return NULL;
	}
	if (aux->reserved_count == ELF_RESERVED_MAX)
		return "ELF AUX section with too many reserved areas";
	if (value[0] > value[1])
		return "ELF AUX section with an empty reserved area";
	aux->reserved[aux->reserved_count++] = (struct elf_reserved){ value[0], value[1] };
	return NULL;
}

const char *elf_read_aux(const void *bytes, size_t count, struct elf_aux *aux)
{
	*aux = (struct elf_aux){ 0 };
	for (size_t at = 0; count - at >= 2 * sizeof(l4_umword_t);) {
		l4_umword_t element[4] = { 0 }; /* tag, length, values */
		const char *wrong;
		size_t copied;

		__builtin_memcpy(element, (const char *)bytes + at, 2 * sizeof(*element));
		if (element[0] == AUX_END)
			return NULL;
		if (element[1] < 2 * sizeof(*element) || element[1] > count - at ||
		    element[1] % sizeof(*element))
			return "ELF AUX element with a wrong length";
		copied = element[1] < sizeof(element) ? element[1] : sizeof(element);
		__builtin_memcpy(element, (const char *)bytes + at, copied);
		wrong = add_element(element[0], element + 2, copied / sizeof(*element) - 2, aux);
		if (wrong)
			return wrong;
		at += element[1];
	}
	return NULL;
}

bool elf_place_ok(l4_addr_t start, l4_uint64_t bytes, bool upper)
{
	if (start >= L4_PAGESIZE && start < lower_end && bytes <= lower_end - start)
		return true;
	return upper && start >= L4_ZW_KERNEL_END && start < upper_end &&
	       bytes <= upper_end - start;
}

bool elf_overlap(l4_addr_t a, l4_uint64_t a_bytes, l4_addr_t b, l4_uint64_t b_bytes)
{
	return a < b + b_bytes && b < a + a_bytes;
}
