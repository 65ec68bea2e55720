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
enum { XEN_PV = 0x110, ANOTHER = 0x111 };

/* Forms of the table differ in the condition: its bytes, and the bit that says "if missing". */
static const struct form {
	unsigned condition_bytes;
	uint32_t if_missing;
} forms[] = { { 2, 0x8000 }, { 4, 0x10000 } };

enum { FORMS = sizeof(forms) / sizeof(*forms) };

static const struct form *form;
static struct elf_kernel file;
static struct kernel kernel;

/* The bytes of the kernel's text; the rest of memory is not there. */
static uint8_t text[0x800];

static unsigned entry_bytes(void)
{
	return 10 + form->condition_bytes;
}

static unsigned entry_at(unsigned i)
{
	return TABLE + i * entry_bytes();
}

static void put_distance(unsigned at, int place)
{
	int32_t distance = place - (int)at;

	memcpy(text + at, &distance, sizeof(distance));
}

static void put_site(unsigned i, int place)
{
	put_distance(entry_at(i), place);
}

static void put_replacement(unsigned i, int place)
{
	put_distance(entry_at(i) + 4, place);
}

static void put_condition(unsigned i, uint32_t condition)
{
	memcpy(text + entry_at(i) + 8, &condition, form->condition_bytes);
}

static uint8_t *lengths(unsigned i)
{
	return text + entry_at(i) + 8 + form->condition_bytes;
}

/* Each entry: a call at its site that becomes a move if this is no guest of Xen's. */
static void init_table(void)
{
	static const uint8_t call[] = { 0xff, 0x15, 1, 2, 3, 4 }, move[] = { 0x48, 0x89, 0xf8 };

	memset(text, 0x90, sizeof(text));
	for (unsigned i = 0; i < ENTRIES; i++) {
		unsigned place = i * STRIDE;

		put_site(i, (int)(SITES + place));
		put_replacement(i, (int)(REPLACEMENTS + place));
		put_condition(i, XEN_PV | form->if_missing);
		lengths(i)[0] = sizeof(call);
		lengths(i)[1] = sizeof(move);
		memcpy(text + SITES + place, call, sizeof(call));
		memcpy(text + REPLACEMENTS + place, move, sizeof(move));
	}
	kernel = (struct kernel){ .start = ELF_KERNEL_START,
				  .end = ELF_KERNEL_START + sizeof(text),
				  .alternatives = ELF_KERNEL_START + TABLE,
				  .alternatives_bytes = ENTRIES * entry_bytes() };
}

static unsigned choose(void)
{
	return alternatives_select(&kernel, text - ELF_KERNEL_START);
}

static void conversions_are_moves(void **state)
{
	uint8_t want[sizeof(text)];

	(void)state;
	for (form = forms; form < forms + FORMS; form++) {
		init_table();
		for (unsigned i = 0; i < ENTRIES; i++)
			put_condition(i, XEN_PV);
		memcpy(want, text, sizeof(text));
		init_table();
		assert_int_equal(choose(), ENTRIES);
		assert_memory_equal(text, want, sizeof(text));
	}
}

/* Something that makes entry 1 another one. */
static void change_entry(unsigned which)
{
	switch (which) {
	case 0: /* if it is a guest of Xen's */
		put_condition(1, XEN_PV);
		break;
	case 1:
		put_condition(1, ANOTHER | form->if_missing);
		break;
	case 2:
		lengths(1)[0] = 7;
		break;
	case 3: /* no call through a pointer */
		text[SITES + STRIDE + 1] = 0x25;
		break;
	case 4: /* another replacement: mov %rsi, %rax */
		text[REPLACEMENTS + STRIDE + 2] = 0xf0;
		break;
	case 5: /* the beginning of one */
		lengths(1)[1] = 2;
		break;
	case 6: /* with a bit that is not known */
		put_condition(1, XEN_PV | form->if_missing | form->if_missing >> 1);
		break;
	}
}

static void other_alternatives_stay(void **state)
{
	uint8_t before[sizeof(text)];

	(void)state;
	for (form = forms; form < forms + FORMS; form++)
		for (unsigned which = 0; which < 7; which++) {
			init_table();
			change_entry(which);
			memcpy(before, text, sizeof(text));
			assert_int_equal(choose(), ENTRIES - 1);
			assert_memory_equal(text + entry_at(1), before + entry_at(1),
					    entry_bytes());
		}
}

/* Something that makes it a table that cannot be right. */
static void damage_table(unsigned which)
{
	switch (which) {
	case 0: /* no table */
		kernel.alternatives_bytes = 0;
		break;
	case 1: /* not of whole entries */
		kernel.alternatives_bytes--;
		break;
	case 2: /* in front of the kernel */
		put_site(3, -1);
		break;
	case 3: /* not all there */
		put_site(3, (int)sizeof(text) - 5);
		break;
	case 4:
		put_replacement(3, INT32_MAX);
		break;
	case 5:
		put_replacement(3, -(int)ELF_KERNEL_START);
		break;
	case 6: /* longer than its site */
		lengths(3)[1] = 7;
		break;
	}
}

static void a_table_of_another_form_stays(void **state)
{
	uint8_t before[sizeof(text)];

	(void)state;
	for (form = forms; form < forms + FORMS; form++)
		for (unsigned which = 0; which < 7; which++) {
			init_table();
			damage_table(which);
			memcpy(before, text, sizeof(text));
			assert_int_equal(choose(), 0);
			assert_memory_equal(text, before, sizeof(text));
		}
}

/* As long as a table of one form and of the other, and in order as both: which of them is it? */
static void a_table_that_could_be_of_two_forms_stays(void **state)
{
	enum { BYTES = 12 * 14 };
	uint8_t before[sizeof(text)];

	(void)state;
	form = &forms[1];
	init_table();
	kernel.alternatives_bytes = BYTES;
	memset(text + TABLE, 0, BYTES); /* nothing replaces nothing */
	memcpy(before, text, sizeof(text));
	assert_int_equal(choose(), 0);
	put_condition(0, XEN_PV | form->if_missing);
	put_site(0, SITES);
	put_replacement(0, REPLACEMENTS);
	lengths(0)[0] = 6;
	lengths(0)[1] = 3;
	assert_int_equal(choose(), 0);
	lengths(1)[0] = 0xff; /* in the other form part of a distance, which leads outside */
	text[entry_at(1) + 11] = 0x7f;
	assert_int_equal(choose(), 1);
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
		cmocka_unit_test(a_table_that_could_be_of_two_forms_stays),
		cmocka_unit_test(the_table_is_found_by_its_name),
		cmocka_unit_test(a_table_outside_of_the_segments_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
