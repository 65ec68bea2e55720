/* SPDX-License-Identifier: MIT */
/*
 * Page-fault trampoline: the kernel continues a faulting thread at a handler in its own task
 * (rdi = this state, rsi = fault word) instead of sending to the pager. The fault disarms it;
 * resume arms it again.
 */
#ifndef L4_SYS_PF_TRAMPOLINE_H
#define L4_SYS_PF_TRAMPOLINE_H

#include <l4/sys/types.h>
#include <l4/sys/thread.h>

enum L4_pf_trampoline_flags {
	Page_fault_in_progress = 1 << 0,	/* between fault and resume */
	Trigger_exception_after_resume = 1 << 1 /* resume also raises L4_TRAP_EX_REGS */
};

/* Word 0 of the operation. */
enum L4_thread_pf_trampoline_ops {
	L4_THREAD_PF_TRAMPOLINE_SETUP_OP = L4_THREAD_PF_TRAMPOLINE_OP,
	L4_THREAD_PF_TRAMPOLINE_RESUME_OP = L4_THREAD_PF_TRAMPOLINE_OP | 0x10000,
	L4_THREAD_PF_TRAMPOLINE_REFLECT_OP = L4_THREAD_PF_TRAMPOLINE_OP | 0x20000,
	L4_THREAD_PF_TRAMPOLINE_DISABLE_OP = L4_THREAD_PF_TRAMPOLINE_OP | 0x30000,
	L4_THREAD_PF_TRAMPOLINE_ENABLE_OP = L4_THREAD_PF_TRAMPOLINE_OP | 0x40000
};

/* Registers of the fault, in the order of l4_exc_regs_t up to ss. */
typedef struct l4_pf_trampoline_regs_t {
	l4_umword_t reserved1[11];
	l4_umword_t pfa; /* page-fault address */
	l4_umword_t reserved2[6];
	l4_umword_t ip;
	l4_umword_t reserved4[4];
} l4_pf_trampoline_regs_t;

/* State in kernel-user memory, 8-byte aligned. */
typedef struct l4_pf_trampoline_t {
	l4_umword_t handler_ip; /* user address */
	l4_umword_t user_data[2];
	l4_umword_t saved_mr0;
	l4_umword_t flags; /* L4_pf_trampoline_flags */
	l4_pf_trampoline_regs_t state;
} l4_pf_trampoline_t;

L4_STATIC_ASSERT(offsetof(l4_pf_trampoline_t, user_data) == 0x08);
L4_STATIC_ASSERT(offsetof(l4_pf_trampoline_t, saved_mr0) == 0x18);
L4_STATIC_ASSERT(offsetof(l4_pf_trampoline_t, flags) == 0x20);
L4_STATIC_ASSERT(offsetof(l4_pf_trampoline_t, state) == 0x28);
L4_STATIC_ASSERT(offsetof(l4_pf_trampoline_t, state.pfa) == 0x28 + 11 * 8);
L4_STATIC_ASSERT(offsetof(l4_pf_trampoline_t, state.ip) == 0x28 + 18 * 8);
L4_STATIC_ASSERT(sizeof(l4_pf_trampoline_t) == 0xe0);

/* Name the state (user address in kernel-user memory) of a thread and arm it. -L4_EINVAL. */
L4_INLINE l4_msgtag_t l4_thread_pf_trampoline_setup_u(l4_cap_idx_t thread, l4_addr_t state,
						      l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_THREAD_PF_TRAMPOLINE_SETUP_OP;
	v->mr[1] = state;
	return l4_obj_call_u(thread, L4_PROTO_THREAD, 2, 0, utcb);
}

/* l4_thread_pf_trampoline_setup_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_thread_pf_trampoline_setup(l4_cap_idx_t thread, l4_addr_t state) L4_NOTHROW
{
	return l4_thread_pf_trampoline_setup_u(thread, state, l4_utcb());
}

/*
 * Another operation of L4_thread_pf_trampoline_ops. Resume and reflect are for the calling thread
 * and do not return on success; disable leaves 1 in message register 0 if it was armed.
 * -L4_EPERM, -L4_EINVAL.
 */
L4_INLINE l4_msgtag_t l4_thread_pf_trampoline_op_u(l4_cap_idx_t thread, unsigned op,
						   l4_utcb_t *utcb) L4_NOTHROW
{
	l4_utcb_mr_u(utcb)->mr[0] = op;
	return l4_obj_call_u(thread, L4_PROTO_THREAD, 1, 0, utcb);
}

/* l4_thread_pf_trampoline_op_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_thread_pf_trampoline_op(l4_cap_idx_t thread, unsigned op) L4_NOTHROW
{
	return l4_thread_pf_trampoline_op_u(thread, op, l4_utcb());
}

#endif
