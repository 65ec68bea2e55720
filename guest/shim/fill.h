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
	bool large;	/* better: all of the table of level 1, with the first page's rights */
	bool user;	/* user mode may use them; if not, a view that runs user mode must not */
	unsigned error; /* of WALK_FAULT */
	uint64_t slot; /* of WALK_FAULT: physical address of the entry of level 1, or 0: none yet */
};

/* *slot = the physical address of the entry of level 1 for an address in base. False: the way to it
 * is not known. */
bool fill_known_slot(const struct track *t, unsigned base, uint64_t address, uint64_t *slot);

/*
 * Is an access to the address a fault of the guest, because the entry of level 1 is not present?
 * *slot = its physical address. False: fill_prepare() has to find out.
 */
bool fill_is_absent(const struct guest_memory *memory, const struct track *t, unsigned base,
		    uint64_t address, uint64_t *slot);

/*
 * A hypercall replaced entry index (0..511) of the table in frame. What it takes away is dropped;
 * where the old entry may be in use and the new one lets it be written to, views show that at once.
 */
void fill_changed(const struct guest_memory *memory, struct track *t, uint64_t frame,
		  unsigned index, uint64_t old, uint64_t new);

/*
 * A vCPU flushes the page of an address in base: if that may be old, the view shows what the tables
 * say now, at once, or nothing. Else track_flush_page(): to show may take longer while other CPUs
 * have the view.
 */
void fill_flush_page(const struct guest_memory *memory, struct track *t, unsigned base,
		     uint64_t address);

/*
 * The page that a view of base shows for an address if the entry of level 1 in the table of frame
 * is `entry`, by the known way. False: it may show none, or the way is not known.
 */
bool fill_by_entry(const struct guest_memory *memory, const struct track *t, unsigned base,
		   uint64_t address, uint64_t table, uint64_t entry, struct walk_page *page);

/*
 * The usual case of fill_prepare(): the entry is there and marked, its table is covered, by a known
 * way, and other pages of its group were filled: *page is all that is to be filled.
 */
bool fill_is_known(const struct guest_memory *memory, struct track *t, unsigned base,
		   uint64_t address, unsigned access, struct walk_page *page);

/*
 * Find out what an access (of WALK_ACCESS) to a guest address needs in the view of base, whose L4
 * table is in frame root; addresses of the upper half belong to TRACK_KERNEL. The guest's kernel
 * may write to its tables of level 1 through entries that forbid it; they become unsynced.
 */
enum walk_result fill_prepare(const struct guest_memory *memory, struct track *t, unsigned base,
			      uint64_t root, uint64_t address, unsigned access, struct fill *fill);

#endif
