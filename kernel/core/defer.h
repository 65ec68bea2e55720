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

/* Run d->run(d) on this CPU after a grace period. */
void defer_call(struct defer *d, void (*run)(struct defer *d));

/* Progress: run what is due and start the next period. Called from idle and kernel exits that have
 * time; no lock held. */
void defer_run(struct cpu *own);

/* True if this CPU has calls that wait (cheap). */
bool defer_wanted(struct cpu *own);

/* Wait until everything deferred so far on this CPU has run: memory is short. No lock held. */
void defer_flush(void);

/* The quiescent state was reached (in the handler of VECTOR_RESCHED and in preemption points). */
void defer_quiescent(struct cpu *own);

#endif
