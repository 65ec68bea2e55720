/* SPDX-License-Identifier: MIT */
/*
 * The thread switch, inline, because it is most of what IPC costs. What few threads need (odd
 * selectors, GDT entries, I/O ports), and what old processors need, is behind one flag each for the
 * CPU and the thread; what few processors need when the address space changes is behind another.
 */
#ifndef KERNEL_SWITCH_H
#define KERNEL_SWITCH_H

#include "core/cpu.h"
#include "core/sched.h"
#include "obj/thread.h"
#include "x86_64/fpu.h"
#include "x86_64/insn.h"
#include "x86_64/tlb.h"

/* Back to user mode with the full frame of the current thread, which entered by syscall. */
void exit_sysret(struct regs *r) __attribute__((noreturn));

/* Selectors other than those that every thread starts with. */
static always_inline bool selectors_odd(void)
{
	u32 ds, es, fs, gs;

	__asm__ volatile("mov %%ds, %0; mov %%es, %1; mov %%fs, %2; mov %%gs, %3"
			 : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
	return ((ds ^ SEL_USER_DATA) | (es ^ SEL_USER_DATA) | fs | gs) != 0;
}

/* FS and GS bases, which user land may have changed itself, and extended state; for processors with
 * FSGSBASE and XSAVEOPT (cpu.odd is not set). */
static always_inline void state_switch(struct thread *prev, struct thread *t)
{
	prev->seg.fs_base = rdfsbase();
	wrfsbase(t->seg.fs_base);
	swapgs();
	prev->seg.gs_base = rdgsbase();
	wrgsbase(t->seg.gs_base);
	swapgs();
	xsaveopt(prev->fpu, ~0ull);
	xrstor(t->fpu, ~0ull);
}

/* Out of line: context.c. */
void state_switch_odd(struct cpu *own, struct thread *prev, struct thread *t);
void space_load_odd(struct cpu *own, struct space *s);

static always_inline void space_load(struct cpu *own, struct space *s)
{
	if (s == own->loaded_space)
		return;
	WRITE_ONCE(own->loaded_space, s);
	if (likely(!own->space_odd))
		write_cr3((u64)s->root - DIRECT_MAP_BASE);
	else
		space_load_odd(own, s);
}

/* See context_account(). */
static always_inline void account_switch(struct cpu *own, struct thread *next)
{
	struct thread *old = own->slice_owner;
	u64 now = rdtsc();

	old->cpu_time += now - own->switched_at;
	old->slice_left = own->slice_end - now;
	own->switched_at = now;
	own->slice_owner = next;
	own->slice_end = now + ((s64)next->slice_left > 0 ? next->slice_left : next->quantum);
	if (unlikely(own->slice_armed || sched_has_ready(own, own->cur_prio)))
		timer_rearm(own);
}

/*
 * Make t the current thread instead of prev, both of them user threads: registers that are not in
 * the entry frame, extended state, address space, entry stack. own->lock held. Time is not
 * accounted here.
 */
static always_inline void switch_user(struct cpu *own, struct thread *prev, struct thread *t)
{
	u64 top = (u64)(&t->regs + 1);

	own->current = t;
	own->regs_top = top;
	*own->rsp0 = top;
	if (unlikely(own->odd | t->odd | selectors_odd()))
		state_switch_odd(own, prev, t);
	else
		state_switch(prev, t);
	space_load(own, t->space);
}

#endif
