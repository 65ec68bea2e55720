/* SPDX-License-Identifier: MIT */
/* Words of the kernel's option line (core/option.c). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "core/print.h"

static void value_of_a_word_is_copied(void **state)
{
	char buf[16] = "old";

	(void)state;
	assert_true(option_get("zwinger -serial=com2 -maxcpus=3", "serial", buf, sizeof(buf)));
	assert_string_equal(buf, "com2");
	assert_true(option_get("-a=1\t-b=2\n", "b", buf, sizeof(buf)));
	assert_string_equal(buf, "2");
}

static void plain_word_has_an_empty_value(void **state)
{
	char buf[16] = "old";

	(void)state;
	assert_true(option_get("-noserial", "noserial", buf, sizeof(buf)));
	assert_string_equal(buf, "");
	assert_true(option_get("-x -noserial -y", "noserial", buf, sizeof(buf)));
	assert_string_equal(buf, "");
	assert_true(option_get("-noserial=", "noserial", buf, sizeof(buf)));
	assert_string_equal(buf, "");
}

static void only_whole_names_match(void **state)
{
	char buf[16] = "old";

	(void)state;
	assert_false(option_get("", "serial", buf, sizeof(buf)));
	assert_false(option_get("   ", "serial", buf, sizeof(buf)));
	assert_false(option_get("serial=com1 --serial=com1 x-serial=1", "serial", buf, 16));
	assert_false(option_get("-serialx=com1 -seria=2 -serial2", "serial", buf, sizeof(buf)));
	assert_false(option_get("-name=-serial=com1", "serial", buf, sizeof(buf)));
	assert_string_equal(buf, "old");
}

static void last_word_counts(void **state)
{
	char buf[16];

	(void)state;
	assert_true(option_get("-v=1 -v=2 -w=9 -v=3", "v", buf, sizeof(buf)));
	assert_string_equal(buf, "3");
}

static void value_is_cut_to_the_buffer(void **state)
{
	char buf[8] = "1234567";

	(void)state;
	assert_true(option_get("-v=abcdef", "v", buf, 4));
	assert_string_equal(buf, "abc");
	assert_int_equal(buf[4], '5');
	assert_true(option_get("-v=abcdef", "v", NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(value_of_a_word_is_copied),
		cmocka_unit_test(plain_word_has_an_empty_value),
		cmocka_unit_test(only_whole_names_match),
		cmocka_unit_test(last_word_counts),
		cmocka_unit_test(value_is_cut_to_the_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
