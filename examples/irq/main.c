/* SPDX-License-Identifier: MIT */
/* The interrupt library, with an interrupt that the program triggers itself: by waiting, by asking
 * for any, and by a handler that has a thread of its own. */
#include <pthread.h>
#include <stdio.h>
#include <l4/irq/irq.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/env.h>
#include <l4/sys/factory.h>
#include <l4/sys/ipc.h>
#include <l4/sys/irq.h>
#include <l4/util/util.h>
#include "lib/raw_thread.h"

enum { TIMES = 3 };

static volatile int handled;

static l4_cap_idx_t make_irq(void)
{
	l4_cap_idx_t irq = l4re_util_cap_alloc();

	check(l4_error(l4_factory_create_irq(l4re_env()->factory, irq)), "interrupt");
	return irq;
}

static void by_waiting(l4_cap_idx_t cap)
{
	l4irq_t *irq = l4irq_attach_cap(cap), *came;

	if (!irq)
		check(-L4_EINVAL, "attach");
	for (int i = 0; i < TIMES; i++) {
		l4_irq_trigger(cap);
		check(-l4irq_wait(irq), "wait");
		printf("interrupt %d came\n", i);
	}
	l4_irq_trigger(cap);
	check(-l4irq_unmask_and_wait_any(irq, &came), "wait for any");
	printf("the one that came is %s\n", came == irq ? "ours" : "unknown");
	check(l4irq_detach(irq), "detach");
}

static void handler(void *data)
{
	printf("handler: %s %d\n", (const char *)data, handled);
	handled++;
}

static void by_handler(l4_cap_idx_t cap)
{
	char name[] = "call";
	l4irq_t *irq = l4irq_request_cap(cap, handler, name, -1, 0);

	if (!irq)
		check(-L4_EINVAL, "request");
	for (int i = 0; i < TIMES; i++) {
		l4_irq_trigger(cap);
		while (handled <= i)
			l4_sleep(1);
	}
	check(l4irq_release(irq), "release");
}

int main(void)
{
	by_waiting(make_irq());
	by_handler(make_irq());
	printf("released\n");
	return 0;
}
