/* SPDX-License-Identifier: MIT */
/*
 * Consumer of an event ring. There are no indices in shared memory: both sides walk the ring, and
 * the time of an element says whose it is. It is written last by the producer and cleared last by
 * the consumer.
 */
#include <l4/re/c/event_buffer.h>
#include <l4/re/c/rm.h>
#include <l4/sys/err.h>
#include <l4/sys/ipc.h>
#include <l4/sys/irq.h>
#include <l4/sys/rcv_endpoint.h>

struct ring {
	l4re_event_t *events;
	unsigned long count;
	unsigned long next;
};

L4_STATIC_ASSERT(sizeof(struct ring) <= sizeof(l4re_event_buffer_consumer_t));

static struct ring *ring_of(l4re_event_buffer_consumer_t *evbuf)
{
	return (struct ring *)(void *)evbuf->_obj_buf;
}

long l4re_event_buffer_attach(l4re_event_buffer_consumer_t *evbuf, l4re_ds_t ds, l4_cap_idx_t rm)
{
	unsigned long size = l4re_ds_size(ds);
	void *start = NULL;
	long result;

	if (size < sizeof(l4re_event_t))
		return -L4_EINVAL;
	result = l4re_rm_attach_srv(rm, &start, size, L4RE_RM_F_SEARCH_ADDR | L4RE_RM_F_RW,
				    ds | L4_CAP_FPAGE_RW, 0, L4_PAGESHIFT);
	if (result < 0)
		return result;
	*ring_of(evbuf) = (struct ring){ .events = start, .count = size / sizeof(l4re_event_t) };
	return 0;
}

long l4re_event_buffer_detach(l4re_event_buffer_consumer_t *evbuf, l4_cap_idx_t rm)
{
	struct ring *r = ring_of(evbuf);
	int result = l4re_rm_detach_srv(rm, (l4_addr_t)r->events, NULL, L4RE_THIS_TASK_CAP);

	if (result < 0)
		return result;
	*r = (struct ring){ 0 };
	return 0;
}

l4re_event_t *l4re_event_buffer_next(l4re_event_buffer_consumer_t *evbuf)
{
	struct ring *r = ring_of(evbuf);
	l4re_event_t *e = &r->events[r->next];

	if (!r->count || !__atomic_load_n(&e->time, __ATOMIC_ACQUIRE))
		return NULL;
	r->next = (r->next + 1) % r->count;
	return e;
}

void l4re_event_free(l4re_event_t *e)
{
	__atomic_store_n(&e->time, 0, __ATOMIC_RELEASE);
}

void l4re_event_buffer_consumer_foreach_available_event(l4re_event_buffer_consumer_t *evbuf,
							void *data, l4re_event_buffer_cb_t *cb)
{
	l4re_event_t *e;

	while ((e = l4re_event_buffer_next(evbuf))) {
		cb(e, data);
		l4re_event_free(e);
	}
}

void l4re_event_buffer_consumer_process(l4re_event_buffer_consumer_t *evbuf, l4_cap_idx_t irq,
					l4_cap_idx_t thread, void *data, l4re_event_buffer_cb_t *cb)
{
	if (l4_error(l4_rcv_ep_bind_thread(irq, thread, 0)) < 0)
		return;
	do {
		l4re_event_buffer_consumer_foreach_available_event(evbuf, data, cb);
	} while (!l4_msgtag_has_error(l4_irq_receive(irq, L4_IPC_NEVER)));
}
