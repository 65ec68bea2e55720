/* SPDX-License-Identifier: MIT */
/* IRQ objects. */
#include "obj/irq.h"
#include "core/ipc.h"
#include "core/ipc_internal.h"
#include "core/sched.h"
#include "core/string.h"
#include "mm/kmem.h"
#include "obj/icu.h"
#include "obj/semaphore.h"
#include <l4/sys/consts.h>
#include <l4/sys/err.h>
#include <l4/sys/types.h>

enum { SENDER_DETACH = 1, IRQ_TRIGGER = 2, IRQ_EOI = 4, KOBJECT_BIND = 0x10 };

static SLAB_CACHE(irq_cache, sizeof(struct irq), KOBJECT_ALIGN);

void irq_source_mask(struct irq_base *b, bool mask)
{
	if (b->pin)
		pin_mask(b->pin, mask);
}

/* Send the interrupts of the pin to the CPU of the thread. irq_lock held. */
static void follow_thread(struct irq *i)
{
	if (i->thread && i->base.pin)
		pin_follow(i->base.pin, READ_ONCE(i->thread->cpu));
}

/*
 * The common case: the thread waits on this CPU and is more urgent than the current one. It becomes
 * the next to run. False, and nothing has happened, if it is not so. irq_lock held.
 */
static always_inline bool deliver_here(struct irq *i)
{
	struct cpu *c = this_cpu();
	struct thread *r = i->thread;
	bool fits;

	spin_lock(&c->lock);
	fits = r->cpu == c && r->state == THREAD_RECV && r->plain_wait && !c->next &&
	       r->prio > c->cur_prio && (!r->wait_for || r->wait_for == i->sender.id);
	if (likely(fits)) {
		r->state = THREAD_READY;
		r->call_token = 0;
		r->regs.rax = 0;
		r->regs.rsi = i->sender.label;
		r->eff_prio = r->prio;
		r->queued = true;
		c->next = r;
		c->need_resched |= RESCHED_NEXT;
	}
	spin_unlock(&c->lock);
	return fits;
}

/* Hand the message over or queue it; the next interrupt may come to the thread's CPU at once.
 * irq_lock held, thread set. */
static void deliver(struct irq *i)
{
	struct cpu *own = this_cpu(), *home = thread_lock(own, i->thread);

	if (i->sender.receiver) {
		if (!i->base.level) {
			irq_source_mask(&i->base, true);
			i->auto_masked = true;
		}
	} else if (i->thread->state != THREAD_DEAD) {
		ipc_send_irq(own, i->thread, &i->sender);
	}
	cpu_unlock_pair(own, home);
	if (home != own)
		follow_thread(i);
}

/* All cases. irq_lock held on entry, released. */
static noinline void trigger_slowly(struct irq *i)
{
	if (i->base.level)
		irq_source_mask(&i->base, true);
	if (i->thread) {
		deliver(i);
	} else if (!i->base.level) {
		i->pending = true;
		irq_source_mask(&i->base, true);
		i->auto_masked = i->base.pin != NULL;
	}
	spin_unlock(&i->base.irq_lock);
}

static always_inline void trigger(struct irq *i)
{
	spin_lock(&i->base.irq_lock);
	if (likely(!i->base.level && i->thread) && likely(deliver_here(i)))
		spin_unlock(&i->base.irq_lock);
	else
		trigger_slowly(i);
}

void irq_trigger(struct irq *i)
{
	trigger(i);
}

void irq_base_fire(struct irq_base *b)
{
	if (b->obj.type == KOBJ_SEMAPHORE)
		semaphore_up(semaphore_of(&b->obj));
	else
		irq_trigger(irq_of(&b->obj));
}

/* A queued message was received: what was held back at the source may come again. */
void irq_message_taken(struct sender *s)
{
	struct irq *i = container_of(s, struct irq, sender);

	if (!READ_ONCE(i->auto_masked))
		return;
	spin_lock(&i->base.irq_lock);
	if (i->auto_masked) {
		i->auto_masked = false;
		if (!i->base.masked)
			irq_source_mask(&i->base, false);
	}
	spin_unlock(&i->base.irq_lock);
}

/* Take the message out of the thread's queue; true if it was there. irq_lock held. */
static bool unqueue(struct irq *i)
{
	struct cpu *own = this_cpu(), *home = thread_lock(own, i->thread);
	bool queued = i->sender.receiver != NULL;

	if (queued)
		sender_dequeue(&i->sender);
	cpu_unlock_pair(own, home);
	return queued;
}

static void unlink_thread(struct irq *i)
{
	thread_detach(i->thread, &i->link);
	i->thread = NULL;
}

/* irq_lock held. False if the IRQ or the thread is dying (the IRQ is unbound then, perhaps). */
static bool bind_thread(struct irq *i, struct thread *t, u64 label)
{
	if (i->base.obj.dead || t->obj.dead)
		return false;
	if (i->thread) {
		i->pending |= unqueue(i);
		unlink_thread(i);
	}
	if (!thread_attach(t, &t->irqs, &i->link))
		return false;
	i->sender.label = label;
	i->thread = t;
	follow_thread(i);
	if (i->pending)
		deliver(i);
	i->pending = false;
	return true;
}

static rarely u64 irq_bind(struct irq *i, struct invocation *inv)
{
	struct cap_ref ref = invocation_cap(inv);
	bool ok;

	if (inv_words(inv) < 2)
		return reply_error(-L4_EMSGTOOSHORT);
	if (!ref.obj)
		return ref.error;
	if (ref.obj->type != KOBJ_THREAD)
		return reply_error(-L4_EINVAL);
	if (!(inv->rights & CAP_S) || !(ref.rights & CAP_S))
		return reply_error(-L4_EPERM);
	spin_lock(&i->base.irq_lock);
	ok = bind_thread(i, thread_of(ref.obj), inv->mr[1]);
	spin_unlock(&i->base.irq_lock);
	return ok ? 0 : reply_ipc_error(inv->caller, IPC_NOT_EXISTENT);
}

