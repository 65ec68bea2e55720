/* SPDX-License-Identifier: MIT */
/* Thread. Protocol L4_PROTO_THREAD; L4_INVALID_CAP as selector means the calling thread. */
#ifndef L4_SYS_THREAD_H
#define L4_SYS_THREAD_H

#include <l4/sys/types.h>
#include <l4/sys/utcb.h>
#include <l4/sys/ipc.h>

enum L4_thread_ops {
	L4_THREAD_CONTROL_OP = 0,
	L4_THREAD_EX_REGS_OP = 1,
	L4_THREAD_SWITCH_OP = 2,
	L4_THREAD_STATS_OP = 3,
	L4_THREAD_VCPU_RESUME_OP = 4,
	L4_THREAD_REGISTER_DELETE_IRQ_OP = 5,
	L4_THREAD_MODIFY_SENDER_OP = 6,
	L4_THREAD_VCPU_CONTROL_OP = 7,
	L4_THREAD_VCPU_CONTROL_EXT_OP = L4_THREAD_VCPU_CONTROL_OP | 0x10000,
	L4_THREAD_REGISTER_DOORBELL_IRQ_OP = 8,
	L4_THREAD_PF_TRAMPOLINE_OP = 9, /* see pf_trampoline.h */
	L4_THREAD_X86_GDT_OP = 0x10,
	L4_THREAD_AMD64_SET_SEGMENT_BASE_OP = 0x12,
	L4_THREAD_AMD64_GET_SEGMENT_INFO_OP = 0x13,
	L4_THREAD_SET_SEGMENT_BASE_AMD64_OP = L4_THREAD_AMD64_SET_SEGMENT_BASE_OP,
	L4_THREAD_SEGMENT_INFO_AMD64_OP = L4_THREAD_AMD64_GET_SEGMENT_INFO_OP,
	L4_THREAD_OPCODE_MASK = 0xffff
};

/* Word 0 of control: what to set. */
enum L4_thread_control_flags {
	L4_THREAD_CONTROL_SET_PAGER = 0x0010000,
	L4_THREAD_CONTROL_BIND_TASK = 0x0200000,
	L4_THREAD_CONTROL_ALIEN = 0x0400000, /* value: same bit in the flag-value word */
	L4_THREAD_CONTROL_SET_EXC_HANDLER = 0x1000000
};

/* Message registers of control. */
enum L4_thread_control_mr_indices {
	L4_THREAD_CONTROL_MR_IDX_FLAGS = 0,
	L4_THREAD_CONTROL_MR_IDX_PAGER = 1,
	L4_THREAD_CONTROL_MR_IDX_EXC_HANDLER = 2,
	L4_THREAD_CONTROL_MR_IDX_FLAG_VALS = 4,
	L4_THREAD_CONTROL_MR_IDX_BIND_UTCB = 5,
	L4_THREAD_CONTROL_MR_IDX_BIND_TASK = 6
};

enum L4_thread_ex_regs_flags {
	L4_THREAD_EX_REGS_CANCEL = 0x10000,	      /* end an operation in progress */
	L4_THREAD_EX_REGS_TRIGGER_EXCEPTION = 0x20000 /* raise L4_TRAP_EX_REGS */
};
#define L4_THREAD_EX_REGS_ARCH_MASK 0xff000000UL /* none on amd64 */

/*
 * Set instruction and stack pointer (user addresses, ~0UL = keep); starts a new thread. flags of
 * L4_thread_ex_regs_flags. Message registers 0..2 hold the old rflags, ip, sp. -L4_EINVAL.
 */
L4_INLINE l4_msgtag_t l4_thread_ex_regs_u(l4_cap_idx_t thread, l4_addr_t ip, l4_addr_t sp,
					  l4_umword_t flags, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_THREAD_EX_REGS_OP | flags;
	v->mr[1] = ip;
	v->mr[2] = sp;
	return l4_obj_call_u(thread, L4_PROTO_THREAD, 3, 0, utcb);
}

/* l4_thread_ex_regs_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_thread_ex_regs(l4_cap_idx_t thread, l4_addr_t ip, l4_addr_t sp,
					l4_umword_t flags) L4_NOTHROW
{
	return l4_thread_ex_regs_u(thread, ip, sp, flags, l4_utcb());
}

/* l4_thread_ex_regs() that also returns the old values through its arguments on success. */
L4_INLINE l4_msgtag_t l4_thread_ex_regs_ret_u(l4_cap_idx_t thread, l4_addr_t *ip, l4_addr_t *sp,
					      l4_umword_t *flags, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	l4_msgtag_t res = l4_thread_ex_regs_u(thread, *ip, *sp, *flags, utcb);

	if (l4_error_u(res, utcb))
		return res;
	*flags = v->mr[0];
	*ip = v->mr[1];
	*sp = v->mr[2];
	return res;
}

