/* SPDX-License-Identifier: MIT */
/* Memory of vmm that guests get mapped. */
#include "vmm/area.h"

#include <l4/re/c/rm.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/env.h>
#include <l4/sys/err.h>
#include <l4/sys/task.h>

enum { LARGEST_ORDER = 30 };

long area_alloc(struct area *area, uint64_t bytes, unsigned long flags)
{
	void *address = NULL;
	long error = -L4_ENOMEM;

	*area = (struct area){ .memory = l4re_util_cap_alloc(), .bytes = bytes };
	if (l4_is_valid_cap(area->memory))
		error = l4re_ma_alloc_align((long)bytes, area->memory, flags, L4_SUPERPAGESHIFT);
	if (error >= 0)
		error = l4re_rm_attach(&address, bytes, L4RE_RM_F_SEARCH_ADDR | L4RE_RM_F_RWX,
				       area->memory | L4_CAP_FPAGE_RW, 0, L4_SUPERPAGESHIFT);
	area->address = address;
	if (error >= 0)
		return 0;
	if (l4_is_valid_cap(area->memory))
		l4re_util_cap_free_um(area->memory);
	*area = (struct area){ 0 };
	return error;
}

void area_free(struct area *area)
{
	if (!area->address)
		return;
	l4re_rm_detach(area->address);
	l4re_util_cap_free_um(area->memory);
	*area = (struct area){ 0 };
}

/* A page is mapped to us at the first access, and can be mapped on then. */
static void touch(const uint8_t *from, uint64_t bytes)
{
	for (uint64_t at = 0; at < bytes; at += L4_PAGESIZE)
		(void)*(const volatile uint8_t *)(from + at);
}

long area_map(const struct area *area, uint64_t offset, uint64_t bytes, l4_cap_idx_t task,
	      uint64_t address, unsigned rights)
{
	uint64_t from = (uint64_t)area->address + offset;

	touch(area->address + offset, bytes);
	while (bytes) {
		unsigned order = L4_PAGESHIFT;
		l4_msgtag_t tag;
		long error;

		while (order < LARGEST_ORDER && !((from | address) & (1UL << order)) &&
		       (2UL << order) <= bytes)
			order++;
		tag = l4_task_map(task, L4_BASE_TASK_CAP,
				  l4_fpage(from, order, (unsigned char)rights),
				  l4_map_control(address, 0, L4_MAP_ITEM_MAP));
		error = l4_error(tag);
		if (error < 0)
			return error;
		from += 1UL << order;
		address += 1UL << order;
		bytes -= 1UL << order;
	}
	return 0;
}
