/* SPDX-License-Identifier: MIT */
/*
 * Locks between vCPUs of a machine. Who holds one does not touch guest-virtual memory, as a fault
 * there needs a lock. bindings is taken before lock, if both are.
 */
#ifndef GUEST_SHIM_LOCK_H
#define GUEST_SHIM_LOCK_H

#include "shim/host.h"

static inline void lock_take(struct vcpu *v, uint32_t *lock)
{
	while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
		host_yield(v);
}

static inline void lock_drop(uint32_t *lock)
{
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

#endif
