/* SPDX-License-Identifier: MIT */
/* From a page fault to the entries of a view. */
#include "shim/fill.h"

enum { TRIES = 4 };

/* Walk; a write of the kernel to a table that is read-only for it is found out by a read. */
static enum walk_result walk_for(const struct guest_memory *memory, const struct track *t,
				 uint64_t root, uint64_t address, unsigned access, struct walk *w)
{
	enum walk_result result = walk(memory, root, address, access, w);
	unsigned error = w->error;

	if (result != WALK_FAULT || error != (WALK_PRESENT | WALK_WRITE))
		return result;
	result = walk(memory, root, address, access & ~WALK_WRITE, w);
	if (result == WALK_OK && track_is_table(t, w->frame)) {
		w->rights |= WALK_W;
		return WALK_OK;
	}
	w->error = error;
	return WALK_FAULT;
}

/* The tables that the entries come from are tracked before what is in them counts. */
static enum walk_result walk_covered(const struct guest_memory *memory, struct track *t,
				     unsigned base, uint64_t root, uint64_t address,
				     unsigned access, struct walk *w)
{
	for (unsigned i = 0; i < TRIES; i++) {
		enum walk_result result = walk_for(memory, t, root, address, access, w);

		if (result != WALK_OK || !track_cover_all(t, base, address, w->tables))
			return result;
	}
	return WALK_AGAIN;
}

/* The same by a way that is known. WALK_AGAIN: there is none, or it does not decide. */
static enum walk_result walk_known(const struct guest_memory *memory, struct track *t,
				   unsigned base, uint64_t address, unsigned access, struct walk *w)
{
	const struct track_way *way = track_way(t, base, address);
	enum walk_result result = WALK_AGAIN;

	if (!way)
		return WALK_AGAIN;
	w->tables[0] = way->table;
	w->upper = way->upper;
	for (unsigned i = 0; i < TRIES; i++) {
		result = walk_last(memory, address, access, w);
		if (result != WALK_OK || track_covers_last(t, base, address, w->tables[0]) ||
		    !track_cover(t, base, address, 1, w->tables[0]))
			break;
		result = WALK_AGAIN;
	}
	return result == WALK_FAULT && w->error == (WALK_PRESENT | WALK_WRITE) ? WALK_AGAIN
									       : result;
}

bool fill_is_absent(const struct guest_memory *memory, const struct track *t, unsigned base,
		    uint64_t address, uint64_t *table)
{
	const struct track_way *way = track_way(t, base, address);

	if (!way)
		return false;
	*table = way->table;
	return !(guest_table(memory, way->table)[table_index(address, 1)] & PTE_PRESENT);
}

static enum walk_result walk_any(const struct guest_memory *memory, struct track *t, unsigned base,
				 uint64_t root, uint64_t address, unsigned access, struct walk *w)
{
	enum walk_result result = walk_known(memory, t, base, address, access, w);

	if (result != WALK_AGAIN)
		return result;
	w->reached = TABLE_LEVELS;
	w->error = 0;
	result = walk_covered(memory, t, base, root, address, access, w);
	if (result == WALK_OK)
		track_note_way(t, base, address, w->tables[0], w->upper);
	return result;
}

enum walk_result fill_prepare(const struct guest_memory *memory, struct track *t, unsigned base,
			      uint64_t root, uint64_t address, unsigned access, struct fill *fill)
{
	struct walk w;
	enum walk_result result = walk_any(memory, t, base, root, address, access, &w);

	fill->count = 0;
	fill->error = w.error;
	fill->table = w.reached == 1 ? w.tables[0] : 0;
	if (result != WALK_OK)
		return result;
	fill->user = w.user;
	fill->pages[0] =
	    (struct walk_page){ address & ~(uint64_t)(PAGE_BYTES - 1), w.frame, w.rights };
	if (access & WALK_WRITE)
		track_write(t, w.frame);
	fill->count = 1;
	if (track_first_of_group(t, w.tables[0], address))
		fill->count += walk_neighbours(memory, &w, address, FILL_ORDER, fill->pages + 1,
					       FILL_PAGES_MAX - 1);
	for (unsigned i = 0; i < fill->count; i++)
		if (!track_may_write(t, fill->pages[i].frame))
			fill->pages[i].rights &= ~WALK_W;
	return WALK_OK;
}
