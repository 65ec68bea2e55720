/* SPDX-License-Identifier: MIT */
/* Hypercalls for event channels, and for waiting for them. */
#include "shim/access.h"
#include "shim/calls.h"
#include "shim/host.h"
#include "shim/lock.h"
#include "shim/runstate.h"
#include "xen/sched.h"

enum { POLL_PORTS_MAX = 128, ARGUMENT_BYTES_MAX = 24 };

#define NS_PER_SECOND 1000000000UL

static bool changes_channels(unsigned op)
{
	return op != XEN_EVENT_SEND && op != XEN_EVENT_UNMASK;
}

/* Where a binding operation writes the port. */
static uint32_t *port_of(unsigned op, void *argument)
{
	switch (op) {
	case XEN_EVENT_BIND_VIRQ:
		return &((struct xen_event_bind_virq *)argument)->port;
	case XEN_EVENT_BIND_IPI:
		return &((struct xen_event_bind_ipi *)argument)->port;
	case XEN_EVENT_ALLOC_UNBOUND:
		return &((struct xen_event_alloc_unbound *)argument)->port;
	default:
		return NULL;
	}
}

static long locked_call(struct vcpu *v, unsigned op, void *argument)
{
	long result;

	lock_take(v, &v->machine->bindings);
	result = events_call(&v->machine->events, op, argument);
	lock_drop(&v->machine->bindings);
	return result;
}

/* Tell the guest what came out; a port that it cannot be told is closed again. */
static long answer(struct vcpu *v, unsigned op, void *argument, uint64_t at)
{
	uint32_t *port = port_of(op, argument);

	if (!port && op != XEN_EVENT_STATUS && op != XEN_EVENT_INIT_CONTROL)
		return 0;
	if (guest_write(v, at, argument, events_argument_bytes(op)))
		return 0;
	if (port)
		locked_call(v, XEN_EVENT_CLOSE, &(struct xen_event_port){ *port });
	return -XEN_EFAULT;
}

/* event_channel_op(operation, argument) */
long call_event_channel_op(struct vcpu *v, const uint64_t *args)
{
	uint64_t argument[ARGUMENT_BYTES_MAX / 8] = { 0 };
	uint32_t op = args[0];
	unsigned bytes = events_argument_bytes(op);
	long result;

	if (!bytes)
		return -XEN_ENOSYS;
	if (!guest_read(v, argument, args[1], bytes))
		return -XEN_EFAULT;
	if (!changes_channels(op))
		return events_call(&v->machine->events, op, argument);
	result = locked_call(v, op, argument);
	return result ? result : answer(v, op, argument, args[1]);
}

static long yield(struct vcpu *v, uint64_t argument)
{
	(void)argument;
	host_yield(v);
	return 0;
}

/* Unmasks; an event that comes between the test and the wait ends the wait. */
static long block(struct vcpu *v, uint64_t argument)
{
	struct events *e = &v->machine->events;

	(void)argument;
	__atomic_store_n(&v->info->upcall_mask, 0, __ATOMIC_SEQ_CST);
	if (events_deliverable(e, v->id))
		return 0;
	runstate_enter(v, XEN_BLOCKED);
	while (!events_deliverable(e, v->id))
		runstate_wait(v, 0);
	runstate_enter(v, XEN_RUNNING);
	return 0;
}

static bool any_pending(struct vcpu *v, const uint32_t *ports, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (events_pending(&v->machine->events, ports[i]))
			return true;
	return events_deliverable(&v->machine->events, v->id);
}

/* polling is set before the ports are looked at, so no event is missed. One wait is enough: the
 * guest looks at its ports afterwards and may be woken for nothing. */
static void poll_ports(struct vcpu *v, const uint32_t *ports, const struct xen_sched_poll *poll)
{
	struct machine *m = v->machine;
	bool *polling = &m->events.polling[v->id];

	__atomic_store_n(polling, true, __ATOMIC_SEQ_CST);
	if (!any_pending(v, ports, poll->nr_ports) &&
	    (!poll->timeout || poll->timeout > host_time(m))) {
		runstate_enter(v, XEN_BLOCKED);
		runstate_wait(v, poll->timeout);
		runstate_enter(v, XEN_RUNNING);
	}
	__atomic_store_n(polling, false, __ATOMIC_SEQ_CST);
}

