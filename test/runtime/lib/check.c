/* SPDX-License-Identifier: MIT */
/* Test Anything Protocol on standard output. */
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

static unsigned count, failures;

static bool report(bool good, const char *format, va_list ap)
{
	unsigned number = __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
	char text[200];

	if (!good)
		__atomic_add_fetch(&failures, 1, __ATOMIC_SEQ_CST);
	vsnprintf(text, sizeof(text), format, ap);
	printf("%s %u - %s\n", good ? "ok" : "not ok", number, text);
	fflush(stdout);
	return good;
}

bool check(bool condition, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	report(condition, format, ap);
	va_end(ap);
	return condition;
}

bool check_is(long got, long want, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	report(got == want, format, ap);
	va_end(ap);
	if (got != want)
		check_note("  got %ld, want %ld", got, want);
	return got == want;
}

void check_note(const char *format, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	printf("# %s\n", text);
	fflush(stdout);
}

int check_plan(void)
{
	printf("1..%u\n", count);
	fflush(stdout);
	return (int)failures;
}

long check_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void check_pause(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}
