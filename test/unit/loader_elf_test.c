/* SPDX-License-Identifier: MIT */
/* Reading of ELF programs: what is accepted means what it says, what could do harm is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include <l4/zwinger/wellknown.h>
#include "loader/elf.h"

enum { HEADERS = 4, FILE_BYTES = 0x5000 };
enum { LOAD = 1, INTERP = 3, PHDR = 6, STACK = 0x6474e551, AUX = 0x60000014 };

struct header {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

/* A file as a linker makes it: text with the headers, data with bss. */
struct sample {
	struct {
		uint8_t ident[16];
		uint16_t type, machine;
		uint32_t version;
		uint64_t entry, phoff, shoff;
		uint32_t flags;
		uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
	} elf;
	struct header headers[HEADERS];
};

static struct sample sample(void)
{
	struct sample s = { 0 };

	memcpy(s.elf.ident, "\177ELF\2\1\1", 7);
	s.elf.type = 2;
	s.elf.machine = 62;
	s.elf.version = 1;
	s.elf.entry = 0x401000;
	s.elf.phoff = 64;
	s.elf.phentsize = 56;
	s.elf.phnum = HEADERS;
	s.headers[0] = (struct header){ LOAD, 4, 0, 0x400000, 0x400000, 0x800, 0x800, 0x1000 };
	s.headers[1] =
	    (struct header){ LOAD, 5, 0x1000, 0x401000, 0x401000, 0x1234, 0x1234, 0x1000 };
	s.headers[2] =
	    (struct header){ LOAD, 6, 0x2f00, 0x404f00, 0x404f00, 0x300, 0x5000, 0x1000 };
	s.headers[3] = (struct header){ STACK, 6, 0, 0, 0, 0, 0, 16 };
	return s;
}

static const char *read_sample(const struct sample *s, struct elf_image *image)
{
	struct elf_file file;
	const char *wrong = elf_read_header(&s->elf, sizeof(s->elf), FILE_BYTES, &file);

	return wrong ? wrong : elf_read_program_headers(s->headers, &file, image);
}

static void a_program_is_described_as_it_is(void **state)
{
	struct sample s = sample();
	struct elf_image image;

	(void)state;
	assert_null(read_sample(&s, &image));
	assert_int_equal(3, image.count);
	assert_int_equal(0x400000, image.start);
	assert_int_equal(0x40a000, image.end);
	assert_int_equal(0x401000, image.entry);
	assert_int_equal(0x400040, image.headers);
	assert_int_equal(HEADERS, image.header_count);
	assert_false(image.relocatable);
	assert_false(image.executable_stack);
	assert_int_equal(0x404f00, image.segments[2].start);
	assert_int_equal(0x5000, image.segments[2].bytes);
	assert_int_equal(0x2f00, image.segments[2].offset);
	assert_int_equal(0x300, image.segments[2].file_bytes);
	assert_int_equal(ELF_READ | ELF_WRITE, image.segments[2].rights);
}

static void a_pie_program_is_relocatable(void **state)
{
	struct sample s = sample();
	struct elf_image image;

	(void)state;
	s.elf.type = 3;
	assert_null(read_sample(&s, &image));
	assert_true(image.relocatable);
}

static void headers_in_no_segment_have_no_address(void **state)
{
	struct sample s = sample();
	struct elf_image image;

	(void)state;
	s.headers[0].filesz = s.headers[0].memsz = 64 + HEADERS * 56 - 1;
	assert_null(read_sample(&s, &image));
	assert_int_equal(0, image.headers);
	s.headers[0].filesz = s.headers[0].memsz = 64 + HEADERS * 56;
	assert_null(read_sample(&s, &image));
	assert_int_equal(0x400040, image.headers);
}

