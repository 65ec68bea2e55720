/* SPDX-License-Identifier: MIT */
/* Builds the page tables that the kernel starts with (Intel SDM vol. 3, 4.5). */
#ifndef BOOT_PAGING_H
#define BOOT_PAGING_H

#include <stdbool.h>
#include <stdint.h>

#include "memmap.h"

#define PTE_COUNT   512
#define PTE_PRESENT 0x001ULL
#define PTE_WRITE   0x002ULL
#define PTE_PWT	    0x008ULL
#define PTE_PCD	    0x010ULL
#define PTE_LARGE   0x080ULL
#define PTE_NX	    (1ULL << 63)
#define PTE_ADDRESS 0x000ffffffffff000ULL

#define SIZE_4KIB 0x1000ULL
#define SIZE_2MIB 0x200000ULL
#define SIZE_1GIB 0x40000000ULL

/* Tables under construction; new ones are taken page by page from [next, end). */
struct page_tables {
	uint64_t root;	    /* physical address of the PML4 */
	uint64_t next, end; /* physical */
};

/* Whether the processor has 1 GiB pages. */
bool paging_has_1gib(void);

/*
 * Upper bound for the number of pages that the tables need.
 * @map: all memory; @image_size: bytes of the kernel image.
 */
uint64_t paging_bound(const struct memmap *map, uint64_t image_size);

/*
 * Start tables in the memory [next, end) and enter the direct map: all usable memory and the first
 * 4 GiB, writable, not executable; what is no memory is uncached. The same tables serve as 1:1 map
 * (PML4 slot 0), executable there.
 */
void paging_direct_map(struct page_tables *tables, const struct memmap *map);

/*
 * Map [phys, phys + size) at @virt in 4 KiB pages with the given PTE flags.
 * All page multiples. If the flags have no PTE_WRITE, the direct map loses it too.
 */
void paging_map(struct page_tables *tables, uint64_t virt, uint64_t phys, uint64_t size,
		uint64_t flags);

#endif
