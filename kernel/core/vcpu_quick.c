/* SPDX-License-Identifier: MIT */
/* vCPU resume in the usual case: nothing is to be done but entering the guest. Compiled as
 * core/syscall.c is. */
#include "core/syscall.h"
#include "core/vcpu_internal.h"

static always_inline u64 guest_code_selector(u64 cs)
{
	if (likely(cs == SEL_USER_CODE64 || cs == SEL_XEN_CODE64))
		return cs;
	return cs == SEL_USER_CODE32 || cs == SEL_XEN_CODE32 ? cs : SEL_USER_CODE64;
}

/* The part of the guest's registers that an exit loads from the kernel's frame. */
static always_inline void load_frame(struct regs *r, const struct regs *from)
{
	r->rip = canonical(from->rip);
	r->cs = guest_code_selector(READ_ONCE(from->cs));
	if (unlikely(r->cs == SEL_USER_CODE32 || r->cs == SEL_XEN_CODE32))
		r->rip = (u32)r->rip; /* iret would fault */
	r->rflags = (from->rflags & RFLAGS_USER) | RFLAGS_FIXED | RFLAGS_IF;
	r->rsp = from->rsp;
	r->ss = from->ss == SEL_XEN_DATA ? SEL_XEN_DATA : SEL_USER_DATA;
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

/* Segment registers of the guest mode to go to: the selectors are right already. */
static always_inline void load_bases(const struct vcpu_state *s, bool keep, bool kernel)
{
	if (!keep) {
		bases_load(s->seg.fs_base, s->seg.gs_base);
		return;
	}
	swapgs();
	wrgsbase(canonical(kernel ? s->host_gs_base : s->seg.gs_base));
	swapgs();
}

void vcpu_resume_quickly(struct cpu *c, struct thread *t)
{
	struct vcpu *v = t->vcpu;
	struct vcpu_state *s = v->state;
	u16 saved = READ_ONCE(s->saved_state);
	unsigned kernel = (unsigned)saved / VCPU_GUEST_KERNEL & 1;
	bool keep = keeps_views(v);
	struct space *space;

	if (!is_settled(v) || !(saved & VCPU_GUEST_BITS) || !(saved & VCPU_FPU) ||
	    !(keep || selectors_are(&s->seg.ds)))
		syscall_not_quick(t);
	space = v->quick_space[kernel];
	if (!space)
		syscall_not_quick(t);
	v->kernel_mode = kernel;
	s->state = keep ? saved : saved | VCPU_OPEN;
	load_frame(&t->regs, &s->regs);
	load_bases(s, keep, kernel);
	t->flags |= TF_VCPU_GUEST;
	t->space = space;
	space_load_quick(c, space);
	exit_guest(&s->regs);
}
