/* SPDX-License-Identifier: MIT */
/* Kernel formatting (core/print.c): against the host's snprintf, and its own promises. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/print.h"
#include "x86_64/platform.h"

static char console[4096];
static size_t console_len;
static unsigned console_writes;

void console_write(const char *s, size_t n)
{
	assert_true(console_len + n < sizeof(console));
	memcpy(console + console_len, s, n);
	console_len += n;
	console[console_len] = '\0';
	console_writes++;
}

static void console_clear(void)
{
	console_len = 0;
	console_writes = 0;
}

#define SAME_AS_LIBC(...)                                                             \
	do {                                                                          \
		char ours[256], theirs[256];                                          \
		int len = ksnprintf(ours, sizeof(ours), __VA_ARGS__);                 \
		assert_int_equal(len, snprintf(theirs, sizeof(theirs), __VA_ARGS__)); \
		assert_string_equal(ours, theirs);                                    \
	} while (0)

static void numbers_read_as_in_libc(void **state)
{
	(void)state;
	SAME_AS_LIBC("%d %d %d %i", 0, -1, INT_MAX, INT_MIN);
	SAME_AS_LIBC("%u %u %x %x", 0u, UINT_MAX, 0u, 0xdeadbeefu);
	SAME_AS_LIBC("%ld %ld %lu %lx", LONG_MAX, LONG_MIN, ULONG_MAX, 0x123456789abcdefful);
	SAME_AS_LIBC("%lld %llu %zu %zx", -5ll, 5ull, (size_t)77, (size_t)0x77);
	SAME_AS_LIBC("[%5d] [%-5d] [%05d] [%-5u] [%3d]", 42, 42, 42, 42u, 123456);
	SAME_AS_LIBC("[%05d] [%5d] [%-6d] [%016lx]", -42, -42, -42, 0xfeedul);
	SAME_AS_LIBC("[%*d] [%*d]", 6, 7, -6, 7);
}

static void text_reads_as_in_libc(void **state)
{
	(void)state;
	SAME_AS_LIBC("%s|%10s|%-10s|%c|%3c|%-3c|%%", "abc", "abc", "abc", 'x', 'y', 'z');
	SAME_AS_LIBC("%.2s|%.*s|%5.1s|%.9s", "abc", 1, "xyz", "pq", "short");
	SAME_AS_LIBC("%p", (void *)0xffff800012345678ul);
	SAME_AS_LIBC("no conversion");
}

static void precision_keeps_unterminated_text_in_bounds(void **state)
{
	const char raw[3] = { 'a', 'b', 'c' };
	char buf[16];

	(void)state;
	assert_int_equal(3, ksnprintf(buf, sizeof(buf), "%.3s", raw));
	assert_string_equal(buf, "abc");
}

static void output_is_cut_but_counted(void **state)
{
	char buf[8];

	(void)state;
	memset(buf, '#', sizeof(buf));
	assert_int_equal(10, ksnprintf(buf, 4, "%s", "0123456789"));
	assert_string_equal(buf, "012");
	assert_int_equal(buf[4], '#');
	assert_int_equal(3, ksnprintf(NULL, 0, "abc"));
	assert_int_equal(3, ksnprintf(buf, 1, "abc"));
	assert_string_equal(buf, "");
}

static void a_lone_percent_ends_the_text(void **state)
{
	static const char fmt[] = "ab%";
	char buf[8];
	int (*print)(char *, size_t, const char *, ...) = ksnprintf;

	(void)state;
	assert_int_equal(2, print(buf, sizeof(buf), fmt));
	assert_string_equal(buf, "ab");
}

static void console_lines_end_in_cr_lf_and_come_in_one_piece(void **state)
{
	(void)state;
	console_clear();
	printk("one %d\ntwo\n", 1);
	assert_string_equal(console, "one 1\r\ntwo\r\n");
	assert_int_equal(1, console_writes);
}

static void long_console_text_is_complete(void **state)
{
	(void)state;
	console_clear();
	printk("%1000s\n", "end");
	assert_int_equal(1002, console_len);
	assert_string_equal(console + 997, "end\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_read_as_in_libc),
		cmocka_unit_test(text_reads_as_in_libc),
		cmocka_unit_test(precision_keeps_unterminated_text_in_bounds),
		cmocka_unit_test(output_is_cut_but_counted),
		cmocka_unit_test(a_lone_percent_ends_the_text),
		cmocka_unit_test(console_lines_end_in_cr_lf_and_come_in_one_piece),
		cmocka_unit_test(long_console_text_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
