/* SPDX-License-Identifier: MIT */
/* Promises of the memory log: lines are whole, have time and tag, and bounded length. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "lines.h"

static char kept[8192];

static void emit(const char *text, size_t count)
{
	assert_true(count < LINE_MAX);
	assert_int_equal(text[count - 1], '\n');
	strncat(kept, text, count);
}

static void put(struct line *l, const char *text)
{
	line_put(l, text, strlen(text), 12345678, emit);
}

static int setup(void **state)
{
	(void)state;
	*kept = 0;
	return 0;
}

static void a_line_has_time_and_tag(void **state)
{
	struct line l = { .tag = "hello" };

	(void)state;
	put(&l, "one\r\n\ntwo\n");
	assert_string_equal(kept, "[   12.345] hello   | one\n[   12.345] hello   | \n"
				  "[   12.345] hello   | two\n");
}

static void lines_of_two_clients_are_not_mixed(void **state)
{
	struct line a = { .tag = "a" }, b = { .tag = "b" };

	(void)state;
	put(&a, "be");
	put(&b, "other\n");
	put(&a, "gin\n");
	assert_string_equal(kept, "[   12.345] b       | other\n[   12.345] a       | begin\n");
}

static void an_unfinished_line_is_kept_when_its_client_goes(void **state)
{
	struct line l = { .tag = "a" };

	(void)state;
	put(&l, "last words");
	assert_string_equal(kept, "");
	line_end(&l, 0, emit);
	line_end(&l, 0, emit);
	assert_string_equal(kept, "[    0.000] a       | last words\n");
}

static void a_line_without_end_is_cut(void **state)
{
	struct line l = { .tag = "a tag with all of its 31 chars." };
	char text[3 * LINE_TEXT_MAX];
	unsigned lines = 0;

	(void)state;
	memset(text, 'x', sizeof(text));
	line_put(&l, text, sizeof(text), ~0UL, emit);
	line_end(&l, ~0UL, emit);
	for (const char *c = kept; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_line_has_time_and_tag, setup),
		cmocka_unit_test_setup(lines_of_two_clients_are_not_mixed, setup),
		cmocka_unit_test_setup(an_unfinished_line_is_kept_when_its_client_goes, setup),
		cmocka_unit_test_setup(a_line_without_end_is_cut, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
