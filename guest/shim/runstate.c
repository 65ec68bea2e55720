/* SPDX-License-Identifier: MIT */
/* Run states in guest memory. */
#include "shim/host.h"
#include "shim/runstate.h"
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

void runstate_enter(struct vcpu *v, uint32_t state)
{
	runstate_change(&v->times, state, host_time(v->machine), false);
	runstate_publish(v);
}
