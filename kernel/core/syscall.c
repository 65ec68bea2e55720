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

/* Did a guest execute its system call elsewhere than in guest-kernel mode inside the shim window?
 */
static always_inline bool is_guests(const struct thread *t)
{
	const struct vcpu *v = t->vcpu;
	u64 ip = t->regs.rip - 2;

	if (!(t->flags & TF_VCPU_GUEST))
		return false;
	return !v->kernel_mode || !v->ext || ip < READ_ONCE(v->ext->shim_start) ||
	       ip >= READ_ONCE(v->ext->shim_end);
}

/* t has any of the flags TF_SYSCALL_SLOW or TF_CANCEL. */
static noinline __attribute__((noreturn)) void entry_slowly(struct thread *t)
{
	struct cpu *c = this_cpu();
	bool guests = (t->flags & TF_VCPU) && is_guests(t);

	if (likely((t->flags & TF_VCPU) && !guests) && vcpu_is_resume(t))
		vcpu_resume_quickly(c, t);
	frame_complete(t);
	t->regs.rcx = t->regs.r8;
	if (guests)
		vcpu_exit_syscall(c, t);
	syscall_slowly(c, t);
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
	if (unlikely(t->flags & (TF_SYSCALL_SLOW | TF_CANCEL)))
		entry_slowly(t);
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