/* l4_thread_ex_regs_ret_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_thread_ex_regs_ret(l4_cap_idx_t thread, l4_addr_t *ip, l4_addr_t *sp,
					    l4_umword_t *flags) L4_NOTHROW
{
	return l4_thread_ex_regs_ret_u(thread, ip, sp, flags, l4_utcb());
}

/*
 * Control is a sequence: start, any of pager, exc_handler, bind, alien, then commit. It is built in
 * the UTCB, so nothing else may use the UTCB meanwhile.
 */
L4_INLINE void l4_thread_control_start_u(l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[L4_THREAD_CONTROL_MR_IDX_FLAGS] = L4_THREAD_CONTROL_OP;
	v->mr[L4_THREAD_CONTROL_MR_IDX_FLAG_VALS] = 0;
}

/* l4_thread_control_start_u() with the UTCB of the calling thread. */
L4_INLINE void l4_thread_control_start(void) L4_NOTHROW
{
	l4_thread_control_start_u(l4_utcb());
}

/* Pager: selector in the thread's own task, looked up at fault time. */
L4_INLINE void l4_thread_control_pager_u(l4_cap_idx_t pager, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[L4_THREAD_CONTROL_MR_IDX_FLAGS] |= L4_THREAD_CONTROL_SET_PAGER;
	v->mr[L4_THREAD_CONTROL_MR_IDX_PAGER] = pager;
}

/* l4_thread_control_pager_u() with the UTCB of the calling thread. */
L4_INLINE void l4_thread_control_pager(l4_cap_idx_t pager) L4_NOTHROW
{
	l4_thread_control_pager_u(pager, l4_utcb());
}

/* Exception handler: selector in the thread's own task, looked up when an exception occurs. */
L4_INLINE void l4_thread_control_exc_handler_u(l4_cap_idx_t exc_handler, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[L4_THREAD_CONTROL_MR_IDX_FLAGS] |= L4_THREAD_CONTROL_SET_EXC_HANDLER;
	v->mr[L4_THREAD_CONTROL_MR_IDX_EXC_HANDLER] = exc_handler;
}

/* l4_thread_control_exc_handler_u() with the UTCB of the calling thread. */
L4_INLINE void l4_thread_control_exc_handler(l4_cap_idx_t exc_handler) L4_NOTHROW
{
	l4_thread_control_exc_handler_u(exc_handler, l4_utcb());
}

/* Task (S right) and UTCB (user address in kernel-user memory of that task); once a thread. */
L4_INLINE void l4_thread_control_bind_u(l4_utcb_t *thread_utcb, l4_cap_idx_t task,
					l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[L4_THREAD_CONTROL_MR_IDX_FLAGS] |= L4_THREAD_CONTROL_BIND_TASK;
	v->mr[L4_THREAD_CONTROL_MR_IDX_BIND_UTCB] = (l4_addr_t)thread_utcb;
	l4_utcb_obj_arg_u(utcb, L4_THREAD_CONTROL_MR_IDX_BIND_TASK, task);
}

/* l4_thread_control_bind_u() with the UTCB of the calling thread. */
L4_INLINE void l4_thread_control_bind(l4_utcb_t *thread_utcb, l4_cap_idx_t task) L4_NOTHROW
{
	l4_thread_control_bind_u(thread_utcb, task, l4_utcb());
}

/* Alien mode on (not 0) or off: system calls and faults go to the exception handler. */
L4_INLINE void l4_thread_control_alien_u(l4_utcb_t *utcb, int on) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[L4_THREAD_CONTROL_MR_IDX_FLAGS] |= L4_THREAD_CONTROL_ALIEN;
	v->mr[L4_THREAD_CONTROL_MR_IDX_FLAG_VALS] = on ? L4_THREAD_CONTROL_ALIEN : 0;
}

/* l4_thread_control_alien_u() with the UTCB of the calling thread. */
L4_INLINE void l4_thread_control_alien(int on) L4_NOTHROW
{
	l4_thread_control_alien_u(l4_utcb(), on);
}

/*
 * End of the sequence. Needs S on the thread, and on the task for a bind. Message registers 1 and 2
 * hold the old pager and handler. Errors: -L4_EPERM, -L4_EINVAL.
 */
L4_INLINE l4_msgtag_t l4_thread_control_commit_u(l4_cap_idx_t thread, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_umword_t flags = l4_utcb_mr_u(utcb)->mr[L4_THREAD_CONTROL_MR_IDX_FLAGS];

	return l4_obj_call_u(thread, L4_PROTO_THREAD, 6, !!(flags & L4_THREAD_CONTROL_BIND_TASK),
			     utcb);
}

