/* SPDX-License-Identifier: MIT */
/*
 * Locks between vCPUs of a machine. Who holds one does not touch guest-virtual memory, as a fault
 * there needs a lock. bindings is taken before lock, if both are.
 */
#ifndef GUEST_SHIM_LOCK_H
#define GUEST_SHIM_LOCK_H

#include "shim/host.h"

enum { LOCK_SPINS = 200 };

/* Who holds it is soon done, if it runs: so wait a little before others get the processor. */
static inline void lock_take(struct vcpu *v, uint32_t *lock)
{
	while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE)) {
		unsigned left = LOCK_SPINS;

		while (left && __atomic_load_n(lock, __ATOMIC_RELAXED)) {
			__builtin_ia32_pause();
			left--;
		}
		if (!left)
			host_yield(v);
	}
}

static inline void lock_drop(uint32_t *lock)
{
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

#endif
