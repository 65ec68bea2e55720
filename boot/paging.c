/* SPDX-License-Identifier: MIT */
/* Builds the page tables that the kernel starts with. */
#include "paging.h"

#include "console.h"
#include "io.h"
#include "kernel/bootinfo.h"
#include "lib.h"

#define LOW_LIMIT (4 * SIZE_1GIB) /* mapped whether memory or not */
#define DATA	  (PTE_PRESENT | PTE_WRITE)
#define UNCACHED  (PTE_PCD | PTE_PWT)
#define CACHED	  (MEM_BACKED | MEM_BIT(MEM_ACPI) | MEM_BIT(MEM_NVS))

bool paging_has_1gib(void)
{
	return cpuid(CPUID_EXT_FEATURES).edx & CPUID_EDX_PAGE1GB;
}

/*
 * A GiB gets one page only if it is memory throughout: a page with both memory and devices would
 * mix memory types (Intel SDM vol. 3, 12.11.9).
 */
static bool is_one_page(const struct memmap *map, uint64_t gib)
{
	return paging_has_1gib() && memmap_covers(map, gib, gib + SIZE_1GIB, MEM_BACKED);
}

static bool is_mapped(const struct memmap *map, uint64_t start, uint64_t size)
{
	return start < LOW_LIMIT || memmap_touches(map, start, start + size, CACHED);
}

static uint64_t direct_map_end(const struct memmap *map)
{
	uint64_t top = align_up(memmap_top(map), SIZE_1GIB);

	return top > LOW_LIMIT ? top : LOW_LIMIT;
}

uint64_t paging_bound(const struct memmap *map, uint64_t image_size)
{
	uint64_t spans = image_size / SIZE_2MIB + 2; /* 2 MiB places that the image touches */
	uint64_t pages = 3;			     /* PML4, PDPT, page table of the first 2 MiB */

	for (uint64_t gib = 0; gib < direct_map_end(map); gib += SIZE_1GIB)
		pages += is_mapped(map, gib, SIZE_1GIB) && !is_one_page(map, gib);
	pages += 3 + spans; /* kernel slot: PDPT, directories, tables */
	pages += 2 + spans; /* direct map: directories and tables split for read-only pages */
	return pages;
}

static uint64_t *table_new(struct page_tables *tables)
{
	uint64_t *table = phys_ptr(tables->next);

	if (tables->next == tables->end)
		fatal("page tables are larger than computed");
	tables->next += SIZE_4KIB;
	return memset(table, 0, SIZE_4KIB);
}

/* The table below an entry: made if missing; a large page is split into parts of @part bytes. */
static uint64_t *table_below(struct page_tables *tables, uint64_t *entry, uint64_t part)
{
	uint64_t old = *entry, *table;

	if ((old & PTE_PRESENT) && !(old & PTE_LARGE))
		return phys_ptr(old & PTE_ADDRESS);
	table = table_new(tables);
	if (old & PTE_LARGE && part == SIZE_4KIB)
		old &= ~PTE_LARGE;
	for (unsigned i = 0; old && i < PTE_COUNT; i++)
		table[i] = old + i * part;
	*entry = ptr_phys(table) | DATA;
	return table;
}

/* The entry of a 4 KiB page. */
static uint64_t *page_entry(struct page_tables *tables, uint64_t virt)
{
	uint64_t *table = phys_ptr(tables->root);

	table = table_below(tables, table + (virt >> 39) % PTE_COUNT, SIZE_1GIB);
	table = table_below(tables, table + (virt >> 30) % PTE_COUNT, SIZE_2MIB);
	table = table_below(tables, table + (virt >> 21) % PTE_COUNT, SIZE_4KIB);
	return table + (virt >> 12) % PTE_COUNT;
}

/* Leaf of the direct map, 0 if there is nothing to map. */
static uint64_t direct_leaf(const struct memmap *map, uint64_t phys, uint64_t size)
{
	if (memmap_touches(map, phys, phys + size, CACHED))
		return phys | DATA;
	return phys < LOW_LIMIT ? phys | DATA | UNCACHED : 0;
}

static void fill_gib(const struct memmap *map, uint64_t *directory, uint64_t gib)
{
	bool full = memmap_covers(map, gib, gib + SIZE_1GIB, MEM_BACKED);

	for (unsigned i = 0; i < PTE_COUNT; i++) {
		uint64_t phys = gib + i * SIZE_2MIB;
		uint64_t leaf = full ? phys | DATA : direct_leaf(map, phys, SIZE_2MIB);

		directory[i] = leaf ? leaf | PTE_LARGE : 0;
	}
}

/* The first 2 MiB have memory and devices side by side. */
static void fill_low_pages(struct page_tables *tables, const struct memmap *map)
{
	for (uint64_t phys = 0; phys < SIZE_2MIB; phys += SIZE_4KIB)
		*page_entry(tables, phys) = direct_leaf(map, phys, SIZE_4KIB);
}

void paging_direct_map(struct page_tables *tables, const struct memmap *map)
{
	uint64_t *root = table_new(tables), *pdpt = table_new(tables);

	tables->root = ptr_phys(root);
	root[0] = ptr_phys(pdpt) | DATA;
	root[(DIRECT_MAP_BASE >> 39) % PTE_COUNT] = ptr_phys(pdpt) | DATA | PTE_NX;
	for (uint64_t gib = 0; gib < direct_map_end(map); gib += SIZE_1GIB) {
		if (!is_mapped(map, gib, SIZE_1GIB))
			continue;
		if (is_one_page(map, gib))
			pdpt[gib / SIZE_1GIB] = gib | DATA | PTE_LARGE;
		else
			fill_gib(map, table_below(tables, pdpt + gib / SIZE_1GIB, SIZE_2MIB), gib);
	}
	fill_low_pages(tables, map);
}

void paging_map(struct page_tables *tables, uint64_t virt, uint64_t phys, uint64_t size,
		uint64_t flags)
{
	for (uint64_t at = 0; at < size; at += SIZE_4KIB) {
		*page_entry(tables, virt + at) = (phys + at) | flags;
		if (!(flags & PTE_WRITE))
			*page_entry(tables, DIRECT_MAP_BASE + phys + at) &= ~PTE_WRITE;
	}
}
