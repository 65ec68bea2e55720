/* SPDX-License-Identifier: MIT */
/* Mapping, touching, protecting anonymous memory. */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "rows.h"

enum { TOUCHED = 64, FAULT_SAMPLES = 2000, FAULT_PAGES = FAULT_SAMPLES + FAULT_SAMPLES / 10 + 2 };

static char *area, *next;

static char *map(size_t bytes)
{
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(p == MAP_FAILED ? -1 : 0, "mmap");
	return p;
}

static int map_area(void)
{
	area = next = map((size_t)FAULT_PAGES * PAGE_BYTES);
	madvise(area, (size_t)FAULT_PAGES * PAGE_BYTES, MADV_NOHUGEPAGE);
	return 1;
}

static void unmap_area(void)
{
	munmap(area, (size_t)FAULT_PAGES * PAGE_BYTES);
}

static void touch_next(void)
{
	*(volatile char *)next = 1;
	next += PAGE_BYTES;
}

static void map_unmap(void)
{
	munmap(map(TOUCHED * PAGE_BYTES), TOUCHED * PAGE_BYTES);
}

static void map_touch_unmap(void)
{
	char *p = map(TOUCHED * PAGE_BYTES);

	for (unsigned i = 0; i < TOUCHED; i++)
		*(volatile char *)(p + i * PAGE_BYTES) = 1;
	munmap(p, TOUCHED * PAGE_BYTES);
}

static int map_page(void)
{
	area = map(PAGE_BYTES);
	*area = 1;
	return 1;
}

static void unmap_page(void)
{
	munmap(area, PAGE_BYTES);
}

static void protect_twice(void)
{
	mprotect(area, PAGE_BYTES, PROT_READ);
	mprotect(area, PAGE_BYTES, PROT_READ | PROT_WRITE);
	*(volatile char *)area = 1;
}

const struct row memory_rows[] = {
	{ "pagefault_anon", FAULT_SAMPLES, touch_next, map_area, unmap_area },
	{ "mmap_munmap_0", 1000, map_unmap, NULL, NULL },
	{ "mmap_touch64_munmap", 200, map_touch_unmap, NULL, NULL },
	{ "mprotect_pair", 1000, protect_twice, map_page, unmap_page },
	{ NULL, 0, NULL, NULL, NULL },
};
