/* SPDX-License-Identifier: MIT */
/*
 * The header of musl, with cancellation points that call the back end directly. A thread looks for
 * a cancellation request before the call, and afterwards if the call was interrupted: the request
 * interrupts a call that blocks, and also one that is about to block.
 */
#ifndef LIBC_SYSCALL_H
#define LIBC_SYSCALL_H

#include "syscall_upstream.h"

/* Act on a cancellation request that the calling thread accepts. Does not return, or returns 0 (no
 * request), or -ECANCELED (the thread has masked it). n: number of the system call. */
hidden long __cancel_check(long n);

static inline __attribute__((__always_inline__)) long
__syscall_cancel(long n, long a, long b, long c, long d, long e, long f)
{
	long cancelled = __cancel_check(n), result;

	if (cancelled)
		return cancelled;
	result = __syscall_any(n, a, b, c, d, e, f);
	if (result == -EINTR && n != SYS_close)
		cancelled = __cancel_check(n);
	return cancelled ? cancelled : result;
}

#undef __syscall_cp0
#undef __syscall_cp1
#undef __syscall_cp2
#undef __syscall_cp3
#undef __syscall_cp4
#undef __syscall_cp5
#undef __syscall_cp6
#define __syscall_cp0(n)	  __syscall_cancel(n, 0, 0, 0, 0, 0, 0)
#define __syscall_cp1(n, a)	  __syscall_cancel(n, __scc(a), 0, 0, 0, 0, 0)
#define __syscall_cp2(n, a, b)	  __syscall_cancel(n, __scc(a), __scc(b), 0, 0, 0, 0)
#define __syscall_cp3(n, a, b, c) __syscall_cancel(n, __scc(a), __scc(b), __scc(c), 0, 0, 0)
#define __syscall_cp4(n, a, b, c, d) \
	__syscall_cancel(n, __scc(a), __scc(b), __scc(c), __scc(d), 0, 0)
#define __syscall_cp5(n, a, b, c, d, e) \
	__syscall_cancel(n, __scc(a), __scc(b), __scc(c), __scc(d), __scc(e), 0)
#define __syscall_cp6(n, a, b, c, d, e, f) \
	__syscall_cancel(n, __scc(a), __scc(b), __scc(c), __scc(d), __scc(e), __scc(f))

#endif
