/* SPDX-License-Identifier: MIT */
/* Methods of the thread protocol. Abi spec 7.2, 13. */
#include "obj/thread_method.h"
#include "core/fault.h"
#include "core/ipc.h"
#include "core/ipc_internal.h"
#include "core/preempt.h"
#include "core/sched.h"
#include "core/string.h"
#include "core/vcpu.h"
#include "mm/kmem.h"
#include "obj/irq.h"
#include "obj/segment.h"
#include "x86_64/context.h"
#include "x86_64/fpu.h"
#include "x86_64/insn.h"
#include <l4/sys/consts.h>
#include <l4/sys/err.h>
#include <l4/sys/thread.h>
#include <l4/sys/types.h>
#include <l4/zwinger/thread.h>
#include <l4/zwinger/vcpu_ext.h>

enum {
	CONTROL_PAGER = 0x10000,
	CONTROL_BIND = 0x200000,
	CONTROL_ALIEN = 0x400000,
	CONTROL_HANDLER = 0x1000000,
	EX_REGS_CANCEL = 0x10000,
	EX_REGS_TRIGGER = 0x20000,
	SENDERS_A_STEP = 32,
};

static u64 do_bind(struct thread *t, struct invocation *inv)
{
	struct cap_ref task = invocation_cap(inv);

	if (!task.obj)
		return task.error;
	if (task.obj->type != KOBJ_TASK)
		return reply_error(-L4_EINVAL);
	if (!(task.rights & CAP_S))
		return reply_error(-L4_EPERM);
	return reply_error(thread_bind(t, task_of(task.obj), inv->mr[5]));
}

/* on: NULL or not. */
static rarely void set_alien(struct cpu *own, struct thread *t, void *on)
{
	(void)own;
	t->flags &= ~(u32)(TF_ALIEN | TF_ALIEN_ALLOW);
	if (on)
		t->flags |= TF_ALIEN;
}

static noinline u64 method_control(struct thread *t, struct invocation *inv)
{
	u64 flags = inv->mr[0], pager = inv->mr[1], handler = inv->mr[2], values = inv->mr[4];
	u64 *mr, err;

	if (!(inv->rights & CAP_S))
		return reply_error(-L4_EPERM);
	if (inv_words(inv) < 6)
		return reply_error(-L4_EINVAL);
	if (flags & CONTROL_BIND) {
		err = do_bind(t, inv);
		if (err)
			return err;
	}
	mr = reply_mr(inv);
	mr[0] = flags;
	mr[1] = (u64)t->pager << 12;
	mr[2] = (u64)t->handler << 12;
	if (flags & CONTROL_PAGER)
		t->pager = (u32)min_u64(pager >> 12, CAP_SLOTS);
	if (flags & CONTROL_HANDLER)
		t->handler = (u32)min_u64(handler >> 12, CAP_SLOTS);
	if (flags & CONTROL_ALIEN)
		thread_call(this_cpu(), t, set_alien, values & CONTROL_ALIEN ? t : NULL);
	return reply_words(0, 3);
}

/* Change ip, sp and flags of a thread that runs nowhere, or is the caller. Home lock held. */
static void set_regs(struct thread *t, u64 flags, u64 ip, u64 sp)
{
	if (t->state == THREAD_NEW) {
		thread_start(t, ip == ~0ULL ? t->regs.rip : ip, sp == ~0ULL ? t->regs.rsp : sp);
	} else {
		if (ip != ~0ULL)
			regs_set_ip(&t->regs, ip);
		if (sp != ~0ULL)
			t->regs.rsp = sp;
	}
	if (flags & EX_REGS_TRIGGER)
		t->flags |= TF_TRIGGER;
}

/* In an exception message; while a page fault is handled, the registers can be changed. */
static bool in_exception(const struct thread *t)
{
	return (t->flags & TF_EXCEPTION) && t->fault_kind == FAULT_EXCEPTION;
}

/* The words of the message are replaced by the old values. */
static void ex_regs_call(struct cpu *own, struct thread *t, void *invocation)
{
	struct invocation *inv = invocation;
	u64 flags = inv->mr[0], ip = inv->mr[1], sp = inv->mr[2], *old = reply_mr(inv);
	bool started = t->state == THREAD_NEW;

	old[0] = t->regs.rflags;
	old[1] = t->regs.rip;
	old[2] = t->regs.rsp;
	if (t->state != THREAD_DEAD && (!in_exception(t) || (flags & EX_REGS_CANCEL)))
		set_regs(t, flags, ip, sp);
	if (started && t->state == THREAD_READY)
		sched_wake(own, t->cpu, t);
}

static noinline u64 method_ex_regs(struct thread *t, struct invocation *inv)
{
	struct cpu *own = this_cpu();
	u64 flags = inv->mr[0];

	if (inv_words(inv) != 3 || (flags & 0xff000000) || !t->task)
		return reply_error(-L4_EINVAL);
	thread_call(own, t, ex_regs_call, inv);
	if ((flags & EX_REGS_CANCEL) && t != inv->caller)
		ipc_abort(own, t, IPC_CANCELED);
	return reply_words(0, 3);
}

