/* SPDX-License-Identifier: MIT */
/* From a page fault to the entries of a view. */
#include "shim/fill.h"

enum { TRIES = 4 };

/* Is it a write of the kernel to a page that is read-only for it? A table may be written to. */
static bool may_be_table(enum walk_result result, const struct walk *w)
{
	return result == WALK_FAULT && w->error == (WALK_PRESENT | WALK_WRITE);
}

/* A walk for reading has found the page that such a write is for. */
static enum walk_result overlook(const struct track *t, enum walk_result result, struct walk *w)
{
	if (result == WALK_OK && track_is_table(t, w->frame)) {
		w->rights |= WALK_W;
		return WALK_OK;
	}
	w->error = WALK_PRESENT | WALK_WRITE;
	return WALK_FAULT;
}

static enum walk_result walk_for(const struct guest_memory *memory, const struct track *t,
				 uint64_t root, uint64_t address, unsigned access, struct walk *w)
{
	enum walk_result result = walk(memory, root, address, access, w);

	if (!may_be_table(result, w))
		return result;
	return overlook(t, walk(memory, root, address, access & ~WALK_WRITE, w), w);
}

static enum walk_result walk_last_for(const struct guest_memory *memory, const struct track *t,
				      uint64_t address, unsigned access, struct walk *w)
{
	enum walk_result result = walk_last(memory, address, access, w);

	if (!may_be_table(result, w))
		return result;
	return overlook(t, walk_last(memory, address, access & ~WALK_WRITE, w), w);
}

/* The tables that the entries come from are tracked before what is in them counts: the last one is
 * read again if stores to it did not fault until then. */
static enum walk_result walk_covered(const struct guest_memory *memory, struct track *t,
				     unsigned base, uint64_t root, uint64_t address,
				     unsigned access, struct walk *w)
{
	enum walk_result result = walk_for(memory, t, root, address, access, w);

	for (unsigned i = 0; i < TRIES && result == WALK_OK; i++) {
		if (!track_cover_all(t, base, address, w->tables))
			return WALK_OK;
		result = walk_last_for(memory, t, address, access, w);
	}
	return result == WALK_OK ? WALK_AGAIN : result;
}

/* The same by a way that is known. WALK_AGAIN: there is none, or it does not decide. */
static enum walk_result walk_known(const struct guest_memory *memory, struct track *t,
				   unsigned base, uint64_t address, unsigned access, struct walk *w)
{
	const struct track_way *way = track_way(t, base, address);

	if (!way)
		return WALK_AGAIN;
	w->tables[0] = way->table;
	w->upper = way->upper;
	for (unsigned i = 0; i < TRIES; i++) {
		enum walk_result result = walk_last_for(memory, t, address, access, w);

		if (result != WALK_OK || track_covers_last(t, base, address, w->tables[0]) ||
		    !track_cover(t, base, address, 1, w->tables[0]))
			return result;
	}
	return WALK_AGAIN;
}

static uint64_t slot_of(uint64_t table, uint64_t address)
{
	return (table << PAGE_SHIFT) + 8UL * table_index(address, 1);
}

bool fill_known_slot(const struct track *t, unsigned base, uint64_t address, uint64_t *slot)
{
	const struct track_way *way = track_way(t, base, address);

	if (way)
		*slot = slot_of(way->table, address);
	return way;
}

bool fill_is_absent(const struct guest_memory *memory, const struct track *t, unsigned base,
		    uint64_t address, uint64_t *slot)
{
	const struct track_way *way = track_way(t, base, address);

	if (!way)
		return false;
	*slot = slot_of(way->table, address);
	return !(guest_table(memory, way->table)[table_index(address, 1)] & PTE_PRESENT);
}

bool fill_by_entry(const struct guest_memory *memory, const struct track *t, unsigned base,
		   uint64_t address, uint64_t table, uint64_t entry, struct walk_page *page)
{
	const struct track_way *way = track_way(t, base, address);

	if (!way || way->table != table ||
	    !walk_page(memory, way->upper, entry, base != TRACK_KERNEL, page))
		return false;
	page->address = address & ~(uint64_t)(PAGE_BYTES - 1);
	if (!track_may_write(t, page->frame))
		page->rights &= ~WALK_W;
	return true;
}

/* May a view show the old entry, while the new one gives more without a further mark? Where the
 * guest stores to the table unseen, it flushes the page too, and what is shown would be lost. */
static bool is_shown(const struct track *t, uint64_t frame, unsigned index, uint64_t old,
		     uint64_t new)
{
	const uint64_t needed = PTE_PRESENT | PTE_ACCESSED, more = PTE_WRITE | PTE_DIRTY;
	const struct track_frame *f = &t->frames[frame];

	if ((old & new &needed) != needed || (new &more) != more || (old & more) == more)
		return false;
	return f->state == TRACK_SYNCED && track_has_group(t, frame, (uint64_t)index << PAGE_SHIFT);
}

