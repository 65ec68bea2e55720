/* SPDX-License-Identifier: MIT */
/* DMA spaces: where a device finds memory of a program, as a driver asks for it. */
#include <stdio.h>
#include <l4/re/c/dma_space.h>
#include <l4/re/c/mem_alloc.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/protocols.h>
#include <l4/sys/factory.h>
#include "lib/raw_thread.h"

enum { BYTES = 8 * L4_PAGESIZE };
#define BELOW_4_GIB 0xffffffffUL

static l4re_dma_space_t space;
static l4re_ds_t buffer;

/* Where the device finds the buffer from offset on; bytes: how much of it lies in a row there. */
static long place_of(l4re_ds_offset_t offset, l4_size_t *bytes, l4re_dma_space_dma_addr_t *place)
{
	*bytes = BYTES - offset;
	return l4re_dma_space_map(space, buffer, offset, bytes, 0, L4RE_DMA_SPACE_BIDIRECTIONAL,
				  place);
}

static void map_and_unmap(void)
{
	l4re_dma_space_dma_addr_t whole, half;
	l4_size_t bytes;

	check(place_of(0, &bytes, &whole), "map");
	printf("%u KiB in a row, %s 4 GiB\n", (unsigned)bytes >> 10,
	       whole + bytes <= BELOW_4_GIB ? "below" : "above");
	check(place_of(BYTES / 2, &bytes, &half), "map the half");
	printf("its second half: %u KiB from there\n", (unsigned)(half - whole) >> 10);
	check(l4re_dma_space_unmap(space, half, bytes, 0, L4RE_DMA_SPACE_BIDIRECTIONAL), "unmap");
	check(l4re_dma_space_unmap(space, whole, BYTES, 0, L4RE_DMA_SPACE_BIDIRECTIONAL), "unmap");
}

int main(void)
{
	l4_cap_idx_t manager = l4re_env_get_cap("dma_mgr");
	l4re_dma_space_dma_addr_t place;
	l4_size_t bytes;

	space = l4re_util_cap_alloc();
	buffer = l4re_util_cap_alloc();
	check(l4re_ma_alloc(BYTES, buffer, L4RE_MA_CONTINUOUS | L4RE_MA_PINNED), "allocate");
	check(l4_error(l4_factory_create(l4re_env()->mem_alloc, L4RE_PROTO_DMA_SPACE, space)),
	      "DMA space");
	printf("for no hardware yet: %s\n", l4sys_errtostr(place_of(0, &bytes, &place)));
	check(l4re_dma_space_mgr_associate_phys(manager, space, 0), "associate");
	printf("associated twice: %s\n",
	       l4sys_errtostr(l4re_dma_space_mgr_associate_phys(manager, space, 0)));
	check(l4re_dma_space_mgr_set_limits(manager, space, 0, BELOW_4_GIB), "set limits");
	map_and_unmap();
	check(l4re_dma_space_mgr_disassociate(manager, space), "disassociate");
	printf("done\n");
	return 0;
}
