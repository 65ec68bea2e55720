/* SPDX-License-Identifier: MIT */
/* Command lines of the kernel debugger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "kdb/line.h"

static void words_are_split_at_blanks(void **state)
{
	char line[] = "  dump\t0x1000  16 ";
	char *word[KDB_WORDS];

	(void)state;
	assert_int_equal(kdb_split(line, word), 3);
	assert_string_equal(word[0], "dump");
	assert_string_equal(word[1], "0x1000");
	assert_string_equal(word[2], "16");
}

static void empty_lines_have_no_words(void **state)
{
	char none[] = "", blanks[] = " \t ";
	char *word[KDB_WORDS];

	(void)state;
	assert_int_equal(kdb_split(none, word), 0);
	assert_int_equal(kdb_split(blanks, word), 0);
}

static void words_too_many_are_ignored(void **state)
{
	char line[] = "1 2 3 4 5 6 7 8 9 10";
	char *word[KDB_WORDS];

	(void)state;
	assert_int_equal(kdb_split(line, word), KDB_WORDS);
	assert_string_equal(word[KDB_WORDS - 1], "8");
}

static void number_is(const char *s, u64 want)
{
	u64 v = ~want;

	assert_true(kdb_number(s, &v));
	assert_int_equal(v, want);
}

static void numbers_are_decimal_or_hexadecimal(void **state)
{
	(void)state;
	number_is("0", 0);
	number_is("10", 10);
	number_is("0x10", 16);
	number_is("0XfF", 255);
	number_is("18446744073709551615", ~0ULL);
	number_is("0xffffffffffffffff", ~0ULL);
}

static void other_texts_are_no_numbers(void **state)
{
	static const char *const bad[] = { "",
					   "0x",
					   "x",
					   "12a",
					   "0xg",
					   "-1",
					   "1 ",
					   "kernel_main",
					   "18446744073709551616",
					   "0x10000000000000000" };
	u64 v;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(kdb_number(bad[i], &v));
}

static const char *name_of(unsigned i)
{
	static const char *const name[] = { "continue", "threads", "tasks", "trace", "task" };

	return i < ARRAY_SIZE(name) ? name[i] : NULL;
}

static void commands_can_be_abbreviated(void **state)
{
	(void)state;
	assert_int_equal(kdb_match("continue", name_of), 0);
	assert_int_equal(kdb_match("c", name_of), 0);
	assert_int_equal(kdb_match("t", name_of), 1);
	assert_int_equal(kdb_match("tr", name_of), 3);
	assert_int_equal(kdb_match("continued", name_of), -1);
	assert_int_equal(kdb_match("x", name_of), -1);
}

static void exact_name_wins_over_prefix(void **state)
{
	(void)state;
	assert_int_equal(kdb_match("tas", name_of), 2);
	assert_int_equal(kdb_match("task", name_of), 4);
}

static void command_sequences_are_cut_at_semicolons(void **state)
{
	static const char text[] = { 'c', 'p', 'u', 's', ';', 'b', 't' }; /* not terminated */
	char buf[8];

	(void)state;
	assert_int_equal(kdb_first_command(text, sizeof(text), buf, sizeof(buf)), 5);
	assert_string_equal(buf, "cpus");
	assert_int_equal(kdb_first_command(text + 5, 2, buf, sizeof(buf)), 2);
	assert_string_equal(buf, "bt");
	assert_int_equal(kdb_first_command(text, 0, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "");
}

static void long_commands_are_cut(void **state)
{
	char buf[4];

	(void)state;
	assert_int_equal(kdb_first_command("threads;x", 9, buf, sizeof(buf)), 8);
	assert_string_equal(buf, "thr");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_split_at_blanks),
		cmocka_unit_test(empty_lines_have_no_words),
		cmocka_unit_test(words_too_many_are_ignored),
		cmocka_unit_test(numbers_are_decimal_or_hexadecimal),
		cmocka_unit_test(other_texts_are_no_numbers),
		cmocka_unit_test(commands_can_be_abbreviated),
		cmocka_unit_test(exact_name_wins_over_prefix),
		cmocka_unit_test(command_sequences_are_cut_at_semicolons),
		cmocka_unit_test(long_commands_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
