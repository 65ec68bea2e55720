/* SPDX-License-Identifier: MIT */
/*
 * vCPUs that stand still, for a pause of the machine or for a debugger. While one does, vmm may
 * change the registers that it finds in struct own, and they count when the vCPU goes on. The time
 * is stolen from the guest: its run state says so.
 */
#include "guest/requests.h"
#include "shim/host.h"
#include "shim/own.h"
#include "shim/runstate.h"

enum { STANDS_IN_GUEST = 1, STANDS_IN_CALL = 2, USER = L4_VCPU_F_USER_MODE };

static bool is_paused(const struct own *o)
{
	return __atomic_load_n(&o->v.machine->start->paused, __ATOMIC_ACQUIRE) >> o->v.id & 1;
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

/* What comes meanwhile is noted, and looked at afterwards. */
static void wait(struct own *o)
{
	l4_umword_t label;

	host_notify(&o->v);
	while (is_paused(o))
		if (!l4_msgtag_has_error(l4_ipc_wait(o->utcb, &label, L4_IPC_NEVER)))
			own_event(o, label);
}

void own_pause(struct own *o)
{
	uint32_t state = o->v.times.state;

	if (o->stands || !is_paused(o))
		return;
	if (o->handling)
		show_context(o);
	runstate_enter(&o->v, XEN_RUNNABLE);
	o->stands = o->handling ? STANDS_IN_GUEST : STANDS_IN_CALL;
	wait(o);
	o->stands = 0;
	runstate_enter(&o->v, state);
	if (o->handling)
		take_context(o);
}

bool own_debug(struct own *o, unsigned vector)
{
	l4_umword_t *words = l4_utcb_mr_u(o->utcb)->mr;
	l4_msgtag_t tag;

	if (!__atomic_load_n(&o->v.machine->start->debugged, __ATOMIC_ACQUIRE))
		return false;
	show_context(o);
	words[0] = GUEST_TRAP;
	words[1] = o->v.id;
	words[2] = vector;
	tag = l4_ipc_call(o->v.machine->start->vmm, o->utcb, l4_msgtag(GUEST_PROTO, 3, 0, 0),
			  L4_IPC_NEVER);
	if (l4_error_u(tag, o->utcb) <= 0)
		return false;
	take_context(o);
	own_pause(o);
	return true;
}
