/* SPDX-License-Identifier: MIT */
/*
 * Destruction of deleted objects, in the time and at the priority of the thread that deleted them:
 * when it is preempted it takes them along. If it is destroyed itself meanwhile, they go to who
 * destroys it, or, if it was at work on them, are left as orphans of its CPU. Those are taken apart
 * by the idle thread or by one that is not more urgent than the thread was.
 */
#ifndef KERNEL_REAP_H
#define KERNEL_REAP_H

#include "core/cpu.h"

/* Take the objects apart that the current thread t deleted (and orphans, if that is its affair)
 * before it goes on. Returns when none is left; otherwise (preemption point, or t itself died) does
 * not return. No lock held. */
void reap_in_current(struct cpu *own, struct thread *t);

/* The idle loop's share, if there are orphans: work until the next preemption point. */
void reap_some(struct cpu *own);

/* Move all objects of a list to the end of another one. */
void zombies_move(struct list *to, struct list *from);

#endif