/* Each change to the file makes it one that must be refused. */
static void what_is_no_program_for_this_machine_is_refused(void **state)
{
	struct elf_image image;
	struct sample s;

	(void)state;
#define REFUSED(change)                                   \
	do {                                              \
		s = sample();                             \
		change;                                   \
		assert_non_null(read_sample(&s, &image)); \
	} while (0)
	REFUSED(s.elf.ident[0] = 0);
	REFUSED(s.elf.ident[4] = 1);
	REFUSED(s.elf.ident[5] = 2);
	REFUSED(s.elf.ident[6] = 0);
	REFUSED(s.elf.machine = 183);
	REFUSED(s.elf.version = 2);
	REFUSED(s.elf.type = 1);
	REFUSED(s.elf.phnum = 0);
	REFUSED(s.elf.phnum = 65);
	REFUSED(s.elf.phentsize = 55);
	REFUSED(s.elf.phoff = FILE_BYTES - HEADERS * 56 + 1);
	REFUSED(s.elf.phoff = ~0UL);
	REFUSED(s.headers[3].type = INTERP);
	REFUSED(s.headers[0].type = s.headers[1].type = s.headers[2].type = PHDR);
}

static void segments_that_could_do_harm_are_refused(void **state)
{
	struct elf_image image;
	struct sample s;

	(void)state;
	REFUSED(s.headers[2].filesz = 0x5001);
	REFUSED(s.headers[2].offset = FILE_BYTES - 0x100);
	REFUSED(s.headers[2].offset = ~0UL - 0xff);
	REFUSED(s.headers[2].filesz = s.headers[2].memsz = ~0UL);
	REFUSED(s.headers[2].memsz = 1UL << 48);
	REFUSED(s.headers[2].vaddr = ~0UL - 0xff);
	REFUSED(s.headers[2].vaddr += 8);
	REFUSED(s.headers[2].vaddr = 0x402f00); /* on the last page of the text */
	REFUSED(s.headers[2].vaddr = 0x300f00); /* before it */
	REFUSED(s.headers[2].flags = 0);
	REFUSED(s.elf.entry = 0x400800); /* read-only */
	REFUSED(s.elf.entry = 0x402234); /* just behind the text */
	REFUSED(s.elf.entry = 0x404f00); /* data */
	REFUSED(s.elf.entry = 0);
	REFUSED(s.headers[3] = ((struct header){ .type = AUX, .filesz = ELF_AUX_BYTES_MAX + 1 }));
	s = sample();
	s.headers[2].vaddr = 0x403f00;
	assert_null(read_sample(&s, &image));
}

static void too_many_segments_are_refused(void **state)
{
	struct header headers[ELF_SEGMENTS_MAX + 1];
	struct elf_file file = { .size = 1 << 20,
				 .header_count = ELF_SEGMENTS_MAX,
				 .entry = 0x1000 };
	struct elf_image image;

	(void)state;
	for (unsigned i = 0; i <= ELF_SEGMENTS_MAX; i++)
		headers[i] = (struct header){ LOAD, 5, 0, 0x1000 * (i + 1UL), 0, 16, 16, 0x1000 };
	assert_null(elf_read_program_headers(headers, &file, &image));
	assert_int_equal(ELF_SEGMENTS_MAX, image.count);
	file.header_count++;
	assert_non_null(elf_read_program_headers(headers, &file, &image));
}

static void short_files_are_refused(void **state)
{
	struct sample s = sample();
	struct elf_file file;

	(void)state;
	assert_non_null(elf_read_header(&s.elf, 63, FILE_BYTES, &file));
	assert_non_null(elf_read_header(&s.elf, 64, 63, &file));
	assert_non_null(elf_read_header(&s.elf, 64, 64 + HEADERS * 56 - 1, &file));
	assert_null(elf_read_header(&s.elf, 64, 64 + HEADERS * 56, &file));
}

