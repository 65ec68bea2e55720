/* SPDX-License-Identifier: MIT */
/* Semaphores. */
#include "obj/semaphore.h"
#include "core/ipc.h"
#include "core/ipc_internal.h"
#include "core/sched.h"
#include "core/string.h"
#include "mm/kmem.h"
#include "obj/gate.h"
#include "obj/icu.h"
#include <l4/sys/consts.h>
#include <l4/sys/err.h>
#include <l4/sys/types.h>

enum { IRQ_TRIGGER = 2, IRQ_EOI = 4, SEM_DOWN = 0 };

static SLAB_CACHE(semaphore_cache, sizeof(struct semaphore), KOBJECT_ALIGN);

bool semaphore_unqueue(struct thread *t)
{
	if (!heap_contains(&t->sem_node))
		return false;
	heap_remove(&t->sem->waiters, &t->sem_node);
	return true;
}

static struct thread *pop_waiter(struct semaphore *s, bool up)
{
	struct heap_node *n;

	spin_lock(&wait_lock);
	n = s->waiters.root;
	if (n)
		heap_remove(&s->waiters, n);
	else if (up)
		s->count++;
	spin_unlock(&wait_lock);
	return n ? container_of(n, struct thread, sem_node) : NULL;
}

/* w was taken out of the queue: nobody else can wake it. */
static void wake(struct semaphore *s, struct thread *w, unsigned error)
{
	struct cpu *own = this_cpu(), *home = thread_lock(own, w);

	if (w->state == THREAD_SEM && w->sem == s) {
		timeout_clear(home, &w->timeout);
		if (error) {
			ipc_fail(w, error);
		} else {
			w->state = THREAD_READY;
			ipc_result(w, 0, w->regs.rsi);
		}
		sched_wake(own, home, w);
	}
	cpu_unlock_pair(own, home);
}

void semaphore_up(struct semaphore *s)
{
	struct thread *w = pop_waiter(s, true);

	if (s->base.pin && (!w || s->base.level)) {
		spin_lock(&s->base.irq_lock);
		irq_source_mask(&s->base, true);
		spin_unlock(&s->base.irq_lock);
	}
	if (w)
		wake(s, w, 0);
}

/* The counter has been taken down to 0: an edge source that was held back may come again. */
static void unmask_edge(struct semaphore *s)
{
	spin_lock(&s->base.irq_lock);
	if (!s->base.level && !s->base.masked)
		irq_source_mask(&s->base, false);
	spin_unlock(&s->base.irq_lock);
}

static u64 semaphore_down(struct semaphore *s, struct invocation *inv)
{
	struct cpu *c = this_cpu();
	struct thread *t = inv->caller;
	u64 when = 0;

	if (!(inv->rights & CAP_S))
		return reply_error(-L4_EPERM);
	if (!inv_receives(inv))
		return reply_error(-L4_EINVAL);
	t->utcb[UTCB_ERROR] = 0;
	spin_lock(&c->lock);
	spin_lock(&wait_lock);
	if (unlikely(s->base.obj.dead)) { /* it wakes nobody any more */
		spin_unlock(&wait_lock);
		spin_unlock(&c->lock);
		return reply_ipc_error(t, IPC_NOT_EXISTENT);
	}
	if (s->count > 0) {
		bool empty = --s->count == 0;

		spin_unlock(&wait_lock);
		spin_unlock(&c->lock);
		if (empty && s->base.pin)
			unmask_edge(s);
		return 0;
	}
	if (timeout_deadline(t, (u16)t->regs.r8, &when) && when <= rdtsc()) {
		spin_unlock(&wait_lock);
		spin_unlock(&c->lock);
		return reply_ipc_error(t, IPC_TIMEOUT | IPC_RECV_PHASE);
	}
	t->state = THREAD_SEM;
	t->sem = s;
	heap_insert(&s->waiters, &t->sem_node,
		    (u64)(255 - t->prio) << 56 | (++s->arrivals & ((1ULL << 56) - 1)));
	spin_unlock(&wait_lock);
	if (when)
		timeout_set(c, c, &t->timeout, when);
	spin_unlock(&c->lock);
	return REPLY_GONE;
}

static u64 semaphore_trigger(struct semaphore *s, struct invocation *inv)
{
	switch (inv_words(inv) ? inv->mr[0] & 0xffff : IRQ_TRIGGER) {
	case IRQ_TRIGGER:
		semaphore_up(s);
		return REPLY_NONE;
	case IRQ_EOI:
		spin_lock(&s->base.irq_lock);
		s->base.masked = false;
		if (s->count <= 0)
			irq_source_mask(&s->base, false);
		spin_unlock(&s->base.irq_lock);
		return REPLY_NONE;
	default:
		return reply_error(-L4_ENOSYS);
	}
}

static u64 semaphore_invoke(struct kobject *o, struct invocation *inv)
{
	struct semaphore *s = semaphore_of(o);

	if (inv_proto(inv) == L4_PROTO_IRQ)
		return semaphore_trigger(s, inv);
	if (inv_proto(inv) != L4_PROTO_SEMAPHORE)
		return reply_error(-L4_EBADPROTO);
	if (!inv_words(inv))
		return reply_error(-L4_EINVAL);
	if ((inv->mr[0] & 0xffff) != SEM_DOWN)
		return reply_error(-L4_ENOSYS);
	return semaphore_down(s, inv);
}

static bool semaphore_destroy(struct kobject *o)
{
	struct semaphore *s = semaphore_of(o);
	struct thread *w = pop_waiter(s, false);

	if (w) {
		wake(s, w, IPC_NOT_EXISTENT);
		return false;
	}
	pin_unbind(&s->base);
	return true;
}

static void semaphore_free(struct kobject *o)
{
	slab_free(&semaphore_cache, o->quota, semaphore_of(o));
}

static const struct kobject_ops semaphore_ops = { "semaphore", semaphore_invoke, semaphore_destroy,
						  semaphore_free };

struct semaphore *semaphore_create(struct quota *q)
{
	struct semaphore *s = slab_alloc(&semaphore_cache, q);

	if (!s)
		return NULL;
	memset(s, 0, sizeof(*s));
	kobject_init(&s->base.obj, KOBJ_SEMAPHORE, &semaphore_ops, q);
	return s;
}
