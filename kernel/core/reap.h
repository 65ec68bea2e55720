/* SPDX-License-Identifier: MIT */
/* Destruction of deleted objects, in the time of the thread that deleted them. */
#ifndef KERNEL_REAP_H
#define KERNEL_REAP_H

#include "core/cpu.h"

/* Take zombies of this CPU apart before the current thread t goes on. Returns when none is left;
 * otherwise (preemption point, or t itself died) does not return. No lock held. */
void reap_in_current(struct cpu *own, struct thread *t);

/* The idle loop's share: work until the next preemption point. */
void reap_some(struct cpu *own);

#endif
