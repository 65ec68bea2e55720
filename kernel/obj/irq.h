/* SPDX-License-Identifier: MIT */
/*
 * IRQ object: turns an interrupt, or a trigger by software, into a message. Abi spec 7.6. An IRQ
 * or a semaphore can be bound to a pin of an interrupt source (obj/icu.h); the common part of both
 * is struct irq_base.
 */
#ifndef KERNEL_IRQ_H
#define KERNEL_IRQ_H

#include "obj/thread.h"

struct pin;

struct irq_base {
	struct kobject obj;
	struct spinlock irq_lock; /* guards the rest, and is taken before CPU locks */
	struct pin *pin;	  /* NULL: software only */
	bool masked;		  /* as user land set it; applied to the pin */
	bool level;
};

struct irq {
	struct irq_base base;
	struct thread *thread;
	struct list link; /* in thread->irqs, under thread->bind_lock */
	struct sender sender;
	bool pending;		    /* edge, while unbound */
	struct thread *deletion_of; /* thread that has this as its deletion IRQ, at most one */
	bool auto_masked;	    /* masked because a message was queued already */
};

static inline struct irq_base *irq_base_of(struct kobject *o)
{
	return container_of(o, struct irq_base, obj);
}

static inline struct irq *irq_of(struct kobject *o)
{
	return container_of(irq_base_of(o), struct irq, base);
}

static inline struct sender *irq_sender(struct kobject *o)
{
	return &irq_of(o)->sender;
}

struct irq *irq_create(struct quota *q);

/* The source has fired (interrupt) or software triggers. No lock held. */
void irq_trigger(struct irq *i);

/* Fire whatever is bound to a pin. */
void irq_base_fire(struct irq_base *b);

/* The thread dies: unbind. */
void irq_unbind_thread(struct irq *i, struct thread *t);

/* Make i the deletion IRQ of t, and of no other thread, and bound to no pin: whoever dies first,
 * the other one forgets it. 0, -L4_EBUSY (t has one), -L4_EINVAL (one of them is dying). */
int irq_watch_thread(struct irq *i, struct thread *t);
/* i is no longer the deletion IRQ of t, if it was. */
void irq_unwatch_thread(struct irq *i, struct thread *t);

/* b has got a pin, which is its only source from now on and sends interrupts to the CPU of the
 * thread that b is bound to, if any. irq_lock held. */
void irq_pin_bound(struct irq_base *b);

/* Mask or unmask the source if there is one. irq_lock held. */
void irq_source_mask(struct irq_base *b, bool mask);

#endif
