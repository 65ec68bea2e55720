/* SPDX-License-Identifier: MIT */
/*
 * What a page fault of the guest asks of its views: the walk of its tables, their tracking, and the
 * entries to fill with neighbours. The caller holds what serialises the tracker until the entries
 * are filled.
 */
#ifndef GUEST_SHIM_FILL_H
#define GUEST_SHIM_FILL_H

#include "shim/track.h"
#include "shim/walk.h"

/* As many as one message of fills carries; the first one is the page that was asked for. */
enum { FILL_PAGES_MAX = 31, FILL_ORDER = 4 };

_Static_assert(1 << FILL_ORDER == TRACK_GROUP, "neighbours are those of a group");

struct fill {
	struct walk_page pages[FILL_PAGES_MAX];
	unsigned count;
	bool user;	/* user mode may use them; if not, a view that runs user mode must not */
	unsigned error; /* of WALK_FAULT */
	uint64_t table; /* of WALK_FAULT: frame of the table of level 1 if that decided, or 0 */
};

/*
 * Is an access to the address a fault of the guest, because the entry of level 1 is not present?
 * *table = the frame of its table. False: fill_prepare() has to find out.
 */
bool fill_is_absent(const struct guest_memory *memory, const struct track *t, unsigned base,
		    uint64_t address, uint64_t *table);

/*
 * Find out what an access (of WALK_ACCESS) to a guest address needs in the view of base, whose L4
 * table is in frame root; addresses of the upper half belong to TRACK_KERNEL. The guest's kernel
 * may write to its tables of level 1 through entries that forbid it; they become unsynced.
 */
enum walk_result fill_prepare(const struct guest_memory *memory, struct track *t, unsigned base,
			      uint64_t root, uint64_t address, unsigned access, struct fill *fill);

#endif
