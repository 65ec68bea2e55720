/* SPDX-License-Identifier: MIT */
/* Changes of a vCPU's mode in the usual case: resume, where nothing is to be done but entering the
 * guest, and short system calls and returns of a guest. Compiled as core/syscall.c is. */
#include "core/syscall.h"
#include "core/vcpu_internal.h"
#include "obj/view.h"

static always_inline bool is_code64(u64 cs)
{
	return likely(cs == SEL_USER_CODE64 || cs == SEL_XEN_CODE64);
}

/* What is not 64-bit code must have a short address, or iret faults. */
static always_inline void load_code(struct regs *r, u64 cs, u64 ip)
{
	bool known = is_code64(cs) || cs == SEL_USER_CODE32 || cs == SEL_XEN_CODE32;

	r->rip = is_code64(cs) ? canonical(ip) : (u32)ip;
	r->cs = known || sel_is_local(cs) ? cs : SEL_USER_CODE64;
}

static always_inline void load_stack(struct regs *r, u64 ss)
{
	r->ss = SEL_USER_DATA;
	if (unlikely(ss != SEL_USER_DATA) && (ss == SEL_XEN_DATA || sel_is_local(ss)))
		r->ss = ss;
}

/* The part of the guest's registers that an exit loads from the kernel's frame. */
static always_inline void load_frame(struct regs *r, const struct regs *from)
{
	load_code(r, READ_ONCE(from->cs), from->rip);
	r->rflags = (from->rflags & RFLAGS_USER) | RFLAGS_FIXED | RFLAGS_IF;
	r->rsp = from->rsp;
	load_stack(r, READ_ONCE(from->ss));
}

/* The selectors are cached, the deadline is set, no event is waiting. (What other CPUs want of this
 * one, they tell it with an interrupt.) */
static always_inline bool is_settled(const struct vcpu *v)
{
	const struct vcpu_ext *e = v->ext;
	u64 sel = v->state->user_task ^ SEL_CACHED;

	if (e) {
		sel |= (e->kernel_view ^ SEL_CACHED) | (e->process_view ^ SEL_CACHED);
		if (e->deadline != v->armed || e->pending)
			return false;
	}
	return !(sel & SEL_LOW) && !v->state->sticky;
}

static always_inline __attribute__((noreturn)) void
enter_guest(struct thread *t, struct vcpu_state *s, struct space *space, u64 gs_base)
{
	load_frame(&t->regs, &s->regs);
	space_load_quick(t, space);
	exit_guest(&s->regs + 1, canonical(gs_base));
}

/* From one mode to another one of a handler that keeps its views: selectors and FS base stay. */
static always_inline __attribute__((noreturn)) void resume_kept(struct thread *t, struct vcpu *v,
								struct vcpu_state *s, u16 saved)
{
	bool kernel = saved & VCPU_GUEST_KERNEL;
	struct space *space = v->quick_space[kernel];

	if (!space)
		syscall_not_quick(t);
	v->kernel_mode = kernel;
	s->state = saved;
	t->flags |= TF_VCPU_GUEST;
	enter_guest(t, s, space, kernel ? s->host_gs_base : s->seg.gs_base);
}

/* From host mode to the guest. */
static always_inline __attribute__((noreturn)) void
resume_all(struct thread *t, struct vcpu *v, struct vcpu_state *s, u16 saved, bool kernel)
{
	struct space *space = v->quick_space[kernel];

	if (!space || !selectors_are(&s->seg.ds))
		syscall_not_quick(t);
	v->kernel_mode = kernel;
	s->state = saved | VCPU_OPEN;
	t->flags |= TF_VCPU_GUEST;
	wrfsbase(canonical(s->seg.fs_base));
	enter_guest(t, s, space, s->seg.gs_base);
}

void vcpu_resume_quickly(struct thread *t)
{
	struct vcpu *v = t->vcpu;
	struct vcpu_state *s = v->state;
	u16 saved = READ_ONCE(s->saved_state);

	if (is_settled(v) && (saved & VCPU_FPU)) {
		if (keeps_views(v) && (saved & VCPU_GUEST_BITS))
			resume_kept(t, v, s, saved);
		if ((saved & VCPU_GUEST_BITS) == VCPU_USER)
			resume_all(t, v, s, saved, false);
		if (saved & VCPU_GUEST_KERNEL)
			resume_all(t, v, s, saved, true);
	}
	syscall_not_quick(t);
}

