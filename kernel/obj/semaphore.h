/* SPDX-License-Identifier: MIT */
/* Semaphore: a counter that threads wait on and interrupts or programs raise. Abi spec 7.8. */
#ifndef KERNEL_SEMAPHORE_H
#define KERNEL_SEMAPHORE_H

#include "obj/irq.h"

struct semaphore {
	struct irq_base base;
	s64 count;	     /* under wait_lock */
	struct heap waiters; /* thread.sem_node by priority and arrival; under wait_lock */
	u64 arrivals;
};

static inline struct semaphore *semaphore_of(struct kobject *o)
{
	return container_of(irq_base_of(o), struct semaphore, base);
}

struct semaphore *semaphore_create(struct quota *q);

/* Wake the first waiter, or count. No lock held. */
void semaphore_up(struct semaphore *s);

/* Take t out of its semaphore's queue; false if it is not there any more. wait_lock held. */
bool semaphore_unqueue(struct thread *t);

#endif
