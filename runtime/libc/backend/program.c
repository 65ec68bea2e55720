/* SPDX-License-Identifier: MIT */
/* Surroundings of a program: its environment block. */
#include "backend/platform.h"
#include "backend/thread.h"

#include <l4/re/c/parent.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/c/util/kumem_alloc.h>
#include <l4/re/env.h>
#include <l4/sys/ipc.h>

l4_cap_idx_t platform_factory(void)
{
	return l4re_env()->factory;
}

l4_cap_idx_t platform_scheduler(void)
{
	return l4re_env()->scheduler;
}

l4_cap_idx_t platform_pager(void)
{
	return l4re_env()->rm;
}

l4_cap_idx_t platform_log(void)
{
	return l4re_env()->log;
}

l4_cap_idx_t platform_cap_alloc(void)
{
	return l4re_util_cap_alloc();
}

void platform_cap_free(l4_cap_idx_t cap)
{
	l4re_util_cap_free(cap);
}

/* The rest of the area that the task was made with, then pages of its own. */
l4_addr_t platform_utcb_memory(size_t *bytes)
{
	static bool area_used;
	l4re_env_t *env = l4re_env();
	l4_addr_t area = l4_fpage_memaddr(env->utcb_area), address = env->first_free_utcb;
	l4_addr_t end = area + (1UL << l4_fpage_size(env->utcb_area));

	if (!area_used && address >= area && address + L4_UTCB_OFFSET <= end) {
		area_used = true;
		env->first_free_utcb = end;
		*bytes = (end - address) / L4_UTCB_OFFSET * L4_UTCB_OFFSET;
		return address;
	}
	*bytes = L4_PAGESIZE;
	if (l4re_util_kumem_alloc(&address, 0, L4RE_THIS_TASK_CAP, env->rm) < 0)
		return 0;
	return address;
}

unsigned platform_priority(void)
{
	return L4RE_MAIN_THREAD_PRIO;
}

_Noreturn void platform_exit(int code)
{
	l4re_parent_signal(l4re_env()->parent, 0, (unsigned long)code);
	for (;;)
		l4_ipc_sleep(L4_IPC_NEVER);
}
