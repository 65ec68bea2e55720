/* SPDX-License-Identifier: MIT */
/* Tasks of tests, and other kernel objects made in one call. */
#include "thread.h"

#include <l4/sys/factory.h>
#include <l4/sys/task.h>

static struct task tasks[TASKS_MAX];

static struct task *take_slot(void)
{
	for (unsigned i = 0; i < TASKS_MAX; i++) {
		if (tasks[i].in_use)
			continue;
		tasks[i].in_use = true;
		tasks[i].utcbs_used = 0;
		if (!tasks[i].cap)
			tasks[i].cap = cap_alloc();
		return &tasks[i];
	}
	tap_bail("the test uses more than %u tasks", TASKS_MAX);
}

static void give_to(struct task *t, l4_cap_idx_t cap, l4_cap_idx_t to, unsigned rights)
{
	long err = l4_error(l4_task_map(t->cap, L4_BASE_TASK_CAP, l4_obj_fpage(cap, 0, rights),
					l4_map_obj_control(to, L4_MAP_ITEM_MAP)));

	if (err < 0)
		tap_bail("cannot map a capability: %ld", err);
}

void task_give(struct task *t, l4_cap_idx_t cap, unsigned rights)
{
	give_to(t, cap, cap, rights);
}

void task_map_memory(struct task *t, const void *start, unsigned order, unsigned rights)
{
	long err = l4_error(l4_task_map(t->cap, L4_BASE_TASK_CAP,
					l4_fpage((l4_addr_t)start, order, rights),
					l4_map_control((l4_addr_t)start, 0, L4_MAP_ITEM_MAP)));

	if (err < 0)
		tap_bail("cannot map memory: %ld", err);
}

struct task *task_create(void)
{
	struct task *t = take_slot();
	l4_fpage_t area = l4_fpage(UTCB_AREA, UTCB_AREA_ORDER, 0);
	long err = l4_error(l4_factory_create_task(L4_BASE_FACTORY_CAP, t->cap, area));

	if (err < 0)
		tap_bail("cannot create a task: %ld", err);
	give_to(t, t->cap, L4_BASE_TASK_CAP, L4_CAP_FPAGE_RWS);
	give_to(t, L4_BASE_FACTORY_CAP, L4_BASE_FACTORY_CAP, L4_CAP_FPAGE_RWS);
	give_to(t, library_gate, library_gate, L4_CAP_FPAGE_RWS);
	give_to(t, L4_BASE_LOG_CAP, L4_BASE_LOG_CAP, L4_CAP_FPAGE_RWS);
	give_to(t, L4_BASE_SCHEDULER_CAP, L4_BASE_SCHEDULER_CAP, L4_CAP_FPAGE_RWS);
	task_map_memory(t, l4_global_kip, L4_PAGESHIFT, L4_FPAGE_RX);
	return t;
}

void task_destroy(struct task *t)
{
	cap_delete(t->cap);
	t->in_use = false;
}

l4_cap_idx_t gate_create_for(l4_cap_idx_t thread, l4_umword_t label)
{
	l4_cap_idx_t gate = cap_alloc();
	long err = l4_error(l4_factory_create_gate(L4_BASE_FACTORY_CAP, gate, thread, label));

	if (err < 0)
		tap_bail("cannot create a gate: %ld", err);
	return gate;
}

l4_cap_idx_t gate_create(struct thread *t, l4_umword_t label)
{
	return gate_create_for(t ? t->cap : L4_INVALID_CAP, label);
}

l4_cap_idx_t irq_create(void)
{
	l4_cap_idx_t irq = cap_alloc();
	long err = l4_error(l4_factory_create_irq(L4_BASE_FACTORY_CAP, irq));

	if (err < 0)
		tap_bail("cannot create an interrupt object: %ld", err);
	return irq;
}

l4_cap_idx_t semaphore_create(void)
{
	l4_cap_idx_t sem = cap_alloc();
	long err = l4_error(l4_factory_create(L4_BASE_FACTORY_CAP, L4_PROTO_SEMAPHORE, sem));

	if (err < 0)
		tap_bail("cannot create a semaphore: %ld", err);
	return sem;
}