/* --- Short system calls --- */

static always_inline u64 frame_end(struct thread *t)
{
	return (u64)(&t->regs + 1);
}

/* All but registers and the GS base. */
static always_inline void change_mode(struct thread *t, bool kernel)
{
	struct vcpu *v = t->vcpu;

	v->state->state ^= VCPU_USER | VCPU_GUEST_KERNEL;
	v->kernel_mode = kernel;
	space_load_quick(t, v->quick_space[kernel]);
}

void vcpu_syscall_directly(struct thread *t)
{
	struct vcpu *v = t->vcpu;
	struct vcpu_ext *e = v->ext;
	struct vcpu_state *s = v->state;

	e->exits++;
	e->syscalls++;
	e->syscall_ip = t->regs.rip;
	e->syscall_sp = t->regs.rsp;
	e->syscall_flags = t->regs.rflags;
	change_mode(t, true);
	exit_direct(frame_end(t), s->entry_sp, v->syscall_entry, RFLAGS_FIXED | RFLAGS_IF,
		    canonical(s->host_gs_base), &s->seg.gs_base);
}

/* Flags of user mode, as the extension says them. */
static always_inline u64 user_flags(const struct vcpu_ext *e)
{
	return (READ_ONCE(e->syscall_flags) & RFLAGS_USER) | RFLAGS_FIXED | RFLAGS_IF;
}

/* Is there more to do than changing the mode to user mode? */
static always_inline bool is_delayed(const struct vcpu *v)
{
	return v->state->sticky || v->ext->pending || !v->quick_space[MODE_USER];
}

/* Something else is to be done: as a resume of the same context. */
static noinline __attribute__((noreturn)) void leave_slowly(struct thread *t, u64 cx, u64 r11)
{
	const struct vcpu_ext *e = t->vcpu->ext;
	struct vcpu_state *s = t->vcpu->state;

	frame_complete(t);
	s->regs = t->regs;
	s->regs.rip = e->syscall_ip;
	s->regs.rcx = cx;
	s->regs.rflags = e->syscall_flags;
	s->regs.r11 = r11;
	s->regs.rsp = e->syscall_sp;
	s->regs.cs = SEL_USER_CODE64;
	s->regs.ss = SEL_USER_DATA;
	s->saved_state = s->state ^ (VCPU_USER | VCPU_GUEST_KERNEL);
	t->regs.rax = RESUME_TAG;
	t->regs.rdx = RESUME_DEST;
	t->regs.r8 = 0;
	t->utcb[0] = L4_THREAD_VCPU_RESUME_OP;
	syscall_slowly(this_cpu(), t);
}

void vcpu_sysret_directly(struct thread *t)
{
	const struct vcpu_ext *e = t->vcpu->ext;
	const struct vcpu_state *s = t->vcpu->state;

	if (unlikely(is_delayed(t->vcpu)))
		leave_slowly(t, e->syscall_ip, e->syscall_flags);
	change_mode(t, false);
	exit_direct(frame_end(t), e->syscall_sp, canonical(READ_ONCE(e->syscall_ip)), user_flags(e),
		    canonical(s->seg.gs_base), &t->seg.gs_base);
}

/* --- Short returns --- */

void vcpu_return_directly(struct thread *t)
{
	struct vcpu *v = t->vcpu;
	struct vcpu_ext *e = v->ext;

	if (e->offer[0] && v->process_view)
		view_fill_offer(v->process_view, e->offer);
	if (unlikely(is_delayed(v)))
		leave_slowly(t, e->return_cx, e->return_r11);
	frame_complete(t);
	t->regs.rip = canonical(READ_ONCE(e->syscall_ip));
	t->regs.rsp = e->syscall_sp;
	t->regs.rflags = user_flags(e);
	t->regs.rcx = e->return_cx;
	t->regs.r11 = e->return_r11;
	change_mode(t, false);
	exit_guest(&t->regs + 1, canonical(v->state->seg.gs_base));
}