static long poll(struct vcpu *v, uint64_t at)
{
	uint32_t ports[POLL_PORTS_MAX];
	struct xen_sched_poll poll;

	if (!guest_read(v, &poll, at, sizeof(poll)))
		return -XEN_EFAULT;
	if (poll.nr_ports > POLL_PORTS_MAX)
		return -XEN_EINVAL;
	if (!guest_read(v, ports, poll.ports, poll.nr_ports * sizeof(ports[0])))
		return -XEN_EFAULT;
	for (unsigned i = 0; i < poll.nr_ports; i++)
		if (ports[i] >= v->machine->events.ports)
			return -XEN_EINVAL;
	poll_ports(v, ports, &poll);
	return 0;
}

static long read_reason(struct vcpu *v, uint64_t at, uint32_t *reason)
{
	struct xen_sched_shutdown s;

	if (!guest_read(v, &s, at, sizeof(s)))
		return -XEN_EFAULT;
	*reason = s.reason;
	return s.reason > XEN_SHUTDOWN_WATCHDOG ? -XEN_EINVAL : 0;
}

/* Suspending is cancelled at once: 1. A reason that was latched before wins. */
static long shut_down(struct vcpu *v, uint64_t at)
{
	uint32_t reason, latched = v->machine->shutdown_reason;
	long result = read_reason(v, at, &reason);

	if (result)
		return result;
	if (reason == XEN_SHUTDOWN_SUSPEND)
		return 1;
	host_shutdown(v, latched ? latched - 1 : reason);
	return 0;
}

static long shutdown_code(struct vcpu *v, uint64_t at)
{
	uint32_t reason;
	long result = read_reason(v, at, &reason);

	if (!result)
		v->machine->shutdown_reason = reason + 1;
	return result;
}

static long refuse(struct vcpu *v, uint64_t at)
{
	(void)v, (void)at;
	return -XEN_EPERM;
}

/* Watchdogs are numbered from 1; a new one gets the first free place, and only it can be changed.
 */
static long set_watchdog(struct machine *m, uint32_t id, uint64_t when)
{
	uint64_t never = 0;

	if (id) {
		if (!__atomic_load_n(&m->watchdogs[id - 1], __ATOMIC_RELAXED))
			return -XEN_EINVAL;
		__atomic_store_n(&m->watchdogs[id - 1], when, __ATOMIC_RELAXED);
		return 0;
	}
	for (unsigned i = 0; i < WATCHDOGS; i++, never = 0)
		if (__atomic_compare_exchange_n(&m->watchdogs[i], &never, when, false,
						__ATOMIC_RELAXED, __ATOMIC_RELAXED))
			return i + 1;
	return -XEN_ENOSPC;
}

/* vCPU 0 keeps them: it has to look at its timers again. */
static long watchdog(struct vcpu *v, uint64_t at)
{
	struct xen_sched_watchdog w;
	uint64_t when;
	long result;

	if (!guest_read(v, &w, at, sizeof(w)))
		return -XEN_EFAULT;
	if (w.id > WATCHDOGS || (!w.id && !w.timeout))
		return -XEN_EINVAL;
	when = w.timeout ? host_time(v->machine) + w.timeout * NS_PER_SECOND : 0;
	result = set_watchdog(v->machine, w.id, when);
	if (v->id == 0)
		host_timer(v);
	else
		host_kick(v->machine, 0);
	return result;
}

/* Where a vCPU runs is decided outside, so nothing is pinned and nothing has to be undone. */
static long pin_override(struct vcpu *v, uint64_t at)
{
	int32_t cpu;

	return guest_read(v, &cpu, at, sizeof(cpu)) ? 0 : -XEN_EFAULT;
}

static long (*const operations[])(struct vcpu *v, uint64_t argument) = {
	[XEN_SCHED_YIELD] = yield,
	[XEN_SCHED_BLOCK] = block,
	[XEN_SCHED_SHUTDOWN] = shut_down,
	[XEN_SCHED_POLL] = poll,
	[XEN_SCHED_REMOTE_SHUTDOWN] = refuse,
	[XEN_SCHED_SHUTDOWN_CODE] = shutdown_code,
	[XEN_SCHED_WATCHDOG] = watchdog,
	[XEN_SCHED_PIN_OVERRIDE] = pin_override,
};

/* sched_op(operation, argument) */
long call_sched_op(struct vcpu *v, const uint64_t *args)
{
	uint32_t op = args[0];

	if (op >= sizeof(operations) / sizeof(operations[0]))
		return -XEN_ENOSYS;
	return operations[op](v, args[1]);
}
