/* SPDX-License-Identifier: MIT */
/* Failed assertions. */
#include <stdio.h>
#include <stdlib.h>
#include <l4/util/assert.h>

void l4util_assert_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, what);
	abort();
}
