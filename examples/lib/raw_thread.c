/* SPDX-License-Identifier: MIT */
/* Threads for examples, by the kernel's operations. */
#include <stdio.h>
#include <stdlib.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/c/util/kumem_alloc.h>
#include <l4/re/env.h>
#include <l4/sys/factory.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/thread.h>
#include "raw_thread.h"

enum { STACK_BYTES = 16384, STACKS = 4 };

static char stacks[STACKS][STACK_BYTES] __attribute__((aligned(16)));
static unsigned used;

void check(long result, const char *what)
{
	if (result >= 0)
		return;
	printf("%s: %s (%ld)\n", what, l4sys_errtostr(result), result);
	exit(1);
}

static void control(struct raw_thread *t, l4_cap_idx_t handler, unsigned flags)
{
	l4_thread_control_start();
	l4_thread_control_pager(l4re_env()->rm);
	l4_thread_control_exc_handler(handler);
	l4_thread_control_bind(t->utcb, L4RE_THIS_TASK_CAP);
	if (flags & RAW_THREAD_ALIEN)
		l4_thread_control_alien(1);
	check(l4_error(l4_thread_control_commit(t->cap)), "thread control");
}

void raw_thread_start(struct raw_thread *thread, void (*entry)(void), l4_cap_idx_t handler,
		      unsigned flags)
{
	l4_umword_t ex = flags & RAW_THREAD_EXCEPTION ? L4_THREAD_EX_REGS_TRIGGER_EXCEPTION : 0;
	l4_sched_param_t param = l4_sched_param(L4RE_MAIN_THREAD_PRIO, 0);
	l4_addr_t page, stack;

	if (used == STACKS)
		check(-L4_ENOMEM, "stack");
	stack = (l4_addr_t)stacks[used++] + STACK_BYTES;
	thread->cap = l4re_util_cap_alloc();
	check(l4re_util_kumem_alloc(&page, 0, L4RE_THIS_TASK_CAP, l4re_env()->rm), "UTCB");
	thread->utcb = (l4_utcb_t *)page;
	check(l4_error(l4_factory_create_thread(l4re_env()->factory, thread->cap)), "thread");
	control(thread, handler, flags);
	check(l4_error(l4_thread_ex_regs(thread->cap, (l4_addr_t)entry, stack, ex)), "ex_regs");
	check(l4_error(l4_scheduler_run_thread(l4re_env()->scheduler, thread->cap, &param)),
	      "run thread");
}
