/* SPDX-License-Identifier: MIT */
/* Event channels, FIFO format. */
#include "shim/events.h"
#include "xen/types.h"

#define PENDING	  (1U << XEN_FIFO_PENDING)
#define MASKED	  (1U << XEN_FIFO_MASKED)
#define LINKED	  (1U << XEN_FIFO_LINKED)
#define LINK_MASK ((1U << XEN_FIFO_LINK_BITS) - 1)

static void lock(struct events *e)
{
	while (__atomic_exchange_n(&e->fifo.lock, 1, __ATOMIC_ACQUIRE))
		e->effects->relax(e->context);
}

static void unlock(struct events *e)
{
	__atomic_store_n(&e->fifo.lock, 0, __ATOMIC_RELEASE);
}

/* The port's word; NULL if the array is not that long. */
static uint32_t *word_of(const struct events *e, uint32_t port)
{
	unsigned page = port / XEN_FIFO_PAGE_WORDS;

	if (page >= e->fifo.pages)
		return NULL;
	return &e->fifo.words[page][port % XEN_FIFO_PAGE_WORDS];
}

/* Let the last port of a queue refer to the next one. False: the guest has taken it out. */
static bool link_behind(struct events *e, uint32_t last, uint32_t port)
{
	uint32_t *word = word_of(e, last), old;

	if (!last || !word)
		return false;
	old = __atomic_load_n(word, __ATOMIC_SEQ_CST);
	do {
		if (!(old & LINKED))
			return false;
	} while (!__atomic_compare_exchange_n(word, &old, (old & ~LINK_MASK) | port, false,
					      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	return true;
}

/* The port is going to another queue than the last time: no queue may end with it. */
static void forget_tails(struct events *e, uint32_t port)
{
	for (unsigned v = 0; v < e->vcpus; v++)
		for (unsigned q = 0; q < XEN_FIFO_QUEUES; q++)
			if (e->fifo.queues[v].tail[q] == port)
				e->fifo.queues[v].tail[q] = 0;
	e->channels[port].moved = false;
}

/* Put a port at the end of its queue; true if that was empty. Lock held. */
static bool enqueue(struct events *e, uint32_t port)
{
	struct event_channel *c = &e->channels[port];
	struct fifo_queues *q = &e->fifo.queues[c->vcpu];
	bool first;

	if (c->moved)
		forget_tails(e, port);
	if (q->tail[c->priority] == port)
		q->tail[c->priority] = 0; /* the guest has taken it out, so it was the last one */
	first = !link_behind(e, q->tail[c->priority], port);
	if (first)
		__atomic_store_n(&q->control->head[c->priority], port, __ATOMIC_SEQ_CST);
	q->tail[c->priority] = port;
	return first;
}

static void link_port(struct events *e, uint32_t port, uint32_t *word)
{
	unsigned vcpu = e->channels[port].vcpu;
	uint32_t bit = 1U << e->channels[port].priority;
	struct xen_fifo_control *control = e->fifo.queues[vcpu].control;
	bool first = false;

	if (!control)
		return;
	lock(e);
	if (!(__atomic_fetch_or(word, LINKED, __ATOMIC_SEQ_CST) & LINKED))
		first = enqueue(e, port);
	unlock(e);
	if (first && !(__atomic_fetch_or(&control->ready, bit, __ATOMIC_SEQ_CST) & bit))
		events_mark(e, vcpu);
}

void fifo_show(struct events *e, uint32_t port)
{
	uint32_t *word = word_of(e, port), now = word ? __atomic_load_n(word, __ATOMIC_SEQ_CST) : 0;

	if ((now & (PENDING | MASKED | LINKED)) == PENDING)
		link_port(e, port, word);
}

bool fifo_raise(struct events *e, uint32_t port)
{
	uint32_t *word = word_of(e, port), old;

	if (!word) {
		e->channels[port].early = true;
		return false;
	}
	old = __atomic_fetch_or(word, PENDING, __ATOMIC_SEQ_CST);
	if (!(old & (MASKED | LINKED)))
		link_port(e, port, word);
	return !(old & PENDING);
}

bool fifo_pending(const struct events *e, uint32_t port)
{
	const uint32_t *word = word_of(e, port);

	return word ? __atomic_load_n(word, __ATOMIC_SEQ_CST) & PENDING : e->channels[port].early;
}

void fifo_clear(struct events *e, uint32_t port)
{
	uint32_t *word = word_of(e, port);

	e->channels[port].early = false;
	if (word)
		__atomic_fetch_and(word, ~PENDING, __ATOMIC_SEQ_CST);
}

void fifo_unmask(struct events *e, uint32_t port)
{
	uint32_t *word = word_of(e, port);

	if (word)
		__atomic_fetch_and(word, ~MASKED, __ATOMIC_SEQ_CST);
	fifo_show(e, port);
}

/* What was pending before is made so again when the array has a word for it. */
static void begin(struct events *e)
{
	for (uint32_t port = 1; port < e->ports; port++) {
		struct event_channel *c = &e->channels[port];

		c->early = c->status != XEN_EVENT_CLOSED && events_pending(e, port);
		c->priority = XEN_FIFO_PRIORITY;
		c->moved = false;
	}
	e->fifo.on = true;
}

int fifo_init_control(struct events *e, void *argument)
{
	struct xen_event_init_control *a = argument;
	char *page;

	if (a->vcpu >= e->vcpus)
		return -XEN_ENOENT;
	if (a->offset % 8 || a->offset > XEN_FIFO_PAGE_BYTES - sizeof(struct xen_fifo_control) ||
	    e->fifo.queues[a->vcpu].control)
		return -XEN_EINVAL;
	page = e->effects->page(e->context, a->control_frame);
	if (!page)
		return -XEN_EINVAL;
	e->fifo.queues[a->vcpu].control = (struct xen_fifo_control *)(page + a->offset);
	if (!e->fifo.on)
		begin(e);
	for (uint32_t port = 1; port < e->ports; port++)
		if (e->channels[port].vcpu == a->vcpu)
			fifo_show(e, port); /* sent when there was no queue for it */
	a->link_bits = XEN_FIFO_LINK_BITS;
	return 0;
}

int fifo_expand_array(struct events *e, void *argument)
{
	const struct xen_event_expand_array *a = argument;
	uint32_t port = e->fifo.pages * XEN_FIFO_PAGE_WORDS, end = port + XEN_FIFO_PAGE_WORDS;
	uint32_t *page;

	if (!e->fifo.on)
		return -XEN_EOPNOTSUPP;
	if (e->fifo.pages == FIFO_PAGES || port >= e->ports)
		return -XEN_ENOSPC;
	page = e->effects->page(e->context, a->array_frame);
	if (!page)
		return -XEN_EINVAL;
	e->fifo.words[e->fifo.pages] = page;
	__atomic_store_n(&e->fifo.pages, e->fifo.pages + 1, __ATOMIC_SEQ_CST);
	for (; port < end && port < e->ports; port++)
		if (e->channels[port].early) {
			e->channels[port].early = false;
			events_raise(e, port);
		}
	return 0;
}

int fifo_set_priority(struct events *e, void *argument)
{
	const struct xen_event_set_priority *a = argument;

	if (!e->fifo.on)
		return -XEN_ENOSYS;
	if (!a->port || a->port >= e->ports || e->channels[a->port].status == XEN_EVENT_CLOSED ||
	    a->priority >= XEN_FIFO_QUEUES)
		return -XEN_EINVAL;
	e->channels[a->port].priority = a->priority;
	e->channels[a->port].moved = true;
	return 0;
}

void fifo_leave(struct events *e)
{
	lock(e);
	e->fifo.on = false;
	e->fifo.pages = 0;
	for (unsigned v = 0; v < e->vcpus; v++)
		e->fifo.queues[v] = (struct fifo_queues){ 0 };
	unlock(e);
}
