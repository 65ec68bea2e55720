/* SPDX-License-Identifier: MIT */
/* Scheduler: ready queues, placement on CPUs. Thread switches are in core/resume.c. */
#include "core/sched.h"
#include "core/defer.h"
#include "core/ipc.h"
#include "core/preempt.h"
#include "core/print.h"
#include "core/reap.h"
#include "core/remote.h"
#include "core/vcpu.h"
#include "kdb/trace.h"
#include "mm/kmem.h"
#include "x86_64/context.h"
#include "x86_64/insn.h"
#include "x86_64/switch.h"

struct placement {
	struct thread *thread;
	struct cpu *target;
	u64 quantum;
	u8 prio;
	bool done;
};

void sched_init_cpu(struct cpu *c)
{
	for (unsigned i = 0; i < PRIORITIES; i++)
		list_init(&c->ready.queue[i]);
	c->armed_for = ~0ULL;
	c->slice_end = ~0ULL;
	c->token = (u64)c->number << 56;
}

static inline void mark_ready(struct cpu *c, struct thread *t)
{
	c->ready.bitmap[t->eff_prio / 64] |= 1ULL << t->eff_prio % 64;
	c->ready.summary |= 1u << t->eff_prio / 64;
	t->queued = true;
	if (unlikely(t->eff_prio == c->cur_prio && !c->slice_armed && c == this_cpu()))
		timer_rearm(c);
}

void sched_enqueue(struct cpu *c, struct thread *t)
{
	if (unlikely(c == &limbo_cpu || t == c->idle))
		return;
	list_push_back(&c->ready.queue[t->eff_prio], &t->ready_link);
	mark_ready(c, t);
}

void sched_enqueue_front(struct cpu *c, struct thread *t)
{
	if (unlikely(c == &limbo_cpu || t == c->idle))
		return;
	list_push_front(&c->ready.queue[t->eff_prio], &t->ready_link);
	mark_ready(c, t);
}

void sched_dequeue(struct cpu *c, struct thread *t)
{
	if (!t->queued)
		return;
	t->queued = false;
	if (t == c->next) {
		c->next = NULL;
		return;
	}
	list_remove(&t->ready_link);
	if (!list_empty(&c->ready.queue[t->eff_prio]))
		return;
	c->ready.bitmap[t->eff_prio / 64] &= ~(1ULL << t->eff_prio % 64);
	if (!c->ready.bitmap[t->eff_prio / 64])
		c->ready.summary &= ~(1u << t->eff_prio / 64);
}

void cpu_kick(struct cpu *own, struct cpu *c)
{
	if (c != own && c != &limbo_cpu)
		lapic_ipi(c->apic_id, VECTOR_RESCHED);
}

void sched_put_back_next(struct cpu *c)
{
	struct thread *t = c->next;

	c->next = NULL;
	if (t)
		sched_enqueue_front(c, t);
}

void sched_wake(struct cpu *own, struct cpu *c, struct thread *t)
{
	bool urgent = t->prio > c->cur_prio || c->current == c->idle;

	t->eff_prio = t->prio;
	if (likely(c == own && urgent) && (!c->next || c->next->eff_prio < t->prio)) {
		sched_put_back_next(c);
		c->next = t;
		t->queued = true;
		c->need_resched |= RESCHED_NEXT;
		return;
	}
	sched_enqueue(c, t);
	if (c == &limbo_cpu)
		return;
	if (urgent)
		c->need_resched |= RESCHED_LOOK;
	if (urgent || (t->prio == c->cur_prio && !c->slice_armed))
		cpu_kick(own, c); /* it re-arms its timer, too, now that it has to share */
}

static void move_timeout(struct cpu *own, struct cpu *from, struct cpu *to, struct timeout *o)
{
	u64 when = o->node.key;

	if (!heap_contains(&o->node))
		return;
	heap_remove(&from->timeouts, &o->node);
	timeout_set(own, to, o, when);
}

void sched_move(struct cpu *own, struct cpu *from, struct cpu *to, struct thread *t)
{
	sched_dequeue(from, t);
	move_timeout(own, from, to, &t->timeout);
	vcpu_move(own, from, to, t);
	t->cpu = to;
}

bool preempt_pending(void)
{
	struct cpu *c = this_cpu();

	irq_window();
	return c->need_resched || READ_ONCE(c->quiesce_for);
}

/* Lock t's home and target. */
static struct cpu *lock_home_and(struct thread *t, struct cpu *target)
{
	for (;;) {
		struct cpu *home = READ_ONCE(t->cpu);

		cpu_lock_pair(home, target);
		if (t->cpu == home)
			return home;
		cpu_unlock_pair(home, target);
	}
}

/* t, which runs on this CPU, gets other parameters; it moves on the way out of the kernel. */
static void place_current(struct cpu *own, struct thread *t, struct cpu *target)
{
	own->cur_prio = t->eff_prio = t->prio;
	own->need_resched |= RESCHED_LOOK;
	t->move_to = target == own ? NULL : target;
	if (!t->move_to)
		return;
	own->moving = t;
	own->lasting_resched |= RESCHED_LOOK;
}

/* Both locks held; t is not running, or it is this CPU's current thread. */
static void place_locked(struct cpu *own, struct cpu *home, struct thread *t, struct placement *p)
{
	if (home->current == t) {
		t->prio = p->prio;
		t->quantum = p->quantum;
		place_current(own, t, p->target);
		return;
	}
	t->move_to = NULL;
	if (home != p->target)
		sched_move(own, home, p->target, t);
	else
		sched_dequeue(home, t);
	t->prio = t->eff_prio = p->prio;
	t->quantum = p->quantum;
	if (t->state == THREAD_READY)
		sched_wake(own, p->target, t);
}

/* False: another CPU runs t. */
static always_inline bool place_here(struct cpu *own, struct thread *t, struct placement *p)
{
	struct cpu *home = lock_home_and(t, p->target);
	bool here = home->current != t || home == own;

	if (likely(here))
		place_locked(own, home, t, p);
	cpu_unlock_pair(home, p->target);
	return here;
}

static void place_call(struct cpu *own, void *arg)
{
	struct placement *p = arg;

	p->done = place_here(own, p->thread, p);
}

static rarely void place_elsewhere(struct cpu *own, struct placement p)
{
	while (!p.done) {
		struct cpu *home = READ_ONCE(p.thread->cpu);

		/* Nothing runs on limbo_cpu, and nobody would serve a call there. */
		remote_call(own, home == &limbo_cpu ? own : home, place_call, &p);
	}
}

void sched_place(struct cpu *own, struct thread *t, struct cpu *target, u8 prio, u64 quantum)
{
	struct placement p = { .thread = t, .target = target, .prio = prio, .quantum = quantum };

	if (unlikely(!place_here(own, t, &p)))
		place_elsewhere(own, p);
}
