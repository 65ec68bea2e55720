/* SPDX-License-Identifier: MIT */
/* The way out of an operation: go on with the current thread, or switch to another one. Of what is
 * called from other files nothing returns (see never_return in kernel.mk). */
#include "core/defer.h"
#include "core/preempt.h"
#include "core/reap.h"
#include "core/sched.h"
#include "core/vcpu.h"
#include "kdb/trace.h"
#include "mm/kmem.h"
#include "x86_64/context.h"
#include "x86_64/insn.h"
#include "x86_64/switch.h"

/* Nothing but loading its registers is to be done for the current thread t. */
static always_inline bool is_plain(const struct cpu *own, const struct thread *t)
{
	return !t->cont && !(t->flags & (TF_VCPU | TF_TRIGGER)) &&
	       t->regs.vector == SYSCALL_VECTOR && !own->need_resched && !quiescence_wanted();
}

static always_inline void account(struct cpu *own, struct thread *t)
{
	if (likely(t != own->slice_owner))
		account_switch(own, t);
	else if (!own->slice_armed && sched_has_ready(own, own->cur_prio))
		timer_rearm(own); /* it has to share with threads that became ready meanwhile */
}

/* t is the current thread: load its registers, or what else there is to do. Releases the lock. */
static always_inline __attribute__((noreturn)) void switch_done(struct cpu *own, struct thread *t)
{
	spin_unlock(&own->lock);
	if (likely(is_plain(own, t)))
		exit_sysret(&t->regs);
	resume_current(own);
}

void switch_to(struct cpu *own, struct thread *t, u8 prio)
{
	struct thread *prev = own->current;

	own->cur_prio = prio;
	account(own, t);
	trace(TRACE_SWITCH, prev->obj.id, t->obj.id, t->regs.rip, prio);
	if (unlikely(prev == own->idle || t == own->idle || prev->state == THREAD_DEAD))
		context_switch(own, t);
	else if (likely(t != prev))
		switch_user(own, prev, t);
	switch_done(own, t);
}

void schedule(struct cpu *own)
{
	struct thread *t = own->next;
	int top = sched_top(own);

	own->need_resched = own->lasting_resched;
	if (t && t->eff_prio >= top) {
		own->next = NULL;
		t->queued = false;
		switch_to(own, t, t->eff_prio);
	}
	sched_put_back_next(own);
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
		vcpu_displaced(t);
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

/*
 * The current thread t makes room for own->next, which was just woken, and nothing else has
 * happened. Often t goes on after that one: it takes its place, in front of its queue.
 */
static always_inline void switch_to_next(struct cpu *own, struct thread *t)
{
	struct thread *next;

	spin_lock(&own->lock);
	next = own->next;
	own->need_resched &= (u8)~RESCHED_NEXT;
	if (unlikely(!next)) {
		spin_unlock(&own->lock);
		return;
	}
	next->queued = false;
	if (unlikely(t == own->idle)) {
		own->next = NULL;
		switch_to(own, next, next->prio);
	}
	t->eff_prio = own->cur_prio;
	t->queued = true;
	own->next = t;
	own->cur_prio = next->prio;
	account(own, next);
	trace(TRACE_SWITCH, t->obj.id, next->obj.id, next->regs.rip, next->prio);
	switch_user(own, t, next);
	switch_done(own, next);
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
	sched_put_back_next(own);
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
	own->lasting_resched &= (u8)~RESCHED_LOOK;
	if (!to)
		return; /* it blocked, and was placed again */
	if (current)
		leave_current(own);
	cpu_lock_pair(own, to);
	if (t->cpu == own && t->move_to == to && t->state != THREAD_DEAD) {
		t->move_to = NULL;
		sched_move(own, own, to, t);
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
	if (!list_empty(&own->zombies) || (own->need_resched & RESCHED_REAP))
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
	if (unlikely(own->need_resched || t->cont || quiescence_wanted()))
		stack_switch_call(own->stack_top, resume_slowly);
	if (unlikely(t->flags & (TF_VCPU | TF_TRIGGER)))
		vcpu_before_user(own, t);
	exit_to_user(t);
}

void idle_loop(struct thread *t)
{
	struct cpu *c = this_cpu();

	t->cont = idle_loop;
	for (;;) {
		defer_run(c);
		if (!list_empty(&c->orphans))
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
