/* SPDX-License-Identifier: MIT */
/* Cancellation points of a program that never cancels a thread; and by a number in a variable. */
#include "syscall.h"
#include "features.h"

static long never(long n)
{
	return 0;
}

weak_alias(never, __cancel_check);

long(__syscall_cp)(syscall_arg_t n, syscall_arg_t a, syscall_arg_t b, syscall_arg_t c,
		   syscall_arg_t d, syscall_arg_t e, syscall_arg_t f)
{
	return __syscall_cancel(n, a, b, c, d, e, f);
}
