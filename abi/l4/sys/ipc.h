/* SPDX-License-Identifier: MIT */
/* Invocation of capabilities: the phases of IPC by name, error codes, items in messages. */
#ifndef L4_SYS_IPC_H
#define L4_SYS_IPC_H

#include <l4/sys/types.h>
#include <l4/sys/utcb.h>
#include <l4/sys/err.h>
#include <l4/sys/syscall_defs.h>

/* Error word of the UTCB: bit 0 phase (0 send, 1 receive), bits 1..4 cause. */
enum l4_ipc_tcr_error_t {
	L4_IPC_ERROR_MASK = 0x1f,
	L4_IPC_SND_ERR_MASK = 0x01,

	L4_IPC_SETIMEOUT = 0x02,     /* partner not ready in time */
	L4_IPC_RETIMEOUT = 0x03,     /* nothing received in time */
	L4_IPC_ENOT_EXISTENT = 0x04, /* no such object, or it vanished */
	L4_IPC_SECANCELED = 0x06,    /* ex_regs or end of the partner while sending */
	L4_IPC_RECANCELED = 0x07,    /* ex_regs while receiving */
	L4_IPC_SEMSGCUT = 0x08,	     /* an item found no buffer; seen by the sender */
	L4_IPC_REMSGCUT = 0x09,	     /* the same, seen by the receiver */
	L4_IPC_SESNDPFTO = 0x0a,
	L4_IPC_RESNDPFTO = 0x0b,
	L4_IPC_SERCVPFTO = 0x0c,
	L4_IPC_RERCVPFTO = 0x0d,
	L4_IPC_SEABORTED = 0x0e,
	L4_IPC_REABORTED = 0x0f,
	L4_IPC_SEMAPFAILED = 0x10, /* no kernel memory to map an item; sender */
	L4_IPC_REMAPFAILED = 0x11, /* the same, receiver */
	L4_IPC_ENOREPLYCAP = 0x13  /* open wait: the reply capability slot cannot be used */
};

/* Negative error number for an IPC error code. */
L4_INLINE long l4_ipc_to_errno(unsigned long ipc_error_code) L4_NOTHROW
{
	return -(long)(L4_EIPC_LO + ipc_error_code);
}

/* Cause of the last failed operation; only meaningful if its tag has the error flag. */
L4_INLINE int l4_ipc_error_code(l4_utcb_t *utcb) L4_NOTHROW
{
	return (int)(l4_utcb_tcr_u(utcb)->error & L4_IPC_ERROR_MASK);
}

/* IPC error code (l4_ipc_tcr_error_t) of an operation that returned tag; 0 for none. */
L4_INLINE l4_umword_t l4_ipc_error(l4_msgtag_t tag, l4_utcb_t *utcb) L4_NOTHROW
{
	if (L4_LIKELY(!l4_msgtag_has_error(tag)))
		return 0;
	return l4_utcb_tcr_u(utcb)->error & L4_IPC_ERROR_MASK;
}

/* Result of an operation: -L4_EIPC_LO - code for an IPC error, otherwise the label. */
L4_INLINE long l4_error_u(l4_msgtag_t tag, l4_utcb_t *utcb) L4_NOTHROW
{
	if (L4_UNLIKELY(l4_msgtag_has_error(tag)))
		return l4_ipc_to_errno((unsigned long)l4_ipc_error_code(utcb));
	return (l4_int16_t)l4_msgtag_label(tag);
}

/* l4_error_u() for the calling thread. */
L4_INLINE long l4_error(l4_msgtag_t tag) L4_NOTHROW
{
	return l4_error_u(tag, l4_utcb());
}

/* Not 0 if the failed operation failed while sending. */
L4_INLINE int l4_ipc_is_snd_error(l4_utcb_t *utcb) L4_NOTHROW
{
	return !(l4_utcb_tcr_u(utcb)->error & L4_IPC_SND_ERR_MASK);
}

/* Not 0 if the failed operation failed while receiving. */
L4_INLINE int l4_ipc_is_rcv_error(l4_utcb_t *utcb) L4_NOTHROW
{
	return !l4_ipc_is_snd_error(utcb);
}

/* Send to dest and receive the answer from it. */
L4_ALWAYS_INLINE l4_msgtag_t l4_ipc_call(l4_cap_idx_t object, l4_utcb_t *utcb, l4_msgtag_t tag,
					 l4_timeout_t timeout) L4_NOTHROW
{
	return l4_ipc(object, utcb, L4_SYSF_CALL, 0, tag, NULL, timeout);
}

