/* SPDX-License-Identifier: MIT */
/*
 * Interrupts follow the thread that they are for from CPU to CPU. That they arrive everywhere is
 * seen here; that they are sent there in the first place is seen from outside, by
 * test/boot/route.py.
 */
#include "rtc.h"
#include "thread.h"

#include <l4/sys/icu.h>
#include <l4/sys/irq.h>
#include <l4/sys/rcv_endpoint.h>

enum { PRIO = PRIO_MAIN + 20, STAY_MS = 300, WANTED = 20, LIMIT_MS = 10000 };

static l4_cap_idx_t irq;
static volatile unsigned count;

static void handle(void *unused)
{
	(void)unused;
	for (;;)
		if (!ipc_error(l4_irq_receive(irq, L4_IPC_NEVER))) {
			rtc_acknowledge();
			count++;
		}
}

/* Interrupts go on to arrive for a while, and not fewer than WANTED. */
static bool arrive(void)
{
	uint64_t end = clock_us() + STAY_MS * 1000;
	unsigned before = count;
	bool ok = WAIT_UNTIL(count - before >= WANTED, LIMIT_MS);

	while (clock_us() < end)
		sleep_us(1000);
	return ok;
}

/* Where the thread is bound, and then wherever it goes. */
static void test_move(unsigned first)
{
	struct thread *t = thread_create(&root_task, handle, NULL);

	thread_start(t, first, PRIO);
	l4_rcv_ep_bind_thread(irq, t->cap, 0x88);
	l4_irq_unmask(irq);
	rtc_acknowledge();
	for (unsigned n = 0; n < cpu_count(); n++) {
		unsigned cpu = (first + n) % cpu_count();

		thread_schedule(t->cap, cpu, PRIO);
		tap_ok(arrive(), "interrupts arrive for a thread of CPU %u", cpu);
	}
	thread_destroy(t);
}

void test_main(void)
{
	irq = irq_create();
	rtc_open();
	l4_icu_set_mode(L4_BASE_ICU_CAP, RTC_PIN, L4_IRQ_F_POS_EDGE);
	tap_is(l4_error(l4_icu_bind(L4_BASE_ICU_CAP, RTC_PIN, irq)), 0, "bind the RTC");
	rtc_periodic(true);
	test_move(0);
	test_move(cpu_count() - 1);
	rtc_periodic(false);
	cap_delete(irq);
}
