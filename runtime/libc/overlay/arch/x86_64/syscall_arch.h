/* SPDX-License-Identifier: MIT */
/*
 * System calls of musl as function calls into the back end. Almost every number is a constant where
 * it is used, so each place calls its one function directly and a program is linked with those
 * parts of the back end only that it uses. What the back end lacks is -ENOSYS at compile time.
 */
#ifndef LIBC_SYSCALL_ARCH_H
#define LIBC_SYSCALL_ARCH_H

#include "backend/calls.h"

#define __SYSCALL_LL_E(x) (x)
#define __SYSCALL_LL_O(x) (x)

/* The same by a table, for numbers that are known only when the program runs. */
hidden long backend_call(long n, long a, long b, long c, long d, long e, long f);

#define BACKEND_CONSTANT_CASE(name, count) \
	case SYS_##name:                   \
		return BACKEND_WITHIN_##count(backend_##name);

static inline __attribute__((__always_inline__)) long
__backend_constant(long n, long a, long b, long c, long d, long e, long f)
{
	switch (n) {
		BACKEND_CALLS(BACKEND_CONSTANT_CASE)
	default:
		return -38;
	}
}

static inline __attribute__((__always_inline__)) long __syscall_any(long n, long a, long b, long c,
								    long d, long e, long f)
{
	return __builtin_constant_p(n) ? __backend_constant(n, a, b, c, d, e, f)
				       : backend_call(n, a, b, c, d, e, f);
}

#define BACKEND_INLINE static inline __attribute__((__always_inline__)) long

BACKEND_INLINE __syscall0(long n)
{
	return __syscall_any(n, 0, 0, 0, 0, 0, 0);
}

BACKEND_INLINE __syscall1(long n, long a)
{
	return __syscall_any(n, a, 0, 0, 0, 0, 0);
}

BACKEND_INLINE __syscall2(long n, long a, long b)
{
	return __syscall_any(n, a, b, 0, 0, 0, 0);
}

BACKEND_INLINE __syscall3(long n, long a, long b, long c)
{
	return __syscall_any(n, a, b, c, 0, 0, 0);
}

BACKEND_INLINE __syscall4(long n, long a, long b, long c, long d)
{
	return __syscall_any(n, a, b, c, d, 0, 0);
}

BACKEND_INLINE __syscall5(long n, long a, long b, long c, long d, long e)
{
	return __syscall_any(n, a, b, c, d, e, 0);
}

BACKEND_INLINE __syscall6(long n, long a, long b, long c, long d, long e, long f)
{
	return __syscall_any(n, a, b, c, d, e, f);
}

#define IPC_64 0

#endif
