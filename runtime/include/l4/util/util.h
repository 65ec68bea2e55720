/* SPDX-License-Identifier: MIT */
/* Sleeping, timeouts, and faulting pages in. */
#ifndef L4_UTIL_UTIL_H
#define L4_UTIL_UTIL_H

#include <l4/sys/compiler.h>
#include <l4/sys/consts.h>
#include <l4/sys/ipc.h>
#include <l4/sys/types.h>

EXTERN_C_BEGIN

/* Timeout of so many microseconds, rounded up to what a timeout can say; ~0: never. */
L4_CV l4_timeout_s l4util_micros2l4to(l4_uint64_t us) L4_NOTHROW;

/* Sleep for so many milliseconds, or until another thread cancels the sleep. */
L4_CV void l4_sleep(l4_uint32_t ms) L4_NOTHROW;

/* The same in microseconds. */
L4_CV void l4_usleep(l4_uint64_t us) L4_NOTHROW;

EXTERN_C_END

/* Sleep and never return. */
L4_NORETURN L4_INLINE void l4_sleep_forever(void) L4_NOTHROW
{
	for (;;)
		l4_ipc_sleep(L4_IPC_NEVER);
}

/* Read from each page of the size bytes at addr, so that they are mapped. */
L4_INLINE void l4_touch_ro(const void *addr, unsigned size) L4_NOTHROW
{
	l4_addr_t at = l4_trunc_page((l4_addr_t)addr), end = (l4_addr_t)addr + size;

	for (; at < end; at += L4_PAGESIZE)
		(void)*(const volatile char *)at;
}

/* Write to each page of the size bytes at addr, values unchanged, so that they are mapped. */
L4_INLINE void l4_touch_rw(const void *addr, unsigned size) L4_NOTHROW
{
	l4_addr_t at = l4_trunc_page((l4_addr_t)addr), end = (l4_addr_t)addr + size;

	for (; at < end; at += L4_PAGESIZE)
		__atomic_fetch_or((volatile char *)at, 0, __ATOMIC_RELAXED);
}

#endif
