/* SPDX-License-Identifier: MIT */
/* IPC gates. */
#include "obj/gate.h"
#include "core/fault.h"
#include "core/ipc.h"
#include "core/ipc_internal.h"
#include "core/preempt.h"
#include "core/sched.h"
#include "core/syscall.h"
#include "mm/kmem.h"
#include "obj/irq.h"
#include "obj/semaphore.h"
#include <l4/sys/err.h>

enum { GATE_BIND = 0x10, GATE_INFO = 0x11, GATE_DEC_REFCNT = 0 };

static SLAB_CACHE(gate_cache, sizeof(struct gate), KOBJECT_ALIGN);
struct spinlock wait_lock;

/* Wake w, which has just left the waiters of g. fail: with an error, else to retry. */
static rarely void wake(struct gate *g, struct thread *w, bool fail)
{
	struct cpu *own = this_cpu(), *home = thread_lock(own, w);

	if (w->state == THREAD_GATE && w->gate == g) {
		timeout_clear(home, &w->timeout);
		if (fail) {
			ipc_fail(w, IPC_NOT_EXISTENT);
		} else {
			w->state = THREAD_READY;
			w->cont = w->cont ? fault_retry : syscall_restart;
		}
		sched_wake(own, home, w);
	}
	cpu_unlock_pair(own, home);
}

/* Wake one thread that waits on g; false if there is none. */
static bool wake_waiter(struct gate *g, bool fail)
{
	struct thread *w = NULL;

	spin_lock(&wait_lock);
	if (!list_empty(&g->waiters)) {
		w = list_first(&g->waiters, struct thread, wait_link);
		list_remove(&w->wait_link);
	}
	spin_unlock(&wait_lock);
	if (unlikely(w))
		wake(g, w, fail);
	return w;
}

/* False if the gate or the thread is dying (the gate is unbound then, perhaps). */
static bool rebind(struct gate *g, struct thread *t, u64 label)
{
	bool ok;

	spin_lock(&g->obj.lock);
	if (g->thread)
		thread_detach(g->thread, &g->link);
	WRITE_ONCE(g->thread, NULL);
	barrier();
	WRITE_ONCE(g->label, label);
	barrier();
	ok = !g->obj.dead && thread_attach(t, &t->gates, &g->link);
	if (ok)
		WRITE_ONCE(g->thread, t);
	spin_unlock(&g->obj.lock);
	return ok;
}

/* Let those who wait for the gate send. A restart goes on with that, it does not bind again. */
static u64 wake_all(struct gate *g, struct invocation *inv)
{
	while (READ_ONCE(g->thread) && wake_waiter(g, false)) {
		if (!preempt_pending())
			continue;
		restart_begin(inv->caller)->item = 1;
		return REPLY_RESTART;
	}
	return 0;
}

static u64 gate_bind(struct gate *g, struct invocation *inv)
{
	struct cap_ref ref;
	u64 label;

	if (restart_state(inv->caller))
		return wake_all(g, inv);
	ref = invocation_cap(inv);
	if (inv_words(inv) < 2)
		return reply_error(-L4_EMSGTOOSHORT);
	if (!ref.obj)
		return ref.error;
	label = inv->mr[1];
	if (ref.obj->type != KOBJ_THREAD || (label & 3))
		return reply_error(-L4_EINVAL);
	if (!(inv->rights & CAP_S) || !(ref.rights & CAP_S))
		return reply_error(-L4_EPERM);
	if (!rebind(g, thread_of(ref.obj), label))
		return reply_error(-L4_EINVAL);
	return wake_all(g, inv);
}

/* Subtract from the number of counted capabilities: the object then dies with an earlier unmap. */
static u64 gate_dec_refcount(struct gate *g, struct invocation *inv)
{
	s64 n;

	if (inv_words(inv) < 2)
		return reply_error(-L4_EINVAL);
	spin_lock(&g->obj.lock);
	n = g->obj.counted -= (s64)inv->mr[1];
	spin_unlock(&g->obj.lock);
	reply_mr(inv)[0] = (u64)n;
	return reply_words(0, 1);
}

static u64 gate_invoke(struct kobject *o, struct invocation *inv)
{
	struct gate *g = gate_of(o);

	if (!inv_words(inv))
		return reply_error(-L4_EINVAL);
	switch (inv->mr[0]) {
	case GATE_BIND:
		return gate_bind(g, inv);
	case GATE_INFO:
		reply_mr(inv)[0] = g->label;
		return reply_words(0, 1);
	case GATE_DEC_REFCNT:
		return gate_dec_refcount(g, inv);
	default:
		return reply_error(-L4_ENOSYS);
	}
}

bool gate_wait(struct cpu *c, struct thread *t, struct gate *g)
{
	u16 to = t->timeouts >> 16;
	unsigned error = 0;
	u64 when = 0;

	spin_lock(&c->lock);
	spin_lock(&wait_lock);
	if (g->obj.dead)
		error = IPC_NOT_EXISTENT;
	else if (to && timeout_deadline(t, to, &when) && when <= rdtsc())
		error = IPC_TIMEOUT;
	if (error || READ_ONCE(g->thread)) {
		spin_unlock(&wait_lock);
		spin_unlock(&c->lock);
		if (error)
			return ipc_complete_error(c, t, error);
		t->cont = t->cont ? fault_retry : syscall_restart;
		resume_current(c);
	}
	t->state = THREAD_GATE;
	t->gate = g;
	list_push_back(&g->waiters, &t->wait_link);
	spin_unlock(&wait_lock);
	if (when)
		timeout_set(c, c, &t->timeout, when);
	schedule(c);
}

bool wait_abort(struct thread *t, unsigned code)
{
	bool found;

	spin_lock(&wait_lock);
	if (t->state == THREAD_GATE) {
		found = !list_empty(&t->wait_link);
		list_remove(&t->wait_link);
	} else {
		found = semaphore_unqueue(t);
		code |= IPC_RECV_PHASE;
	}
	spin_unlock(&wait_lock);
	if (found)
		ipc_fail(t, code);
	return found;
}

void gate_unbind(struct gate *g, struct thread *t)
{
	spin_lock(&g->obj.lock);
	if (g->thread == t) {
		thread_detach(t, &g->link);
		WRITE_ONCE(g->thread, NULL);
	}
	spin_unlock(&g->obj.lock);
}

static bool gate_destroy(struct kobject *o)
{
	struct gate *g = gate_of(o);
	struct thread *t;

	if (wake_waiter(g, true))
		return false;
	spin_lock(&o->lock);
	t = g->thread;
	if (t) {
		thread_detach(t, &g->link);
		WRITE_ONCE(g->thread, NULL);
	}
	spin_unlock(&o->lock);
	if (t)
		thread_gate_deleted(t);
	return true;
}

static void gate_free(struct kobject *o)
{
	slab_free(&gate_cache, o->quota, gate_of(o));
}

static const struct kobject_ops gate_ops = { "gate", gate_invoke, gate_destroy, gate_free };

struct gate *gate_create(struct quota *q, struct thread *thread, u64 label)
{
	struct gate *g = slab_alloc(&gate_cache, q);

	if (!g)
		return NULL;
	list_init(&g->link);
	list_init(&g->waiters);
	kobject_init(&g->obj, KOBJ_GATE, &gate_ops, q);
	g->thread = thread && thread_attach(thread, &thread->gates, &g->link) ? thread : NULL;
	g->label = label;
	return g;
}
