/* SPDX-License-Identifier: MIT */
/* What a test of moe starts. */
#include "child.h"

#include <l4/sys/factory.h>
#include <l4/sys/thread.h>

void thread_begin(l4_cap_idx_t thread, void (*entry)(void), char *stack_end, l4_sched_param_t param)
{
	long err = l4_error(l4_factory_create_thread(env->factory, thread));

	l4_thread_control_start();
	l4_thread_control_pager(env->rm);
	l4_thread_control_exc_handler(env->rm);
	l4_thread_control_bind((l4_utcb_t *)env->first_free_utcb, L4_BASE_TASK_CAP);
	if (err >= 0)
		err = l4_error(l4_thread_control_commit(thread));
	if (err >= 0)
		err = l4_error(l4_scheduler_run_thread(env->scheduler, thread, &param));
	if (err >= 0)
		err = l4_error(
		    l4_thread_ex_regs(thread, (l4_addr_t)entry, (l4_addr_t)(stack_end - 8), 0));
	if (err < 0)
		tap_bail("cannot start a thread: %ld", err);
}

void child_params(struct loader_params *params, const char *name, l4_cap_idx_t factory)
{
	static const char *arguments[] = { NULL, "child" };

	params->file = cap_new();
	if (ns_query(cap_named("rom"), name, params->file, NULL, 0) < 0)
		tap_bail("this program is not in rom");
	arguments[0] = params->file_name = name;
	params->argc = 2;
	params->argv = arguments;
	params->factory = (struct loader_cap){ env->factory, L4_CAP_FPAGE_RWS };
	params->mem = (struct loader_cap){ factory, L4_CAP_FPAGE_RWS };
	params->scheduler = (struct loader_cap){ env->scheduler, L4_CAP_FPAGE_RWS };
	params->parent.cap = params->log.cap = params->dbg_events.cap = L4_INVALID_CAP;
	params->rm_fab = factory;
	params->kip = cap_named("kip");
	params->fault = L4_INVALID_CAP;
}
