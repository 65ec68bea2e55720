/* SPDX-License-Identifier: MIT */
/* ELF files of the loader: whatever is accepted keeps the promises of elf.h. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <l4/sys/consts.h>
#include "loader/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

static void check_segment(const struct elf_segment *s, const struct elf_file *file, l4_addr_t from)
{
	check(s->bytes && s->file_bytes <= s->bytes);
	check(s->offset <= file->size && s->file_bytes <= file->size - s->offset);
	check(l4_trunc_page(s->start) >= from);
	check(s->start + s->bytes > s->start);
	check(l4_round_page(s->start + s->bytes) > s->start);
	check(!((s->start ^ s->offset) & (L4_PAGESIZE - 1)));
	check(s->rights && s->rights <= 7);
}

static void check_image(const struct elf_image *image, const struct elf_file *file)
{
	l4_addr_t from = image->start;

	check(image->count && image->count <= ELF_SEGMENTS_MAX);
	for (unsigned i = 0; i < image->count; i++) {
		const struct elf_segment *s = &image->segments[i];

		check_segment(s, file, from);
		from = l4_round_page(s->start + s->bytes);
	}
	check(from == image->end && image->end > image->start);
	check(image->entry >= image->start && image->entry < image->end);
	check(!image->headers || (image->headers >= image->start && image->headers < image->end));
	check(image->aux_offset <= file->size &&
	      image->aux_bytes <= file->size - image->aux_offset);
	check(image->aux_bytes <= ELF_AUX_BYTES_MAX);
}

static void read_aux(const uint8_t *data, size_t size)
{
	struct elf_aux aux;

	if (elf_read_aux(data, size, &aux))
		return;
	check(aux.reserved_count <= ELF_RESERVED_MAX);
	for (unsigned i = 0; i < aux.reserved_count; i++)
		check(aux.reserved[i].start <= aux.reserved[i].end);
}

static void read_file(const uint8_t *data, size_t size)
{
	struct elf_image image;
	struct elf_file file;

	if (elf_read_header(data, size, size, &file))
		return;
	check(file.headers + file.header_count * ELF_PROGRAM_HEADER_BYTES <= size);
	if (!elf_read_program_headers(data + file.headers, &file, &image)) {
		check_image(&image, &file);
		read_aux(data + image.aux_offset, image.aux_bytes);
	}
}

/* Make an odd program header one of a small segment that is nearly right. */
static void tame(uint8_t *header)
{
	uint64_t field[7];

	memcpy(field, header, sizeof(field));
	if (!(field[0] & 1))
		return;
	field[0] = (field[0] & ~0xffffffffUL) | 1;
	field[1] &= 0xff;
	field[2] = (field[2] & 0xf000) | field[1];
	field[4] &= 0x3ff;
	field[5] &= 0xffff;
	memcpy(header, field, sizeof(field));
}

/* As it is; then with a header that is right, so that the rest of the file is looked at. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t start[] = { 0x7f, 'E', 'L', 'F', 2, 1, 1,	0, 0, 0, 0, 0,
					 0,    0,   0,	 0,   3, 0, 62, 0, 1, 0, 0, 0 };
	uint8_t copy[1024];
	unsigned headers;

	read_file(data, size);
	read_aux(data, size);
	if (size < ELF_HEADER_BYTES || size > sizeof(copy))
		return 0;
	headers = (size - ELF_HEADER_BYTES) / ELF_PROGRAM_HEADER_BYTES;
	memcpy(copy, data, size);
	memcpy(copy, start, sizeof(start));
	memset(copy + 26, 0, 6); /* entry: below 64 KiB */
	memset(copy + 32, 0, 8);
	copy[32] = ELF_HEADER_BYTES;
	memset(copy + 54, 0, 4);
	copy[54] = ELF_PROGRAM_HEADER_BYTES;
	copy[56] = headers;
	for (unsigned i = 0; i < headers; i++)
		tame(copy + ELF_HEADER_BYTES + i * ELF_PROGRAM_HEADER_BYTES);
	read_file(copy, size);
	return 0;
}
