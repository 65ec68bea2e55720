/* SPDX-License-Identifier: MIT */
/*
 * The system call, first stage: find what the selector denotes; methods of kernel objects that are
 * done at once. Abi spec 1.1 to 1.6. The compiler must not use rbx, rbp and r12 to r15 in this file
 * (kernel.mk).
 */
#include "core/syscall.h"
#include "core/captab.h"
#include "core/ipc_internal.h"
#include "core/vcpu_internal.h"
#include "x86_64/stage.h"
#include <l4/zwinger/vcpu_ext.h>

#define OFFSET(reg) offsetof(struct thread, regs.reg)

/* Save the registers that the entry code has left alone. */
static always_inline void frame_complete(struct thread *t)
{
	t->regs.vector = SYSCALL_VECTOR;
	if (ENTRY_SAVES_ALL)
		return;
	__asm__ volatile("mov %%rbx, %c1(%0); mov %%rbp, %c2(%0); mov %%r12, %c3(%0);"
			 "mov %%r13, %c4(%0); mov %%r14, %c5(%0); mov %%r15, %c6(%0)"
			 :
			 : "r"(t), "i"(OFFSET(rbx)), "i"(OFFSET(rbp)), "i"(OFFSET(r12)),
			   "i"(OFFSET(r13)), "i"(OFFSET(r14)), "i"(OFFSET(r15))
			 : "memory");
}

/* Is the system call that a guest executed one to the kernel: in guest-kernel mode, inside the shim
 * window? */
static always_inline bool is_shims(const struct thread *t)
{
	const struct vcpu *v = t->vcpu;
	u64 ip;

	if (likely(!v->kernel_mode) || !v->ext)
		return false;
	ip = READ_ONCE(t->regs.rip) - 2;
	return ip >= READ_ONCE(v->ext->shim_start) && ip < READ_ONCE(v->ext->shim_end);
}

static always_inline __attribute__((noreturn)) void guest_syscall(struct thread *t)
{
	frame_complete(t);
	t->regs.rcx = t->regs.r8;
	vcpu_exit_syscall(this_cpu(), t);
}

void syscall_not_quick(struct thread *t)
{
	frame_complete(t);
	t->regs.rcx = t->regs.r8;
	syscall_slowly(this_cpu(), t);
}

/* A shim that is closed to events makes system calls as any thread does: nothing is to be done for
 * it on the way back. */
static always_inline bool is_closed_shim(const struct thread *t)
{
	const u32 odd = TF_ALIEN | TF_CANCEL | TF_TRIGGER;

	return (t->flags & (TF_VCPU_GUEST | odd)) == TF_VCPU_GUEST &&
	       !(READ_ONCE(t->vcpu->state->state) & VCPU_IRQ);
}

#define GO_ON (~0ULL)

/* t has any of the flags TF_SYSCALL_SLOW or TF_CANCEL. The answer, or GO_ON. */
static noinline u64 entry_slowly(struct thread *t)
{
	if (t->flags & TF_VCPU_GUEST) {
		if (!is_shims(t))
			guest_syscall(t);
	} else if (unlikely(!(t->flags & TF_VCPU))) {
		syscall_not_quick(t);
	}
	if (vcpu_is_own_operation(t, L4_THREAD_VCPU_RESUME_OP))
		vcpu_resume_quickly(this_cpu(), t);
	if (unlikely(!is_closed_shim(t)))
		syscall_not_quick(t);
	return vcpu_is_own_operation(t, L4_ZW_THREAD_VCPU_SYNC_OP) ? vcpu_sync(t) : GO_ON;
}

/* Without a receive phase only an error of the kind that IPC has is told. */
static noinline u64 reply_unheard(const struct thread *t, u64 reply)
{
	return reply & TAG_ERROR ? reply : t->regs.rax;
}

u64 syscall_entry(struct thread *t, u64 label, u64 dest)
{
	u64 cap, reply;

	(void)label;
	if (unlikely(t->flags & (TF_SYSCALL_SLOW | TF_CANCEL))) {
		reply = entry_slowly(t);
		if (reply != GO_ON && resched_needed()) {
			frame_complete(t);
			syscall_replied(t, reply);
		}
		if (reply != GO_ON)
			return reply;
	}
	if (dest & (IPC_REPLY | SEL_SPECIAL)) {
		frame_complete(t);
		syscall_special(t, dest);
	}
	cap = captab_word(&t->task->caps, dest);
	if (unlikely(!cap)) {
		t->utcb[UTCB_ERROR] = IPC_NOT_EXISTENT;
		return TAG_ERROR;
	}
	if (cap_object(cap)->type <= KOBJ_WHOLE_FRAME || unlikely(!(dest & IPC_SEND))) {
		frame_complete(t);
		syscall_object(t, cap, dest);
	}
	reply = syscall_invoke(t, cap);
	t = current_thread();
	if (unlikely((reply & REPLY_SPECIAL) || resched_needed())) {
		frame_complete(t);
		syscall_replied(t, reply);
	}
	return likely(t->regs.rdx & IPC_RECV) ? reply : reply_unheard(t, reply);
}
