/* SPDX-License-Identifier: MIT */
/* Receive endpoint: the side of gates and interrupt objects that is bound to a thread. */
#ifndef L4_SYS_RCV_ENDPOINT_H
#define L4_SYS_RCV_ENDPOINT_H

#include <l4/sys/types.h>
#include <l4/sys/utcb.h>
#include <l4/sys/ipc.h>

enum L4_rcv_ep_ops { L4_RCV_EP_BIND_OP = 0x10 };

/*
 * Bind the gate or interrupt ep (S right; gates: server capability) to thread (S right): its
 * messages arrive there with label. For gates the low two bits of label must be 0.
 * Errors: -L4_EPERM, -L4_EINVAL, -L4_EMSGTOOSHORT.
 */
L4_INLINE l4_msgtag_t l4_rcv_ep_bind_thread_u(l4_cap_idx_t ep, l4_cap_idx_t thread,
					      l4_umword_t label, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_RCV_EP_BIND_OP;
	v->mr[1] = label;
	l4_utcb_obj_arg_u(utcb, 2, thread);
	return l4_obj_call_u(ep, L4_PROTO_KOBJECT, 2, 1, utcb);
}

/* l4_rcv_ep_bind_thread_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_rcv_ep_bind_thread(l4_cap_idx_t ep, l4_cap_idx_t thread,
					    l4_umword_t label) L4_NOTHROW
{
	return l4_rcv_ep_bind_thread_u(ep, thread, label, l4_utcb());
}

#endif
