/* SPDX-License-Identifier: MIT */
/* Run states in guest memory. */
#include "shim/host.h"
#include "shim/runstate.h"
#include "shim/timers.h"
#include "xen/hypercall.h"

/* Words of struct xen_runstate_info. */
enum { WORD_STATE, WORD_ENTRY_TIME, WORD_TIMES };

static uint64_t *word(const struct runstate_area *a, unsigned i)
{
	return i < a->first ? &a->parts[0][i] : &a->parts[1][i - a->first];
}

static void store(const struct runstate_area *a, unsigned i, uint64_t value)
{
	__atomic_store_n(word(a, i), value, __ATOMIC_RELEASE);
}

/* Others may read meanwhile: with the assist they see from entry_time that it is being changed. */
void runstate_publish(struct vcpu *v)
{
	const struct runstate_area *a = &v->area;
	bool flagged = v->machine->assists >> XEN_ASSIST_RUNSTATE_UPDATE_FLAG & 1;

	if (!a->parts[0])
		return;
	if (flagged)
		store(a, WORD_ENTRY_TIME, v->times.entry_time | XEN_RUNSTATE_UPDATE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	store(a, WORD_STATE, v->times.state);
	for (unsigned i = 0; i < XEN_RUNSTATES; i++)
		store(a, WORD_TIMES + i, v->times.time[i]);
	store(a, WORD_ENTRY_TIME, v->times.entry_time);
}

void runstate_start(struct vcpu *v)
{
	host_away(v);
	v->times =
	    (struct xen_runstate_info){ .state = XEN_RUNNING, .entry_time = host_time(v->machine) };
	runstate_publish(v);
}

/* How long the vCPU could have run since it entered its state, or was asked last, and did not. */
static uint64_t lost_ns(struct vcpu *v, uint64_t now)
{
	uint64_t away = host_away(v), woken = __atomic_load_n(&v->woken, __ATOMIC_RELAXED);

	if (v->times.state == XEN_RUNNING)
		return away;
	return v->times.state == XEN_BLOCKED && woken && woken < now ? now - woken : 0;
}

void runstate_enter(struct vcpu *v, uint32_t state)
{
	uint64_t now = host_time(v->machine);

	runstate_change(&v->times, state, now, lost_ns(v, now), false);
	runstate_publish(v);
}

/* What is shown comes first, then that it was, then the kick: so whenever the other vCPU looks in
 * between, it has the last word. */
static void show_displaced(struct machine *m, unsigned id)
{
	struct vcpu *v = m->vcpu[id];

	if (!v->area.parts[0] || v->times.state != XEN_RUNNING || !host_displaced(m, id) ||
	    __atomic_load_n(&v->shown_displaced, __ATOMIC_RELAXED))
		return;
	store(&v->area, WORD_STATE, XEN_RUNNABLE);
	if (!__atomic_exchange_n(&v->shown_displaced, true, __ATOMIC_SEQ_CST))
		host_kick(m, id);
}

void runstate_account(struct vcpu *v)
{
	struct machine *m = v->machine;
	uint64_t lost;

	if (v->times.state != XEN_RUNNING)
		return;
	lost = host_away(v);
	if (lost || v->shown_displaced) {
		__atomic_store_n(&v->shown_displaced, false, __ATOMIC_SEQ_CST);
		runstate_change(&v->times, XEN_RUNNING, host_time(m), lost, false);
		runstate_publish(v);
	}
	for (unsigned i = 0; i < m->vcpus; i++)
		if (i != v->id)
			show_displaced(m, i);
}

void runstate_wait(struct vcpu *v, uint64_t until)
{
	uint64_t next = timers_next(v), none = 0, now;

	if (next && (!until || next < until))
		until = next;
	__atomic_store_n(&v->woken, 0, __ATOMIC_RELAXED);
	host_wait(v, until);
	now = host_time(v->machine);
	if (until && until <= now)
		__atomic_compare_exchange_n(&v->woken, &none, until, false, __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED);
}

void runstate_woken(struct vcpu *v, bool waits)
{
	uint64_t none = 0;

	if (waits && v->area.parts[0])
		store(&v->area, WORD_STATE, XEN_RUNNABLE);
	if (v->times.state != XEN_BLOCKED || __atomic_load_n(&v->woken, __ATOMIC_RELAXED))
		return;
	__atomic_compare_exchange_n(&v->woken, &none, host_time(v->machine), false,
				    __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}
