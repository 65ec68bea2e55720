/* SPDX-License-Identifier: MIT */
/* I/O ports: the same ownership map, counted in ports. */
#include "sigma0.h"
#include "regions.h"

#include <l4/sys/err.h>

enum { PORTS_ROOM = 1024 };

static struct region storage[PORTS_ROOM];
static struct region_map map;

void ports_init(void)
{
	struct region all = { .end = L4_IOPORT_MAX - 1,
			      .kind = REGION_RAM,
			      .rights = REGION_R | REGION_W };

	region_map_init(&map, storage, PORTS_ROOM);
	region_map_paint(&map, &all);
}

int ports_claim(l4_umword_t client, l4_fpage_t want, struct item *item)
{
	unsigned order = l4_fpage_size(want);
	unsigned long first = l4_fpage_ioport(want);
	uint8_t rights;
	int err;

	if (l4_fpage_type(want) != L4_FPAGE_IO || order > L4_WHOLE_IOADDRESS_SPACE)
		return -L4_EINVAL;
	first &= ~((1UL << order) - 1);
	if (first >= L4_IOPORT_MAX)
		return -L4_EINVAL;
	err = region_map_claim(&map, first, first + (1UL << order) - 1, (uint32_t)client, &rights);
	if (err)
		return err;
	item->page = l4_iofpage(first, order);
	item->control = l4_map_obj_control(l4_fpage_memaddr(item->page), L4_MAP_ITEM_MAP);
	return 0;
}

void ports_dump(void)
{
	for (size_t i = 0; i < map.count; i++)
		log_printf("sigma0: ports %x-%x owner %u\n", map.r[i].start, map.r[i].end,
			   (unsigned long)map.r[i].owner);
}
