/* SPDX-License-Identifier: MIT */
/* Traps and interrupts, from user mode and from the kernel itself. */
#include "core/defer.h"
#include "core/fault.h"
#include "core/print.h"
#include "core/remote.h"
#include "core/sched.h"
#include "kdb/trace.h"
#include "obj/icu.h"
#include "obj/thread.h"
#include "x86_64/context.h"
#include "x86_64/insn.h"
#include "x86_64/panic.h"

void trap_from_user(struct regs *r) __attribute__((noreturn));
void trap_from_kernel(struct regs *r);

/* Another CPU wants this one to look at its queues, or a quiescent state. */
static void resched_ipi(struct cpu *c)
{
	c->need_resched |= RESCHED_LOOK;
	remote_serve(c);
	spin_lock(&c->lock);
	timer_rearm(c);
	spin_unlock(&c->lock);
}

static void interrupt(struct cpu *c, unsigned vector)
{
	trace(TRACE_IRQ, vector, 0, 0, 0);
	switch (vector) {
	case VECTOR_TIMER:
		lapic_eoi();
		timer_tick(c);
		break;
	case VECTOR_RESCHED:
		lapic_eoi();
		resched_ipi(c);
		break;
	case VECTOR_TLB:
		lapic_eoi();
		spin_relax();
		break;
	case VECTOR_LAPIC_ERROR:
		lapic_eoi();
		break;
	case VECTOR_SPURIOUS:
		break;
	default:
		icu_interrupt(c, vector);
	}
}

void trap_from_user(struct regs *r)
{
	struct cpu *c = this_cpu();
	struct thread *t = c->current;
	u64 cr2 = read_cr2();

	if (cpu_feat.smap)
		clac();
	if (r->vector >= 32) {
		interrupt(c, (unsigned)r->vector);
		r->vector = 0;
		resume_current(c);
	}
	switch (r->vector) {
	case 2:
		panic_nmi(r);
		r->vector = 0;
		resume_current(c);
	case 13:
		fault_gp(c, t, r->error);
	case 14:
		fault_page(c, t, cr2, r->error);
	case 8:
	case 18:
		panic_trap(r);
	default:
		fault_exception(c, t, r->vector, r->error);
	}
}

/* Interrupts arrive here in the idle loop and at preemption points; everything else is a bug. */
void trap_from_kernel(struct regs *r)
{
	struct cpu *c = this_cpu();

	if (r->vector >= 32) {
		interrupt(c, (unsigned)r->vector);
		return;
	}
	if (r->vector == 2) {
		panic_nmi(r);
		return;
	}
	panic_trap(r);
}
