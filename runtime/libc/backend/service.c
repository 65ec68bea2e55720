/* SPDX-License-Identifier: MIT */
/* Surroundings of a root task: the kernel's capabilities, and what service.h asks for. */
#include "backend/platform.h"
#include "backend/realtime.h"
#include "service.h"

#include <l4/sys/ipc.h>
#include <l4/sys/task.h>

enum { ROOT_TASK_PRIORITY = 255 };

l4_cap_idx_t platform_factory(void)
{
	return L4_BASE_FACTORY_CAP;
}

l4_cap_idx_t platform_scheduler(void)
{
	return L4_BASE_SCHEDULER_CAP;
}

l4_cap_idx_t platform_pager(void)
{
	return L4_BASE_PAGER_CAP;
}

l4_cap_idx_t platform_log(void)
{
	return L4_BASE_LOG_CAP;
}

l4_cap_idx_t platform_cap_alloc(void)
{
	return service_cap_alloc();
}

void platform_cap_free(l4_cap_idx_t cap)
{
	service_cap_free(cap);
}

l4_addr_t platform_utcb_memory(size_t *bytes)
{
	static l4_addr_t next;
	l4_addr_t address = next ? next : service_utcbs_start;
	l4_fpage_t page = l4_fpage(address, L4_PAGESHIFT, L4_FPAGE_RW);

	if (address + L4_PAGESIZE > service_utcbs_end)
		return 0;
	if (l4_error(l4_task_add_ku_mem(L4_BASE_TASK_CAP, page)) < 0)
		return 0;
	next = address + L4_PAGESIZE;
	*bytes = L4_PAGESIZE;
	return address;
}

unsigned platform_priority(void)
{
	return ROOT_TASK_PRIORITY;
}

void platform_faults_handled(void)
{
}

/* A root task has no list of its memory: what is mapped was forbidden. */
enum platform_place platform_place(l4_addr_t address, enum platform_access need, l4_umword_t error)
{
	(void)address, (void)need;
	return error & 1 ? PLATFORM_FORBIDDEN : PLATFORM_NOTHING;
}

/* A root task has no parent. */
_Noreturn void platform_exit(int code)
{
	(void)code;
	for (;;)
		l4_ipc_sleep(L4_IPC_NEVER);
}

uint64_t realtime_offset_ns(void)
{
	return 0;
}
