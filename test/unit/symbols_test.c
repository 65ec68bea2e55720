/* SPDX-License-Identifier: MIT */
/* Symbol table: look-up by address and by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/symbols.h"

/* Twenty functions of 0x10 bytes, so that names come from two blocks; the last one is longer. */
enum { FUNCTIONS = 20, LENGTH = 0x10, LAST_LENGTH = 0x40 };

const u64 symbol_base = 0xffff808000001000;
const u32 symbol_text_bytes = (FUNCTIONS - 1) * LENGTH + LAST_LENGTH;
const u32 symbol_count = FUNCTIONS;
const u32 symbol_offset[] = { 0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60,	 0x70,	0x80,  0x90,
			      0xa0, 0xb0, 0xc0, 0xd0, 0xe0, 0xf0, 0x100, 0x110, 0x120, 0x130 };
const u32 symbol_block[] = { 0, 42 };
const char symbol_names[] = "f0\0f1\0f2\0f3\0f4\0f5\0f6\0f7\0f8\0f9\0a\0b\0c\0d\0e\0f\0"
			    "g0\0g1\0g2\0last";

static void found(u64 addr, const char *want, u64 want_offset)
{
	const char *name = NULL;
	u64 offset = ~0ULL;

	assert_true(symbol_lookup(addr, &name, &offset));
	assert_string_equal(name, want);
	assert_int_equal(offset, want_offset);
}

static void address_in_function_gives_its_name(void **state)
{
	(void)state;
	found(symbol_base, "f0", 0);
	found(symbol_base + 0xf, "f0", 0xf);
	found(symbol_base + 0x10, "f1", 0);
	found(symbol_base + 0x9f, "f9", 0xf);
	found(symbol_base + 0xd8, "d", 8);
}

static void names_of_second_block(void **state)
{
	(void)state;
	found(symbol_base + 0x100, "g0", 0);
	found(symbol_base + 0x125, "g2", 5);
	found(symbol_base + 0x130 + LAST_LENGTH - 1, "last", LAST_LENGTH - 1);
}

static void address_outside_code_is_not_found(void **state)
{
	const char *name;
	u64 offset;

	(void)state;
	assert_false(symbol_lookup(symbol_base - 1, &name, &offset));
	assert_false(symbol_lookup(symbol_base + symbol_text_bytes, &name, &offset));
	assert_false(symbol_lookup(0, &name, &offset));
	assert_false(symbol_lookup(~0ULL, &name, &offset));
}

static void name_gives_address(void **state)
{
	(void)state;
	assert_int_equal(symbol_address("f3"), symbol_base + 0x30);
	assert_int_equal(symbol_address("last"), symbol_base + 0x130);
	assert_int_equal(symbol_address("g"), 0);
	assert_int_equal(symbol_address("none"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(address_in_function_gives_its_name),
		cmocka_unit_test(names_of_second_block),
		cmocka_unit_test(address_outside_code_is_not_found),
		cmocka_unit_test(name_gives_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
