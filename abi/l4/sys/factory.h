/* SPDX-License-Identifier: MIT */
/*
 * Factory: creates objects and pays for them from its quota. Protocol L4_PROTO_FACTORY, S right.
 * Every create puts the new capability, with all rights, into the slot target_cap of the caller.
 * Errors of all: -L4_EPERM, -L4_ENOMEM (quota), -L4_ENODEV (kind of object not there).
 */
#ifndef L4_SYS_FACTORY_H
#define L4_SYS_FACTORY_H

#include <l4/sys/compiler.h>
#include <l4/sys/types.h>
#include <l4/sys/utcb.h>
#include <l4/sys/ipc.h>

/* Begin a request for an object of protocol obj; receive window is the one slot target. */
L4_INLINE l4_msgtag_t l4_factory_create_start_u(long obj, l4_cap_idx_t target,
						l4_utcb_t *utcb) L4_NOTHROW
{
	l4_buf_regs_t *b = l4_utcb_br_u(utcb);

	l4_utcb_mr_u(utcb)->mr[0] = (l4_umword_t)obj;
	b->bdr = 0;
	b->br[0] = target | L4_RCV_ITEM_SINGLE_CAP;
	return l4_msgtag(L4_PROTO_FACTORY, 1, 0, 0);
}

/* Append one argument word of the given kind (L4_varg_type). 1, or 0 if there is no room. */
L4_INLINE int l4_factory_create_add_word_u(unsigned type, l4_umword_t value, l4_msgtag_t *tag,
					   l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	unsigned pos = l4_msgtag_words(*tag);

	if (pos + 2 > L4_UTCB_GENERIC_DATA_SIZE)
		return 0;
	v->mr[pos] = type | (sizeof(value) << 16);
	v->mr[pos + 1] = value;
	tag->raw += 2;
	return 1;
}

/* Append a flexpage argument. 1, or 0 if there is no room. */
L4_INLINE int l4_factory_create_add_fpage_u(l4_fpage_t d, l4_msgtag_t *tag,
					    l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_factory_create_add_word_u(L4_VARG_TYPE_FPAGE, d.raw, tag, utcb);
}

/* Append a signed word. 1, or 0 if there is no room. */
L4_INLINE int l4_factory_create_add_int_u(l4_mword_t d, l4_msgtag_t *tag,
					  l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_factory_create_add_word_u(L4_VARG_TYPE_MWORD, (l4_umword_t)d, tag, utcb);
}

/* Append an unsigned word. 1, or 0 if there is no room. */
L4_INLINE int l4_factory_create_add_uint_u(l4_umword_t d, l4_msgtag_t *tag,
					   l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_factory_create_add_word_u(L4_VARG_TYPE_UMWORD, d, tag, utcb);
}

/* Append len bytes of s. 1, or 0 if there is no room. */
L4_INLINE int l4_factory_create_add_lstr_u(char const *s, unsigned len, l4_msgtag_t *tag,
					   l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	unsigned pos = l4_msgtag_words(*tag);
	unsigned words = l4_bytes_to_mwords(len);

	if (words >= L4_UTCB_GENERIC_DATA_SIZE || pos + 1 + words > L4_UTCB_GENERIC_DATA_SIZE)
		return 0;
	v->mr[pos] = L4_VARG_TYPE_STRING | ((l4_umword_t)len << 16);
	__builtin_memcpy(&v->mr[pos + 1], s, len);
	tag->raw += 1 + (l4_mword_t)words;
	return 1;
}

/* Append a string with its NUL. 1, or 0 if there is no room. */
L4_INLINE int l4_factory_create_add_str_u(char const *s, l4_msgtag_t *tag,
					  l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_factory_create_add_lstr_u(s, (unsigned)__builtin_strlen(s) + 1, tag, utcb);
}

/* Append an empty argument. 1, or 0 if there is no room. */
L4_INLINE int l4_factory_create_add_nil_u(l4_msgtag_t *tag, l4_utcb_t *utcb) L4_NOTHROW
{
	unsigned pos = l4_msgtag_words(*tag);

	if (pos + 1 > L4_UTCB_GENERIC_DATA_SIZE)
		return 0;
	l4_utcb_mr_u(utcb)->mr[pos] = L4_VARG_TYPE_NIL;
	tag->raw += 1;
	return 1;
}

/* Append an object of the caller's as item behind all words; no word may follow. 1, or 0. */
L4_INLINE int l4_factory_create_add_obj_u(l4_cap_idx_t obj, l4_msgtag_t *tag,
					  l4_utcb_t *utcb) L4_NOTHROW
{
	unsigned pos = l4_msgtag_words(*tag) + 2 * l4_msgtag_items(*tag);

	if (pos + 2 > L4_UTCB_GENERIC_DATA_SIZE)
		return 0;
	l4_utcb_obj_arg_u(utcb, pos, obj);
	tag->raw += 1 << 6;
	return 1;
}

/* Send the request. */
L4_INLINE l4_msgtag_t l4_factory_create_commit_u(l4_cap_idx_t factory, l4_msgtag_t tag,
						 l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_ipc_call(factory, utcb, tag, L4_IPC_NEVER);
}

