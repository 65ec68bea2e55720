/* SPDX-License-Identifier: MIT */
/* What all kernel objects share: the debugger's per-object call and reference counting. */
#ifndef L4_SYS_KOBJECT_H
#define L4_SYS_KOBJECT_H

#include <l4/sys/types.h>
#include <l4/sys/utcb.h>
#include <l4/sys/ipc.h>

/* Operations of protocol L4_PROTO_KOBJECT; bind and info are in rcv_endpoint.h, ipc_gate.h. */
enum L4_kobject_op { L4_KOBJECT_OP_DEC_REFCNT = 0 };

/*
 * Subtract diff from the number of capabilities that keep a gate alive (server capability only).
 * Message register 0 holds the new number. A server that gives its gate away and subtracts 1 sees
 * the gate deleted with its last client.
 */
L4_INLINE l4_msgtag_t l4_kobject_dec_refcnt_u(l4_cap_idx_t obj, l4_mword_t diff,
					      l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_KOBJECT_OP_DEC_REFCNT;
	v->mr[1] = (l4_umword_t)diff;
	return l4_obj_call_u(obj, L4_PROTO_KOBJECT, 2, 0, utcb);
}

/* l4_kobject_dec_refcnt_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_kobject_dec_refcnt(l4_cap_idx_t obj, l4_mword_t diff) L4_NOTHROW
{
	return l4_kobject_dec_refcnt_u(obj, diff, l4_utcb());
}

/*
 * Call the debugger about the object obj: the operation (group 1, number in message register 0) and
 * its words are in the UTCB, tag says how many. -L4_EINVAL, -L4_EMSGTOOLONG, or an IPC error if
 * there is no debugger.
 */
L4_INLINE l4_msgtag_t l4_invoke_debugger(l4_cap_idx_t obj, l4_msgtag_t tag,
					 l4_utcb_t *utcb) L4_NOTHROW
{
	unsigned words = l4_msgtag_words(tag);

	if (l4_is_invalid_cap(obj))
		return l4_msgtag(-L4_EINVAL, 0, 0, 0);
	if (words + 2 > L4_UTCB_GENERIC_DATA_SIZE)
		return l4_msgtag(-L4_EMSGTOOLONG, 0, 0, 0);
	l4_utcb_mr_u(utcb)->mr[0] |= 1 << 8;
	l4_utcb_obj_arg_u(utcb, words, obj);
	return l4_obj_call_u(L4_BASE_DEBUGGER_CAP, L4_PROTO_DEBUGGER, words, 1, utcb);
}

#endif
