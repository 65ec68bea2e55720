/* SPDX-License-Identifier: MIT */
/* Interrupt object: turns hardware and software triggers into messages without words. */
#ifndef L4_SYS_IRQ_H
#define L4_SYS_IRQ_H

#include <l4/sys/kobject.h>
#include <l4/sys/ipc.h>
#include <l4/sys/rcv_endpoint.h>

/* Protocol L4_PROTO_IRQ_SENDER. */
enum L4_irq_sender_op {
	L4_IRQ_SENDER_OP_RESERVED1 = 0,
	L4_IRQ_SENDER_OP_DETACH = 1,
	L4_IRQ_SENDER_OP_BIND_VCPU = 2 /* -L4_ENOSYS on amd64 */
};

/* Protocol L4_PROTO_IRQ; no answer is sent. */
enum L4_irq_op { L4_IRQ_OP_TRIGGER = 2, L4_IRQ_OP_EOI = 4 };

/* Detach from the thread (S right). Label 1: a message was pending; -L4_ENOENT: not bound. */
L4_INLINE l4_msgtag_t l4_irq_detach_u(l4_cap_idx_t irq, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_utcb_mr_u(utcb)->mr[0] = L4_IRQ_SENDER_OP_DETACH;
	return l4_obj_call_u(irq, L4_PROTO_IRQ_SENDER, 1, 0, utcb);
}

/* l4_irq_detach_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_irq_detach(l4_cap_idx_t irq) L4_NOTHROW
{
	return l4_irq_detach_u(irq, l4_utcb());
}

/* Trigger; triggers while one message is pending count once. Check with l4_ipc_error() only. */
L4_INLINE l4_msgtag_t l4_irq_trigger_u(l4_cap_idx_t irq, l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_ipc_send(irq, utcb, l4_msgtag(L4_PROTO_IRQ, 0, 0, 0), L4_IPC_BOTH_TIMEOUT_0);
}

/* l4_irq_trigger_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_irq_trigger(l4_cap_idx_t irq) L4_NOTHROW
{
	return l4_irq_trigger_u(irq, l4_utcb());
}

/* Unmask, then wait for this interrupt alone until the receive timeout. */
L4_INLINE l4_msgtag_t l4_irq_receive_u(l4_cap_idx_t irq, l4_timeout_t to,
				       l4_utcb_t *utcb) L4_NOTHROW
{
	l4_utcb_mr_u(utcb)->mr[0] = L4_IRQ_OP_EOI;
	return l4_ipc_call(irq, utcb, l4_msgtag(L4_PROTO_IRQ, 1, 0, 0), to);
}

/* l4_irq_receive_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_irq_receive(l4_cap_idx_t irq, l4_timeout_t to) L4_NOTHROW
{
	return l4_irq_receive_u(irq, to, l4_utcb());
}

/* Unmask, then wait for a message from anyone, whose label goes to *label. */
L4_INLINE l4_msgtag_t l4_irq_wait_u(l4_cap_idx_t irq, l4_umword_t *label, l4_timeout_t to,
				    l4_utcb_t *utcb) L4_NOTHROW
{
	l4_utcb_mr_u(utcb)->mr[0] = L4_IRQ_OP_EOI;
	return l4_ipc_send_and_wait(irq, utcb, l4_msgtag(L4_PROTO_IRQ, 1, 0, 0), label, to);
}

/* l4_irq_wait_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_irq_wait(l4_cap_idx_t irq, l4_umword_t *label, l4_timeout_t to) L4_NOTHROW
{
	return l4_irq_wait_u(irq, label, to, l4_utcb());
}

/* Unmask. Check with l4_ipc_error() only. */
L4_INLINE l4_msgtag_t l4_irq_unmask_u(l4_cap_idx_t irq, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_utcb_mr_u(utcb)->mr[0] = L4_IRQ_OP_EOI;
	return l4_ipc_send(irq, utcb, l4_msgtag(L4_PROTO_IRQ, 1, 0, 0), L4_IPC_NEVER);
}

/* l4_irq_unmask_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_irq_unmask(l4_cap_idx_t irq) L4_NOTHROW
{
	return l4_irq_unmask_u(irq, l4_utcb());
}

#endif
