/* SPDX-License-Identifier: MIT */
/* IPC gate: an endpoint that carries a label to the thread it is bound to. Abi spec 7.5. */
#ifndef KERNEL_GATE_H
#define KERNEL_GATE_H

#include "obj/thread.h"

struct gate {
	struct kobject obj;
	struct thread *thread; /* NULL: unbound. Written under obj.lock, read without */
	u64 label;	       /* low two bits 0 */
	struct list link;      /* in thread->gates, under thread->bind_lock */
	struct list waiters;   /* threads that send to the unbound gate; under wait_lock */
};

static inline struct gate *gate_of(struct kobject *o)
{
	return container_of(o, struct gate, obj);
}

/*
 * Bound thread and label, which belong together: a rebinding clears the thread before it changes
 * the label. NULL if unbound.
 */
static always_inline struct thread *gate_target(struct gate *g, u64 *label)
{
	struct thread *r = READ_ONCE(g->thread);

	barrier();
	*label = READ_ONCE(g->label);
	barrier();
	while (unlikely(READ_ONCE(g->thread) != r)) {
		r = READ_ONCE(g->thread);
		barrier();
		*label = READ_ONCE(g->label);
		barrier();
	}
	return r;
}

/* 0, -L4_ENOMEM. thread may be NULL. */
struct gate *gate_create(struct quota *q, struct thread *thread, u64 label);

/* Block the current thread until the gate is bound (send timeout), then start over. As
 * ipc_send(). */
bool gate_wait(struct cpu *c, struct thread *t, struct gate *g);

/* Detach from a dying thread: its bind_lock is not held. */
void gate_unbind(struct gate *g, struct thread *t);

/* Lock of all queues of threads that wait for gates and semaphores; a leaf inside cpu.lock. */
extern struct spinlock wait_lock;

#endif