static void wishes_are_read(void **state)
{
	const uint64_t section[] = { 2,	     24, 0x10000, 1, 32, 0x1000, 0x1fff, 99, 24, 7, 4,	24,
				     0x5000, 5,	 24,	  3, 3,	 24,	 0x7000, 0,  0,	 2, 24, 1 };
	struct elf_aux aux;

	(void)state;
	assert_null(elf_read_aux(section, sizeof(section), &aux));
	assert_int_equal(0x10000, aux.stack_size);
	assert_int_equal(0x7000, aux.stack_address);
	assert_int_equal(0x5000, aux.kip_address);
	assert_int_equal(3, aux.ex_regs_flags);
	assert_int_equal(1, aux.reserved_count);
	assert_int_equal(0x1000, aux.reserved[0].start);
	assert_int_equal(0x1fff, aux.reserved[0].end);
}

static void wrong_wishes_are_refused(void **state)
{
	const uint64_t sections[][4] = {
		{ 2, 0, 0x10000 },   /* does not advance */
		{ 2, 15, 0x10000 },  /* shorter than its head */
		{ 2, 17, 0x10000 },  /* not whole words */
		{ 2, 16, 0x10000 },  /* without its value */
		{ 2, 40, 0x10000 },  /* longer than the section */
		{ 2, ~7UL, 0x1000 }, /* would wrap */
		{ 1, 24, 0x1000 },   /* an area without end */
		{ 1, 32, 2, 1 },     /* an area that ends before it starts */
	};
	uint64_t areas[ELF_RESERVED_MAX + 1][4];
	struct elf_aux aux;

	(void)state;
	for (unsigned i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		assert_non_null(elf_read_aux(sections[i], sizeof(sections[i]), &aux));
	for (unsigned i = 0; i <= ELF_RESERVED_MAX; i++)
		memcpy(areas[i], (uint64_t[]){ 1, 32, 0x1000, 0x1fff }, sizeof(areas[i]));
	assert_null(elf_read_aux(areas, sizeof(areas) - sizeof(areas[0]), &aux));
	assert_non_null(elf_read_aux(areas, sizeof(areas), &aux));
}

static void places_are_in_the_half_that_the_task_has(void **state)
{
	(void)state;
	assert_true(elf_place_ok(0x1000, 0x1000, false));
	assert_false(elf_place_ok(0, 0x1000, false));
	assert_true(elf_place_ok(0x7fffffffe000, 0x1000, false));
	assert_false(elf_place_ok(0x7fffffffe000, 0x2000, true));
	assert_false(elf_place_ok(0x1000, ~0UL, true));
	assert_false(elf_place_ok(L4_ZW_KERNEL_END, 0x1000, false));
	assert_true(elf_place_ok(L4_ZW_KERNEL_END, 0x1000, true));
	assert_false(elf_place_ok(L4_ZW_KERNEL_END - 0x1000, 0x1000, true));
	assert_false(elf_place_ok(L4_ZW_KERNEL_START, 0x1000, true));
	assert_true(elf_place_ok(0xffffffff80000000, 0x10000000, true));
	assert_false(elf_place_ok(0xffffffff80000000, 0x80000000, true));
}

static void overlapping_is_sharing_a_byte(void **state)
{
	(void)state;
	assert_true(elf_overlap(0x1000, 0x1000, 0x1fff, 1));
	assert_false(elf_overlap(0x1000, 0x1000, 0x2000, 0x1000));
	assert_false(elf_overlap(0x2000, 0x1000, 0x1000, 0x1000));
	assert_true(elf_overlap(0x1000, 0x5000, 0x2000, 0x1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_is_described_as_it_is),
		cmocka_unit_test(a_pie_program_is_relocatable),
		cmocka_unit_test(headers_in_no_segment_have_no_address),
		cmocka_unit_test(what_is_no_program_for_this_machine_is_refused),
		cmocka_unit_test(segments_that_could_do_harm_are_refused),
		cmocka_unit_test(too_many_segments_are_refused),
		cmocka_unit_test(short_files_are_refused),
		cmocka_unit_test(wishes_are_read),
		cmocka_unit_test(wrong_wishes_are_refused),
		cmocka_unit_test(places_are_in_the_half_that_the_task_has),
		cmocka_unit_test(overlapping_is_sharing_a_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
