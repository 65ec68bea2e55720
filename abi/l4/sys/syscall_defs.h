/* SPDX-License-Identifier: MIT */
/*
 * The one system call, amd64. In: rax tag, rdx selector | phases, rsi send label, r8 timeouts.
 * Out: rax tag, rsi received label. Lost: rcx and r11 (syscall instruction), rdx, rdi, r15.
 */
#ifndef L4_SYS_SYSCALL_DEFS_H
#define L4_SYS_SYSCALL_DEFS_H

#include <l4/sys/types.h>
#include <l4/sys/utcb.h>

/*
 * Invoke a capability: dest selector (bits 0..3 clear, or holding phases already), flags phases of
 * l4_syscall_flags_t, slabel label for a thread as destination, rlabel where the received label
 * goes or NULL. utcb is the calling thread's and is not passed to the kernel. Returns the result
 * tag; with L4_MSGTAG_ERROR in it the error word of the UTCB holds the cause.
 */
L4_ALWAYS_INLINE l4_msgtag_t l4_ipc(l4_cap_idx_t dest, l4_utcb_t *utcb, l4_umword_t flags,
				    l4_umword_t slabel, l4_msgtag_t tag, l4_umword_t *rlabel,
				    l4_timeout_t timeout) L4_NOTHROW
{
	register l4_umword_t r8 __asm__("r8") = timeout.raw;
	l4_umword_t rdx = dest | flags;

	(void)utcb;
	__asm__ __volatile__("syscall"
			     : "+a"(tag.raw), "+d"(rdx), "+S"(slabel)
			     : "r"(r8)
			     : "rcx", "rdi", "r11", "r15", "cc", "memory");
	if (rlabel)
		*rlabel = slabel;
	return tag;
}

#endif
