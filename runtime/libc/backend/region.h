/* SPDX-License-Identifier: MIT */
/*
 * What mmap() has made: a sorted list of regions, each a part of a dataspace or, while nothing can
 * be accessed, only a reserved range. All functions with LOCK_MEMORY. Errors are negative errno
 * values.
 */
#ifndef BACKEND_REGION_H
#define BACKEND_REGION_H

#include <stdbool.h>
#include <stdint.h>

#include <l4/re/c/dataspace.h>
#include <l4/sys/types.h>

struct region {
	struct region *next;
	l4_addr_t start, end;
	l4re_ds_t memory;    /* each region holds a reference; L4_INVALID_CAP: none yet */
	uint64_t offset;     /* of start in memory */
	unsigned protection; /* PROT_* */
	bool anonymous;	     /* memory is the program's own */
};

/* The first region that ends above the address, or NULL. */
struct region *region_from(l4_addr_t address);
/* Is all of the range in regions? */
bool region_covers(l4_addr_t start, l4_addr_t end);

/* Find room for bytes and put a region there; memory as in the structure. The reference becomes the
 * region's on success. fixed: exactly at *start, where nothing is. */
long region_add(l4_addr_t *start, size_t bytes, bool fixed, const struct region *like);
/* Make the boundaries of regions fall on the address. */
long region_cut(l4_addr_t address);
/* Take everything in [start, end) away. Cut at both ends before. */
void region_remove(l4_addr_t start, l4_addr_t end);
/* Give one whole region another protection, and memory if it has none and needs it now. */
long region_protect(struct region *region, unsigned protection);

/* Make a region end later, with more of the same memory. -ENOMEM: there is no room behind it. */
long region_grow(struct region *region, size_t bytes);
/* Does any other region have a part of this one's memory from that offset on? */
bool region_shares(const struct region *region, uint64_t offset);

/* A new dataspace of that many bytes with one reference, or L4_INVALID_CAP. */
l4re_ds_t region_memory(size_t bytes);

#endif
