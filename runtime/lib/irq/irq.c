/* SPDX-License-Identifier: MIT */
/* Interrupts: attaching, waiting, handler threads. */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>
#include <l4/irq/irq.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/env.h>
#include <l4/sys/factory.h>
#include <l4/sys/icu.h>
#include <l4/sys/ipc.h>
#include <l4/sys/irq.h>
#include <l4/sys/rcv_endpoint.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/task.h>

enum { NO_NUMBER = -1, INHERIT = -1 };

struct l4irq_t {
	l4_cap_idx_t cap;
	l4_cap_idx_t icu; /* that it is bound to, or invalid */
	int number;	  /* there */
	bool own_cap;	  /* made here */
	bool unmask_at_icu;
	volatile bool stop; /* the handler thread is to end */
	void (*handler)(void *);
	void *data;
	pthread_t thread;
} __attribute__((aligned(16)));

/* Thread identifiers of the C library are slots of thread capabilities. */
static l4_cap_idx_t own_thread(void)
{
	return (l4_cap_idx_t)gettid() << L4_CAP_SHIFT;
}

/* --- Making and binding --- */

static void forget(l4irq_t *irq)
{
	if (irq->own_cap && l4_is_valid_cap(irq->cap)) {
		l4_task_delete_obj(L4RE_THIS_TASK_CAP, irq->cap);
		l4re_util_cap_free(irq->cap);
	}
	free(irq);
}

static l4irq_t *make(l4_cap_idx_t cap)
{
	l4irq_t *irq = aligned_alloc(__alignof__(*irq), sizeof(*irq));

	if (irq)
		*irq = (l4irq_t){ .cap = cap, .icu = L4_INVALID_CAP, .number = NO_NUMBER };
	return irq;
}

static long create_object(l4irq_t *irq)
{
	irq->cap = l4re_util_cap_alloc();
	if (!l4_is_valid_cap(irq->cap))
		return -L4_ENOMEM;
	irq->own_cap = true;
	return l4_error(l4_factory_create_irq(l4re_env()->factory, irq->cap));
}

/* A new interrupt object for a number of the interrupt controller. */
static l4irq_t *make_numbered(int number, unsigned mode)
{
	l4_cap_idx_t icu = l4re_env_get_cap("icu");
	l4irq_t *irq = l4_is_valid_cap(icu) && number >= 0 ? make(L4_INVALID_CAP) : NULL;
	long result;

	if (!irq)
		return NULL;
	result = create_object(irq);
	if (result >= 0 && mode)
		result = l4_error(l4_icu_set_mode(icu, (unsigned)number, mode));
	if (result >= 0)
		result = l4_error(l4_icu_bind(icu, (unsigned)number, irq->cap));
	if (result < 0) {
		forget(irq);
		return NULL;
	}
	irq->icu = icu;
	irq->number = number;
	irq->unmask_at_icu = result == 1;
	return irq;
}

static void unbind(l4irq_t *irq)
{
	if (l4_is_valid_cap(irq->icu))
		l4_icu_unbind(irq->icu, (unsigned)irq->number, irq->cap);
}

static l4irq_t *attach(l4irq_t *irq, l4_cap_idx_t thread)
{
	if (!irq || l4_error(l4_rcv_ep_bind_thread(irq->cap, thread, (l4_umword_t)irq)) >= 0)
		return irq;
	unbind(irq);
	forget(irq);
	return NULL;
}

l4irq_t *l4irq_attach_thread_ft(int irqnum, l4_cap_idx_t to_thread, unsigned mode)
{
	return attach(make_numbered(irqnum, mode), to_thread);
}

l4irq_t *l4irq_attach_thread(int irqnum, l4_cap_idx_t to_thread)
{
	return l4irq_attach_thread_ft(irqnum, to_thread, L4_IRQ_F_NONE);
}

l4irq_t *l4irq_attach_ft(int irqnum, unsigned mode)
{
	return l4irq_attach_thread_ft(irqnum, own_thread(), mode);
}

l4irq_t *l4irq_attach(int irqnum)
{
	return l4irq_attach_ft(irqnum, L4_IRQ_F_NONE);
}

l4irq_t *l4irq_attach_thread_cap_ft(l4_cap_idx_t irqcap, l4_cap_idx_t to_thread, unsigned mode)
{
	(void)mode;
	return attach(make(irqcap), to_thread);
}

l4irq_t *l4irq_attach_thread_cap(l4_cap_idx_t irqcap, l4_cap_idx_t to_thread)
{
	return attach(make(irqcap), to_thread);
}

l4irq_t *l4irq_attach_cap_ft(l4_cap_idx_t irqcap, unsigned mode)
{
	return l4irq_attach_thread_cap_ft(irqcap, own_thread(), mode);
}

