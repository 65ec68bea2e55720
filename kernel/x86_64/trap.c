/* SPDX-License-Identifier: MIT */
/* Traps and interrupts, from user mode and from the kernel itself. */
#include "core/defer.h"
#include "core/fault.h"
#include "core/print.h"
#include "core/remote.h"
#include "core/sched.h"
#include "core/vcpu.h"
#include "kdb/trace.h"
#include "obj/icu.h"
#include "obj/thread.h"
#include "x86_64/context.h"
#include "x86_64/desc.h"
#include "x86_64/insn.h"
#include "x86_64/panic.h"

/* The entry pushes two words before it looks at the frame. */
enum { LOST_FRAME_OFFSET = 64 };

void trap_from_user(struct regs *r) __attribute__((noreturn));
void trap_from_kernel(struct regs *r);
void syscall32_from_user(struct regs *r) __attribute__((noreturn));

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

/* The status stands in for the address of a page fault. */
static __attribute__((noreturn)) void debug_trap(struct cpu *c, struct thread *t)
{
	t->regs.pfa = read_dr6();
	write_dr6(DR6_NONE);
	if (t->flags & TF_VCPU_GUEST)
		vcpu_guest_trap(t);
	fault_exception(c, t, 1, 0);
}

static noinline __attribute__((noreturn)) void trap_of_thread(struct regs *r)
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
	case 1:
		debug_trap(c, t);
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

/* NMI, double fault, machine check: never the program's. Debug: it needs the status register. */
static always_inline bool is_kernels(u64 vector)
{
	return vector >= 32 || ((1u << 1 | 1u << 2 | 1u << 8 | 1u << 18) >> vector & 1);
}

void trap_from_user(struct regs *r)
{
	struct thread *t = container_of(r, struct thread, regs);

	if (!(t->flags & TF_VCPU_GUEST) || is_kernels(r->vector))
		trap_of_thread(r);
	if (cpu_feat.smap)
		clac();
	vcpu_guest_trap(t);
}

/* There is no system call for 32-bit code: the instruction is undefined, or a guest's affair. */
void syscall32_from_user(struct regs *r)
{
	struct cpu *c = this_cpu();
	struct thread *t = c->current;

	if (t->flags & TF_VCPU_GUEST)
		vcpu_exit_syscall(t);
	r->rip = (u32)(r->rip - 2);
	fault_exception(c, t, 6, 0);
}

/*
 * A debug exception at the entry of another one has overwritten that one's frame. Processors do not
 * do so, but emulators that report a hit behind the single step of the same instruction. All that
 * is known is that it was user mode: the entry goes on with a frame at the stack's other end, which
 * says that the thread was at address 0.
 */
static bool frame_is_lost(struct regs *r)
{
	struct {
		u64 rip, cs, rflags, rsp, ss;
	} *frame = (void *)((r->rsp & ~(u64)(IST_STACK_SIZE - 1)) + LOST_FRAME_OFFSET);

	if (r->rip != (u64)trap_stubs[1])
		return false;
	frame->rip = frame->rsp = 0;
	frame->cs = SEL_USER_CODE64;
	frame->ss = SEL_USER_DATA;
	frame->rflags = RFLAGS_FIXED | RFLAGS_IF;
	r->rsp = (u64)frame;
	return true;
}

/* Interrupts arrive here in the idle loop and at preemption points. A break point does that user
 * land hit in the instruction before a system call, if that one held it back (`mov ss`): it is
 * lost. Everything else is a bug. */
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
	if (r->vector == 1) {
		if (!frame_is_lost(r))
			write_dr6(DR6_NONE);
		return;
	}
	panic_trap(r);
}
