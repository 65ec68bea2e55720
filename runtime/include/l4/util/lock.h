/* SPDX-License-Identifier: MIT */
/* Simple locks for threads of the same priority: a waiter yields. Zero is free. */
#ifndef L4_UTIL_LOCK_H
#define L4_UTIL_LOCK_H

#include <l4/sys/compiler.h>
#include <l4/sys/thread.h>
#include <l4/util/atomic.h>

typedef l4_uint32_t l4util_simple_lock_t;

/* 1 if the lock was free and is taken now. */
L4_INLINE int l4_simple_try_lock(l4util_simple_lock_t *lock)
{
	return l4util_xchg32(lock, 1) == 0;
}

/* Free the lock. */
L4_INLINE void l4_simple_unlock(l4util_simple_lock_t *lock)
{
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

/* 1 if the lock is taken. */
L4_INLINE int l4_simple_lock_locked(l4util_simple_lock_t *lock)
{
	return __atomic_load_n(lock, __ATOMIC_RELAXED) != 0;
}

/* Take a lock that is likely taken. */
L4_INLINE void l4_simple_lock_solid(l4util_simple_lock_t *p)
{
	while (l4_simple_lock_locked(p) || !l4_simple_try_lock(p))
		l4_thread_yield();
}

/* Take the lock. */
L4_INLINE void l4_simple_lock(l4util_simple_lock_t *lock)
{
	if (!l4_simple_try_lock(lock))
		l4_simple_lock_solid(lock);
}

#endif
