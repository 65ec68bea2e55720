/* SPDX-License-Identifier: MIT */
/* Timers of a vCPU and watchdogs of the machine. */
#include "shim/host.h"
#include "shim/timers.h"

/* The earlier of two times of which 0 is never. */
static uint64_t earlier(uint64_t a, uint64_t b)
{
	if (!a || !b)
		return a | b;
	return a < b ? a : b;
}

static uint64_t watchdog(const struct machine *m, unsigned i)
{
	return __atomic_load_n(&m->watchdogs[i], __ATOMIC_RELAXED);
}

uint64_t timers_next(const struct vcpu *v)
{
	uint64_t next = earlier(v->timer, v->period ? v->period_next : 0);

	for (unsigned i = 0; v->id == 0 && i < WATCHDOGS; i++)
		next = earlier(next, watchdog(v->machine, i));
	return next;
}

static bool due(uint64_t when, uint64_t now)
{
	return when && when <= now;
}

static bool one_shot_due(struct vcpu *v, uint64_t now)
{
	if (!due(v->timer, now))
		return false;
	v->timer = 0;
	return true;
}

/* Periods that were missed count once. */
static bool period_due(struct vcpu *v, uint64_t now)
{
	if (!v->period || v->period_next > now)
		return false;
	v->period_next += v->period * ((now - v->period_next) / v->period + 1);
	return true;
}

void timers_run(struct vcpu *v, uint64_t now)
{
	bool once = one_shot_due(v, now), again = period_due(v, now);

	if (once || again)
		events_raise_virq(&v->machine->events, v->id, XEN_VIRQ_TIMER);
	for (unsigned i = 0; v->id == 0 && i < WATCHDOGS; i++)
		if (due(watchdog(v->machine, i), now))
			host_watchdog(v);
}

void timers_stood_still(struct vcpu *v, uint64_t ns)
{
	for (unsigned i = 0; v->id == 0 && i < WATCHDOGS; i++) {
		uint64_t when = watchdog(v->machine, i);

		if (when)
			__atomic_compare_exchange_n(&v->machine->watchdogs[i], &when, when + ns,
						    false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	}
}

void timers_set(struct vcpu *v, uint64_t when)
{
	v->timer = when;
	if (when)
		timers_run(v, host_time(v->machine));
	host_timer(v);
}
