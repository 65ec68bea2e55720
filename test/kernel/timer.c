/* SPDX-License-Identifier: MIT */
/* Time: the clock is monotonic and agrees on all CPUs; timeouts end on time. */
#include "partner.h"

enum { HIGH = PRIO_MAIN + 20, SAMPLES = 50 };

static void test_monotonic(void)
{
	uint64_t last = clock_us(), now;
	unsigned back = 0;

	for (unsigned i = 0; i < 100000; i++) {
		now = clock_us();
		back += now < last;
		last = now;
	}
	tap_is(back, 0, "the clock never goes back");
}

static void test_rate(void)
{
	uint64_t khz = l4_kip()->frequency_cpu, us = clock_us(), tsc = rdtsc(), by_tsc;

	spin_us(20000);
	us = clock_us() - us;
	by_tsc = (rdtsc() - tsc) * 1000 / khz;
	if (!tap_ok(us > by_tsc * 95 / 100 && us < by_tsc * 105 / 100,
		    "the clock agrees with the TSC and the frequency in the KIP"))
		tap_diag("clock %lu us, TSC %lu us", us, by_tsc);
}

/* Overshoot of sleeps: never early; the median small (an idle machine under emulation). */
static void test_accuracy(void)
{
	uint64_t late[SAMPLES];

	for (unsigned i = 0; i < SAMPLES; i++) {
		uint64_t us = 100 + i * 37, start = clock_us();
		unsigned at;

		sleep_us(us);
		late[i] = clock_us() - start - us;
		for (at = i; at > 0 && late[at - 1] > late[at]; at--) {
			uint64_t swap = late[at];

			late[at] = late[at - 1];
			late[at - 1] = swap;
		}
	}
	tap_ok(late[SAMPLES - 1] < 1UL << 40, "no sleep of 100 to 2000 us ends early");
	tap_diag("late by %lu us at least, %lu median, %lu at most", late[0], late[SAMPLES / 2],
		 late[SAMPLES - 1]);
	tap_ok(late[SAMPLES / 2] < 1000, "the median is less than 1 ms late");
}

/* A clock read on one CPU, then on another: cause and effect. */
static volatile uint64_t stamp[2];
static volatile unsigned turn;

static void stamp_there(void *unused)
{
	(void)unused;
	for (unsigned i = 0; i < 500; i++) {
		while (READ(turn) != 1)
			cpu_relax();
		stamp[1] = clock_us();
		WRITE(turn, 0);
	}
}

static void test_across_cpus(void)
{
	unsigned back = 0;
	struct thread *t;

	if (cpu_count() < 2) {
		tap_skip("one CPU", "clocks of two CPUs agree");
		return;
	}
	t = thread_run(stamp_there, NULL, 1, HIGH);
	for (unsigned i = 0; i < 500; i++) {
		stamp[0] = clock_us();
		WRITE(turn, 1);
		while (READ(turn) != 0)
			cpu_relax();
		back += stamp[1] + 1 < stamp[0] || clock_us() + 1 < stamp[1];
	}
	tap_is(back, 0, "clocks of two CPUs agree to a microsecond");
	thread_join(t, 500);
	thread_destroy(t);
}

/* Timeouts on every CPU at once. */
static void test_all_cpus(void)
{
	static struct partner p[8];
	unsigned n = cpu_count() < 8 ? cpu_count() : 8, bad = 0;

	for (unsigned i = 0; i < n; i++) {
		partner_init(&p[i], &root_task, L4_INVALID_CAP, L4_SYSF_RECV);
		p[i].timeout = timeout_us(0, 2000);
		p[i].rounds = 5;
		partner_start(&p[i], i, HIGH);
	}
	for (unsigned i = 0; i < n; i++) {
		bad += !partner_done(&p[i], 2000) || p[i].took_us < 2000;
		partner_end(&p[i]);
	}
	tap_is(bad, 0, "timeouts work on each CPU");
}

/* A thread of higher priority that wakes by timeout interrupts a spinning one. */
static void test_preemption(void)
{
	static struct partner p;

	partner_init(&p, &root_task, L4_INVALID_CAP, L4_SYSF_RECV);
	p.timeout = timeout_us(0, 1000);
	p.rounds = 3;
	partner_start(&p, 0, HIGH);
	for (uint64_t end = clock_us() + 5000000; !p.done && clock_us() < end;)
		cpu_relax();
	tap_ok(p.done, "a timeout preempts a spinning thread of lower priority");
	partner_end(&p);
}

void test_main(void)
{
	test_monotonic();
	test_rate();
	test_accuracy();
	test_across_cpus();
	test_all_cpus();
	test_preemption();
}