/* Create an object of protocol obj that takes no arguments. */
L4_INLINE l4_msgtag_t l4_factory_create_u(l4_cap_idx_t factory, long obj, l4_cap_idx_t target,
					  l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_factory_create_commit_u(factory, l4_factory_create_start_u(obj, target, utcb),
					  utcb);
}

/* l4_factory_create_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_factory_create(l4_cap_idx_t factory, long obj,
					l4_cap_idx_t target) L4_NOTHROW
{
	return l4_factory_create_u(factory, obj, target, l4_utcb());
}

/*
 * Create a task with kernel-user memory at utcb_area (order 12..17, or nil for none). Message
 * register 0 holds the resulting flexpage. -L4_EINVAL, -L4_EEXIST.
 */
L4_INLINE l4_msgtag_t l4_factory_create_task_u(l4_cap_idx_t factory, l4_cap_idx_t target_cap,
					       l4_fpage_t utcb_area, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msgtag_t tag = l4_factory_create_start_u(L4_PROTO_TASK, target_cap, utcb);

	l4_factory_create_add_fpage_u(utcb_area, &tag, utcb);
	return l4_factory_create_commit_u(factory, tag, utcb);
}

/* l4_factory_create_task_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_factory_create_task(l4_cap_idx_t factory, l4_cap_idx_t target_cap,
					     l4_fpage_t utcb_area) L4_NOTHROW
{
	return l4_factory_create_task_u(factory, target_cap, utcb_area, l4_utcb());
}

/* Create a thread: unbound, not started, priority 1. */
L4_INLINE l4_msgtag_t l4_factory_create_thread_u(l4_cap_idx_t factory, l4_cap_idx_t target_cap,
						 l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_factory_create_u(factory, L4_PROTO_THREAD, target_cap, utcb);
}

/* l4_factory_create_thread_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_factory_create_thread(l4_cap_idx_t factory,
					       l4_cap_idx_t target_cap) L4_NOTHROW
{
	return l4_factory_create_thread_u(factory, target_cap, l4_utcb());
}

/* Create a factory with a quota of limit bytes, which are taken from this factory's at once. */
L4_INLINE l4_msgtag_t l4_factory_create_factory_u(l4_cap_idx_t factory, l4_cap_idx_t target_cap,
						  unsigned long limit, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msgtag_t tag = l4_factory_create_start_u(L4_PROTO_FACTORY, target_cap, utcb);

	l4_factory_create_add_uint_u(limit, &tag, utcb);
	return l4_factory_create_commit_u(factory, tag, utcb);
}

/* l4_factory_create_factory_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_factory_create_factory(l4_cap_idx_t factory, l4_cap_idx_t target_cap,
						unsigned long limit) L4_NOTHROW
{
	return l4_factory_create_factory_u(factory, target_cap, limit, l4_utcb());
}

/*
 * Create an IPC gate bound to thread_cap (S right) with label (low two bits 0), or unbound if
 * thread_cap is L4_INVALID_CAP. -L4_EINVAL.
 */
L4_INLINE l4_msgtag_t l4_factory_create_gate_u(l4_cap_idx_t factory, l4_cap_idx_t target_cap,
					       l4_cap_idx_t thread_cap, l4_umword_t label,
					       l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msgtag_t tag = l4_factory_create_start_u(L4_PROTO_NONE, target_cap, utcb);

	l4_factory_create_add_uint_u(label, &tag, utcb);
	if (l4_is_valid_cap(thread_cap))
		l4_factory_create_add_obj_u(thread_cap, &tag, utcb);
	return l4_factory_create_commit_u(factory, tag, utcb);
}

/* l4_factory_create_gate_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_factory_create_gate(l4_cap_idx_t factory, l4_cap_idx_t target_cap,
					     l4_cap_idx_t thread_cap, l4_umword_t label) L4_NOTHROW
{
	return l4_factory_create_gate_u(factory, target_cap, thread_cap, label, l4_utcb());
}

/* Create an interrupt object: unbound, edge mode, masked. */
L4_INLINE l4_msgtag_t l4_factory_create_irq_u(l4_cap_idx_t factory, l4_cap_idx_t target_cap,
					      l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_factory_create_u(factory, L4_PROTO_IRQ_SENDER, target_cap, utcb);
}

/* l4_factory_create_irq_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_factory_create_irq(l4_cap_idx_t factory,
					    l4_cap_idx_t target_cap) L4_NOTHROW
{
	return l4_factory_create_irq_u(factory, target_cap, l4_utcb());
}

/* Create a VM: a task for guest-physical memory. -L4_ENODEV without SVM or VMX. */
L4_INLINE l4_msgtag_t l4_factory_create_vm_u(l4_cap_idx_t factory, l4_cap_idx_t target_cap,
					     l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_factory_create_u(factory, L4_PROTO_VM, target_cap, utcb);
}

/* l4_factory_create_vm_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_factory_create_vm(l4_cap_idx_t factory, l4_cap_idx_t target_cap) L4_NOTHROW
{
	return l4_factory_create_vm_u(factory, target_cap, l4_utcb());
}

#endif
