/* SPDX-License-Identifier: MIT */
/* The kernel's table of alternatives: where it is, and which of them are selected. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "elf_kernel.h"
#include "vmm/alternatives.h"

enum { TABLE = 0x400, SITES = 0x100, REPLACEMENTS = 0x200, ENTRIES = 4, STRIDE = 16 };
enum { SECTIONS = 0x2200, NAMES = 0x2400 };
enum { NOT_XEN_PV = 0x8110, XEN_PV = 0x110 };

struct entry {
	int32_t site, replacement;
	uint16_t feature;
	uint8_t site_bytes, replacement_bytes;
} __attribute__((packed));

static struct elf_kernel file;
static struct kernel kernel;

/* The bytes of the kernel's text; the rest of memory is not there. */
static uint8_t text[0x800];

static struct entry *entry(unsigned i)
{
	return (struct entry *)(text + TABLE) + i;
}

/* Each entry: a call at its site that becomes a move if this is no guest of Xen's. */
static void init_table(void)
{
	static const uint8_t call[] = { 0xff, 0x15, 1, 2, 3, 4 }, move[] = { 0x48, 0x89, 0xf8 };

	memset(text, 0x90, sizeof(text));
	for (unsigned i = 0; i < ENTRIES; i++) {
		int32_t at = TABLE + (int32_t)(i * sizeof(struct entry));
		int32_t place = (int32_t)(i * STRIDE);

		*entry(i) = (struct entry){ SITES + place - at, REPLACEMENTS + place - at - 4,
					    NOT_XEN_PV, sizeof(call), sizeof(move) };
		memcpy(text + SITES + place, call, sizeof(call));
		memcpy(text + REPLACEMENTS + place, move, sizeof(move));
	}
	kernel = (struct kernel){ .start = ELF_KERNEL_START,
				  .end = ELF_KERNEL_START + sizeof(text),
				  .alternatives = ELF_KERNEL_START + TABLE,
				  .alternatives_bytes = ENTRIES * sizeof(struct entry) };
}

static unsigned choose(void)
{
	return alternatives_select(&kernel, text - ELF_KERNEL_START);
}

static void conversions_are_moves(void **state)
{
	uint8_t want[sizeof(text)];

	(void)state;
	init_table();
	for (unsigned i = 0; i < ENTRIES; i++)
		entry(i)->feature = XEN_PV;
	memcpy(want, text, sizeof(text));
	init_table();
	assert_int_equal(choose(), ENTRIES);
	assert_memory_equal(text, want, sizeof(text));
}

static void other_alternatives_stay(void **state)
{
	(void)state;
	for (unsigned which = 0; which < 6; which++) {
		struct entry before;

		init_table();
		switch (which) {
		case 0: /* if it is a guest of Xen's */
			entry(1)->feature = XEN_PV;
			break;
		case 1: /* of another feature */
			entry(1)->feature = NOT_XEN_PV + 1;
			break;
		case 2: /* another length of site */
			entry(1)->site_bytes = 7;
			break;
		case 3: /* no call through a pointer */
			text[SITES + STRIDE + 1] = 0x25;
			break;
		case 4: /* another replacement: mov %rsi, %rax */
			text[REPLACEMENTS + STRIDE + 2] = 0xf0;
			break;
		case 5: /* the beginning of one */
			entry(1)->replacement_bytes = 2;
			break;
		}
		before = *entry(1);
		assert_int_equal(choose(), ENTRIES - 1);
		assert_memory_equal(entry(1), &before, sizeof(before));
	}
}

static void a_table_of_another_form_stays(void **state)
{
	(void)state;
	for (unsigned which = 0; which < 7; which++) {
		uint8_t before[sizeof(text)];

		init_table();
		switch (which) {
		case 0: /* no table */
			kernel.alternatives_bytes = 0;
			break;
		case 1: /* not of whole entries */
			kernel.alternatives_bytes--;
			break;
		case 2: /* a site in front of the kernel */
			entry(3)->site = -(TABLE + 3 * (int)sizeof(struct entry)) - 1;
			break;
		case 3: /* a site that is not all there */
			entry(3)->site =
			    (int)sizeof(text) - 5 - TABLE - 3 * (int)sizeof(struct entry);
			break;
		case 4: /* a replacement outside */
			entry(3)->replacement = INT32_MAX;
			break;
		case 5:
			entry(3)->replacement = INT32_MIN;
			break;
		case 6: /* longer than its site */
			entry(3)->replacement_bytes = 7;
			break;
		}
		memcpy(before, text, sizeof(text));
		assert_int_equal(choose(), 0);
		assert_memory_equal(text, before, sizeof(text));
	}
}

/* --- The section --- */

static Elf64_Shdr *section(unsigned i)
{
	return (Elf64_Shdr *)(file.bytes + SECTIONS) + i;
}

static void init_sections(void)
{
	static const char names[] = "\0.altinstr\0.altinstructions";

	elf_kernel_init(&file);
	file.header.e_shoff = SECTIONS;
	file.header.e_shentsize = sizeof(Elf64_Shdr);
	file.header.e_shnum = 3;
	file.header.e_shstrndx = 2;
	*section(0) = (Elf64_Shdr){ .sh_name = 1, .sh_offset = ELF_KERNEL_TEXT, .sh_size = 8 };
	*section(1) = (Elf64_Shdr){ .sh_type = SHT_PROGBITS,
				    .sh_name = 11,
				    .sh_offset = ELF_KERNEL_TEXT + TABLE,
				    .sh_size = 24 };
	*section(2) = (Elf64_Shdr){ .sh_offset = NAMES, .sh_size = sizeof(names) };
	memcpy(file.bytes + NAMES, names, sizeof(names));
}

static uint64_t found(void)
{
	assert_null(kernel_read(file.bytes, ELF_KERNEL_BYTES, &kernel));
	return kernel.alternatives_bytes;
}

static void the_table_is_found_by_its_name(void **state)
{
	(void)state;
	init_sections();
	assert_int_equal(found(), 24);
	assert_int_equal(kernel.alternatives, ELF_KERNEL_START + TABLE);
	*section(3) = *section(2);
	file.header.e_shstrndx = 3; /* no section */
	assert_int_equal(found(), 0);
	init_sections();
	section(2)->sh_offset = UINT64_MAX;
	assert_int_equal(found(), 0);
	init_sections();
	section(2)->sh_size--; /* the name does not end */
	assert_int_equal(found(), 0);
	init_sections();
	section(1)->sh_name = UINT32_MAX;
	assert_int_equal(found(), 0);
}

static void a_table_outside_of_the_segments_is_none(void **state)
{
	(void)state;
	init_sections();
	section(1)->sh_offset = ELF_KERNEL_TEXT + 0x800 - 23;
	assert_int_equal(found(), 0);
	init_sections();
	section(1)->sh_size = UINT64_MAX;
	assert_int_equal(found(), 0);
	init_sections();
	section(1)->sh_type = SHT_NOBITS;
	assert_int_equal(found(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conversions_are_moves),
		cmocka_unit_test(other_alternatives_stay),
		cmocka_unit_test(a_table_of_another_form_stays),
		cmocka_unit_test(the_table_is_found_by_its_name),
		cmocka_unit_test(a_table_outside_of_the_segments_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
