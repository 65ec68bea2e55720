/* SPDX-License-Identifier: MIT */
/* Scheduler: ready queues, thread switch, placement on CPUs, idle. */
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

/* What was to run next goes into its queue, in front: others of its priority came later. */
static void put_back_next(struct cpu *c)
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
	if (likely(c == own && urgent) && (!c->next || c->next->prio < t->prio)) {
		put_back_next(c);
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

void switch_to(struct cpu *own, struct thread *t, u8 prio)
{
	own->cur_prio = prio;
	if (t != own->slice_owner)
		context_account(own, t);
	trace(TRACE_SWITCH, own->current->obj.id, t->obj.id, t->regs.rip, prio);
	if (t != own->current)
		context_switch(own, t);
	spin_unlock(&own->lock);
	resume_current(own);
}

void schedule(struct cpu *own)
{
	struct thread *t;
	int top;

	put_back_next(own);
	top = sched_top(own);
	own->need_resched = own->moving ? RESCHED_LOOK : 0;
	if (top < 0)
		switch_to(own, own->idle, 0);
	t = list_first(&own->ready.queue[top], struct thread, ready_link);
	sched_dequeue(own, t);
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
			t->eff_prio = own->cur_prio;
			sched_enqueue_front(own, t);
		}
	}
	schedule(own);
}

/* The current thread t makes room for own->next, and nothing else has happened. */
static void switch_to_next(struct cpu *own, struct thread *t)
{
	struct thread *next;

	spin_lock(&own->lock);
	next = own->next;
	own->need_resched &= (u8)~RESCHED_NEXT;
	if (unlikely(!next)) {
		spin_unlock(&own->lock);
		return;
	}
	own->next = NULL;
	next->queued = false;
	t->eff_prio = own->cur_prio;
	own->cur_prio = next->prio;
	sched_enqueue_front(own, t);
	if (unlikely(t == own->idle || next->cont || (next->flags & (TF_VCPU | TF_TRIGGER)) ||
		     next->regs.vector != SYSCALL_VECTOR || READ_ONCE(own->quiesce_for)))
		switch_to(own, next, next->prio);
	trace(TRACE_SWITCH, t->obj.id, next->obj.id, next->regs.rip, next->prio);
	if (next != own->slice_owner)
		context_account(own, next);
	switch_user(own, t, next);
	spin_unlock(&own->lock);
	exit_sysret(&next->regs);
}

static void idle_resched(struct cpu *own, int top)
{
	if (top >= 0)
		schedule(own);
}

/* Something changed: is there a thread that should run instead of t? Returns if not. */
static noinline void look_for_better(struct cpu *own, struct thread *t)
{
	bool over = own->slice_over;
	int top;

	if (defer_pending(own) && t->state != THREAD_DEAD)
		defer_run(own);
	spin_lock(&own->lock);
	put_back_next(own);
	own->need_resched = 0;
	own->slice_over = false;
	top = sched_top(own);
	if (t == own->idle)
		idle_resched(own, top);
	else if (t->state != THREAD_READY)
		schedule(own);
	else if (top > own->cur_prio || (over && top >= t->prio))
		sched_preempt(own, over);
	if (!own->slice_armed)
		timer_rearm(own); /* the priority of t may have changed to that of others */
	spin_unlock(&own->lock);
}

static void move_timeout(struct cpu *own, struct cpu *from, struct cpu *to, struct timeout *o)
{
	u64 when = o->node.key;

	if (!heap_contains(&o->node))
		return;
	heap_remove(&from->timeouts, &o->node);
	timeout_set(own, to, o, when);
}

/* Both locks held; t is nobody's current thread. */
static void move(struct cpu *own, struct cpu *from, struct cpu *to, struct thread *t)
{
	sched_dequeue(from, t);
	move_timeout(own, from, to, &t->timeout);
	vcpu_move(own, from, to, t);
	t->cpu = to;
}

/* The current thread has to leave: the idle thread takes its place. */
static void leave_current(struct cpu *own)
{
	spin_lock(&own->lock);
	own->cur_prio = 0;
	context_account(own, own->idle);
	context_switch(own, own->idle);
	spin_unlock(&own->lock);
}

/*
 * A thread that was placed on another CPU while it ran here goes there now. Until then this CPU
 * stays its home, so that the home of a current thread always is the CPU that runs it; it may have
 * blocked or been preempted meanwhile. Called before the next preemption point.
 */
static void finish_move(struct cpu *own)
{
	struct thread *t = own->moving;
	struct cpu *to = READ_ONCE(t->move_to);
	bool current = t == own->current;

	own->moving = NULL;
	if (!to)
		return; /* it blocked, and was placed again */
	if (current)
		leave_current(own);
	cpu_lock_pair(own, to);
	if (t->cpu == own && t->move_to == to && t->state != THREAD_DEAD) {
		t->move_to = NULL;
		move(own, own, to, t);
		if (t->state == THREAD_READY)
			sched_wake(own, to, t);
	}
	if (to != own)
		spin_unlock(&to->lock);
	if (current)
		schedule(own);
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

	if (own->moving)
		finish_move(own);
	/* A dead thread is freed after a quiescent state: this CPU must have left it. */
	if (READ_ONCE(own->quiesce_for) && t->state != THREAD_DEAD)
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

	if (own->need_resched == RESCHED_NEXT && !t->cont)
		switch_to_next(own, t);
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
	if (t->move_to)
		own->moving = t;
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
		move(own, home, p->target, t);
	else
		sched_dequeue(home, t);
	t->prio = t->eff_prio = p->prio;
	t->quantum = p->quantum;
	if (t->state == THREAD_READY)
		sched_wake(own, p->target, t);
}

static void place_call(struct cpu *own, void *arg)
{
	struct placement *p = arg;
	struct cpu *home = lock_home_and(p->thread, p->target);

	p->done = home->current != p->thread || home == own;
	if (p->done)
		place_locked(own, home, p->thread, p);
	cpu_unlock_pair(home, p->target);
}

void sched_place(struct cpu *own, struct thread *t, struct cpu *target, u8 prio, u64 quantum)
{
	struct placement p = { .thread = t, .target = target, .prio = prio, .quantum = quantum };

	place_call(own, &p);
	while (!p.done) {
		struct cpu *home = READ_ONCE(t->cpu);

		remote_call(own, home == &limbo_cpu ? own : home, place_call, &p);
	}
}

void idle_loop(struct thread *t)
{
	struct cpu *c = this_cpu();

	t->cont = idle_loop;
	for (;;) {
		defer_run(c);
		if (!list_empty(&c->zombies))
			reap_some(c);
		else if (!c->defer_due && !page_prezero_one())
			cpu_idle(c);
		irq_window();
		if (c->need_resched || sched_top(c) >= 0) {
			spin_lock(&c->lock);
			schedule(c);
		}
	}
}
