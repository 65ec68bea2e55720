/* SPDX-License-Identifier: MIT */
/*
 * Test Anything Protocol over the kernel log. The name of a test is a promise of the kernel. Any
 * thread that has the log capability may call these; a line is one message, so lines stay whole.
 */
#ifndef TEST_TAP_H
#define TEST_TAP_H

#include <stdarg.h>
#include <stdbool.h>

#define TAP_PRINTF(f) __attribute__((format(printf, f, (f) + 1)))

/* Announce the number of tests; without it the plan is printed at the end. */
void tap_plan(unsigned tests);
/* One result. Returns condition. */
bool tap_ok(bool condition, const char *format, ...) TAP_PRINTF(2);
/* One result: got must equal want; both are shown if not. Returns got == want. */
bool tap_is(long got, long want, const char *format, ...) TAP_PRINTF(3);
/* A test that cannot run here; format names it. */
void tap_skip(const char *why, const char *format, ...) TAP_PRINTF(2);
/* A comment line. */
void tap_diag(const char *format, ...) TAP_PRINTF(1);
/* Give up: the rest cannot be tested. Ends the machine. */
void tap_bail(const char *format, ...) TAP_PRINTF(1) __attribute__((noreturn));
/* Plan (if not yet printed), end line, power off. Called when main returns. */
void tap_exit(void) __attribute__((noreturn));

/* printf to a buffer of size bytes: %s %c %d %i %u %x %p %% with l, ll, z, width, 0 padding.
 * Returns the length, cut to the buffer; always NUL-terminated. */
unsigned text_vformat(char *to, unsigned size, const char *format, va_list ap);

#endif
