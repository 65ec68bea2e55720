/* SPDX-License-Identifier: MIT */
/* Promises of moe's look-up of function names, with tables that are sound and that are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "moe/symbols.h"

/* Functions at 0x100, 0x140 and 0x200, the end of the code at 0x280. */
static const struct {
	uint32_t magic, count, offsets[4];
	char names[17];
} sound = { SYMBOLS_MAGIC, 4, { 0x100, 0x140, 0x200, 0x280 }, "first\0second\0f3\0" };

/* What the first `bytes` of the table know, in memory that ends there. */
static const char *find(const void *table, size_t bytes, uint64_t offset, uint64_t *distance)
{
	static char found[32];
	void *copy = malloc(bytes);
	const char *name;

	memcpy(copy, table, bytes);
	name = symbols_find(copy, bytes, offset, distance);
	if (name)
		strcpy(found, name);
	free(copy);
	return name ? found : NULL;
}

static void an_offset_is_in_the_last_function_that_begins_before_it(void **state)
{
	uint64_t distance;

	(void)state;
	assert_string_equal(find(&sound, sizeof(sound), 0x100, &distance), "first");
	assert_int_equal(distance, 0);
	assert_string_equal(find(&sound, sizeof(sound), 0x13f, &distance), "first");
	assert_int_equal(distance, 0x3f);
	assert_string_equal(find(&sound, sizeof(sound), 0x140, &distance), "second");
	assert_string_equal(find(&sound, sizeof(sound), 0x27f, &distance), "f3");
	assert_int_equal(distance, 0x7f);
}

static void what_is_in_no_function_has_no_name(void **state)
{
	uint64_t distance;

	(void)state;
	assert_null(find(&sound, sizeof(sound), 0, &distance));
	assert_null(find(&sound, sizeof(sound), 0xff, &distance));
	assert_null(find(&sound, sizeof(sound), 0x280, &distance));
	assert_null(find(&sound, sizeof(sound), ~0UL, &distance));
}

static void a_table_that_is_cut_is_not_read_beyond_its_end(void **state)
{
	uint64_t distance;

	(void)state;
	for (size_t bytes = 0; bytes < sizeof(sound); bytes++) {
		const char *name = find(&sound, bytes, 0x200, &distance);

		assert_true(!name || strcmp(name, "f3") == 0);
		assert_true(name || bytes < sizeof(sound) - 2);
	}
}

static void what_is_no_table_has_no_names(void **state)
{
	uint32_t wrong[8] = { SYMBOLS_MAGIC + 1, 1, 0, 0x40404040 };
	uint64_t distance;

	(void)state;
	assert_null(find(wrong, sizeof(wrong), 5, &distance));
	wrong[0] = SYMBOLS_MAGIC;
	assert_string_equal(find(wrong, sizeof(wrong), 5, &distance), "@@@@");
	wrong[1] = 7;
	assert_null(find(wrong, sizeof(wrong), 5, &distance));
	wrong[1] = ~0U;
	assert_null(find(wrong, sizeof(wrong), 5, &distance));
	wrong[1] = 0;
	assert_null(find(wrong, sizeof(wrong), 5, &distance));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_offset_is_in_the_last_function_that_begins_before_it),
		cmocka_unit_test(what_is_in_no_function_has_no_name),
		cmocka_unit_test(a_table_that_is_cut_is_not_read_beyond_its_end),
		cmocka_unit_test(what_is_no_table_has_no_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
