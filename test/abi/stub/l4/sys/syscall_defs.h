/* SPDX-License-Identifier: MIT */
/* Test double of the system call: found before the real header, it records instead of invoking. */
#ifndef L4_SYS_SYSCALL_DEFS_H
#define L4_SYS_SYSCALL_DEFS_H

#include <l4/sys/types.h>
#include <l4/sys/utcb.h>

/* What the last invocation passed in registers, and what the next one is to answer. */
struct recorded_call {
	l4_umword_t selector; /* register rdx */
	l4_umword_t slabel;   /* rsi */
	l4_msgtag_t tag;      /* rax */
	l4_timeout_t timeout; /* r8 */
	l4_utcb_t utcb;	      /* the sender's UTCB at that moment */
	unsigned count;

	l4_msgtag_t answer;
	l4_umword_t answer_label;
	l4_umword_t answer_mr[8];
};
extern struct recorded_call recorded;

/* Record the call, put the prepared answer into the UTCB, return the prepared tag. */
l4_msgtag_t record_call(l4_umword_t selector, l4_utcb_t *utcb, l4_umword_t slabel, l4_msgtag_t tag,
			l4_umword_t *rlabel, l4_timeout_t timeout);

L4_INLINE l4_msgtag_t l4_ipc(l4_cap_idx_t dest, l4_utcb_t *utcb, l4_umword_t flags,
			     l4_umword_t slabel, l4_msgtag_t tag, l4_umword_t *rlabel,
			     l4_timeout_t timeout) L4_NOTHROW
{
	return record_call(dest | flags, utcb, slabel, tag, rlabel, timeout);
}

#endif
