/* SPDX-License-Identifier: MIT */
/*
 * Thread group: several threads behind one gate or interrupt. The interface is fixed by its
 * header, but the mid-2026 L4Re kernel has no such object (create answers -L4_ENODEV).
 */
#ifndef L4_SYS_THREAD_GROUP_H
#define L4_SYS_THREAD_GROUP_H

#include <l4/sys/types.h>
#include <l4/sys/utcb.h>
#include <l4/sys/ipc.h>

enum L4_thread_group_ops { L4_THREAD_GROUP_ADD_OP = 2, L4_THREAD_GROUP_REMOVE_OP = 3 };

/* How the receiver is chosen. */
enum L4_thread_group_policy {
	L4_THREAD_GROUP_POLICY_STRICT_CORE_LOCAL = 0, /* same CPU or fail */
	L4_THREAD_GROUP_POLICY_SOFT_CORE_LOCAL = 1    /* same CPU if possible */
};

/* Add or remove (op) a thread: common form of the two below. */
L4_INLINE l4_msgtag_t l4_thread_group_op_u(l4_cap_idx_t tg, unsigned op, l4_cap_idx_t thread,
					   l4_utcb_t *utcb) L4_NOTHROW
{
	l4_utcb_mr_u(utcb)->mr[0] = op;
	l4_utcb_obj_arg_u(utcb, 1, thread);
	return l4_obj_call_u(tg, L4_PROTO_THREAD_GROUP, 1, 1, utcb);
}

/* Add a thread to the group. */
L4_INLINE l4_msgtag_t l4_thread_group_add_u(l4_cap_idx_t tg, l4_cap_idx_t thread,
					    l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_thread_group_op_u(tg, L4_THREAD_GROUP_ADD_OP, thread, utcb);
}

/* l4_thread_group_add_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_thread_group_add(l4_cap_idx_t tg, l4_cap_idx_t thread) L4_NOTHROW
{
	return l4_thread_group_add_u(tg, thread, l4_utcb());
}

/* Remove a thread from the group. */
L4_INLINE l4_msgtag_t l4_thread_group_remove_u(l4_cap_idx_t tg, l4_cap_idx_t thread,
					       l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_thread_group_op_u(tg, L4_THREAD_GROUP_REMOVE_OP, thread, utcb);
}

/* l4_thread_group_remove_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_thread_group_remove(l4_cap_idx_t tg, l4_cap_idx_t thread) L4_NOTHROW
{
	return l4_thread_group_remove_u(tg, thread, l4_utcb());
}

#endif
