/* SPDX-License-Identifier: MIT */
/* Minimal TAP output for the host programs of this folder. */
#ifndef TEST_ABI_TAP_H
#define TEST_ABI_TAP_H

#include <stdio.h>

static unsigned tap_count, tap_failed;

/* One test point named for the promise it checks. */
static inline void ok(int good, char const *name)
{
	tap_count++;
	tap_failed += !good;
	printf("%sok %u - %s\n", good ? "" : "not ", tap_count, name);
}

/* Plan line; returns the exit status of the program. */
static inline int tap_done(void)
{
	printf("1..%u\n", tap_count);
	return tap_failed != 0;
}

#endif
