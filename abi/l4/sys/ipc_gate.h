/* SPDX-License-Identifier: MIT */
/* IPC gate: a labelled channel to the thread it is bound to. Needs a server capability. */
#ifndef L4_SYS_IPC_GATE_H
#define L4_SYS_IPC_GATE_H

#include <l4/sys/rcv_endpoint.h>

enum L4_ipc_gate_ops { L4_IPC_GATE_BIND_OP = L4_RCV_EP_BIND_OP, L4_IPC_GATE_GET_INFO_OP = 0x11 };

/* Older name of l4_rcv_ep_bind_thread_u(). */
L4_INLINE l4_msgtag_t l4_ipc_gate_bind_thread_u(l4_cap_idx_t gate, l4_cap_idx_t thread,
						l4_umword_t label, l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_rcv_ep_bind_thread_u(gate, thread, label, utcb);
}

/* l4_ipc_gate_bind_thread_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_ipc_gate_bind_thread(l4_cap_idx_t gate, l4_cap_idx_t thread,
					      l4_umword_t label) L4_NOTHROW
{
	return l4_ipc_gate_bind_thread_u(gate, thread, label, l4_utcb());
}

/* *label = the gate's label, on success. */
L4_INLINE l4_msgtag_t l4_ipc_gate_get_infos_u(l4_cap_idx_t gate, l4_umword_t *label,
					      l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msgtag_t res;

	l4_utcb_mr_u(utcb)->mr[0] = L4_IPC_GATE_GET_INFO_OP;
	res = l4_obj_call_u(gate, L4_PROTO_KOBJECT, 1, 0, utcb);
	if (l4_error_u(res, utcb) >= 0)
		*label = l4_utcb_mr_u(utcb)->mr[0];
	return res;
}

/* l4_ipc_gate_get_infos_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_ipc_gate_get_infos(l4_cap_idx_t gate, l4_umword_t *label) L4_NOTHROW
{
	return l4_ipc_gate_get_infos_u(gate, label, l4_utcb());
}

#endif
