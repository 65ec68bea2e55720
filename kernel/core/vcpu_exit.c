/* SPDX-License-Identifier: MIT */
/* vCPU mode: out of the guest, or out of the handler's own code, and into the handler. Of what is
 * called from other files nothing returns (see never_return in kernel.mk). */
#include "core/sched.h"
#include "core/vcpu_internal.h"
#include "obj/composition.h"
#include "x86_64/insn.h"
#include <l4/sys/vcpu.h>

_Static_assert(TRAP_SYSCALL == SYSCALL_VECTOR, "the frame of a system call has it already");

/* Into the handler, whose mode is set, with stack sp. */
static always_inline __attribute__((noreturn)) void
enter_handler(struct thread *t, const struct vcpu *v, const struct vcpu_state *s, u64 sp)
{
	u64 ip = canonical(s->entry_ip);

	if (v->ext)
		v->ext->exits++;
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

void vcpu_enter_handler(struct thread *t, u64 sp)
{
	enter_handler(t, t->vcpu, t->vcpu->state, sp);
}

static noinline __attribute__((noreturn)) void leave_guest_slowly(struct cpu *c, struct thread *t,
								  u64 sp)
{
	context_save_segments(t);
	t->vcpu->state->seg = t->seg;
	if (t->flags & TF_FPU_OFF)
		vcpu_fpu_on(c, t);
	vcpu_leave_kernel(c, t);
	vcpu_enter_handler(t, sp);
}

/* Segments as leave_guest_slowly, in the usual case. */
static always_inline void leave_segments(struct vcpu_state *s)
{
	*(u64 *)&s->seg.ds = *(const u64 *)&s->host_ds;
	s->seg.fs_base = rdfsbase();
	wrfsbase(canonical(s->host_fs_base));
	swapgs();
	s->seg.gs_base = rdgsbase();
	wrgsbase(canonical(s->host_gs_base));
	swapgs();
}

/* vcpu_keep_views() in all but the usual case. */
static noinline void keep_views_slowly(struct cpu *c, struct thread *t)
{
	struct vcpu *v = t->vcpu;
	struct vcpu_state *s = v->state;

	context_save_segments(t);
	if (t->flags & TF_VCPU_GUEST)
		s->seg.gs_base = t->seg.gs_base;
	if (t->flags & TF_FPU_OFF)
		vcpu_fpu_on(c, t);
	t->seg.gs_base = canonical(s->host_gs_base);
	context_load_gs_base(t);
	t->flags |= TF_VCPU_GUEST;
	v->kernel_mode = true;
	t->space = v->space[MODE_KERNEL];
	space_load(c, t->space);
}

static always_inline void keep_views(struct cpu *c, struct thread *t, struct vcpu *v,
				     struct vcpu_state *s)
{
	s->state |= VCPU_GUEST_KERNEL;
	if (v->kernel_mode && (t->flags & TF_VCPU_GUEST))
		return;
	if (unlikely(!v->quick || !(t->flags & TF_VCPU_GUEST) || (t->flags & TF_FPU_OFF))) {
		keep_views_slowly(c, t);
		return;
	}
	swapgs();
	s->seg.gs_base = rdgsbase();
	wrgsbase(canonical(s->host_gs_base));
	swapgs();
	v->kernel_mode = true;
	t->space = v->space[MODE_KERNEL];
	space_load_quick(c, t->space);
}

void vcpu_keep_views(struct cpu *c, struct thread *t)
{
	keep_views(c, t, t->vcpu, t->vcpu->state);
}

static always_inline void leave_guest(struct cpu *c, struct thread *t, const struct vcpu *v,
				      struct vcpu_state *s, u64 sp)
{
	if (unlikely(!v->quick || !selectors_are(&s->host_ds) || (t->flags & TF_FPU_OFF)))
		leave_guest_slowly(c, t, sp);
	leave_segments(s);
	t->flags &= ~(u32)TF_VCPU_GUEST;
	t->space = &t->task->space;
	space_load_quick(c, t->space);
}

/* The interrupted context, which is a guest's or the handler's own, becomes the state's; then the
 * handler of the current thread runs. */
static always_inline __attribute__((noreturn)) void enter_from(struct cpu *c, struct thread *t,
							       struct vcpu *v, bool guest, u64 sp)
{
	struct vcpu_state *s = v->state;
	u16 state = s->state;
	u64 *to = (u64 *)&s->regs;
	const u64 *from = (const u64 *)&t->regs;
	u64 n = REGS_WORDS;

	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
	s->saved_state = state;
	s->state = state & (u16) ~(VCPU_OPEN | VCPU_GUEST_BITS);
	if (guest && keeps_views(v))
		keep_views(c, t, v, s);
	else if (guest)
		leave_guest(c, t, v, s, sp);
	enter_handler(t, v, s, sp);
}

void vcpu_enter(struct cpu *c, struct thread *t, u64 vector, u64 error, u64 sp)
{
	t->regs.vector = vector;
	t->regs.error = error;
	enter_from(c, t, t->vcpu, t->flags & TF_VCPU_GUEST, sp);
}

/* A page fault in guest-kernel mode, whose composed space may only be out of date. One of the
 * handler at the home's memory is the pager's, as in host mode. */
static noinline __attribute__((noreturn)) void kernel_page_fault(struct cpu *c, struct thread *t)
{
	struct vcpu *v = t->vcpu;

	if (composition_sync(v->composed, t->task, t->regs.pfa))
		resume_current(c);
	if (!(v->state->state & VCPU_PAGE_FAULTS) && composition_is_home(t->regs.pfa))
		fault_pager(c, t, t->regs.pfa, t->regs.error);
	vcpu_enter(c, t, t->regs.vector, t->regs.error, v->state->entry_sp);
}

void vcpu_guest_trap(struct cpu *c, struct thread *t)
{
	struct vcpu *v = t->vcpu;

	if (t->regs.vector == 14) {
		t->regs.pfa = read_cr2();
		if (unlikely(v->kernel_mode && v->composed))
			kernel_page_fault(c, t);
	}
	enter_from(c, t, v, true, v->state->entry_sp);
}

void vcpu_exit_syscall(struct cpu *c, struct thread *t)
{
	struct vcpu *v = t->vcpu;

	if (v->ext)
		v->ext->syscalls++;
	t->regs.rip -= 2;
	t->regs.r11 = t->regs.rflags;
	enter_from(c, t, v, true, v->state->entry_sp);
}
