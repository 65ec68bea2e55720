/* SPDX-License-Identifier: MIT */
/* A guest that finds the time missing which it stood still: its run state calls it stolen. */
#include "lib/kernel.h"
#include "xen/shared_info.h"
#include "xen/vcpu.h"

#define MS 1000000UL

enum {
	GAP = 700 /* ms that are a pause, if they were stolen */,
	SHARE = 8 /* of ten that must be */
};

static volatile struct xen_runstate_info run __attribute__((aligned(64)));

static uint64_t ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* System time in nanoseconds, by the shared page, where it is mapped to. */
static uint64_t now(const volatile struct xen_time_info *t)
{
	uint64_t passed = ticks() - t->tsc_timestamp;

	passed = t->tsc_shift < 0 ? passed >> -t->tsc_shift : passed << t->tsc_shift;
	return t->system_time + (uint64_t)((unsigned __int128)passed * t->tsc_to_system_mul >> 32);
}

/* An update may come between any two reads. Returns the sum of all times. */
static uint64_t sum_at(uint64_t *entry_time)
{
	uint64_t all;

	do {
		*entry_time = run.entry_time;
		all = 0;
		for (unsigned i = 0; i < XEN_RUNSTATES; i++)
			all += run.time[i];
	} while (run.entry_time != *entry_time);
	return all;
}

/*
 * Until a pause has come and gone. Returns what was stolen of it, ns; *gap is all of it. It may
 * come at any instruction, so what was stolen before is read before the clock, and what is stolen
 * then after it.
 */
static uint64_t wait_for_pause(const volatile struct xen_time_info *t, uint64_t *gap)
{
	uint64_t stolen = run.time[XEN_RUNNABLE], before = now(t);

	for (;;) {
		uint64_t next = run.time[XEN_RUNNABLE], at = now(t);

		*gap = at - before;
		if (*gap > GAP * MS && run.time[XEN_RUNNABLE] - stolen > *gap / 10 * SHARE)
			return run.time[XEN_RUNNABLE] - stolen;
		stolen = next;
		before = at;
	}
}

void kernel_main(void)
{
	static struct xen_time_info own __attribute__((aligned(64)));
	struct xen_vcpu_register_area area = { (uint64_t)&run }, time = { (uint64_t)&own };
	uint64_t gap, stolen, sum, entry_time;

	hypercall(XEN_CALL_VCPU_OP, XEN_VCPU_REGISTER_RUNSTATE, 0, (uint64_t)&area, 0, 0);
	hypercall(XEN_CALL_VCPU_OP, XEN_VCPU_REGISTER_TIME, 0, (uint64_t)&time, 0, 0);
	stolen = wait_for_pause(&own, &gap);
	ok(stolen / 10 * SHARE <= gap, "a pause is stolen time");
	ok(run.state == XEN_RUNNING, "the vCPU runs afterwards");
	sum = sum_at(&entry_time);
	ok(entry_time <= now(&own) && sum <= entry_time + MS && sum + GAP * MS > entry_time,
	   "its clock and its run state agree");
}
