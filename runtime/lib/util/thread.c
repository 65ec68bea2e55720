/* SPDX-License-Identifier: MIT */
/* Threads by hand. */
#include <l4/sys/factory.h>
#include <l4/sys/ipc.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>
#include <l4/util/thread.h>

static long bind(l4_cap_idx_t id, l4_utcb_t *utcb, l4_cap_idx_t pager, l4_cap_idx_t task)
{
	l4_thread_control_start();
	l4_thread_control_pager(pager);
	l4_thread_control_exc_handler(pager);
	l4_thread_control_bind(utcb, task);
	return l4_error(l4_thread_control_commit(id));
}

static long start(l4_cap_idx_t id, l4_umword_t pc, l4_umword_t sp, l4_cap_idx_t scheduler,
		  const l4_sched_param_t *scp)
{
	long result = l4_error(l4_thread_ex_regs(id, pc, sp, 0));

	if (result < 0 || !l4_is_valid_cap(scheduler))
		return result;
	return l4_error(l4_scheduler_run_thread(scheduler, id, scp));
}

long l4util_create_thread(l4_cap_idx_t id, l4_utcb_t *thread_utcb, l4_cap_idx_t factory,
			  l4_umword_t pc, l4_umword_t sp, l4_cap_idx_t pager, l4_cap_idx_t task,
			  l4_cap_idx_t scheduler, l4_sched_param_t scp)
{
	long result = l4_error(l4_factory_create_thread(factory, id));

	if (result < 0)
		return result;
	result = bind(id, thread_utcb, pager, task);
	if (result >= 0)
		result = start(id, pc, sp, scheduler, &scp);
	if (result < 0)
		l4_task_delete_obj(L4_BASE_TASK_CAP, id);
	return result < 0 ? result : 0;
}
