/* SPDX-License-Identifier: MIT */
/*
 * Deferred freeing. An object that other CPUs may still be looking at (they found it without a
 * lock) is freed when each of them has passed a quiescent state: user mode, idle, or a preemption
 * point. The freeing CPU asks for it with an IPI, which is taken in just these states; nothing is
 * spent on the system-call path. With one CPU, memory is freed at once.
 */
#ifndef KERNEL_DEFER_H
#define KERNEL_DEFER_H

#include "core/cpu.h"
#include "core/kobject.h"

/* Run d->run(d) on this CPU after a grace period. It must be short: see defer_again. */
void defer_call(struct defer *d, void (*run)(struct defer *d));

/* From within d->run(d), which has done a part of its work: run it once more. */
void defer_again(struct defer *d);

/* Progress: run some of what is due and start the next period. Called from idle and kernel exits
 * that have time; no lock held. */
void defer_run(struct cpu *own);

/* Does this CPU have calls that have not run? */
static inline bool defer_pending(const struct cpu *own)
{
	return own->defer_due || own->defer_now || own->defer_next;
}

/* The quiescent state was reached (in the handler of VECTOR_RESCHED and in preemption points). */
void defer_quiescent(struct cpu *own);

#endif
