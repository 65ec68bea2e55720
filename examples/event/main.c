/* SPDX-License-Identifier: MIT */
/*
 * Events: a ring in a dataspace with an interrupt, as input servers have them. The producer is a
 * thread of this program, and ten events go through a ring that has room for fewer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <l4/re/c/event_buffer.h>
#include <l4/re/c/mem_alloc.h>
#include <l4/re/c/rm.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/event_enums.h>
#include <l4/sys/factory.h>
#include <l4/sys/irq.h>
#include <l4/util/thread.h>
#include <l4/util/util.h>
#include "lib/raw_thread.h"

enum { EVENTS = 10, ROOM = 4 };

static l4re_event_t *ring;
static l4_cap_idx_t irq;

/* Write the next event when its element is free; the time comes last. */
static void produce(unsigned n)
{
	l4re_event_t *e = &ring[n % ROOM];

	while (__atomic_load_n(&e->time, __ATOMIC_ACQUIRE))
		l4_sleep(1);
	e->type = L4RE_EV_KEY;
	e->code = (unsigned short)(L4RE_KEY_1 + n);
	e->value = 1;
	e->stream_id = 7;
	__atomic_store_n(&e->time, 1000 + n, __ATOMIC_RELEASE);
	l4_irq_trigger(irq);
}

L4UTIL_THREAD_STATIC_FUNC(producer)
{
	for (unsigned n = 0; n < EVENTS; n++)
		produce(n);
	l4_sleep_forever();
}

static void consume(l4re_event_t *e, void *data)
{
	unsigned *count = data;

	printf("event %u: type %u code %u value %d of stream %lu\n", *count, e->type, e->code,
	       e->value, e->stream_id);
	if (++*count == EVENTS)
		exit(0);
}

int main(void)
{
	l4re_event_buffer_consumer_t consumer;
	l4re_ds_t ds = l4re_util_cap_alloc();
	struct raw_thread thread;
	void *start = NULL;
	unsigned count = 0;

	irq = l4re_util_cap_alloc();
	check(l4_error(l4_factory_create_irq(l4re_env()->factory, irq)), "interrupt");
	check(l4re_ma_alloc(ROOM * sizeof(l4re_event_t), ds, 0), "allocate");
	check(l4re_rm_attach(&start, ROOM * sizeof(l4re_event_t),
			     L4RE_RM_F_SEARCH_ADDR | L4RE_RM_F_RW, ds | L4_CAP_FPAGE_RW, 0,
			     L4_PAGESHIFT),
	      "attach");
	ring = start;
	check(l4re_event_buffer_attach(&consumer, ds, l4re_env()->rm), "event buffer");
	raw_thread_start(&thread, producer, l4re_env()->rm, 0);
	l4re_event_buffer_consumer_process(&consumer, irq, l4re_env()->main_thread, &count,
					   consume);
	printf("the interrupt failed\n");
	return 1;
}