/* l4_thread_control_commit_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_thread_control_commit(l4_cap_idx_t thread) L4_NOTHROW
{
	return l4_thread_control_commit_u(thread, l4_utcb());
}

/* System call that does nothing: a receive from oneself that ends at once. */
L4_INLINE l4_msgtag_t l4_thread_yield(void) L4_NOTHROW
{
	l4_ipc_receive(L4_INVALID_CAP, NULL, L4_IPC_BOTH_TIMEOUT_0);
	return l4_msgtag(0, 0, 0, 0);
}

/* Run to_thread on the rest of the caller's time slice, if it is ready on the same CPU. */
L4_INLINE l4_msgtag_t l4_thread_switch_u(l4_cap_idx_t to_thread, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_utcb_mr_u(utcb)->mr[0] = L4_THREAD_SWITCH_OP;
	return l4_obj_call_u(to_thread, L4_PROTO_THREAD, 1, 0, utcb);
}

/* l4_thread_switch_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_thread_switch(l4_cap_idx_t to_thread) L4_NOTHROW
{
	return l4_thread_switch_u(to_thread, l4_utcb());
}

/* *us = CPU time in microseconds that the thread has used. */
L4_INLINE l4_msgtag_t l4_thread_stats_time_u(l4_cap_idx_t thread, l4_kernel_clock_t *us,
					     l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msgtag_t res;

	l4_utcb_mr_u(utcb)->mr[0] = L4_THREAD_STATS_OP;
	res = l4_obj_call_u(thread, L4_PROTO_THREAD, 1, 0, utcb);
	if (l4_error_u(res, utcb) >= 0)
		*us = l4_utcb_mr_u(utcb)->mr[0];
	return res;
}

/* l4_thread_stats_time_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_thread_stats_time(l4_cap_idx_t thread, l4_kernel_clock_t *us) L4_NOTHROW
{
	return l4_thread_stats_time_u(thread, us, l4_utcb());
}

/* First half of a vCPU resume; l4_sndfpage_add() may add mappings for the user task. */
L4_INLINE l4_msgtag_t l4_thread_vcpu_resume_start_u(l4_utcb_t *utcb) L4_NOTHROW
{
	l4_utcb_mr_u(utcb)->mr[0] = L4_THREAD_VCPU_RESUME_OP;
	return l4_msgtag(L4_PROTO_THREAD, 1, 0, 0);
}

/* l4_thread_vcpu_resume_start_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_thread_vcpu_resume_start(void) L4_NOTHROW
{
	return l4_thread_vcpu_resume_start_u(l4_utcb());
}

/*
 * Load the saved state of the calling thread's vCPU. Does not return on success, except for VMs:
 * label 0 VM exit, 1 message pending. Errors: -L4_EINVAL, -L4_EPERM, -L4_ENOENT, -L4_EBUSY,
 * -L4_ENODEV.
 */
L4_INLINE l4_msgtag_t l4_thread_vcpu_resume_commit_u(l4_cap_idx_t thread, l4_msgtag_t tag,
						     l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_ipc_call(thread, utcb, tag, L4_IPC_NEVER);
}

/* l4_thread_vcpu_resume_commit_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_thread_vcpu_resume_commit(l4_cap_idx_t thread, l4_msgtag_t tag) L4_NOTHROW
{
	return l4_thread_vcpu_resume_commit_u(thread, tag, l4_utcb());
}

/* vCPU mode on, with the state at a user address in kernel-user memory. -L4_EINVAL. */
L4_INLINE l4_msgtag_t l4_thread_vcpu_control_u(l4_cap_idx_t thread, l4_addr_t vcpu_state,
					       l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_THREAD_VCPU_CONTROL_OP;
	v->mr[1] = vcpu_state;
	return l4_obj_call_u(thread, L4_PROTO_THREAD, 2, 0, utcb);
}

/* l4_thread_vcpu_control_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_thread_vcpu_control(l4_cap_idx_t thread, l4_addr_t vcpu_state) L4_NOTHROW
{
	return l4_thread_vcpu_control_u(thread, vcpu_state, l4_utcb());
}

/* The same for hardware virtualisation; the state is one page. -L4_EINVAL, -L4_ENOSYS. */
L4_INLINE l4_msgtag_t l4_thread_vcpu_control_ext_u(l4_cap_idx_t thread, l4_addr_t ext_vcpu_state,
						   l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_THREAD_VCPU_CONTROL_EXT_OP;
	v->mr[1] = ext_vcpu_state;
	return l4_obj_call_u(thread, L4_PROTO_THREAD, 2, 0, utcb);
}

