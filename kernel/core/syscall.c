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
#include <l4/zwinger/vcpu_ext.h>

/* Is the system call that a guest executed in guest-kernel mode one to the kernel: inside the shim
 * window? */
static always_inline bool is_shims(const struct thread *t)
{
	const struct vcpu *v = t->vcpu;
	u64 ip;

	if (!v->ext)
		return false;
	ip = READ_ONCE(t->regs.rip) - 2;
	return ip >= READ_ONCE(v->ext->shim_start) && ip < READ_ONCE(v->ext->shim_end);
}

static always_inline __attribute__((noreturn)) void guest_syscall(struct thread *t)
{
	frame_complete(t);
	t->regs.rcx = t->regs.r8;
	vcpu_exit_syscall(t);
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

/* A system call in a guest: returns if it is one to the kernel. */
static always_inline void look_for_guest(struct thread *t)
{
	const struct vcpu *v = t->vcpu;

	if (!v->kernel_mode) {
		if (likely(v->syscall_entry && !(t->flags & TF_FPU_OFF)))
			vcpu_syscall_directly(t);
		guest_syscall(t);
	}
	if (t->regs.rip == v->syscall_exit)
		vcpu_sysret_directly(t);
	if (t->regs.rip == v->return_exit)
		vcpu_return_directly(t);
	if (!is_shims(t))
		guest_syscall(t);
}

/* Without a receive phase only an error of the kind that IPC has is told. */
static noinline u64 reply_unheard(const struct thread *t, u64 reply)
{
	return reply & TAG_ERROR ? reply : t->regs.rax;
}

/* A method has been executed: its reply, unless there is more to do. */
static always_inline u64 replied(struct thread *t, u64 reply)
{
	if (unlikely((reply & REPLY_SPECIAL) || resched_needed())) {
		frame_complete(t);
		syscall_replied(t, reply);
	}
	return likely(t->regs.rdx & IPC_RECV) ? reply : reply_unheard(t, reply);
}

/* The system call of a thread of which nothing special is known. */
static always_inline u64 entry_usual(struct thread *t, u64 label, u64 dest)
{
	u64 cap, reply;

	if (dest & (IPC_REPLY | SEL_SPECIAL)) {
		frame_complete(t);
		syscall_special(t, label, dest);
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
	return replied(current_thread(), reply);
}

/* t has any of the flags TF_SYSCALL_SLOW or TF_CANCEL. */
static noinline u64 entry_slowly(struct thread *t, u64 label, u64 dest)
{
	u64 op;

	if (t->flags & TF_VCPU_GUEST) {
		look_for_guest(t);
	} else if (unlikely(!(t->flags & TF_VCPU))) {
		syscall_not_quick(t);
	}
	op = vcpu_own_operation(t);
	if (op == L4_THREAD_VCPU_RESUME_OP)
		vcpu_resume_quickly(t);
	if (unlikely(!is_closed_shim(t)))
		syscall_not_quick(t);
	if (op == L4_ZW_THREAD_VCPU_SYNC_OP)
		return replied(t, vcpu_sync(t));
	return entry_usual(t, label, dest);
}

u64 syscall_entry(struct thread *t, u64 label, u64 dest)
{
	if (unlikely(t->flags & (TF_SYSCALL_SLOW | TF_CANCEL)))
		return entry_slowly(t, label, dest);
	return entry_usual(t, label, dest);
}
