/* SPDX-License-Identifier: MIT */
/* The table of names that a kernel carries: all its forms, and tables that are broken. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/kallsyms.h"

#define BASE 0xffffffff81000000UL

enum { SYMBOLS = 700, PERCPU = 3, BYTES = 32768, LONG_SYMBOL = 5, STEP = 64, SYS_TOKEN = 1 };

enum form { OLD, ORDERED, NEW, FORMS };

static uint8_t file[BYTES];
static size_t used;

static void put(const void *bytes, size_t count)
{
	memcpy(file + used, bytes, count);
	used += count;
}

static void put_number(uint64_t value, unsigned bytes)
{
	put(&value, bytes);
}

static void align(void)
{
	used = (used + 7) & ~7UL;
}

/* The first ones are offsets of a CPU's data; then the kernel's text. */
static void put_offsets(void)
{
	align();
	for (int i = 0; i < SYMBOLS; i++)
		put_number((uint64_t)(i < PERCPU ? i * 8 : -1 - (i - PERCPU) * STEP), 4);
	align();
	put_number(BASE, 8);
}

/* Type and name; token 1 is `sys_`, the others are their characters. One name is very long. */
static size_t put_name(unsigned i)
{
	char name[300];
	size_t start = used, count;

	if (i == LONG_SYMBOL) {
		memset(name, 'x', sizeof(name));
		name[0] = 't';
		put_number((200 & 127) | 128, 1);
		put_number(200 / 128, 1);
		put(name, 200);
	} else {
		count = (size_t)snprintf(name, sizeof(name), "T%c%u_name", SYS_TOKEN, i);
		put_number(count, 1);
		put(name, count);
	}
	return used - start;
}

static void put_names(enum form form)
{
	uint32_t markers[(SYMBOLS + 255) / 256], at = 0;

	put_number(SYMBOLS, 8);
	for (unsigned i = 0; i < SYMBOLS; i++) {
		if (i % 256 == 0)
			markers[i / 256] = at;
		at += (uint32_t)put_name(i);
	}
	align();
	put(markers, sizeof(markers));
	align();
	if (form == ORDERED)
		for (unsigned i = 0; i < SYMBOLS; i++)
			put_number(i * 7919, 3);
	align();
}

static void put_tokens(void)
{
	uint16_t index[256];
	size_t start = used;

	for (unsigned i = 0; i < 256; i++) {
		char text[8] = { (char)(i > ' ' && i < 127 ? i : '!') };

		if (i == SYS_TOKEN)
			strcpy(text, "sys_");
		index[i] = (uint16_t)(used - start);
		put(text, strlen(text) + 1);
	}
	align();
	put(index, sizeof(index));
}

/* A kernel with the table somewhere in it. */
static void build(enum form form)
{
	static const char other[] = "digits 0\0001\0002\0003\0004\0005\0006\0007\0008\0009";

	memset(file, 0, sizeof(file));
	used = 0;
	put(other, sizeof(other));
	align();
	if (form != NEW)
		put_offsets();
	put_names(form);
	put_tokens();
	if (form == NEW)
		put_offsets();
	assert_true(used < sizeof(file));
}

static void expect(const struct kallsyms *k, uint64_t address, const char *wanted)
{
	char name[200];

	assert_true(kallsyms_name(k, address, name, sizeof(name)));
	assert_string_equal(name, wanted);
}

static void names_are_found_in_each_form(void **state)
{
	struct kallsyms k;
	char name[40], small[8], x[120];

	(void)state;
	for (enum form form = OLD; form < FORMS; form++) {
		build(form);
		assert_true(kallsyms_find(file, used, &k));
		assert_int_equal(k.count, SYMBOLS);
		expect(&k, BASE, "sys_3_name+0x0");
		expect(&k, BASE + STEP + 9, "sys_4_name+0x9");
		expect(&k, BASE + 600 * STEP - 1, "sys_602_name+0x3f");
		expect(&k, BASE + 5000 * STEP, "sys_699_name+0x43400");
		expect(&k, 17, "sys_2_name+0x1");
		memset(x, 'x', 100);
		strcpy(x + 100, "+0x0");
		expect(&k, BASE + (LONG_SYMBOL - PERCPU) * STEP, x);
		assert_false(kallsyms_name(&k, BASE + (2 << 20), name, sizeof(name)));
		assert_true(kallsyms_name(&k, BASE, small, sizeof(small)));
		assert_string_equal(small, "sys_3_n");
	}
}

static void what_is_no_table_is_not_taken_for_one(void **state)
{
	struct kallsyms k;

	(void)state;
	for (enum form form = OLD; form < FORMS; form++) {
		build(form);
		assert_false(kallsyms_find(file, 64, &k));
		assert_false(kallsyms_find(file, 0, &k));
		assert_false(kallsyms_find(file, used - (form == NEW ? 8 : 600), &k));
	}
	build(OLD);
	memset(file + 32, 0, 4 * SYMBOLS + 8); /* offsets and base */
	assert_false(kallsyms_find(file, used, &k));
	for (enum form form = OLD; form < FORMS; form++) {
		build(form);
		assert_true(kallsyms_find(file, used, &k));
		file[k.index + 2 * 200] ^= 1; /* where token 200 is */
		assert_false(kallsyms_find(file, used, &k));
		file[k.index + 2 * 200] ^= 1;
		assert_true(kallsyms_find(file, used, &k));
		file[k.markers + 4] ^= 1; /* where name 256 is */
		assert_false(kallsyms_find(file, used, &k));
	}
}

static void the_first_name_of_a_place_is_taken(void **state)
{
	struct kallsyms k;

	(void)state;
	build(OLD);
	assert_true(kallsyms_find(file, used, &k));
	memcpy(file + k.offsets + 4 * (PERCPU + 1), file + k.offsets + 4 * PERCPU, 4);
	expect(&k, BASE + 5, "sys_3_name+0x5");
}

/* Names go to terminals. */
static void names_have_no_control_characters(void **state)
{
	struct kallsyms k;
	uint8_t *token;

	(void)state;
	build(OLD);
	assert_true(kallsyms_find(file, used, &k));
	token = memmem(file, used, "m\0n\0o", 5);
	assert_non_null(token);
	token[2] = 0x1b;
	expect(&k, BASE, "sys_3_?ame+0x0");
	token[2] = 0xff;
	expect(&k, BASE, "sys_3_?ame+0x0");
}

/* The guest changes its memory while it is read: whatever comes out, nothing else is touched. */
static void a_table_that_changes_is_harmless(void **state)
{
	enum { RUNS = 300, CHANGES = 40 };
	struct kallsyms k;
	char name[200];

	(void)state;
	srandom(1);
	for (unsigned run = 0; run < RUNS; run++) {
		uint8_t *copy;

		build((enum form)(run % FORMS));
		copy = malloc(used);
		memcpy(copy, file, used);
		if (run % 2)
			assert_true(kallsyms_find(copy, used, &k));
		for (unsigned i = 0; i < CHANGES; i++)
			copy[(size_t)random() % used] = (uint8_t)random();
		if (run % 2 || kallsyms_find(copy, used, &k))
			for (unsigned i = 0; i < SYMBOLS; i += 50)
				kallsyms_name(&k, BASE + i * STEP, name, sizeof(name));
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found_in_each_form),
		cmocka_unit_test(what_is_no_table_is_not_taken_for_one),
		cmocka_unit_test(the_first_name_of_a_place_is_taken),
		cmocka_unit_test(names_have_no_control_characters),
		cmocka_unit_test(a_table_that_changes_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
