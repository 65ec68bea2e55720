/* SPDX-License-Identifier: MIT */
/*
 * Disjoint ranges of addresses in order: a balanced tree to find one, a list to walk. The node is
 * part of the caller's structure. Ends are inclusive. Pure: no system calls.
 */
#ifndef MOE_REGION_H
#define MOE_REGION_H

#include <stdbool.h>
#include <stdint.h>

struct region {
	uint64_t start, end;
	struct region *prev, *next; /* by address */
	struct region *left, *right;
	unsigned level;
};

/* All zeros is empty. */
struct region_tree {
	struct region *root, *first;
};

/* The range that holds address; NULL: none. */
struct region *region_find(const struct region_tree *t, uint64_t address);

/* The first range that ends at or after address; NULL: none. */
struct region *region_from(const struct region_tree *t, uint64_t address);

/* True if a range has an address in [start, end]. */
bool region_overlaps(const struct region_tree *t, uint64_t start, uint64_t end);

/* Enter r, whose start and end are set. It must not overlap another one. */
void region_insert(struct region_tree *t, struct region *r);

void region_remove(struct region_tree *t, struct region *r);

/*
 * The lowest address from low on where size bytes, aligned to 2^align, ending at high at most, are
 * in no range of a nor of b (b may be NULL). False if there is none.
 */
bool region_find_gap(const struct region_tree *a, const struct region_tree *b, uint64_t low,
		     uint64_t high, uint64_t size, unsigned align, uint64_t *start);

#endif
