/* SPDX-License-Identifier: MIT */
/* Semaphore: a counter that can also be bound to interrupt pins. */
#ifndef L4_SYS_SEMAPHORE_H
#define L4_SYS_SEMAPHORE_H

#include <l4/sys/irq.h>

/* Protocol L4_PROTO_SEMAPHORE; up is a trigger of L4_PROTO_IRQ. */
enum L4_semaphore_op { L4_SEMAPHORE_OP_DOWN = 0 };

/* Count up, or wake the first waiter. Check with l4_ipc_error() only. */
L4_INLINE l4_msgtag_t l4_semaphore_up_u(l4_cap_idx_t sem, l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_irq_trigger_u(sem, utcb);
}

/* l4_semaphore_up_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_semaphore_up(l4_cap_idx_t sem) L4_NOTHROW
{
	return l4_semaphore_up_u(sem, l4_utcb());
}

/* Count down (S right), or block until up, at most for the receive timeout. */
L4_INLINE l4_msgtag_t l4_semaphore_down_u(l4_cap_idx_t sem, l4_timeout_t timeout,
					  l4_utcb_t *utcb) L4_NOTHROW
{
	l4_utcb_mr_u(utcb)->mr[0] = L4_SEMAPHORE_OP_DOWN;
	return l4_ipc_call(sem, utcb, l4_msgtag(L4_PROTO_SEMAPHORE, 1, 0, 0), timeout);
}

/* l4_semaphore_down_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_semaphore_down(l4_cap_idx_t sem, l4_timeout_t timeout) L4_NOTHROW
{
	return l4_semaphore_down_u(sem, timeout, l4_utcb());
}

#endif
