/* SPDX-License-Identifier: MIT */
/* Physical memory: the ownership map, requests and page faults. */
#include "sigma0.h"
#include "regions.h"

#include <l4/sys/err.h>
#include <l4/sys/kip.h>
#include <l4/sys/memdesc.h>

enum { FIRST_ROOM = 512 };
#define USER_END 0x7fffffffefffULL /* the last page of the lower half is nobody's */

static struct region first_storage[FIRST_ROOM];
static struct region_map map;
static const l4_kernel_info_t *kernel_info;
static uint64_t physical_end; /* last address that a device can have */

/* Last physical address that this CPU's page tables can hold (CPUID 0x80000008). */
static uint64_t last_physical_address(void)
{
	unsigned eax = 0x80000008, ebx, ecx = 0, edx;
	uint64_t end;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	end = (1ULL << (eax & 0x3f)) - 1;
	return end < USER_END ? end : USER_END;
}

void memory_init(const void *kip)
{
	const l4_kernel_info_mem_desc_t *desc;
	int count;

	kernel_info = kip;
	physical_end = last_physical_address();
	region_map_init(&map, first_storage, FIRST_ROOM);
	desc = l4_kernel_info_get_mem_descs(kernel_info);
	count = l4_kernel_info_get_num_mem_descs(kernel_info);
	for (int i = 0; i < count; i++)
		region_map_add_descriptor(&map, desc[i].l, desc[i].h);
}

/* Twice the storage, taken from the map itself; its old block goes back. Nothing if RAM is short:
 * then claims fail when the places are used up. */
static void grow_map(void)
{
	unsigned order = 12;
	size_t bytes = 2 * map.capacity * sizeof(struct region);
	struct region old = { .kind = REGION_RAM, .rights = REGION_RWX };
	size_t old_bytes = map.capacity * sizeof(struct region);
	uint64_t at;

	while ((1UL << order) < bytes)
		order++;
	if (region_map_claim_any(&map, order, REGION_OWNER_SIGMA0, &at) < 0)
		return;
	old.start = (uint64_t)region_map_move(&map, (struct region *)at,
					      (1UL << order) / sizeof(struct region));
	old.end = (old.start + old_bytes) | (L4_PAGESIZE - 1);
	if (old.start != (uint64_t)first_storage)
		region_map_paint(&map, &old);
}

/* First and last byte of a memory flexpage; -L4_EINVAL if it is none or not aligned. */
static int page_range(l4_fpage_t page, uint64_t *start, uint64_t *end)
{
	unsigned order = l4_fpage_size(page);
	uint64_t mask = (1ULL << order) - 1;

	*start = l4_fpage_memaddr(page);
	*end = *start + mask;
	if (l4_fpage_type(page) != L4_FPAGE_MEMORY || order < L4_PAGESHIFT)
		return -L4_EINVAL;
	return *start & mask ? -L4_EINVAL : 0;
}

static void set_item(struct item *item, uint64_t address, unsigned order, unsigned char rights,
		     unsigned char cache)
{
	item->control = l4_map_control(address, cache, L4_MAP_ITEM_MAP);
	item->page = l4_fpage(address, order, rights);
}

int memory_ram(l4_umword_t client, l4_fpage_t want, struct item *item)
{
	uint64_t start, end;
	uint8_t rights;
	int err = page_range(want, &start, &end);

	if (!err)
		err = region_map_claim(&map, start, end, (uint32_t)client, &rights);
	if (err)
		return err;
	set_item(item, start, l4_fpage_size(want), rights, L4_FPAGE_CACHEABLE);
	if (region_map_short(&map))
		grow_map();
	return 0;
}

int memory_any_ram(l4_umword_t client, l4_fpage_t want, struct item *item)
{
	unsigned order = l4_fpage_size(want);
	uint64_t start;
	int err;

	if (l4_fpage_type(want) != L4_FPAGE_MEMORY || order < L4_PAGESHIFT)
		return -L4_EINVAL;
	err = region_map_claim_any(&map, order, (uint32_t)client, &start);
	if (err)
		return err;
	set_item(item, start, order, L4_FPAGE_RWX, L4_FPAGE_CACHEABLE);
	if (region_map_short(&map))
		grow_map();
	return 0;
}

int memory_device(l4_fpage_t want, unsigned char cache, struct item *item)
{
	uint64_t start, end;
	int err = page_range(want, &start, &end);

	if (err)
		return err;
	if (end < start || end > physical_end || !region_map_is_device(&map, start, end))
		return -L4_ENOMEM;
	set_item(item, start, l4_fpage_size(want), L4_FPAGE_RW, cache);
	return 0;
}

int memory_kip(struct item *item)
{
	set_item(item, (l4_addr_t)kernel_info, L4_PAGESHIFT, L4_FPAGE_RX, L4_FPAGE_CACHEABLE);
	return 0;
}

int memory_fault(l4_umword_t client, l4_umword_t fault, struct item *item)
{
	l4_fpage_t page = l4_fpage(fault, L4_PAGESHIFT, 0);
	unsigned char need = L4_FPAGE_RO;
	int err;

	if (fault & 2)
		need |= L4_FPAGE_W;
	if (fault & 4)
		need |= L4_FPAGE_X;
	err = memory_ram(client, page, item);
	if (!err && (l4_fpage_rights(item->page) & need) != need)
		return -L4_ENOMEM;
	return err;
}

void memory_dump(void)
{
	static const char *const kind[] = { "ram", "reserved", "platform" };

	for (size_t i = 0; i < map.count; i++) {
		const struct region *r = &map.r[i];

		log_printf("sigma0: %x-%x %s owner %u rights %x\n", r->start, r->end, kind[r->kind],
			   (unsigned long)r->owner, (unsigned long)r->rights);
	}
}
