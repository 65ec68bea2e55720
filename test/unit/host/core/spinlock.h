/* SPDX-License-Identifier: MIT */
/* Locks for the host: without the kernel's way of waiting. */
#ifndef KERNEL_SPINLOCK_H
#define KERNEL_SPINLOCK_H

#include "core/types.h"

struct spinlock {
	u32 held;
};

void spin_relax(void);
void spin_lock_wait(struct spinlock *l);

static inline bool spin_trylock(struct spinlock *l)
{
	return !__atomic_exchange_n(&l->held, 1, __ATOMIC_ACQUIRE);
}

static inline void spin_lock(struct spinlock *l)
{
	if (!spin_trylock(l))
		spin_lock_wait(l);
}

static inline void spin_unlock(struct spinlock *l)
{
	__atomic_store_n(&l->held, 0, __ATOMIC_RELEASE);
}

#endif
