/* SPDX-License-Identifier: MIT */
/* Threads of vCPUs: making, placing, starting, ending. */
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/env.h>
#include <l4/sys/err.h>
#include <l4/sys/factory.h>
#include <l4/sys/rcv_endpoint.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>
#include <l4/zwinger/vcpu_ext.h>

#include "guest/requests.h"
#include "vmm/guest.h"

/* Kernel-user memory: UTCBs from its start on, states behind the largest number of them. */
#define STATES (GUEST_KU + GUEST_VCPUS_MAX * (unsigned long)L4_UTCB_OFFSET)

enum { SHARED_TURN_US = 1000 };

static uint64_t utcb_of(const struct guest_vcpu *v)
{
	return GUEST_KU + v->number * (unsigned long)L4_UTCB_OFFSET;
}

static uint64_t state_of(const struct guest_vcpu *v)
{
	return STATES + v->number * L4_PAGESIZE;
}

static l4_umword_t selector(unsigned slot)
{
	return (l4_umword_t)slot << L4_CAP_SHIFT;
}

/* --- Making --- */

/* An interrupt that enters the vCPU with this label. */
static long create_event(const struct guest_vcpu *v, l4_cap_idx_t *irq, l4_umword_t label)
{
	long error;

	*irq = l4re_util_cap_alloc();
	if (l4_is_invalid_cap(*irq))
		return -L4_ENOMEM;
	error = l4_error(l4_factory_create_irq(l4re_env()->factory, *irq));
	if (error >= 0)
		error = l4_error(l4_rcv_ep_bind_thread(*irq, v->thread, label));
	return error < 0 ? error : 0;
}

static long create_thread(struct guest_vcpu *v)
{
	l4_cap_idx_t handler = selector(SLOT_FAULTS + v->number);
	long error;

	v->thread = l4re_util_cap_alloc();
	if (l4_is_invalid_cap(v->thread))
		return -L4_ENOMEM;
	error = l4_error(l4_factory_create_thread(l4re_env()->factory, v->thread));
	if (error < 0)
		return error;
	l4_thread_control_start();
	l4_thread_control_pager(handler);
	l4_thread_control_exc_handler(handler);
	l4_thread_control_bind((l4_utcb_t *)utcb_of(v), v->guest->task);
	error = l4_error(l4_thread_control_commit(v->thread));
	if (error >= 0)
		error = l4_error(
		    l4_task_add_ku_mem(v->guest->task, l4_fpage(state_of(v), L4_PAGESHIFT, 0)));
	if (error >= 0)
		error = l4_error(l4_zw_thread_vcpu_control_ext(v->thread, state_of(v)));
	return error;
}

static long create_events(struct guest_vcpu *v)
{
	struct guest *g = v->guest;
	long error = create_event(v, &v->kick, GUEST_EVENT_KICK);

	if (error >= 0)
		error = create_event(v, &v->pause, GUEST_EVENT_PAUSE);
	if (error >= 0 && !v->number)
		error = create_event(v, &g->console_event, GUEST_EVENT_CONSOLE);
	if (error >= 0 && !v->number)
		error = create_event(v, &g->sysrq_event, GUEST_EVENT_SYSRQ);
	if (error >= 0 && !v->number)
		error = create_event(v, &g->store_event, GUEST_EVENT_STORE);
	return error;
}

static long create_vcpu(struct guest_vcpu *v)
{
	struct guest *g = v->guest;
	long error = service_faults(v);

	if (error >= 0)
		error = create_thread(v);
	if (error >= 0)
		error = create_events(v);
	if (error >= 0)
		error = guest_give(g, v->thread, SLOT_THREADS + v->number, L4_CAP_FPAGE_RW);
	if (error >= 0)
		error = guest_give(g, v->kick, SLOT_KICKS + v->number, L4_CAP_FPAGE_RWS);
	g->start->vcpu[v->number] =
	    (struct guest_start_vcpu){ .thread = selector(SLOT_THREADS + v->number),
				       .kick = selector(SLOT_KICKS + v->number),
				       .utcb = utcb_of(v),
				       .state = state_of(v) };
	return error;
}

long threads_create(struct guest *g)
{
	long error = 0;

	for (unsigned i = 0; error >= 0 && i < g->options->vcpus; i++)
		error = create_vcpu(&g->vcpus[i]);
	return error < 0 ? error : 0;
}

/* --- Placing and starting --- */

/* The CPUs that the machine may use, as a mask of the first 64. */
static l4_umword_t find_cpus(const struct guest *g)
{
	l4_sched_cpu_set_t there = l4_sched_cpu_set(0, 0, 0);

	if (l4_error(l4_scheduler_info(l4re_env()->scheduler, NULL, &there)) < 0)
		return 0;
	return there.map & g->options->cpus;
}

/* The n-th CPU of a mask, beginning again at its end. */
static unsigned pick(l4_umword_t mask, unsigned n)
{
	l4_umword_t left = mask;

	for (n %= (unsigned)__builtin_popcountl(mask); n; n--)
		left &= left - 1;
	return (unsigned)__builtin_ctzl(left);
}

/* vCPUs that have to share a CPU wait for each other: no long turns then. 0: the usual ones. */
static unsigned turn_us(const struct guest *g, l4_umword_t cpus)
{
	return g->options->vcpus > (unsigned)__builtin_popcountl(cpus) ? SHARED_TURN_US : 0;
}

static long start_vcpu(const struct guest_vcpu *v, l4_umword_t cpus)
{
	l4_sched_param_t param =
	    l4_sched_param(v->guest->options->priority, turn_us(v->guest, cpus));
	uint64_t stack = GUEST_VCPU + (v->number + 1) * GUEST_VCPU_BYTES;
	long error;

	param.affinity = l4_sched_cpu_set(pick(cpus, v->number), 0, 1);
	error = l4_error(l4_scheduler_run_thread(l4re_env()->scheduler, v->thread, &param));
	return error < 0 ? error
			 : l4_error(l4_thread_ex_regs(v->thread, GUEST_SHIM_ENTRY, stack, 0));
}

long threads_start(struct guest *g)
{
	l4_umword_t cpus = find_cpus(g);
	long error = cpus ? 0 : -L4_EINVAL;

	if (!cpus)
		guest_say(g, "of the CPUs of cpus=%#lx none is there", g->options->cpus);
	for (unsigned i = 0; error >= 0 && i < g->options->vcpus; i++)
		error = start_vcpu(&g->vcpus[i], cpus);
	return error < 0 ? error : 0;
}

void threads_destroy(struct guest *g)
{
	for (unsigned i = 0; i < GUEST_VCPUS_MAX; i++)
		guest_delete(&g->vcpus[i].thread);
	for (unsigned i = 0; i < GUEST_VCPUS_MAX; i++) {
		guest_delete(&g->vcpus[i].kick);
		guest_delete(&g->vcpus[i].pause);
	}
	guest_delete(&g->console_event);
	guest_delete(&g->sysrq_event);
	guest_delete(&g->store_event);
}
