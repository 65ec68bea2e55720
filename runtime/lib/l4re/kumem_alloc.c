/* SPDX-License-Identifier: MIT */
/* Allocation of kernel-user memory. */
#include <l4/re/c/rm.h>
#include <l4/re/c/util/kumem_alloc.h>
#include <l4/sys/err.h>
#include <l4/sys/ipc.h>
#include <l4/sys/task.h>

enum { MAX_ORDER = 20 };

int l4re_util_kumem_alloc(l4_addr_t *mem, unsigned pages_order, l4_cap_idx_t task, l4_cap_idx_t rm)
{
	unsigned char order = (unsigned char)(L4_PAGESHIFT + pages_order);
	void *start = NULL;
	long result;

	if (pages_order > MAX_ORDER)
		return -L4_EINVAL;
	result = l4re_rm_attach_srv(rm, &start, 1UL << order,
				    L4RE_RM_F_KERNEL | L4RE_RM_F_SEARCH_ADDR | L4RE_RM_F_RW,
				    L4_INVALID_CAP, 0, order);
	if (result < 0)
		return (int)result;
	result = l4_error(l4_task_add_ku_mem(task, l4_fpage((l4_addr_t)start, order, L4_FPAGE_RW)));
	if (result < 0) {
		l4re_rm_detach_srv(rm, (l4_addr_t)start, NULL, L4_INVALID_CAP);
		return (int)result;
	}
	*mem = (l4_addr_t)start;
	return 0;
}
