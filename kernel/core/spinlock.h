/* SPDX-License-Identifier: MIT */
/*
 * Ticket-free test-and-set spinlock. The kernel runs with interrupts off, so there is no
 * interrupt-saving variant. A CPU that spins serves remote requests (TLB shoot-down) with
 * spin_relax(), so that a holder that waits for this CPU cannot deadlock with it.
 *
 * Lock order (a lock may be taken while holding those to its left, never the other way round):
 *   kobject.lock -> mapdb lock -> space.lock -> cpu.lock (two of them: lower CPU number first)
 *   -> quota/slab/buddy/console locks (leaves).
 */
#ifndef KERNEL_SPINLOCK_H
#define KERNEL_SPINLOCK_H

#include "core/types.h"

struct spinlock {
	u32 held;
};

/* Called in every round of a spin loop; serves this CPU's pending remote requests. */
void spin_relax(void);

static inline bool spin_trylock(struct spinlock *l)
{
	return !__atomic_exchange_n(&l->held, 1, __ATOMIC_ACQUIRE);
}

/* The lock is taken: wait for it, then take it. */
void spin_lock_wait(struct spinlock *l);

/* l is not on the stack. Waiting is called in a way that changes no register (x86_64/leaf.S:
 * spin_lock_slowly), so a function with locks needs no more registers than one without. */
static always_inline void spin_lock(struct spinlock *l)
{
	__asm__ volatile("lock btsl $0, %0\n\t"
			 "jc 2f\n"
			 "1:\n\t"
			 ".pushsection .text.unlikely, \"ax\", @progbits\n"
			 "2:\tpush %%rdi\n\t"
			 "lea %0, %%rdi\n\t"
			 "call spin_lock_slowly\n\t"
			 "pop %%rdi\n\t"
			 "jmp 1b\n\t"
			 ".popsection"
			 : "+m"(l->held)
			 :
			 : "memory", "cc");
}

static always_inline void spin_unlock(struct spinlock *l)
{
	__atomic_store_n(&l->held, 0, __ATOMIC_RELEASE);
}

#endif
