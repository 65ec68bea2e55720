/* SPDX-License-Identifier: MIT */
/*
 * A test of the C library as root task: memory from sigma0, slots that are never given back, and at
 * the end the machine is switched off.
 */
#include "check.h"

#include <stddef.h>
#include <string.h>

#include <l4/sys/consts.h>
#include <l4/sys/ipc.h>
#include <l4/sys/platform_control.h>
#include <l4/sys/task.h>

#include "service.h"

enum { CHUNK_ORDER = 22, SLOT_FIRST = 0x100, REQUEST_ANY_RAM = 0x90 };

const l4_addr_t service_utcbs_start = 0x7ff0000000, service_utcbs_end = 0x7ff0100000;

/* Pages that were given back, one list for each size. */
struct rest {
	struct rest *next;
	size_t bytes;
};

static struct rest *rests;
static char *chunk, *chunk_end;

static char *chunk_get(unsigned order)
{
	l4_msgtag_t tag = l4_msgtag(L4_PROTO_SIGMA0, 2, 0, 0);

	l4_utcb_br()->bdr = 0;
	l4_utcb_br()->br[0] = L4_ITEM_MAP;
	l4_utcb_br()->br[1] = l4_fpage_all().raw;
	l4_utcb_br()->br[2] = 0;
	l4_utcb_mr()->mr[0] = ~0UL << 8 | REQUEST_ANY_RAM;
	l4_utcb_mr()->mr[1] = l4_fpage(0, order, 0).raw;
	tag = l4_ipc_call(L4_BASE_PAGER_CAP, l4_utcb(), tag, L4_IPC_NEVER);
	l4_utcb_br()->br[0] = 0;
	return l4_error(tag) < 0 ? NULL : (char *)(l4_utcb_mr()->mr[0] & L4_PAGEMASK);
}

void *service_memory_alloc(size_t bytes)
{
	char *start;

	for (struct rest **link = &rests; *link; link = &(*link)->next) {
		if ((*link)->bytes != bytes)
			continue;
		start = (char *)*link;
		*link = (*link)->next;
		return memset(start, 0, bytes);
	}
	if (bytes > 1UL << CHUNK_ORDER)
		return NULL;
	if ((size_t)(chunk_end - chunk) < bytes) {
		chunk = chunk_get(CHUNK_ORDER);
		chunk_end = chunk ? chunk + (1UL << CHUNK_ORDER) : NULL;
	}
	if (!chunk)
		return NULL;
	start = chunk;
	chunk += bytes;
	return memset(start, 0, bytes);
}

void service_memory_free(void *start, size_t bytes)
{
	struct rest *rest = start;

	rest->bytes = bytes;
	rest->next = rests;
	rests = rest;
}

l4_cap_idx_t service_cap_alloc(void)
{
	static l4_cap_idx_t next = SLOT_FIRST;

	return __atomic_fetch_add(&next, 1, __ATOMIC_SEQ_CST) << L4_CAP_SHIFT;
}

void service_cap_free(l4_cap_idx_t cap)
{
	(void)cap;
}

int main(void)
{
	check_main();
	check_plan();
	l4_platform_ctl_system_shutdown(L4_BASE_ICU_CAP, 0);
	for (;;)
		l4_ipc_sleep(L4_IPC_NEVER);
}
