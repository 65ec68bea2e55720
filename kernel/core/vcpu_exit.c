/* SPDX-License-Identifier: MIT */
/* vCPU mode: out of the guest, or out of the handler's own code, and into the handler. Of what is
 * called from other files nothing returns (see never_return in kernel.mk). */
#include "core/sched.h"
#include "core/vcpu_internal.h"
#include "obj/composition.h"
#include "x86_64/insn.h"
#include <l4/sys/vcpu.h>

_Static_assert(TRAP_SYSCALL == SYSCALL_VECTOR, "the frame of a system call has it already");

static always_inline void count_exit(const struct vcpu *v)
{
	if (v->ext)
		v->ext->exits++;
}

/* Into the handler, whose mode is set, with stack sp. */
void vcpu_enter_handler(struct thread *t, u64 sp)
{
	const struct vcpu *v = t->vcpu;
	u64 ip = canonical(v->state->entry_ip);

	count_exit(v);
	if (likely(v->quick))
		exit_handler(v->state_user, sp, 0, ip);
	t->regs.rip = ip;
	t->regs.rsp = sp;
	t->regs.rdi = v->state_user;
	t->regs.rflags = RFLAGS_FIXED | RFLAGS_IF;
	t->regs.cs = SEL_USER_CODE64;
	t->regs.ss = SEL_USER_DATA;
	t->regs.vector = SYSCALL_VECTOR; /* nothing but these matters: the short way out */
	exit_sysret(&t->regs);
}

/* The same with the handler's GS base, and where that is all the difference to the guest. */
static always_inline __attribute__((noreturn)) void enter_handler(const struct vcpu *v,
								  struct vcpu_state *s, u64 sp)
{
	count_exit(v);
	exit_handler_of_guest(v->state_user, sp, canonical(s->host_gs_base), canonical(s->entry_ip),
			      &s->seg.gs_base);
}

/* From any mode, whose registers and flags are in the state already. */
static noinline __attribute__((noreturn)) void enter_slowly(struct thread *t, bool guest, u64 sp)
{
	struct cpu *c = this_cpu();

	if (guest && keeps_views(t->vcpu)) {
		vcpu_keep_views(c, t);
	} else if (guest) {
		context_save_segments(t);
		t->vcpu->state->seg = t->seg;
		if (t->flags & TF_FPU_OFF)
			vcpu_fpu_on(c, t);
		vcpu_leave_kernel(c, t);
	}
	vcpu_enter_handler(t, sp);
}

/* The interrupted context becomes the state's. */
static always_inline void save_context(const struct thread *t, struct vcpu_state *s)
{
	u16 state = s->state;
	u64 *to = (u64 *)&s->regs;
	const u64 *from = (const u64 *)&t->regs;
	u64 n = REGS_WORDS;

	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
	s->saved_state = state;
	s->state = state & (u16) ~(VCPU_OPEN | VCPU_GUEST_BITS);
}

static noinline __attribute__((noreturn)) void enter_from_guest(struct thread *t, struct vcpu *v)
{
	struct vcpu_state *s = v->state;
	u64 sp = s->entry_sp;

	save_context(t, s);
	if (v->leave == VCPU_KEEP && !v->kernel_mode) {
		s->state |= VCPU_GUEST_KERNEL;
		v->kernel_mode = true;
		space_load_quick(t, v->space[MODE_KERNEL]);
		enter_handler(v, s, sp);
	}
	if (v->leave == VCPU_LEAVE_ALL && likely(selectors_are(&s->host_ds))) {
		*(u64 *)&s->seg.ds = *(const u64 *)&s->host_ds;
		s->seg.fs_base = rdfsbase();
		wrfsbase(canonical(s->host_fs_base));
		t->flags &= ~(u32)TF_VCPU_GUEST;
		space_load_quick(t, &t->task->space);
		enter_handler(v, s, sp);
	}
	enter_slowly(t, true, sp);
}

void vcpu_enter(struct thread *t, u64 vector, u64 error, u64 sp)
{
	t->regs.vector = vector;
	t->regs.error = error;
	if (t->flags & TF_VCPU_GUEST)
		enter_from_guest(t, t->vcpu);
	save_context(t, t->vcpu->state);
	enter_slowly(t, false, sp);
}

/* A trap in guest-kernel mode. Its composed space may only be out of date. */
static noinline __attribute__((noreturn)) void kernel_trap(struct thread *t, struct vcpu *v)
{
	struct cpu *c = this_cpu();

	if (t->regs.vector == 14) {
		if (v->composed && composition_sync(v->composed, t->task, t->regs.pfa))
			resume_current(c);
		if (vcpu_handler_traps(v, VCPU_PAGE_FAULTS))
			fault_page(c, t, t->regs.pfa, t->regs.error);
	} else if (vcpu_handler_traps(v, VCPU_EXCEPTIONS)) {
		fault_exception(c, t, t->regs.vector, t->regs.error);
	}
	enter_from_guest(t, v);
}

void vcpu_guest_trap(struct thread *t)
{
	struct vcpu *v = t->vcpu;

	if (t->regs.vector == 14)
		t->regs.pfa = read_cr2();
	if (unlikely(v->kernel_mode))
		kernel_trap(t, v);
	enter_from_guest(t, v);
}

void vcpu_exit_syscall(struct thread *t)
{
	struct vcpu *v = t->vcpu;

	if (v->ext)
		v->ext->syscalls++;
	t->regs.rip -= 2;
	t->regs.r11 = t->regs.rflags;
	enter_from_guest(t, v);
}
