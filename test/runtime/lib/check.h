/* SPDX-License-Identifier: MIT */
/* Test Anything Protocol on standard output, for programs that are linked with the C library. */
#ifndef TEST_CHECK_H
#define TEST_CHECK_H

#include <stdbool.h>

/* The tests of a program. */
void check_main(void);

/* One result; the name is the promise. Any thread. Returns condition. */
bool check(bool condition, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* got must equal want; both are shown if not. */
bool check_is(long got, long want, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A comment. */
void check_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Print the plan. Returns how many have failed. */
int check_plan(void);

/* Milliseconds of the monotonic clock. */
long check_now_ms(void);
/* Wait until an expression holds, asleep between looks, for at most 20 seconds; does it hold? */
#define CHECK_WAIT(condition)                                 \
	({                                                    \
		long end_ = check_now_ms() + 20000;           \
		while (!(condition) && check_now_ms() < end_) \
			check_pause();                        \
		(bool)(condition);                            \
	})
/* Sleep for a millisecond. */
void check_pause(void);

#endif
