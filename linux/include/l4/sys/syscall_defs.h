/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The system call of L4 in a module of a Linux guest: a hypercall (guest/outside.h), which copies
 * the message words from and to the caller's l4_utcb_t. Send and call only, without items.
 *
 * Call from process context: another process of the guest has another UTCB, an interrupt has none.
 * The vCPU stands still until the IPC is over, so give it a timeout unless the partner is trusted
 * to answer.
 */
#ifndef L4_SYS_SYSCALL_DEFS_H
#define L4_SYS_SYSCALL_DEFS_H

#include <asm/xen/hypercall.h>
#include <l4/sys/types.h>
#include <l4/sys/utcb.h>

#include "guest/outside.h"

/* As natively; slabel and rlabel have no meaning for gates, which all partners here are. */
L4_INLINE l4_msgtag_t l4_ipc(l4_cap_idx_t dest, l4_utcb_t *utcb, l4_umword_t flags,
			     l4_umword_t slabel, l4_msgtag_t tag, l4_umword_t *rlabel,
			     l4_timeout_t timeout) L4_NOTHROW
{
	(void)slabel;
	if (rlabel)
		*rlabel = 0;
	tag.raw = xen_single_call(OUTSIDE_HYPERCALL, OUTSIDE_IPC, dest | flags, (unsigned long)utcb,
				  (unsigned long)tag.raw, timeout.raw);
	return tag;
}

#endif
