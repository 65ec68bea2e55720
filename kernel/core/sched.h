/* SPDX-License-Identifier: MIT */
/*
 * Scheduler of a CPU: 256 fixed priorities, round robin within one. The current thread is in no
 * queue. All functions need the CPU's lock unless said otherwise; those that do not return release
 * it. There is one kernel stack a CPU: a function that does not return abandons the stack.
 */
#ifndef KERNEL_SCHED_H
#define KERNEL_SCHED_H

#include "core/cpu.h"
#include "obj/thread.h"

void sched_init_cpu(struct cpu *c);

/* Put a ready thread at the end (or front) of its queue, at priority eff_prio. Threads without a
 * CPU stay out. */
void sched_enqueue(struct cpu *c, struct thread *t);
void sched_enqueue_front(struct cpu *c, struct thread *t);
void sched_dequeue(struct cpu *c, struct thread *t);

/* Highest priority with a ready thread, -1 if none. */
static always_inline int sched_top(const struct cpu *c)
{
	unsigned i;

	if (!c->ready.summary)
		return -1;
	i = bit_highest(c->ready.summary);
	return (int)(i * 64 + bit_highest(c->ready.bitmap[i]));
}

/* Is a thread of this priority in the queue? */
static always_inline bool sched_has_ready(const struct cpu *c, u8 prio)
{
	const struct list *queue = &c->ready.queue[prio];

	__asm__("" : "+r"(queue)); /* compute one address, not two */
	return !list_empty(queue);
}

/* c->next goes into its queue, in front: others of its priority came later. */
void sched_put_back_next(struct cpu *c);

/* May a thread of this priority run now, on the time slice of a thread that waited for it? Ready
 * ones of the same priority have to wait only if the timer is set for the end of the slice. */
static always_inline bool sched_may_run(const struct cpu *c, u8 prio)
{
	return likely(!c->next) && prio + c->slice_armed > sched_top(c);
}

/* Change the home of t, which is nobody's current thread and in no queue, or in one of from. Both
 * locks held. */
void sched_move(struct cpu *own, struct cpu *from, struct cpu *to, struct thread *t);

/* t became ready on CPU c (both CPUs' locks held): enqueue, and see to it that c notices. */
void sched_wake(struct cpu *own, struct cpu *c, struct thread *t);

/* Run the best thread. Releases own->lock. */
void schedule(struct cpu *own) __attribute__((noreturn));

/* The current thread stays ready but must let a better one run: enqueue it (front: its slice is not
 * used up) and schedule. Releases the lock. */
void sched_preempt(struct cpu *own, bool slice_over) __attribute__((noreturn));

/* Switch to t, which is ready and in no queue, at priority prio and on its own time, then go on
 * with it: its continuation or user mode. Releases the lock. */
void switch_to(struct cpu *own, struct thread *t, u8 prio) __attribute__((noreturn));

/* Go on with the current thread (no lock held). */
void resume_current(struct cpu *own) __attribute__((noreturn));

/* Move t to another CPU (or limbo_cpu) and set its parameters, at once, even if it is running. No
 * lock held. */
void sched_place(struct cpu *own, struct thread *t, struct cpu *target, u8 prio, u64 quantum);

/* Idle loop of the idle thread. */
void idle_loop(struct thread *t) __attribute__((noreturn));

/* Timeouts (TSC). Insert on t's home CPU; arms the timer, of another CPU by waking it. */
void timeout_set(struct cpu *own, struct cpu *home, struct timeout *to, u64 tsc);
static always_inline void timeout_clear(struct cpu *home, struct timeout *to)
{
	if (unlikely(heap_contains(&to->node)))
		heap_remove(&home->timeouts, &to->node);
}
/* Timer interrupt of this CPU: expire timeouts, end of slice. No lock held. */
void timer_tick(struct cpu *own);
void timer_rearm(struct cpu *own);

/* Kernel clock. */
u64 clock_us(void);
u64 us_to_tsc(u64 us);	     /* length */
u64 tsc_to_us(u64 ticks);    /* length */
u64 clock_us_to_tsc(u64 us); /* point in time */
extern u64 clock_start_tsc, clock_scale_us, clock_scale_ns;
void clock_init(void);

/* Make CPU c enter its kernel soon. */
void cpu_kick(struct cpu *own, struct cpu *c);

#endif
