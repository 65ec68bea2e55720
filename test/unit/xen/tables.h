/* SPDX-License-Identifier: MIT */
/* A guest of few frames with page tables, for tests of its memory. */
#ifndef TEST_UNIT_XEN_TABLES_H
#define TEST_UNIT_XEN_TABLES_H

#include <string.h>

#include "shim/pte.h"

enum { TABLES_FRAMES = 32 };
enum { LEAF = 0x63 | 4, UPPER = 0x67 };

struct tables {
	_Alignas(4096) uint64_t frames[TABLES_FRAMES][TABLE_ENTRIES];
};

static inline struct guest_memory tables_memory(struct tables *t)
{
	return (struct guest_memory){ t->frames, TABLES_FRAMES };
}

static inline void tables_set(struct tables *t, unsigned frame, unsigned index, uint64_t target,
			      uint64_t flags)
{
	t->frames[frame][index] = target << PAGE_SHIFT | flags;
}

#endif
