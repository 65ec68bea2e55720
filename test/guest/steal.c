/* SPDX-License-Identifier: MIT */
/* A guest whose two vCPUs share a processor: each sees in the run states that it is so. */
#include "lib/kernel.h"
#include "xen/shared_info.h"
#include "xen/vcpu.h"

#define MS 1000000UL

enum { PERIOD = 50, SPAN = 500 /* ms */, SPANS = 40, OTHER = 1, PART = 5 };

static volatile struct xen_runstate_info run[2] __attribute__((aligned(256)));
static volatile struct xen_time_info clock __attribute__((aligned(64)));
/* How often a vCPU has seen that it runs, and that the other one does not. */
static volatile uint64_t samples[2], self_runs[2], other_does_not[2];
static volatile bool stop;

static uint64_t ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* System time in nanoseconds. */
static uint64_t now(void)
{
	uint64_t passed = ticks() - clock.tsc_timestamp;

	passed = clock.tsc_shift < 0 ? passed >> -clock.tsc_shift : passed << clock.tsc_shift;
	return clock.system_time +
	       (uint64_t)((unsigned __int128)passed * clock.tsc_to_system_mul >> 32);
}

static void look(unsigned self)
{
	samples[self]++;
	self_runs[self] += run[self].state == XEN_RUNNING;
	other_does_not[self] += run[!self].state == XEN_RUNNABLE;
}

/* The timer's events are not delivered, but the shim looks at the vCPU. */
static void start_timer(unsigned id)
{
	uint64_t period = PERIOD * MS;

	hypercall(XEN_CALL_VCPU_OP, XEN_VCPU_SET_PERIODIC_TIMER, id, (uint64_t)&period, 0, 0);
}

static void other_main(void)
{
	start_timer(OTHER);
	while (!stop)
		look(OTHER);
	hypercall(XEN_CALL_VCPU_OP, XEN_VCPU_DOWN, OTHER, 0, 0, 0);
}

static uint64_t sum_of(enum xen_runstate state)
{
	return run[0].time[state] + run[1].time[state];
}

/* Is b what a is, but for a part of it? */
static bool is_near(uint64_t a, uint64_t b)
{
	return b > a - a / PART && b < a + a / PART;
}

/* Over some time both together had one processor, and the other half of the time was stolen. A turn
 * that is not over is not counted yet, so this holds more or less, and not in a span in which the
 * machine stood still. */
static bool adds_up(void)
{
	uint64_t begin = now(), span;
	uint64_t running = sum_of(XEN_RUNNING), runnable = sum_of(XEN_RUNNABLE);

	do {
		look(0);
		span = now() - begin;
	} while (span < SPAN * MS);
	return is_near(span, sum_of(XEN_RUNNING) - running) &&
	       is_near(span, sum_of(XEN_RUNNABLE) - runnable);
}

/* Mostly what it says of itself is that it runs. */
static bool knows(unsigned self)
{
	return self_runs[self] > samples[self] / 4 * 3;
}

/* And of the other one, which has no processor then, that it could run. */
static bool knows_other(unsigned self)
{
	return other_does_not[self] > samples[self] / 4 * 3;
}

void kernel_main(void)
{
	unsigned spans = 0;

	for (unsigned i = 0; i < 2; i++) {
		struct xen_vcpu_register_area area = { (uint64_t)&run[i] };

		hypercall(XEN_CALL_VCPU_OP, XEN_VCPU_REGISTER_RUNSTATE, i, (uint64_t)&area, 0, 0);
	}
	struct xen_vcpu_register_area time = { (uint64_t)&clock };
	hypercall(XEN_CALL_VCPU_OP, XEN_VCPU_REGISTER_TIME, 0, (uint64_t)&time, 0, 0);
	start_timer(0);
	ok(start_vcpu(OTHER, other_main), "two vCPUs share a processor");
	while (!adds_up() && spans < SPANS)
		spans++;
	ok(spans < SPANS, "what one runs is stolen from the other one");
	stop = true;
	ok(knows(0) && knows(OTHER), "a vCPU that runs is shown so");
	ok(knows_other(0) && knows_other(OTHER),
	   "one whose processor the other one has is runnable");
}