static noinline u64 method_switch(struct thread *t, struct invocation *inv)
{
	struct cpu *c = this_cpu();
	struct thread *self = inv->caller;

	spin_lock(&c->lock);
	if (t == self || t->cpu != c) {
		spin_unlock(&c->lock);
		return 0;
	}
	if (inv_receives(inv))
		self->regs.rax = 0;
	if (t->state == THREAD_READY && t->queued) {
		sched_dequeue(c, t);
		self->eff_prio = self->prio;
		sched_enqueue(c, self);
		switch_to(c, t, t->prio > c->cur_prio ? t->prio : c->cur_prio);
	}
	self->eff_prio = self->prio;
	sched_enqueue(c, self);
	schedule(c);
}

static rarely u64 method_stats(struct thread *t, struct invocation *inv)
{
	struct cpu *c = READ_ONCE(t->cpu);
	u64 time = t->cpu_time;

	if (READ_ONCE(c->slice_owner) == t)
		time += rdtsc() - READ_ONCE(c->switched_at);
	reply_mr(inv)[0] = tsc_to_us(time);
	return reply_words(0, 1);
}

static rarely u64 method_deletion_irq(struct thread *t, struct invocation *inv)
{
	struct cap_ref ref = invocation_cap(inv);

	if (!ref.obj)
		return ref.error;
	if (ref.obj->type != KOBJ_IRQ)
		return reply_error(-L4_EINVAL);
	if (!(ref.rights & CAP_W))
		return reply_error(-L4_EPERM);
	return reply_error(irq_watch_thread(irq_of(ref.obj), t));
}

/* Apply the first matching rule of (mask, match, del, add) to a label. */
static void rewrite_label(struct sender *s, const u64 *rules, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const u64 *r = rules + 4 * i;

		if ((s->label & r[0]) != r[1])
			continue;
		s->label = (s->label & ~r[2]) | r[3];
		return;
	}
}

/* Apply the rules to some of the senders that were there at the start, and move them behind the
 * others. True: none is left. Home lock held. */
static bool modify_some(struct thread *t, const u64 *rules, unsigned n)
{
	for (unsigned steps = SENDERS_A_STEP; steps && !list_empty(&t->sender_list); steps--) {
		struct sender *s = list_first(&t->sender_list, struct sender, link);

		if (s->position > t->modify_limit)
			return true;
		rewrite_label(s, rules, n);
		list_remove(&s->link);
		list_push_back(&t->sender_list, &s->link);
		s->position = ++t->sender_seq;
	}
	return list_empty(&t->sender_list);
}

/* A call that another one has overtaken at a preemption point does not know any more which senders
 * it has had. */
static rarely u64 method_modify_senders(struct thread *t, struct invocation *inv)
{
	struct restart *p = restart_state(inv->caller);
	unsigned n = min_u64((inv_words(inv) - 1) / 4, 15);
	struct cpu *c = this_cpu();
	bool done = !n;

	for (;;) {
		spin_lock(&c->lock);
		if (t->cpu != c || (p && p->item != (u32)t->modify_limit)) {
			spin_unlock(&c->lock);
			return reply_error(t->cpu != c ? -L4_EINVAL : -L4_EBUSY);
		}
		if (!p)
			t->modify_limit = t->sender_seq;
		if (!done)
			done = modify_some(t, inv->mr + 1, n);
		spin_unlock(&c->lock);
		if (done)
			return 0;
		p = restart_begin(inv->caller);
		p->item = (u32)t->modify_limit;
		if (preempt_pending())
			return REPLY_RESTART;
	}
}

u64 thread_invoke(struct kobject *o, struct invocation *inv)
{
	struct thread *t = thread_of(o);

	if (!inv_words(inv))
		return reply_error(-L4_EMSGTOOSHORT);
	switch (inv->mr[0] & 0xffff) {
	case L4_THREAD_CONTROL_OP:
		return method_control(t, inv);
	case L4_THREAD_EX_REGS_OP:
		return method_ex_regs(t, inv);
	case L4_THREAD_SWITCH_OP:
		return method_switch(t, inv);
	case L4_THREAD_STATS_OP:
		return method_stats(t, inv);
	case L4_THREAD_VCPU_RESUME_OP:
		return vcpu_resume(t, inv);
	case L4_ZW_THREAD_VCPU_SYNC_OP:
		return t == inv->caller ? vcpu_sync(t) : reply_error(-L4_EINVAL);
	case L4_THREAD_REGISTER_DELETE_IRQ_OP:
		return method_deletion_irq(t, inv);
	case L4_THREAD_MODIFY_SENDER_OP:
		return method_modify_senders(t, inv);
	case L4_THREAD_VCPU_CONTROL_OP:
		return vcpu_control(t, inv);
	case 9:
		return trampoline_invoke(t, inv);
	case L4_THREAD_X86_GDT_OP:
		return segment_gdt(t, inv);
	case L4_THREAD_SET_SEGMENT_BASE_AMD64_OP:
		return segment_base(t, inv);
	case L4_THREAD_SEGMENT_INFO_AMD64_OP:
		return segment_info(inv);
	case L4_ZW_THREAD_LDT_OP:
		return segment_ldt(t, inv);
	case L4_ZW_THREAD_DEBUG_OP:
		return segment_debug(t, inv);
	default:
		return reply_error(-L4_ENOSYS);
	}
}
