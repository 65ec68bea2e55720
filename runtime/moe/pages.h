/* SPDX-License-Identifier: MIT */
/*
 * Physical memory in pages of 4 KiB: a buddy allocator over several zones. Free blocks hold their
 * own list links; a zone begins with a word for each of its pages. Memory is not cleared.
 * A page can have several owners (copy on write): it goes back when the last one has put it.
 * Pure: addresses are those at which the caller can write, no system calls.
 */
#ifndef MOE_PAGES_H
#define MOE_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#define PAGE_SHIFT 12
#define PAGE_BYTES (1UL << PAGE_SHIFT)

enum { PAGES_ZONES = 64, PAGES_ORDERS = 28 };

struct pages_zone {
	uint64_t first, count; /* page numbers */
	uint32_t *info;	       /* by page: see pages.c */
};

struct pages_block {
	struct pages_block *next, **link;
};

struct pages {
	struct pages_zone zones[PAGES_ZONES];
	unsigned zone_count;
	struct pages_block *free[PAGES_ORDERS]; /* by log2 of pages */
	uint64_t free_pages, all_pages;
};

/*
 * Add the memory [start, end), page-aligned, which nothing else uses. Zones do not overlap. Too
 * small ones, and those beyond PAGES_ZONES, are left out.
 */
void pages_add(struct pages *p, uint64_t start, uint64_t end);

/* 2^order pages, aligned to their size, with one owner. Returns the address, 0: none left. */
uint64_t pages_alloc(struct pages *p, unsigned order);

/* count pages in a row, the first aligned to 2^align_order pages. Returns the address or 0. */
uint64_t pages_alloc_run(struct pages *p, uint64_t count, unsigned align_order);

/* Give count pages back, whoever their owners were; any part of what was allocated. */
void pages_free(struct pages *p, uint64_t address, uint64_t count);

/* One more owner of the block at address. False if it has too many. */
bool pages_share(struct pages *p, uint64_t address);

/* True if the block at address has more than one owner. */
bool pages_is_shared(const struct pages *p, uint64_t address);

/* One owner less of the block of 2^order pages; the last one frees it. */
void pages_put(struct pages *p, uint64_t address, unsigned order);

#endif
