/* SPDX-License-Identifier: MIT */
/* Names of a kernel's addresses. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "vmm/symbols.h"

static const char map[] = "ffffffff81000000 T _text\n"
			  "ffffffff81000400 t middle\n"
			  "no line of a map\n"
			  "ffffffff81000200 T low\n"
			  "fffffffff T short_address\n"
			  "ffffffff81000500 D last";

static void names(uint64_t address, const char *want)
{
	char name[64] = "";

	assert_true(symbols_find(map, sizeof(map) - 1, address, name, sizeof(name)) == !!want);
	if (want)
		assert_string_equal(name, want);
}

static void the_nearest_symbol_before_is_found(void **state)
{
	(void)state;
	names(0xffffffff81000000, "_text+0x0");
	names(0xffffffff810003ff, "low+0x1ff");
	names(0xffffffff81000401, "middle+0x1");
	names(0xffffffff81000500, "last+0x0");
}

static void what_is_far_away_has_no_name(void **state)
{
	(void)state;
	names(0xffffffff80ffffff, NULL);
	names(0xffffffff81000500 + (1 << 20) - 1, "last+0xfffff");
	names(0xffffffff81000500 + (1 << 20), NULL);
	names(0, NULL);
}

static void a_long_name_is_cut(void **state)
{
	char name[4];

	(void)state;
	assert_true(symbols_find(map, sizeof(map) - 1, 0xffffffff81000400, name, sizeof(name)));
	assert_string_equal(name, "mid");
	assert_false(symbols_find(map, 0, 0xffffffff81000400, name, sizeof(name)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearest_symbol_before_is_found),
		cmocka_unit_test(what_is_far_away_has_no_name),
		cmocka_unit_test(a_long_name_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
