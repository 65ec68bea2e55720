/* SPDX-License-Identifier: MIT */
/*
 * A software interrupt whose thread has a higher priority and waits: up to that thread, and until
 * the trigger has returned. Once with a plain receive, once with the unmask that drivers need.
 */
#include "groups.h"

#include <l4/sys/irq.h>
#include <l4/sys/rcv_endpoint.h>

static volatile uint32_t woken_at;
static l4_cap_idx_t irq;

static void wait_plain(void *unused)
{
	l4_utcb_t *utcb = l4_utcb();

	(void)unused;
	buffers_none();
	for (;;) {
		l4_ipc_receive(irq, utcb, L4_IPC_NEVER);
		woken_at = ticks_now();
	}
}

static void wait_unmask(void *unused)
{
	l4_utcb_t *utcb = l4_utcb();

	(void)unused;
	buffers_none();
	for (;;) {
		l4_irq_receive_u(irq, L4_IPC_NEVER, utcb);
		woken_at = ticks_now();
	}
}

static void bench_handler(void (*handler)(void *), const char *wake_id, const char *back_id)
{
	struct row *wake = row_open(wake_id), *back = row_open(back_id);
	struct thread *t = thread_create(&root_task, handler, NULL);
	l4_utcb_t *utcb = l4_utcb();

	irq = irq_create();
	must("bind", l4_rcv_ep_bind_thread(irq, t->cap, 0x20));
	thread_start(t, 0, PRIO_ABOVE);
	while (!row_full(back)) {
		uint32_t start, end;

		woken_at = 0;
		profile_mark(back->number);
		start = ticks_now();
		l4_irq_trigger_u(irq, utcb);
		end = ticks_now();
		profile_mark(0);
		if (woken_at - start >= end - start)
			tap_bail("%s: the thread did not run in between", wake_id);
		row_add(wake, woken_at - start);
		row_add(back, end - start);
	}
	row_close(wake);
	row_close(back);
	thread_destroy(t);
	cap_delete(irq);
}

void bench_irq(void)
{
	bench_handler(wait_plain, "irq_wake", "irq_wake_back");
	bench_handler(wait_unmask, "x_irq_wake_unmask", "x_irq_wake_unmask_back");
}
