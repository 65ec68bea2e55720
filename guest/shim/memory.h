/* SPDX-License-Identifier: MIT */
/* The guest's physical memory as the shim sees it: an array with an end. */
#ifndef GUEST_SHIM_MEMORY_H
#define GUEST_SHIM_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PAGE_SHIFT = 12, PAGE_BYTES = 1 << PAGE_SHIFT, TABLE_ENTRIES = 512, TABLE_LEVELS = 4 };

/* Physical address 0 is at base; frames is the number of 4 KiB pages that follow. */
struct guest_memory {
	void *base;
	uint64_t frames;
};

/* Where the guest's tables may be changed at any time, by its other CPUs too. */
typedef _Atomic(uint64_t) table_entry;

/* The table in a frame; NULL if the guest has no such frame. */
static inline table_entry *guest_table(const struct guest_memory *memory, uint64_t frame)
{
	if (frame >= memory->frames)
		return NULL;
	return (table_entry *)((char *)memory->base + (frame << PAGE_SHIFT));
}

/* The 8-byte entry at a physical address (bytes, multiple of 8); NULL if there is none. */
static inline table_entry *guest_entry(const struct guest_memory *memory, uint64_t address)
{
	table_entry *table = guest_table(memory, address >> PAGE_SHIFT);

	if (!table || address & 7)
		return NULL;
	return table + (address % PAGE_BYTES) / 8;
}

#endif
