/* SPDX-License-Identifier: MIT */
/* System calls by a number that is known only at run time. Linked only into programs that need it.
 */
#include "backend/calls.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>

typedef long call(long a, long b, long c, long d, long e, long f);

/* Each has its own number of parameters; one that is given more registers does not notice. */
#define TABLE_ENTRY(name, count) [SYS_##name] = (call *)(void *)backend_##name,
static call *const table[] = { BACKEND_CALLS(TABLE_ENTRY) };

long backend_call(long n, long a, long b, long c, long d, long e, long f)
{
	if (n < 0 || (size_t)n >= sizeof(table) / sizeof(*table) || !table[n])
		return -ENOSYS;
	return backend_within_6(table[n], a, b, c, d, e, f);
}