void fill_changed(const struct guest_memory *memory, struct track *t, uint64_t frame,
		  unsigned index, uint64_t old, uint64_t new)
{
	struct walk_page page;
	uint64_t address;

	if (frame >= t->frame_count || t->frames[frame].state == TRACK_NONE)
		return;
	if (!track_changed(t, frame, index, old, new) || !is_shown(t, frame, index, old, new))
		return;
	for (unsigned i = 0; i < TRACK_PLACES; i++)
		if (track_place(t, frame, index, i, &address) &&
		    fill_by_entry(memory, t, t->frames[frame].base, address, frame, new, &page))
			t->effects->show(t->context, t->frames[frame].base, &page);
}

void fill_flush_page(const struct guest_memory *memory, struct track *t, unsigned base,
		     uint64_t address)
{
	const struct track_way *way = track_way(t, base, address);
	struct walk_page page;
	uint64_t entry;

	if (way && track_covers_last(t, base, address, way->table)) {
		if (!track_may_write(t, way->table))
			return;
		entry = guest_table(memory, way->table)[table_index(address, 1)];
		if (fill_by_entry(memory, t, base, address, way->table, entry, &page)) {
			t->effects->show(t->context, base, &page);
			return;
		}
	}
	track_flush_page(t, base, address);
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

bool fill_is_known(const struct guest_memory *memory, struct track *t, unsigned base,
		   uint64_t address, unsigned access, struct walk_page *page)
{
	const uint64_t marks = PTE_ACCESSED | (access & WALK_WRITE ? PTE_DIRTY : 0);
	const struct track_way *way = track_way(t, base, address);
	uint64_t entry;

	if (!way || !track_covers_last(t, base, address, way->table) ||
	    !track_has_group(t, way->table, address) ||
	    (base == TRACK_KERNEL && access & WALK_USER))
		return false;
	entry = guest_table(memory, way->table)[table_index(address, 1)];
	if ((entry & marks) != marks ||
	    !walk_page(memory, way->upper, entry, base != TRACK_KERNEL, page) ||
	    (access & WALK_WRITE && !(page->rights & WALK_W)) ||
	    (access & WALK_FETCH && !(page->rights & WALK_X)))
		return false;
	page->address = address & ~(uint64_t)(PAGE_BYTES - 1);
	if (access & WALK_WRITE)
		track_write(t, page->frame);
	else if (!track_may_write(t, page->frame))
		page->rights &= ~WALK_W;
	return true;
}

/* May the kernel's view show all of a table as one large page? Looked at when the table is used for
 * the first time, as it would not stay true where tables are made and ended. */
static bool is_large(const struct guest_memory *memory, const struct track *t, const struct walk *w)
{
	uint64_t first = w->frame & ~(uint64_t)(TABLE_ENTRIES - 1);

	if (t->frames[w->tables[0]].groups || !walk_is_large(memory, w))
		return false;
	for (unsigned i = 0; w->rights & WALK_W && i < TABLE_ENTRIES; i++)
		if (!track_may_write(t, first + i))
			return false;
	return true;
}

enum walk_result fill_prepare(const struct guest_memory *memory, struct track *t, unsigned base,
			      uint64_t root, uint64_t address, unsigned access, struct fill *fill)
{
	enum walk_result result;
	struct walk w;

	if (fill_is_known(memory, t, base, address, access, &fill->pages[0])) {
		fill->user = base != TRACK_KERNEL;
		fill->count = 1;
		fill->large = false;
		return WALK_OK;
	}
	result = walk_any(memory, t, base, root, address, access, &w);
	fill->count = 0;
	fill->error = w.error;
	fill->slot = w.reached == 1 ? slot_of(w.tables[0], address) : 0;
	if (result != WALK_OK)
		return result;
	fill->user = w.user;
	fill->pages[0] =
	    (struct walk_page){ address & ~(uint64_t)(PAGE_BYTES - 1), w.frame, w.rights };
	if (access & WALK_WRITE)
		track_write(t, w.frame);
	fill->count = 1;
	fill->large = base == TRACK_KERNEL && is_large(memory, t, &w);
	if (track_first_of_group(t, w.tables[0], address))
		fill->count += walk_neighbours(memory, &w, address, FILL_ORDER, fill->pages + 1,
					       FILL_PAGES_MAX - 1);
	for (unsigned i = 0; i < fill->count; i++)
		if (!track_may_write(t, fill->pages[i].frame))
			fill->pages[i].rights &= ~WALK_W;
	return WALK_OK;
}
