/* SPDX-License-Identifier: MIT */
/* The map of physical memory while booting: a partition of the address space. Pure code. */
#include "memmap.h"

#include <l4/sys/err.h>

static uint64_t page_down(uint64_t v)
{
	return v & ~(MEM_PAGE - 1);
}

static uint64_t page_up(uint64_t v)
{
	return page_down(v + MEM_PAGE - 1);
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

int memmap_add(struct memmap *raw, uint64_t start, uint64_t size, enum mem_type type)
{
	uint64_t end = start + size < start ? UINT64_MAX : start + size;

	if (!size)
		return 0;
	if (raw->count == MEMMAP_MAX)
		return -L4_ENOMEM;
	raw->region[raw->count++] = (struct mem_region){ start, end, type, 0 };
	return 0;
}

/* Index of the first region that ends above @addr. */
static unsigned region_above(const struct memmap *map, uint64_t addr)
{
	unsigned i = 0;

	while (i < map->count && map->region[i].end <= addr)
		i++;
	return i;
}

/* Replace @drop regions at @at by @add unset ones. */
static void regions_replace(struct memmap *map, unsigned at, unsigned drop, unsigned add)
{
	unsigned tail = map->count - at - drop;
	struct mem_region *r = map->region + at;

	if (add < drop)
		for (unsigned i = 0; i < tail; i++)
			r[add + i] = r[drop + i];
	else
		for (unsigned i = tail; i-- > 0;)
			r[add + i] = r[drop + i];
	map->count = map->count - drop + add;
}

/* Split the region that has @addr inside. */
static void region_cut(struct memmap *map, uint64_t addr)
{
	unsigned i = region_above(map, addr);

	if (i == map->count || map->region[i].start >= addr)
		return;
	regions_replace(map, i, 1, 2);
	map->region[i + 1] = map->region[i];
	map->region[i].end = addr;
	map->region[i + 1].start = addr;
}

/* Join region @i with the one after it if they are alike. */
static void region_join(struct memmap *map, unsigned i)
{
	struct mem_region *r = map->region + i;

	if (i + 1 >= map->count || r[0].end != r[1].start || r[0].type != r[1].type ||
	    r[0].rights != r[1].rights)
		return;
	r[0].end = r[1].end;
	regions_replace(map, i + 1, 1, 0);
}

static void join_around(struct memmap *map, unsigned i)
{
	region_join(map, i);
	if (i > 0)
		region_join(map, i - 1);
}

int memmap_mark(struct memmap *map, uint64_t start, uint64_t end, enum mem_type type,
		unsigned rights)
{
	unsigned first, last, add = type != MEM_HOLE;

	if (start >= end)
		return 0;
	if (map->count + 3 > MEMMAP_MAX)
		return -L4_ENOMEM;
	region_cut(map, start);
	region_cut(map, end);
	first = region_above(map, start);
	for (last = first; last < map->count && map->region[last].start < end; last++)
		;
	regions_replace(map, first, last - first, add);
	if (add) {
		map->region[first] = (struct mem_region){ start, end, type, rights };
		join_around(map, first);
	}
	return 0;
}

void memmap_release(struct memmap *map, enum mem_type type)
{
	for (unsigned i = map->count; i-- > 0;) {
		struct mem_region *r = map->region + i;

		if (r->type == type)
			*r = (struct mem_region){ r->start, r->end, MEM_RAM, 0 };
		region_join(map, i);
	}
}

/* Enter all raw entries of one type; all types but RAM grow to whole pages. */
static int mark_type(const struct memmap *raw, struct memmap *map, enum mem_type type)
{
	for (unsigned i = 0; i < raw->count; i++) {
		const struct mem_region *r = raw->region + i;
		uint64_t start = min_u64(r->start, MEMMAP_LIMIT);
		uint64_t end = min_u64(r->end, MEMMAP_LIMIT);
		bool grow = type != MEM_RAM;
		int err;

		if (r->type != type)
			continue;
		err = memmap_mark(map, grow ? page_down(start) : start, grow ? page_up(end) : end,
				  type, 0);
		if (err < 0)
			return err;
	}
	return 0;
}

/* Reduce RAM to whole pages. Regions of other types are whole pages already. */
static void shrink_ram(struct memmap *map)
{
	for (unsigned i = map->count; i-- > 0;) {
		struct mem_region *r = map->region + i;

		if (r->type != MEM_RAM)
			continue;
		r->start = page_up(r->start);
		r->end = page_down(r->end);
		if (r->start >= r->end)
			regions_replace(map, i, 1, 0);
	}
}

int memmap_normalise(const struct memmap *raw, struct memmap *map)
{
	map->count = 0;
	for (enum mem_type type = MEM_RAM; type <= MEM_RESERVED; type++) {
		int err = mark_type(raw, map, type);

		if (err < 0)
			return err;
	}
	shrink_ram(map);
	return 0;
}

bool memmap_covers(const struct memmap *map, uint64_t start, uint64_t end, unsigned types)
{
	unsigned i = region_above(map, start);

	for (; start < end; i++) {
		const struct mem_region *r = map->region + i;

		if (i == map->count || r->start > start || !(MEM_BIT(r->type) & types))
			return false;
		start = r->end;
	}
	return true;
}

bool memmap_touches(const struct memmap *map, uint64_t start, uint64_t end, unsigned types)
{
	unsigned i = region_above(map, start);

	for (; i < map->count && map->region[i].start < end; i++)
		if (MEM_BIT(map->region[i].type) & types)
			return true;
	return false;
}

/* Place a block in one free region; false if it does not fit. */
static bool place_block(const struct mem_region *r, const struct mem_request *q, uint64_t *start)
{
	uint64_t low = max_u64(r->start, q->min);
	uint64_t high = min_u64(r->end, q->max);
	uint64_t first = (low + q->align - 1) & ~(q->align - 1);

	if (r->type != MEM_RAM || first < low || first >= high || high - first < q->size)
		return false;
	*start = q->from_top ? (high - q->size) & ~(q->align - 1) : first;
	return true;
}

int memmap_find(const struct memmap *map, const struct mem_request *request, uint64_t *start)
{
	for (unsigned i = 0; i < map->count; i++) {
		unsigned at = request->from_top ? map->count - 1 - i : i;

		if (place_block(map->region + at, request, start))
			return 0;
	}
	return -L4_ENOMEM;
}

/* Next run of adjacent usable regions from index *i on; false at the end of the map. */
static bool next_run(const struct memmap *map, unsigned *i, struct mem_region *run)
{
	const struct mem_region *r = map->region;

	while (*i < map->count && !(MEM_BIT(r[*i].type) & MEM_BACKED))
		++*i;
	if (*i == map->count)
		return false;
	*run = (struct mem_region){ r[*i].start, r[*i].end, MEM_RAM, 0 };
	for (++*i; *i < map->count && r[*i].start == run->end; ++*i) {
		if (!(MEM_BIT(r[*i].type) & MEM_BACKED))
			break;
		run->end = r[*i].end;
	}
	return true;
}

uint64_t memmap_top(const struct memmap *map)
{
	struct mem_region run = { 0 };
	unsigned i = 0;

	while (next_run(map, &i, &run))
		;
	return run.end;
}

/* Number of runs of usable memory that have at least @least bytes. */
static unsigned count_runs(const struct memmap *map, uint64_t least)
{
	struct mem_region run;
	unsigned i = 0, runs = 0;

	while (next_run(map, &i, &run))
		runs += run.end - run.start >= least;
	return runs;
}

struct desc_type {
	unsigned type, sub_type;
};

/* What the descriptor of a region says; undefined if the region has none of its own. */
static struct desc_type descriptor_type(const struct mem_region *r)
{
	switch (r->type) {
	case MEM_ACPI:
		return (struct desc_type){ l4_mem_type_archspecific,
					   l4_mem_archspecific_acpi_tables };
	case MEM_NVS:
		return (struct desc_type){ l4_mem_type_archspecific, l4_mem_archspecific_acpi_nvs };
	case MEM_KERNEL:
		return (struct desc_type){ l4_mem_type_reserved, l4_mem_reserved_kernel };
	case MEM_SIGMA0:
		return (struct desc_type){ l4_mem_type_dedicated, 0 };
	case MEM_ROOT:
		return (struct desc_type){ l4_mem_type_bootloader, r->rights };
	case MEM_RSDP:
		return (struct desc_type){ l4_mem_type_info, l4_mem_info_acpi_rsdp };
	default:
		return (struct desc_type){ l4_mem_type_undefined, 0 };
	}
}

static void set_descriptor(l4_kernel_info_mem_desc_t *desc, const struct mem_region *r,
			   struct desc_type t)
{
	l4_kernel_info_set_mem_desc(desc, r->start, r->end - 1, t.type, 0, t.sub_type);
}

static unsigned count_taken(const struct memmap *map)
{
	unsigned taken = 0;

	for (unsigned i = 0; i < map->count; i++)
		taken += descriptor_type(map->region + i).type != l4_mem_type_undefined;
	return taken;
}

int memmap_descriptors(const struct memmap *map, l4_kernel_info_mem_desc_t *out, unsigned max)
{
	const struct desc_type conventional = { l4_mem_type_conventional, 0 };
	unsigned i = 0, n = 0, taken = count_taken(map);
	uint64_t least = MEM_PAGE;
	struct mem_region run;

	if (taken >= max)
		return -L4_ENOMEM;
	while (count_runs(map, least) > max - taken)
		least *= 2;
	while (next_run(map, &i, &run))
		if (run.end - run.start >= least)
			set_descriptor(out + n++, &run, conventional);
	for (i = 0; i < map->count; i++) {
		struct desc_type t = descriptor_type(map->region + i);

		if (t.type != l4_mem_type_undefined)
			set_descriptor(out + n++, map->region + i, t);
	}
	return (int)n;
}
