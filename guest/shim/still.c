/* SPDX-License-Identifier: MIT */
/*
 * vCPUs that stand still, for a pause of the machine or for a debugger. While one does, vmm may
 * change the registers that it finds in struct own, and they count when the vCPU goes on. The time
 * is stolen from the guest: its run state says so.
 */
#include "guest/requests.h"
#include "shim/breakpoints.h"
#include "shim/frame.h"
#include "shim/host.h"
#include "shim/policy.h"
#include "shim/runstate.h"
#include "shim/timers.h"

enum { STANDS_IN_GUEST = 1, STANDS_IN_CALL = 2, USER = L4_VCPU_F_USER_MODE, VECTOR_DB = 1 };

/* Status of a debug exception: breakpoints, a single step. */
#define DR6_HITS 15UL
#define DR6_STEP (1UL << 14)

static bool is_paused(const struct own *o)
{
	return __atomic_load_n(&o->v.machine->start->paused, __ATOMIC_ACQUIRE) >> o->v.id & 1;
}

/* The shim itself has no use for extended state: what the processor has is the guest's. */
static void show_extended(struct extended *e)
{
	uint64_t known = EXTENDED_X87 | EXTENDED_SSE | EXTENDED_AVX;

	e->parts = processor_xcr0() & known;
	if (e->parts) {
		__asm__ volatile("xsave64 %0" : "+m"(*e) : "a"((uint32_t)e->parts), "d"(0));
		e->present = e->parts;
	} else {
		__asm__ volatile("fxsave64 %0" : "+m"(*e));
		e->parts = EXTENDED_X87 | EXTENDED_SSE;
	}
}

static void take_extended(const struct extended *e)
{
	if (processor_xcr0())
		__asm__ volatile("xrstor64 %0" : : "m"(*e), "a"((uint32_t)e->parts), "d"(0));
	else
		__asm__ volatile("fxrstor64 %0" : : "m"(*e));
}

/* The context with the segment bases as they are now. */
static void show_context(struct own *o)
{
	bool user = o->state->saved_state & USER;

	o->stopped = o->state->r;
	o->stopped.fs_base = host_fs_base(&o->v);
	o->stopped.gs_base = user ? o->state->r.gs_base : o->state->arch_state.host_gs_base;
}

/* What may have been changed counts, but for the segment bases. */
static void take_context(struct own *o)
{
	uint64_t fs_base = o->state->r.fs_base, gs_base = o->state->r.gs_base;

	o->state->r = o->stopped;
	o->state->r.fs_base = fs_base;
	o->state->r.gs_base = gs_base;
}

/* What comes meanwhile is noted, and looked at afterwards. No wait blocks as long as a deadline
 * that has passed is pending. */
static void wait(struct own *o)
{
	uint32_t pending = 0;
	l4_umword_t label;

	host_notify(&o->v);
	while (is_paused(o)) {
		pending |= __atomic_exchange_n(&own_ext(o)->pending, 0, __ATOMIC_SEQ_CST);
		if (!l4_msgtag_has_error(l4_ipc_wait(o->utcb, &label, L4_IPC_NEVER)))
			own_event(o, label);
	}
	__atomic_or_fetch(&own_ext(o)->pending, pending, __ATOMIC_SEQ_CST);
}

/* The debugger's breakpoints have changed. */
static void update_breakpoints(struct own *o)
{
	const uint32_t *version = &o->v.machine->start->breakpoints_version;
	uint32_t wanted = __atomic_load_n(version, __ATOMIC_ACQUIRE);

	if (o->breakpoints != wanted)
		host_debug(&o->v);
	o->breakpoints = wanted;
}

static void stand(struct own *o)
{
	uint32_t state = o->v.times.state;
	uint64_t since;

	since = host_time(o->v.machine);
	if (o->handling)
		show_context(o);
	show_extended(&o->extended);
	runstate_enter(&o->v, XEN_RUNNABLE);
	o->stands = o->handling ? STANDS_IN_GUEST : STANDS_IN_CALL;
	wait(o);
	o->stands = 0;
	timers_stood_still(&o->v, host_time(o->v.machine) - since);
	runstate_enter(&o->v, state);
	if (o->handling)
		take_context(o);
	take_extended(&o->extended);
}

void own_pause(struct own *o)
{
	if (o->stands)
		return;
	if (is_paused(o))
		stand(o);
	update_breakpoints(o);
}

/* True: it was of the debugger's making, and the context is as vmm has left it. */
static bool ask_debugger(struct own *o, unsigned vector, unsigned hits)
{
	l4_umword_t *words = l4_utcb_mr_u(o->utcb)->mr;
	l4_msgtag_t tag;

	if (!__atomic_load_n(&o->v.machine->start->debugged, __ATOMIC_ACQUIRE))
		return false;
	show_context(o);
	words[0] = GUEST_TRAP;
	words[1] = o->v.id;
	words[2] = vector;
	words[3] = hits;
	tag = l4_ipc_call(o->v.machine->start->vmm, o->utcb, l4_msgtag(GUEST_PROTO, 4, 0, 0),
			  L4_IPC_NEVER);
	if (l4_error_u(tag, o->utcb) <= 0)
		return false;
	take_context(o);
	return true;
}

/*
 * Hits of the shim's own accesses, and of breakpoints that have just gone, are nobody's. Hits of
 * the guest's own breakpoints come to it after the debugger has let it go on.
 */
bool own_debug(struct own *o, unsigned vector)
{
	unsigned hits = vector == VECTOR_DB ? breakpoints_take(&o->v, &o->state->r.pfa) : 0;

	if (ask_debugger(o, vector, context_is_closed(o) ? 0 : hits)) {
		own_pause(o);
		o->state->r.pfa &= ~DR6_STEP;
		return vector != VECTOR_DB || !(o->state->r.pfa & DR6_HITS);
	}
	if (!hits || o->state->r.pfa & (DR6_HITS | DR6_STEP))
		return false;
	o->state->r.flags |= FLAG_RESUME;
	return true;
}
