/* SPDX-License-Identifier: MIT */
/*
 * Which page tables the entries of views come from, and which of these tables the guest may have
 * changed unseen. doc/pv-memory.md has the argument; in short, for each frame used as a table:
 *
 *   NONE      no entry of a view comes from it
 *   SYNCED    entries do; the guest's kernel cannot write it without a fault, so they are true
 *   UNSYNCED  entries do; the guest writes it freely, they are dropped at the next flush or switch
 *   UPPER     a table of level 2 to 4: the guest changes it by hypercall only
 *
 * A base is a view: TRACK_KERNEL for the upper half of all address spaces, others for the lower
 * half of one each. Callers serialise everything on one tracker, together with the walk and the
 * fill that follow track_cover().
 */
#ifndef GUEST_SHIM_TRACK_H
#define GUEST_SHIM_TRACK_H

#include "shim/pte.h"

enum { TRACK_KERNEL = 0, TRACK_PLACES = 2 };

/* So many unsynced tables are dropped one by one; if there are more, the whole view goes. */
enum { TRACK_DROPS_MAX = 32 };

enum { TRACK_GROUP = TABLE_ENTRIES / 32 };

/* A place is an address, without its low bits and those above 47. */
enum { TRACK_PLACE_SHIFT = 21, TRACK_PLACE_BITS = 27 };

#define TRACK_NOWHERE UINT32_MAX

enum track_state { TRACK_NONE, TRACK_SYNCED, TRACK_UNSYNCED, TRACK_UPPER };

/* A frame used as a table: where (address >> 21, bits 0..26), in a list of its base. */
struct track_frame {
	uint32_t next, prev; /* frames; TRACK_NOWHERE ends */
	uint32_t places[TRACK_PLACES];
	uint32_t groups; /* of a table of level 1: runs of pages that were filled together once */
	uint64_t base : 8;
	uint64_t level : 4;  /* 1..4, unless state is TRACK_NONE */
	uint64_t pinned : 4; /* level that the guest said, or 0 */
	uint64_t state : 4;  /* enum track_state */
	/* Not of the tracker: */
	uint64_t released : 1; /* the guest gave it back: no memory there */
	uint64_t direct : 1; /* entries of the kernel's view that allow writing (space.c): in the */
	uint64_t image : 1;  /* direct map, in the image, */
	uint64_t alias : 35; /* and anywhere, a page number, or 0 */
};

_Static_assert(sizeof(struct track_frame) == 32, "one for each frame of the guest");

struct track_base {
	uint32_t unsynced; /* first of the list */
	uint32_t others;   /* synced and upper ones */
	uint32_t unsynced_count;
	uint64_t changes; /* of what ways go through */
};

/* The way down to a table of level 1, as a fill has found it; true as long as no table above level
 * 1 in its base has changed. */
struct track_way {
	uint64_t place;	  /* address >> 21 and base; 0: none */
	uint64_t changes; /* of the base at that time */
	uint64_t upper;	  /* product of the entries above level 1 (walk.h) */
	uint64_t table;	  /* frame of the table of level 1 */
};

enum { TRACK_WAYS = 256 };

/* What the tracker does to views. */
struct walk_page;

struct track_effects {
	/* Drop a range of guest addresses (bytes; 0 bytes: everything) from the view of base. */
	void (*drop)(void *context, unsigned base, uint64_t start, uint64_t bytes);
	/* Take the right to write from what the view of base shows in a range. */
	void (*end_writing)(void *context, unsigned base, uint64_t start, uint64_t bytes);
	/* Take the right to write to a frame from all entries of the kernel view. */
	void (*protect)(void *context, uint64_t frame);
	/* Let the view of base show a page instead of what it shows there. */
	void (*show)(void *context, unsigned base, const struct walk_page *page);
};

struct track {
	struct track_frame *frames;
	struct track_base *bases;
	uint64_t frame_count;
	unsigned base_count;
	const struct track_effects *effects;
	void *context;
	struct track_way ways[TRACK_WAYS];
};

/* Start with no entry in any view. frames and bases are arrays of the counts that t says. */
void track_init(struct track *t);

/*
 * An entry for address is about to come from the table of a level (1..4) in frame, in the view of
 * base. True if the guest could write to the table until now: then what was read from it before has
 * to be read again. frame and base are below their counts.
 */
bool track_cover(struct track *t, unsigned base, uint64_t address, unsigned level, uint64_t frame);

/* Is the frame entered as the table of level 1 of an address in base already, at its newest place?
 * Then track_cover() does nothing. */
static inline bool track_covers_last(const struct track *t, unsigned base, uint64_t address,
				     uint64_t frame)
{
	const struct track_frame *f = &t->frames[frame];
	uint32_t place = address >> TRACK_PLACE_SHIFT & ((1U << TRACK_PLACE_BITS) - 1);

	return f->state != TRACK_NONE && f->level == 1 && f->base == base && f->places[0] == place;
}

/* track_cover() for all tables of the way to an address; tables[i] is of level i + 1. */
bool track_cover_all(struct track *t, unsigned base, uint64_t address, const uint64_t *tables);

/* Was anything of the run that an address is in filled from the table of level 1 in frame, since it
 * was entered? */
static inline bool track_has_group(const struct track *t, uint64_t frame, uint64_t address)
{
	return t->frames[frame].groups >> table_index(address, 1) / TRACK_GROUP & 1;
}

/* The address that entry index (0..511) of the table of level 1 in frame translates at its place i
 * (below TRACK_PLACES); false: it has no such place. */
bool track_place(const struct track *t, uint64_t frame, unsigned index, unsigned i,
		 uint64_t *address);

/*
 * Is this the first fill of a run of TRACK_GROUP pages of the table of level 1 in frame since it
 * was entered? Then it is worth while to fill all of them; later ones want one page only.
 */
bool track_first_of_group(struct track *t, uint64_t frame, uint64_t address);

/* The way to the table of level 1 for an address in base, if it is known; or NULL. */
const struct track_way *track_way(const struct track *t, unsigned base, uint64_t address);

/* Note it: all tables of the way are covered. */
void track_note_way(struct track *t, unsigned base, uint64_t address, uint64_t table,
		    uint64_t upper);

/* May an entry of the kernel view allow writing to the frame? True for any number that is none. */
bool track_may_write(const struct track *t, uint64_t frame);

/*
 * Is the frame a table of level 1, which the guest may write to although its own entry for it
 * forbids it? Linux makes tables read-only for the other side's sake, and counts on stores being
 * carried out.
 */
bool track_is_table(const struct track *t, uint64_t frame);

/* The guest's kernel writes to the frame: from now on it may. */
void track_write(struct track *t, uint64_t frame);

/* A vCPU switches to base, or flushes all of it (TRACK_KERNEL: the upper half). */
void track_flush(struct track *t, unsigned base);

/* May entries of the view of base be old, because the guest has stored to their tables unseen? */
static inline bool track_may_be_old(const struct track *t, unsigned base)
{
	return t->bases[base].unsynced != TRACK_NOWHERE;
}

/* A vCPU flushes the page of an address in base. */
void track_flush_page(struct track *t, unsigned base, uint64_t address);

/* A hypercall replaced entry index (0..511) of the table in frame: what is no longer true is
 * dropped. True: nothing was.
 */
bool track_changed(struct track *t, uint64_t frame, unsigned index, uint64_t old, uint64_t new);

/* The frame becomes a table of this level (pin); level 0: is none any more (unpin). */
void track_pin(struct track *t, uint64_t frame, unsigned level);

/* The view of base is given up or used for another address space: empty it, forget its tables. */
void track_release(struct track *t, unsigned base);

#endif
