/* SPDX-License-Identifier: MIT */
/* Scheduler: ready queues, thread switch, placement on CPUs, idle. */
#include "core/sched.h"
#include "core/defer.h"
#include "core/ipc.h"
#include "core/preempt.h"
#include "core/print.h"
#include "core/reap.h"
#include "core/vcpu.h"
#include "mm/kmem.h"
#include "x86_64/context.h"
#include "x86_64/insn.h"

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
	list_remove(&t->ready_link);
	t->queued = false;
	if (list_empty(&c->ready.queue[t->eff_prio]))
		c->ready.bitmap[t->eff_prio / 64] &= ~(1ULL << t->eff_prio % 64);
}

void cpu_kick(struct cpu *own, struct cpu *c)
{
	if (c != own && c != &limbo_cpu)
		lapic_ipi(c->apic_id, VECTOR_RESCHED);
}

void sched_wake(struct cpu *own, struct cpu *c, struct thread *t)
{
	t->eff_prio = t->prio;
	sched_enqueue(c, t);
	if (c == &limbo_cpu || (t->prio <= c->cur_prio && c->current != c->idle))
		return;
	c->need_resched = true;
	cpu_kick(own, c);
}

void switch_to(struct cpu *own, struct thread *t, u8 prio)
{
	t->eff_prio = prio;
	own->cur_prio = prio;
	if (t != own->current)
		context_switch(own, t);
	spin_unlock(&own->lock);
	resume_current(own);
}

void schedule(struct cpu *own)
{
	int top = sched_top(own);
	struct thread *t;

	own->need_resched = false;
	if (top < 0) {
		own->slice_armed = false;
		switch_to(own, own->idle, 0);
	}
	t = list_first(&own->ready.queue[top], struct thread, ready_link);
	sched_dequeue(own, t);
	own->slice_armed = false;
	own->slice_end = rdtsc() + t->quantum;
	own->cur_prio = (u8)top;
	if (!list_empty(&own->ready.queue[top]))
		timer_rearm(own);
	switch_to(own, t, (u8)top);
}

void sched_preempt(struct cpu *own, bool slice_over)
{
	struct thread *t = own->current;

	if (t->state == THREAD_READY) {
		if (slice_over) {
			t->eff_prio = t->prio;
			sched_enqueue(own, t);
		} else {
			sched_enqueue_front(own, t);
		}
	}
	schedule(own);
}

static void idle_resched(struct cpu *own, int top)
{
	if (top >= 0)
		schedule(own);
}

/* Another CPU wants to move, change or destroy t and waits until it runs nowhere: the idle thread
 * takes over for the moment, and t goes to the front of its queue. */
static __attribute__((noreturn)) void yield_stopped(struct cpu *own, struct thread *t)
{
	t->flags &= ~(u32)TF_STOP;
	sched_enqueue_front(own, t);
	own->slice_armed = false;
	switch_to(own, own->idle, 0);
}

/* Something changed: is there a thread that should run instead of t? Returns if not. */
static noinline void look_for_better(struct cpu *own, struct thread *t)
{
	bool over = own->slice_over, stop = t->flags & TF_STOP;
	int top;

	if (own->defer_now || own->defer_next)
		defer_run(own);
	spin_lock(&own->lock);
	own->need_resched = own->slice_over = false;
	top = sched_top(own);
	if (t == own->idle)
		idle_resched(own, top);
	else if (t->state != THREAD_READY || t->cpu != own)
		schedule(own);
	else if (stop)
		yield_stopped(own, t);
	else if (top > own->cur_prio || (over && top >= t->prio))
		sched_preempt(own, over);
	spin_unlock(&own->lock);
}

/*
 * The long way out, on a fresh stack: switches between threads whose continuations switch again
 * would otherwise pile up frames.
 */
static __attribute__((noreturn)) void resume_slowly(void)
{
	struct cpu *own = this_cpu();
	struct thread *t = own->current;
	continuation f;

	if (READ_ONCE(own->quiesce_for))
		defer_quiescent(own);
	if (!list_empty(&own->zombies))
		reap_in_current(own, t);
	if (own->need_resched)
		look_for_better(own, t);
	f = t->cont;
	t->cont = NULL;
	if (f)
		f(t);
	resume_current(own);
}

void resume_current(struct cpu *own)
{
	struct thread *t = own->current;

	if (unlikely(own->need_resched || t->cont || READ_ONCE(own->quiesce_for)))
		stack_switch_call(own->stack_top, resume_slowly);
	if (unlikely(t->flags & (TF_VCPU | TF_TRIGGER)))
		vcpu_before_user(own, t);
	exit_to_user(t);
}

bool preempt_pending(void)
{
	struct cpu *c = this_cpu();

	irq_window();
	return c->need_resched || READ_ONCE(c->quiesce_for);
}

/* Take t off its CPU for good; both locks held. False if another CPU is running it right now. */
static bool take_off(struct cpu *own, struct cpu *home, struct thread *t)
{
	if (home == &limbo_cpu)
		return true;
	if (home->current == t) {
		if (home == own)
			return true;
		home->need_resched = true;
		return false;
	}
	sched_dequeue(home, t);
	return true;
}

static void move_timeout(struct cpu *own, struct cpu *from, struct cpu *to, struct timeout *o)
{
	u64 when = o->node.key;

	if (!heap_contains(&o->node))
		return;
	heap_remove(&from->timeouts, &o->node);
	timeout_set(own, to, o, when);
}

static struct cpu *lock_three(struct cpu *own, struct thread *t, struct cpu *target)
{
	for (;;) {
		struct cpu *home = READ_ONCE(t->cpu);

		(void)own;
		cpu_lock_pair(home, target);
		if (t->cpu == home)
			return home;
		cpu_unlock_pair(home, target);
	}
}

bool sched_place(struct cpu *own, struct thread *t, struct cpu *target, u8 prio, u64 quantum)
{
	struct cpu *home = lock_three(own, t, target);
	bool running = home != &limbo_cpu && home->current == t;

	if (running && home != own && home != target) {
		t->flags |= TF_STOP;
		home->need_resched = true;
		cpu_unlock_pair(home, target);
		cpu_kick(own, home);
		return false;
	}
	t->prio = prio;
	t->quantum = quantum;
	t->flags &= ~(u32)TF_STOP;
	if (running && home == target) {
		t->eff_prio = prio;
		home->cur_prio = prio;
		home->need_resched = true;
		cpu_unlock_pair(home, target);
		cpu_kick(own, home);
		return true;
	}
	if (!running)
		take_off(own, home, t);
	if (home != target) {
		move_timeout(own, home, target, &t->timeout);
		vcpu_move(own, home, target, t);
		t->cpu = target;
	}
	t->eff_prio = prio;
	if (t->state == THREAD_READY && !(running && home == own))
		sched_wake(own, target, t);
	else if (running)
		own->need_resched = true;
	cpu_unlock_pair(home, target);
	return true;
}

void idle_loop(struct thread *t)
{
	struct cpu *c = this_cpu();

	t->cont = idle_loop;
	for (;;) {
		defer_run(c);
		if (!list_empty(&c->zombies))
			reap_some(c);
		else if (!page_prezero_one())
			cpu_idle(c);
		irq_window();
		if (c->need_resched || sched_top(c) >= 0) {
			spin_lock(&c->lock);
			schedule(c);
		}
	}
}