static rarely u64 irq_detach(struct irq *i, struct invocation *inv)
{
	u64 r;

	if (!(inv->rights & CAP_S))
		return reply_error(-L4_EPERM);
	spin_lock(&i->base.irq_lock);
	if (!i->thread) {
		r = reply_error(-L4_ENOENT);
	} else {
		r = reply_words(unqueue(i) ? 1 : 0, 0);
		unlink_thread(i);
	}
	spin_unlock(&i->base.irq_lock);
	return r;
}

static noinline void irq_eoi(struct irq *i)
{
	bool queued;

	spin_lock(&i->base.irq_lock);
	queued = i->pending || (i->thread && READ_ONCE(i->sender.receiver));
	i->base.masked = false;
	if (!queued) {
		i->auto_masked = false;
		irq_source_mask(&i->base, false);
	}
	spin_unlock(&i->base.irq_lock);
}

static always_inline u64 irq_trigger_protocol(struct irq *i, struct invocation *inv)
{
	unsigned op = inv_words(inv) ? inv->mr[0] & 0xffff : IRQ_TRIGGER;

	if (likely(op == IRQ_TRIGGER))
		trigger(i);
	else if (op == IRQ_EOI)
		irq_eoi(i);
	else
		return reply_error(-L4_ENOSYS);
	return REPLY_NONE;
}

static noinline u64 irq_methods(struct irq *i, struct invocation *inv)
{
	long proto = inv_proto(inv);

	if (proto != L4_PROTO_KOBJECT && proto != L4_PROTO_IRQ_SENDER)
		return reply_error(-L4_EBADPROTO);
	if (!inv_words(inv))
		return reply_error(-L4_EINVAL);
	if (proto == L4_PROTO_KOBJECT)
		return (inv->mr[0] & 0xffff) == KOBJECT_BIND ? irq_bind(i, inv)
							     : reply_error(-L4_ENOSYS);
	return (inv->mr[0] & 0xffff) == SENDER_DETACH ? irq_detach(i, inv)
						      : reply_error(-L4_ENOSYS);
}

static u64 irq_invoke(struct kobject *o, struct invocation *inv)
{
	if (likely(inv_proto(inv) == L4_PROTO_IRQ))
		return irq_trigger_protocol(irq_of(o), inv);
	return irq_methods(irq_of(o), inv);
}

void irq_unbind_thread(struct irq *i, struct thread *t)
{
	spin_lock(&i->base.irq_lock);
	if (i->thread == t) {
		bool queued = unqueue(i);

		unlink_thread(i);
		i->pending = queued && !i->base.level;
	}
	spin_unlock(&i->base.irq_lock);
}

/* t's side of the bond; irq_lock held. */
static rarely int set_deletion_irq(struct irq *i, struct thread *t)
{
	int err = 0;

	spin_lock(&t->bind_lock);
	if (t->obj.dead)
		err = -L4_EINVAL;
	else if (t->deletion_irq)
		err = -L4_EBUSY;
	else
		t->deletion_irq = i;
	spin_unlock(&t->bind_lock);
	return err;
}

/* irq_lock held. */
static rarely void forget_deletion(struct irq *i)
{
	struct thread *t = i->deletion_of;

	if (!t)
		return;
	spin_lock(&t->bind_lock);
	t->deletion_irq = NULL;
	spin_unlock(&t->bind_lock);
	i->deletion_of = NULL;
}

void irq_pin_bound(struct irq_base *b)
{
	if (b->obj.type != KOBJ_IRQ)
		return;
	forget_deletion(irq_of(&b->obj));
	follow_thread(irq_of(&b->obj));
}

int irq_watch_thread(struct irq *i, struct thread *t)
{
	int err;

	spin_lock(&i->base.irq_lock);
	err = i->base.obj.dead ? -L4_EINVAL : set_deletion_irq(i, t);
	if (!err) {
		forget_deletion(i);
		i->deletion_of = t;
	}
	spin_unlock(&i->base.irq_lock);
	if (!err)
		pin_unbind(&i->base);
	return err;
}

void irq_unwatch_thread(struct irq *i, struct thread *t)
{
	spin_lock(&i->base.irq_lock);
	if (i->deletion_of == t)
		forget_deletion(i);
	spin_unlock(&i->base.irq_lock);
}

static bool irq_destroy(struct kobject *o)
{
	struct irq *i = irq_of(o);

	pin_unbind(&i->base);
	spin_lock(&i->base.irq_lock);
	if (i->thread) {
		unqueue(i);
		unlink_thread(i);
	}
	forget_deletion(i);
	spin_unlock(&i->base.irq_lock);
	return true;
}

static void irq_free(struct kobject *o)
{
	slab_free(&irq_cache, o->quota, irq_of(o));
}

static const struct kobject_ops irq_ops = { "irq", irq_invoke, irq_destroy, irq_free };

struct irq *irq_create(struct quota *q)
{
	struct irq *i = slab_alloc(&irq_cache, q);

	if (!i)
		return NULL;
	memset(i, 0, sizeof(*i));
	kobject_init(&i->base.obj, KOBJ_IRQ, &irq_ops, q);
	i->base.masked = true;
	list_init(&i->link);
	i->sender.kind = SENDER_IRQ;
	i->sender.id = i->base.obj.id;
	return i;
}