/* l4_thread_vcpu_control_ext_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_thread_vcpu_control_ext(l4_cap_idx_t thread,
						 l4_addr_t ext_vcpu_state) L4_NOTHROW
{
	return l4_thread_vcpu_control_ext_u(thread, ext_vcpu_state, l4_utcb());
}

/* Trigger irq (W right) whenever a gate bound to the thread is deleted. -L4_EPERM, -L4_EBUSY. */
L4_INLINE l4_msgtag_t l4_thread_register_del_irq_u(l4_cap_idx_t thread, l4_cap_idx_t irq,
						   l4_utcb_t *utcb) L4_NOTHROW
{
	l4_utcb_mr_u(utcb)->mr[0] = L4_THREAD_REGISTER_DELETE_IRQ_OP;
	l4_utcb_obj_arg_u(utcb, 1, irq);
	return l4_obj_call_u(thread, L4_PROTO_THREAD, 1, 1, utcb);
}

/* l4_thread_register_del_irq_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_thread_register_del_irq(l4_cap_idx_t thread, l4_cap_idx_t irq) L4_NOTHROW
{
	return l4_thread_register_del_irq_u(thread, irq, l4_utcb());
}

/* Doorbell for directly injected interrupts; amd64 answers -L4_ENOSYS. */
L4_INLINE l4_msgtag_t l4_thread_register_doorbell_irq_u(l4_cap_idx_t thread, l4_cap_idx_t irq,
							l4_utcb_t *utcb) L4_NOTHROW
{
	l4_utcb_mr_u(utcb)->mr[0] = L4_THREAD_REGISTER_DOORBELL_IRQ_OP;
	l4_utcb_obj_arg_u(utcb, 1, irq);
	return l4_obj_call_u(thread, L4_PROTO_THREAD, 1, 1, utcb);
}

/* l4_thread_register_doorbell_irq_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_thread_register_doorbell_irq(l4_cap_idx_t thread,
						      l4_cap_idx_t irq) L4_NOTHROW
{
	return l4_thread_register_doorbell_irq_u(thread, irq, l4_utcb());
}

/* Start of a sequence that changes the labels of senders queued at a thread: start, add, commit. */
L4_INLINE l4_msgtag_t l4_thread_modify_sender_start_u(l4_utcb_t *utcb) L4_NOTHROW
{
	l4_utcb_mr_u(utcb)->mr[0] = L4_THREAD_MODIFY_SENDER_OP;
	return l4_msgtag(L4_PROTO_THREAD, 1, 0, 0);
}

/* l4_thread_modify_sender_start_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_thread_modify_sender_start(void) L4_NOTHROW
{
	return l4_thread_modify_sender_start_u(l4_utcb());
}

/*
 * Add a rule: a label with (label & match_mask) == match becomes (label & ~del_bits) | add_bits.
 * The first rule that matches counts. Returns 0, or -L4_ENOMEM after 15 rules.
 */
L4_INLINE int l4_thread_modify_sender_add_u(l4_umword_t match_mask, l4_umword_t match,
					    l4_umword_t del_bits, l4_umword_t add_bits,
					    l4_msgtag_t *tag, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	unsigned pos = l4_msgtag_words(*tag);

	if (pos + 4 > L4_UTCB_GENERIC_DATA_SIZE)
		return -L4_ENOMEM;
	v->mr[pos] = match_mask;
	v->mr[pos + 1] = match;
	v->mr[pos + 2] = del_bits;
	v->mr[pos + 3] = add_bits;
	tag->raw += 4;
	return 0;
}

/* l4_thread_modify_sender_add_u() with the UTCB of the calling thread. */
L4_INLINE int l4_thread_modify_sender_add(l4_umword_t match_mask, l4_umword_t match,
					  l4_umword_t del_bits, l4_umword_t add_bits,
					  l4_msgtag_t *tag) L4_NOTHROW
{
	return l4_thread_modify_sender_add_u(match_mask, match, del_bits, add_bits, tag, l4_utcb());
}

/* Apply the rules; the caller must run on the thread's CPU (-L4_EINVAL). -L4_EBUSY. */
L4_INLINE l4_msgtag_t l4_thread_modify_sender_commit_u(l4_cap_idx_t thread, l4_msgtag_t tag,
						       l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_ipc_call(thread, utcb, tag, L4_IPC_NEVER);
}

/* l4_thread_modify_sender_commit_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_thread_modify_sender_commit(l4_cap_idx_t thread,
						     l4_msgtag_t tag) L4_NOTHROW
{
	return l4_thread_modify_sender_commit_u(thread, tag, l4_utcb());
}

#endif
