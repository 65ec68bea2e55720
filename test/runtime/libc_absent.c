/* SPDX-License-Identifier: MIT */
/* Requests to an object that is not there fail at once: nobody waits for himself. */
#include "check.h"

#include <l4/re/c/dataspace.h>
#include <l4/re/c/debug.h>
#include <l4/re/c/dma_space.h>
#include <l4/re/c/event.h>
#include <l4/re/c/inhibitor.h>
#include <l4/re/c/log.h>
#include <l4/re/c/mem_alloc.h>
#include <l4/re/c/namespace.h>
#include <l4/re/c/rm.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/c/video/goos.h>
#include <l4/sys/ipc.h>

enum { ABSENT = -(L4_EIPC_LO + L4_IPC_ENOT_EXISTENT) };

static l4_cap_idx_t none, slot;

static void memory(void)
{
	l4re_ds_stats_t stats;
	l4_addr_t start = 0, end = 0;

	check_is(l4re_ds_info(none, &stats), ABSENT, "info of a dataspace");
	check_is(l4re_ds_clear(none, 0, 1), ABSENT, "clear");
	check_is(l4re_ds_allocate(none, 0, 1), ABSENT, "allocate");
	check_is(l4re_ds_copy_in(none, 0, slot, 0, 1), ABSENT, "copy");
	check_is(l4re_ds_map(none, 0, 0, 0x70000000, 0x70000000, 0x70001000), ABSENT, "map");
	check_is(l4re_ds_map_info(none, &start, &end), ABSENT, "map_info");
	check_is((long)l4re_ds_size(none), 0, "the size is 0");
	check_is(l4re_ma_alloc_align_srv(none, 4096, slot, 0, 0), ABSENT, "allocate memory");
}

static void region_map(void)
{
	l4_addr_t at = 0x70000000;
	unsigned long size = 4096;
	l4re_rm_offset_t offset;
	l4re_rm_flags_t flags;
	void *start = NULL;
	char name[8];
	l4re_ds_t ds;

	check_is(l4re_rm_find_srv(none, &at, &size, &offset, &flags, &ds), ABSENT, "find");
	check_is(l4re_rm_reserve_area_srv(none, &at, size, 0, 12), ABSENT, "reserve an area");
	check_is(l4re_rm_free_area_srv(none, at), ABSENT, "free an area");
	check_is(l4re_rm_attach_srv(none, &start, size, L4RE_RM_F_RW | L4RE_RM_F_ANONYMOUS,
				    L4_INVALID_CAP, 0, 12),
		 ABSENT, "attach");
	check_is(l4re_rm_detach_srv(none, at, &ds, L4RE_THIS_TASK_CAP), ABSENT, "detach");
	check_is(l4re_rm_get_info_srv(none, at, name, sizeof(name), &offset), ABSENT, "info");
}

static void other_objects(void)
{
	l4re_dma_space_dma_addr_t address;
	l4re_video_goos_info_t goos;
	l4_size_t size = 4096;

	check_is(l4re_ns_query_to_srv(none, "a/b", slot, 100), ABSENT, "query a name");
	check_is(l4re_ns_register_obj_srv(none, "a", slot, 0), ABSENT, "register a name");
	check_is(l4re_debug_obj_debug(none, 0), ABSENT, "debug");
	check_is(l4re_dma_space_map(none, slot, 0, &size, 0, 0, &address), ABSENT, "map for DMA");
	check_is(l4re_dma_space_mgr_associate_phys(none, slot, 0), ABSENT, "associate for DMA");
	check_is(l4re_event_get_buffer(none, slot), ABSENT, "buffer of events");
	check_is(l4re_inhibitor_acquire(none, 0, "x"), ABSENT, "inhibitor");
	check_is(l4re_video_goos_info(none, &goos), ABSENT, "screen");
	l4re_log_print_srv(none, "nobody reads this\n");
	check(true, "text for an absent log is dropped");
}

void check_main(void)
{
	slot = l4re_util_cap_alloc();
	none = L4_INVALID_CAP;
	memory();
	region_map();
	other_objects();
	none = slot; /* a capability that is empty */
	memory();
	region_map();
}
