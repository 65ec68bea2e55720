/* SPDX-License-Identifier: MIT */
/* Ranges of addresses as the memory calls get them: whole pages of the lower half. */
#ifndef BACKEND_RANGE_H
#define BACKEND_RANGE_H

#include <stdbool.h>
#include <stddef.h>

#include <l4/sys/consts.h>
#include <l4/sys/types.h>

#define PAGE_MASK      (L4_PAGESIZE - 1UL)
#define LOWER_HALF_END (1UL << 47)

/* bytes: whole pages. */
static inline bool range_valid(l4_addr_t start, size_t bytes)
{
	return !(start & PAGE_MASK) && bytes && bytes < LOWER_HALF_END &&
	       start < LOWER_HALF_END - bytes;
}

static inline size_t round_up(size_t bytes)
{
	return (bytes + PAGE_MASK) & ~PAGE_MASK;
}

/* Take away what is in [start, end). 0 or -ENOMEM. With LOCK_MEMORY. */
long range_remove(l4_addr_t start, l4_addr_t end);

#endif