/* Send to dest, no receive phase; dest L4_INVALID_CAP | L4_SYSF_REPLY answers the last caller. */
L4_ALWAYS_INLINE l4_msgtag_t l4_ipc_send(l4_cap_idx_t dest, l4_utcb_t *utcb, l4_msgtag_t tag,
					 l4_timeout_t timeout) L4_NOTHROW
{
	return l4_ipc(dest, utcb, L4_SYSF_SEND, 0, tag, NULL, timeout);
}

/* Receive from anyone; *label becomes the label of the gate, interrupt or sender. */
L4_ALWAYS_INLINE l4_msgtag_t l4_ipc_wait(l4_utcb_t *utcb, l4_umword_t *label,
					 l4_timeout_t timeout) L4_NOTHROW
{
	return l4_ipc(L4_INVALID_CAP, utcb, L4_SYSF_WAIT, 0, l4_msgtag(0, 0, 0, 0), label, timeout);
}

/* Receive from the object alone; from L4_INVALID_CAP: sleep until the receive timeout. */
L4_ALWAYS_INLINE l4_msgtag_t l4_ipc_receive(l4_cap_idx_t object, l4_utcb_t *utcb,
					    l4_timeout_t timeout) L4_NOTHROW
{
	return l4_ipc(object, utcb, L4_SYSF_RECV, 0, l4_msgtag(0, 0, 0, 0), NULL, timeout);
}

/* Answer the last caller, then receive from anyone; fails without waiting if there is no caller. */
L4_ALWAYS_INLINE l4_msgtag_t l4_ipc_reply_and_wait(l4_utcb_t *utcb, l4_msgtag_t tag,
						   l4_umword_t *label,
						   l4_timeout_t timeout) L4_NOTHROW
{
	return l4_ipc(L4_INVALID_CAP, utcb, L4_SYSF_REPLY_AND_WAIT, 0, tag, label, timeout);
}

/* Send to dest, then receive from anyone. */
L4_ALWAYS_INLINE l4_msgtag_t l4_ipc_send_and_wait(l4_cap_idx_t dest, l4_utcb_t *utcb,
						  l4_msgtag_t tag, l4_umword_t *label,
						  l4_timeout_t timeout) L4_NOTHROW
{
	return l4_ipc(dest, utcb, L4_SYSF_SEND_AND_WAIT, 0, tag, label, timeout);
}

/* Block for the receive timeout; the error code is L4_IPC_RETIMEOUT, or RECANCELED if woken. */
L4_INLINE l4_msgtag_t l4_ipc_sleep(l4_timeout_t timeout) L4_NOTHROW
{
	return l4_ipc_receive(L4_INVALID_CAP, NULL, timeout);
}

/*
 * Append a send item to the message that tag describes and count it in the tag. snd_base is the hot
 * spot with attributes (l4_map_control()); the item is marked as continued by the next one.
 * Returns 0, or -L4_ENOMEM if the message registers are full.
 */
L4_INLINE int l4_sndfpage_add_u(l4_fpage_t const snd_fpage, unsigned long snd_base,
				l4_msgtag_t *tag, l4_utcb_t *utcb) L4_NOTHROW
{
	unsigned pos = l4_msgtag_words(*tag) + 2 * l4_msgtag_items(*tag);

	if (pos + 2 > L4_UTCB_GENERIC_DATA_SIZE)
		return -L4_ENOMEM;
	l4_utcb_mr_u(utcb)->mr[pos] = snd_base | L4_ITEM_MAP | L4_ITEM_CONT;
	l4_utcb_mr_u(utcb)->mr[pos + 1] = snd_fpage.raw;
	tag->raw += 1 << 6;
	return 0;
}

/* l4_sndfpage_add_u() for the calling thread. */
L4_INLINE int l4_sndfpage_add(l4_fpage_t const snd_fpage, unsigned long snd_base,
			      l4_msgtag_t *tag) L4_NOTHROW
{
	return l4_sndfpage_add_u(snd_fpage, snd_base, tag, l4_utcb());
}

/*
 * Name an object as argument of a kernel operation: one item of two words from message register
 * pos on. The kernel only looks at the selector.
 */
L4_INLINE void l4_utcb_obj_arg_u(l4_utcb_t *utcb, unsigned pos, l4_cap_idx_t obj) L4_NOTHROW
{
	l4_utcb_mr_u(utcb)->mr[pos] = l4_map_obj_control(0, L4_MAP_ITEM_MAP);
	l4_utcb_mr_u(utcb)->mr[pos + 1] = l4_obj_fpage(obj, 0, L4_CAP_FPAGE_RWS).raw;
}

/* Call a kernel object: the message registers hold words words and items items after them. */
L4_ALWAYS_INLINE l4_msgtag_t l4_obj_call_u(l4_cap_idx_t obj, long proto, unsigned words,
					   unsigned items, l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_ipc_call(obj, utcb, l4_msgtag(proto, words, items, 0), L4_IPC_NEVER);
}

#endif
