/* SPDX-License-Identifier: MIT */
/* Hypercalls for vCPUs: up and down, timers, places in guest memory. */
#include "shim/access.h"
#include "shim/calls.h"
#include "shim/host.h"
#include "shim/runstate.h"
#include "shim/timers.h"
#include "xen/sched.h"

enum { PERIOD_MIN_NS = 1000000 };

static uint32_t run_of(const struct vcpu *v)
{
	return __atomic_load_n(&v->run, __ATOMIC_SEQ_CST);
}

void vcpu_park(struct vcpu *v)
{
	if (run_of(v) == VCPU_UP)
		return;
	runstate_enter(v, XEN_OFFLINE);
	while (run_of(v) != VCPU_UP)
		host_wait(v, 0);
	runstate_enter(v, XEN_RUNNING);
}

/* up(vcpu) */
static long up(struct vcpu *v, struct vcpu *target, uint64_t argument)
{
	uint32_t initialised = VCPU_INITIALISED;

	(void)argument;
	if (run_of(target) == VCPU_DOWN)
		return -XEN_EINVAL;
	if (__atomic_compare_exchange_n(&target->run, &initialised, VCPU_UP, false,
					__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		host_kick(v->machine, target->id);
	return 0;
}

static bool any_up(const struct machine *m)
{
	for (unsigned i = 0; i < m->vcpus; i++)
		if (run_of(m->vcpu[i]) == VCPU_UP)
			return true;
	return false;
}

/* down(vcpu): the last one takes the machine with it */
static long down(struct vcpu *v, struct vcpu *target, uint64_t argument)
{
	uint32_t is_up = VCPU_UP;

	(void)argument;
	__atomic_compare_exchange_n(&target->run, &is_up, VCPU_INITIALISED, false, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
	if (!any_up(v->machine))
		host_shutdown(v, XEN_SHUTDOWN_POWEROFF);
	if (target == v)
		vcpu_park(v);
	else
		host_kick(v->machine, target->id);
	return 0;
}

static long get_runstate(struct vcpu *v, struct vcpu *target, uint64_t at)
{
	struct xen_runstate_info state = target->times;
	uint64_t now = host_time(v->machine);

	if (now > state.entry_time)
		state.time[state.state] += now - state.entry_time;
	return guest_write(v, at, &state, sizeof(state)) ? 0 : -XEN_EFAULT;
}

static uint64_t *word_at(struct vcpu *v, uint64_t address)
{
	const table_entry *page;
	uint64_t frame;

	if (!guest_frame(v, address, &frame))
		return NULL;
	page = guest_table(&v->machine->memory, frame);
	return page ? (uint64_t *)page + address % PAGE_BYTES / 8 : NULL;
}

/* The area is given as a guest address; it may lie in two pages. */
static long register_runstate(struct vcpu *v, struct vcpu *target, uint64_t at)
{
	struct runstate_area area = { .first = RUNSTATE_WORDS };
	uint64_t address, left;

	if (!guest_read(v, &address, at, sizeof(address)))
		return -XEN_EFAULT;
	if (address % 8)
		return -XEN_EINVAL;
	left = (PAGE_BYTES - address % PAGE_BYTES) / 8;
	area.parts[0] = word_at(v, address);
	if (left < RUNSTATE_WORDS) {
		area.first = left;
		area.parts[1] = word_at(v, address + 8 * left);
	}
	if (!area.parts[0] || (left < RUNSTATE_WORDS && !area.parts[1]))
		return -XEN_EFAULT;
	target->area = area;
	runstate_publish(target);
	return 0;
}

static long set_periodic(struct vcpu *v, struct vcpu *target, uint64_t at)
{
	struct xen_vcpu_periodic_timer timer;

	if (target != v)
		return -XEN_EINVAL;
	if (!guest_read(v, &timer, at, sizeof(timer)))
		return -XEN_EFAULT;
	if (timer.period_ns < PERIOD_MIN_NS || timer.period_ns >> 62)
		return -XEN_EINVAL;
	v->period = timer.period_ns;
	v->period_next = host_time(v->machine) + timer.period_ns;
	host_timer(v);
	return 0;
}

static long stop_periodic(struct vcpu *v, struct vcpu *target, uint64_t argument)
{
	(void)argument;
	if (target != v)
		return -XEN_EINVAL;
	v->period = 0;
	host_timer(v);
	return 0;
}

static long set_singleshot(struct vcpu *v, struct vcpu *target, uint64_t at)
{
	struct xen_vcpu_singleshot_timer timer;

	if (target != v)
		return -XEN_EINVAL;
	if (!guest_read(v, &timer, at, sizeof(timer)))
		return -XEN_EFAULT;
	if (timer.flags & XEN_SINGLESHOT_FUTURE && timer.timeout <= host_time(v->machine))
		return -XEN_ETIME;
	timers_set(v, timer.timeout ? timer.timeout : 1);
	return 0;
}

static long stop_singleshot(struct vcpu *v, struct vcpu *target, uint64_t argument)
{
	(void)argument;
	if (target != v)
		return -XEN_EINVAL;
	timers_set(v, 0);
	return 0;
}

/* Events may be on their way to the old place: the new one starts with "look at everything". */
static long register_info(struct vcpu *v, struct vcpu *target, uint64_t at)
{
	struct machine *m = v->machine;
	struct xen_vcpu_register_info r;
	struct xen_vcpu_info *place;

	if (!guest_read(v, &r, at, sizeof(r)))
		return -XEN_EFAULT;
	if (target->info_moved || r.frame >= m->memory.frames || r.offset % 8 ||
	    r.offset > PAGE_BYTES - sizeof(*place))
		return -XEN_EINVAL;
	place =
	    (struct xen_vcpu_info *)((char *)m->memory.base + (r.frame << PAGE_SHIFT) + r.offset);
	*place = *target->info;
	time_publish(&place->time, m->scale, m->tsc_boot, 0, true);
	target->info = place;
	target->info_moved = true;
	__atomic_store_n(&m->events.infos[target->id], place, __ATOMIC_SEQ_CST);
	events_info_moved(&m->events, target->id);
	return 0;
}

/* The clock never changes once it is set, so the second copy is made here and now. */
static long register_time(struct vcpu *v, struct vcpu *target, uint64_t at)
{
	struct xen_time_info time = { .version = 0 };
	uint64_t address;

	if (!guest_read(v, &address, at, sizeof(address)))
		return -XEN_EFAULT;
	(void)target;
	time_publish(&time, v->machine->scale, v->machine->tsc_boot, 0, true);
	return guest_write(v, address, &time, sizeof(time)) ? 0 : -XEN_EFAULT;
}

static long get_physid(struct vcpu *v, struct vcpu *target, uint64_t at)
{
	(void)v, (void)target, (void)at;
	return -XEN_EINVAL;
}

static long (*const vcpu_operations[])(struct vcpu *v, struct vcpu *target, uint64_t argument) = {
	[XEN_VCPU_INITIALISE] = vcpu_initialise,
	[XEN_VCPU_UP] = up,
	[XEN_VCPU_DOWN] = down,
	[XEN_VCPU_GET_RUNSTATE] = get_runstate,
	[XEN_VCPU_REGISTER_RUNSTATE] = register_runstate,
	[XEN_VCPU_SET_PERIODIC_TIMER] = set_periodic,
	[XEN_VCPU_STOP_PERIODIC_TIMER] = stop_periodic,
	[XEN_VCPU_SET_SINGLESHOT_TIMER] = set_singleshot,
	[XEN_VCPU_STOP_SINGLESHOT_TIMER] = stop_singleshot,
	[XEN_VCPU_REGISTER_INFO] = register_info,
	[XEN_VCPU_GET_PHYSID] = get_physid,
	[XEN_VCPU_REGISTER_TIME] = register_time,
};

/* vcpu_op(operation, vcpu, argument) */
long call_vcpu_op(struct vcpu *v, const uint64_t *args)
{
	uint32_t op = args[0], id = args[1];
	struct vcpu *target;

	if (id >= v->machine->vcpus)
		return -XEN_ENOENT;
	target = v->machine->vcpu[id];
	if (op == XEN_VCPU_IS_UP)
		return run_of(target) == VCPU_UP;
	if (op >= sizeof(vcpu_operations) / sizeof(vcpu_operations[0]) || !vcpu_operations[op])
		return -XEN_ENOSYS;
	return vcpu_operations[op](v, target, args[2]);
}

/* set_timer_op(when) */
long call_set_timer_op(struct vcpu *v, const uint64_t *args)
{
	timers_set(v, args[0]);
	return 0;
}
