/* SPDX-License-Identifier: MIT */
/*
 * Locks between vCPUs of a machine. Who holds one does not touch guest-virtual memory, as a fault
 * there needs a lock. bindings is taken before lock, if both are.
 */
#ifndef GUEST_SHIM_LOCK_H
#define GUEST_SHIM_LOCK_H

#include "shim/host.h"

enum { LOCK_SPINS = 200 };

/* A moment of waiting for another vCPU, which is soon done, if it runs: so others get the processor
 * only now and then. *spins is 0 at first. */
static inline void lock_pause(struct vcpu *v, unsigned *spins)
{
	if (++*spins % LOCK_SPINS)
		__builtin_ia32_pause();
	else
		host_yield(v);
}

/* Another vCPU has it. */
static __attribute__((noinline, unused)) void lock_wait(struct vcpu *v, uint32_t *lock)
{
	unsigned spins = 0;

	do
		while (__atomic_load_n(lock, __ATOMIC_RELAXED))
			lock_pause(v, &spins);
	while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE));
}

static inline void lock_take(struct vcpu *v, uint32_t *lock)
{
	if (__builtin_expect(__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE), 0))
		lock_wait(v, lock);
}

static inline void lock_drop(uint32_t *lock)
{
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

#endif
