/* SPDX-License-Identifier: MIT */
/*
 * Independent pairs of caller and server, one pair on each of two CPUs: do they slow each other
 * down? Each pair has tasks, a gate and memory of its own.
 *
 * Under -icount QEMU runs the CPUs in turn, and its clock counts the instructions of all of them.
 * So one pair alone (the other CPU asleep) is measured for INTERVAL_US, and two pairs for twice as
 * long: then each CPU has had INTERVAL_US of instructions. What remains between 2 and the quotient
 * of the round trips is instructions lost to each other: locks, waiting, work for the other CPU.
 * Caches and buses are not modelled.
 *
 * A turn would last until the next timer event, so callers end theirs after each round trip: QEMU
 * goes on to the next CPU at a `pause`. (It gives no time to a CPU whose turn follows a timer
 * event, so events cannot be used for that.) Hence a CPU is rarely stopped inside the kernel, and
 * waiting for a lock shows less than it would in parallel; tools/bench can therefore also run
 * this program with a host thread for each CPU and real time, which is not exact.
 */
#include "echo.h"
#include "measure.h"

#include <l4/sys/task.h>

enum { INTERVAL_US = 30000, PAIRS = 2, SETTLE_US = 2000, START_MS = 5000 };

/* Counters of different pairs share no cache line. */
struct pair {
	volatile uint64_t calls;
	struct echo server;
	struct task *task;
	struct thread *client;
} __attribute__((aligned(128)));

static struct pair pairs[PAIRS];

static void call(void *pair)
{
	l4_utcb_t *utcb = l4_utcb();
	struct pair *p = pair;

	buffers_none();
	for (;;) {
		must("call",
		     l4_ipc_call(p->server.gate, utcb, l4_msgtag(0, 2, 0, 0), L4_IPC_NEVER));
		p->calls++;
		cpu_relax();
	}
}

static void pair_start(struct pair *p, unsigned cpu)
{
	p->task = task_create();
	echo_start(&p->server, p->task, cpu, PRIO_MAIN - 1);
	p->client = thread_create(&root_task, call, p);
	thread_start(p->client, cpu, PRIO_MAIN - 1);
}

/* Round trips of n pairs in us microseconds of the common clock. */
static void measure(unsigned n, uint64_t us)
{
	uint64_t before[PAIRS], done[PAIRS], start;

	sleep_us(SETTLE_US);
	for (unsigned i = 0; i < n; i++)
		if (!WAIT_UNTIL(pairs[i].calls, START_MS))
			tap_bail("pair %u does not start", i);
	for (unsigned i = 0; i < PAIRS; i++)
		before[i] = pairs[i].calls;
	start = rdtsc();
	sleep_us(us);
	start = rdtsc() - start;
	for (unsigned i = 0; i < PAIRS; i++)
		done[i] = pairs[i].calls - before[i];
	tap_diag("bench-pairs %u %lu %lu %lu", n, start, done[0], done[1]);
	for (unsigned i = 0; i < n; i++)
		if (!done[i])
			tap_bail("pair %u does not run", i);
}

void test_main(void)
{
	if (cpu_count() < PAIRS)
		tap_bail("this needs %u CPUs", PAIRS);
	pair_start(&pairs[0], 0);
	measure(1, INTERVAL_US);
	pair_start(&pairs[1], 1);
	measure(2, 2 * INTERVAL_US);
	measure(2, INTERVAL_US);
	tap_ok(true, "both measurements are there");
}