l4irq_t *l4irq_attach_cap(l4_cap_idx_t irqcap)
{
	return l4irq_attach_thread_cap(irqcap, own_thread());
}

/* --- Waiting --- */

static long code_of(l4_msgtag_t tag)
{
	return (long)l4_ipc_error(tag, l4_utcb());
}

long l4irq_unmask(l4irq_t *irq)
{
	if (irq->unmask_at_icu)
		return code_of(l4_icu_unmask(irq->icu, (unsigned)irq->number, NULL, L4_IPC_NEVER));
	return code_of(l4_irq_unmask(irq->cap));
}

long l4irq_wait(l4irq_t *irq)
{
	if (!irq->unmask_at_icu)
		return code_of(l4_irq_receive(irq->cap, L4_IPC_NEVER));
	l4irq_unmask(irq);
	return code_of(l4_ipc_receive(irq->cap, l4_utcb(), L4_IPC_NEVER));
}

long l4irq_wait_any(l4irq_t **irq)
{
	l4_umword_t label;
	l4_msgtag_t tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);

	*irq = l4_msgtag_has_error(tag) ? NULL : (l4irq_t *)label;
	return code_of(tag);
}

long l4irq_unmask_and_wait_any(l4irq_t *unmask_irq, l4irq_t **ret_irq)
{
	long result = l4irq_unmask(unmask_irq);

	return result ? result : l4irq_wait_any(ret_irq);
}

long l4irq_detach(l4irq_t *irq)
{
	long result = l4_error(l4_irq_detach(irq->cap));

	unbind(irq);
	forget(irq);
	return result < 0 ? result : 0;
}

/* --- Handler threads --- */

/* The thread attaches itself, so that its creator need not know its capability. */
struct start {
	l4irq_t *irq;
	int priority;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int state; /* 0: not tried yet, 1: attached, -1: failed */
};

static long prepare(const struct start *s)
{
	l4_sched_param_t param = l4_sched_param((unsigned)s->priority, 0);
	long result = 0;

	if (s->priority != INHERIT)
		result =
		    l4_error(l4_scheduler_run_thread(l4re_env()->scheduler, own_thread(), &param));
	if (result < 0)
		return result;
	return l4_error(l4_rcv_ep_bind_thread(s->irq->cap, own_thread(), (l4_umword_t)s->irq));
}

static void *handler_thread(void *argument)
{
	struct start *s = argument;
	l4irq_t *irq = s->irq;
	int state = prepare(s) < 0 ? -1 : 1;

	pthread_mutex_lock(&s->lock);
	s->state = state;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
	while (state == 1 && !l4irq_wait(irq) && !irq->stop)
		irq->handler(irq->data);
	return NULL;
}

static bool start_thread(l4irq_t *irq, int priority)
{
	struct start s = { .irq = irq,
			   .priority = priority,
			   .lock = PTHREAD_MUTEX_INITIALIZER,
			   .changed = PTHREAD_COND_INITIALIZER };

	if (pthread_create(&irq->thread, NULL, handler_thread, &s))
		return false;
	pthread_mutex_lock(&s.lock);
	while (!s.state)
		pthread_cond_wait(&s.changed, &s.lock);
	pthread_mutex_unlock(&s.lock);
	if (s.state == 1)
		return true;
	pthread_join(irq->thread, NULL);
	return false;
}

static l4irq_t *request(l4irq_t *irq, void (*handler)(void *), void *data, int priority)
{
	if (!irq)
		return NULL;
	irq->handler = handler;
	irq->data = data;
	if (start_thread(irq, priority))
		return irq;
	unbind(irq);
	forget(irq);
	return NULL;
}

l4irq_t *l4irq_request(int irqnum, void (*isr_handler)(void *), void *isr_data, int irq_thread_prio,
		       unsigned mode)
{
	return request(make_numbered(irqnum, mode), isr_handler, isr_data, irq_thread_prio);
}

l4irq_t *l4irq_request_cap(l4_cap_idx_t irqcap, void (*isr_handler)(void *), void *isr_data,
			   int irq_thread_prio, unsigned mode)
{
	(void)mode;
	return request(make(irqcap), isr_handler, isr_data, irq_thread_prio);
}

/* A last interrupt wakes the thread, whose end detaches it. */
long l4irq_release(l4irq_t *irq)
{
	long result;

	irq->stop = true;
	l4_irq_trigger(irq->cap);
	if (pthread_join(irq->thread, NULL))
		return -L4_EINVAL;
	result = l4irq_detach(irq);
	return result == -L4_ENOENT ? 0 : result;
}
