/* SPDX-License-Identifier: MIT */
/* Tables that view entries come from, and which of them may have been changed unseen. */
#include "shim/track.h"

enum { PLACE_SHIFT = TRACK_PLACE_SHIFT, PLACE_BITS = TRACK_PLACE_BITS };

static uint32_t *list_of(struct track *t, const struct track_frame *f)
{
	struct track_base *base = &t->bases[f->base];

	return f->state == TRACK_UNSYNCED ? &base->unsynced : &base->others;
}

static void enter(struct track *t, uint32_t frame, enum track_state state)
{
	struct track_frame *f = &t->frames[frame];
	uint32_t *head;

	f->state = state;
	head = list_of(t, f);
	f->prev = TRACK_NOWHERE;
	f->next = *head;
	if (f->next != TRACK_NOWHERE)
		t->frames[f->next].prev = frame;
	*head = frame;
	t->bases[f->base].unsynced_count += state == TRACK_UNSYNCED;
}

static void unlink(struct track *t, uint32_t frame)
{
	struct track_frame *f = &t->frames[frame];

	if (f->prev == TRACK_NOWHERE)
		*list_of(t, f) = f->next;
	else
		t->frames[f->prev].next = f->next;
	if (f->next != TRACK_NOWHERE)
		t->frames[f->next].prev = f->prev;
	t->bases[f->base].unsynced_count -= f->state == TRACK_UNSYNCED;
}

static void leave(struct track *t, uint32_t frame)
{
	struct track_frame *f = &t->frames[frame];

	unlink(t, frame);
	t->bases[f->base].changes += f->level > 1;
	f->state = TRACK_NONE;
}

/* The place of a table of this level on the way to an address. */
static uint32_t place_of(uint64_t address, unsigned level)
{
	uint64_t start = level == TABLE_LEVELS ? 0 : address >> level_shift(level + 1);

	if (level < TABLE_LEVELS)
		start <<= level_shift(level + 1);
	return start >> PLACE_SHIFT & ((1UL << PLACE_BITS) - 1);
}

static uint64_t place_address(uint32_t place)
{
	return canonical((uint64_t)place << PLACE_SHIFT);
}

static void drop(struct track *t, unsigned base, uint64_t start, uint64_t bytes)
{
	t->effects->drop(t->context, base, start, bytes);
}

/* Drop what comes from a frame through one of its places. */
static void drop_place(struct track *t, const struct track_frame *f, uint32_t place)
{
	if (place == TRACK_NOWHERE)
		return;
	if (f->level < TABLE_LEVELS)
		drop(t, f->base, place_address(place), 1UL << level_shift(f->level + 1));
	else if (f->base != TRACK_KERNEL)
		drop(t, f->base, 0, 0);
}

static void forget(struct track *t, uint32_t frame)
{
	struct track_frame *f = &t->frames[frame];

	for (unsigned i = 0; i < TRACK_PLACES; i++)
		drop_place(t, f, f->places[i]);
	leave(t, frame);
}

void track_init(struct track *t)
{
	for (uint64_t i = 0; i < t->frame_count; i++)
		t->frames[i] = (struct track_frame){ .state = TRACK_NONE };
	for (unsigned i = 0; i < t->base_count; i++)
		t->bases[i] = (struct track_base){ TRACK_NOWHERE, TRACK_NOWHERE, 0, 0 };
	for (unsigned i = 0; i < TRACK_WAYS; i++)
		t->ways[i].place = 0;
}

/* Enter a place; the older of two others gives way. */
static void add_place(struct track *t, struct track_frame *f, uint32_t place)
{
	if (f->places[0] == place || f->places[1] == place)
		return;
	drop_place(t, f, f->places[1]);
	t->bases[f->base].changes += f->level > 1;
	f->places[1] = f->places[0];
	f->places[0] = place;
}

/* All L4 tables show the kernel; one that shows nothing else yet is entered for the kernel. It
 * shows the kernel as before, and ways hold, when it is entered for its process. */
static bool cover_top(struct track *t, unsigned base, uint64_t frame)
{
	struct track_frame *f = &t->frames[frame];

	if (f->state == TRACK_NONE || f->level != TABLE_LEVELS || f->base == base)
		return false;
	if (base != TRACK_KERNEL && f->base == TRACK_KERNEL) {
		unlink(t, frame);
		f->base = base;
		enter(t, frame, TRACK_UPPER);
	}
	return f->base == base || base == TRACK_KERNEL;
}

bool track_cover(struct track *t, unsigned base, uint64_t address, unsigned level, uint64_t frame)
{
	struct track_frame *f = &t->frames[frame];

	if (level == TABLE_LEVELS && cover_top(t, base, frame))
		return false;
	if (f->state != TRACK_NONE && (f->level != level || f->base != base))
		forget(t, frame);
	if (f->state != TRACK_NONE) {
		add_place(t, f, place_of(address, level));
		return false;
	}
	f->level = level;
	f->base = base;
	f->places[0] = place_of(address, level);
	f->places[1] = TRACK_NOWHERE;
	f->groups = 0;
	enter(t, frame, level == 1 ? TRACK_SYNCED : TRACK_UPPER);
	if (level == 1)
		t->effects->protect(t->context, frame);
	return level == 1;
}

/* Is the table entered for this place already? */
static bool is_covered(const struct track *t, unsigned base, uint64_t address, unsigned level,
		       uint64_t frame)
{
	const struct track_frame *f = &t->frames[frame];

	if (f->state == TRACK_NONE || f->level != level)
		return false;
	if (level == TABLE_LEVELS && base == TRACK_KERNEL)
		return true;
	return f->base == base && f->places[0] == place_of(address, level);
}

bool track_cover_all(struct track *t, unsigned base, uint64_t address, const uint64_t *tables)
{
	bool again = false;

	if (is_covered(t, base, address, 1, tables[0]) &&
	    is_covered(t, base, address, 2, tables[1]) &&
	    is_covered(t, base, address, 3, tables[2]) &&
	    is_covered(t, base, address, 4, tables[3]))
		return false;
	for (unsigned level = TABLE_LEVELS; level; level--)
		again |= track_cover(t, base, address, level, tables[level - 1]);
	return again;
}

static uint64_t way_place(unsigned base, uint64_t address)
{
	return address >> PLACE_SHIFT << 8 | base;
}

static unsigned way_index(uint64_t place)
{
	return (place >> 8 ^ place * 5) % TRACK_WAYS;
}

const struct track_way *track_way(const struct track *t, unsigned base, uint64_t address)
{
	uint64_t place = way_place(base, address);
	const struct track_way *w = &t->ways[way_index(place)];

	return w->place == place && w->changes == t->bases[base].changes ? w : NULL;
}

void track_note_way(struct track *t, unsigned base, uint64_t address, uint64_t table,
		    uint64_t upper)
{
	uint64_t place = way_place(base, address);

	t->ways[way_index(place)] =
	    (struct track_way){ place, t->bases[base].changes, upper, table };
}

bool track_place(const struct track *t, uint64_t frame, unsigned index, unsigned i,
		 uint64_t *address)
{
	const struct track_frame *f = &t->frames[frame];

	*address = place_address(f->places[i]) + ((uint64_t)index << PAGE_SHIFT);
	return f->places[i] != TRACK_NOWHERE;
}

bool track_first_of_group(struct track *t, uint64_t frame, uint64_t address)
{
	struct track_frame *f = &t->frames[frame];
	bool first = !track_has_group(t, frame, address);

	f->groups |= 1U << table_index(address, 1) / TRACK_GROUP;
	return first;
}

bool track_may_write(const struct track *t, uint64_t frame)
{
	return frame >= t->frame_count || t->frames[frame].state != TRACK_SYNCED;
}

bool track_is_table(const struct track *t, uint64_t frame)
{
	const struct track_frame *f = &t->frames[frame];

	if (frame >= t->frame_count)
		return false;
	return f->pinned == 1 || (f->state != TRACK_NONE && f->level == 1);
}

void track_write(struct track *t, uint64_t frame)
{
	if (track_may_write(t, frame))
		return;
	unlink(t, frame);
	enter(t, frame, TRACK_UNSYNCED);
}

void track_flush(struct track *t, unsigned base)
{
	struct track_base *b = &t->bases[base];
	bool all = b->unsynced_count > TRACK_DROPS_MAX;

	if (all)
		drop(t, base, 0, 0);
	while (b->unsynced != TRACK_NOWHERE) {
		if (all)
			leave(t, b->unsynced);
		else
			forget(t, b->unsynced);
	}
}

void track_flush_page(struct track *t, unsigned base, uint64_t address)
{
	if (track_may_be_old(t, base))
		drop(t, base, canonical(address) & ~(uint64_t)(PAGE_BYTES - 1), PAGE_BYTES);
}

/* What a copy of the old entry allows is forbidden, or unnoticed, by the new one. */
enum loss { LOSS_NONE, LOSS_OF_WRITING, LOSS_OF_ALL };

static enum loss loss(uint64_t old, uint64_t new)
{
	const uint64_t needed = PTE_PRESENT | PTE_ACCESSED;
	uint64_t lost = old & ~new, changed = old ^ new;

	if ((old & needed) != needed)
		return LOSS_NONE;
	if (lost & (needed | PTE_USER) || changed & (PTE_FRAME_MASK | PTE_CACHE) ||
	    changed & ~old & PTE_NOEXEC)
		return LOSS_OF_ALL;
	return lost & (PTE_WRITE | PTE_DIRTY) ? LOSS_OF_WRITING : LOSS_NONE;
}

/* No way through entry index of a table above level 1 is known any more. */
static void upper_changes(struct track *t, const struct track_frame *f, unsigned index)
{
	bool kernel = f->level == TABLE_LEVELS && index >= TABLE_ENTRIES / 2;

	t->bases[kernel ? TRACK_KERNEL : f->base].changes++;
}

/* What came from entry index of a table through its places is not true any more. */
static void take(struct track *t, const struct track_frame *f, unsigned index, enum loss what)
{
	bool write_only = what == LOSS_OF_WRITING && f->level == 1;
	unsigned shift = level_shift(f->level);

	for (unsigned i = 0; i < TRACK_PLACES; i++) {
		uint64_t start =
		    canonical(place_address(f->places[i]) + ((uint64_t)index << shift));
		unsigned base = start < LOWER_HALF_END ? f->base : TRACK_KERNEL;

		if (f->places[i] == TRACK_NOWHERE)
			continue;
		if (write_only)
			t->effects->end_writing(t->context, base, start, 1UL << shift);
		else
			drop(t, base, start, 1UL << shift);
	}
}

bool track_changed(struct track *t, uint64_t frame, unsigned index, uint64_t old, uint64_t new)
{
	struct track_frame *f = &t->frames[frame];
	enum loss what = loss(old, new);

	if (frame >= t->frame_count || f->state == TRACK_NONE)
		return true;
	if (f->state == TRACK_UPPER && old & PTE_PRESENT)
		upper_changes(t, f, index);
	if (what != LOSS_NONE)
		take(t, f, index, what);
	return what == LOSS_NONE;
}

void track_pin(struct track *t, uint64_t frame, unsigned level)
{
	struct track_frame *f = &t->frames[frame];

	if (frame >= t->frame_count)
		return;
	f->pinned = level;
	if (f->state != TRACK_NONE && f->level != level)
		forget(t, frame);
}

void track_release(struct track *t, unsigned base)
{
	struct track_base *b = &t->bases[base];

	drop(t, base, 0, 0);
	while (b->unsynced != TRACK_NOWHERE)
		leave(t, b->unsynced);
	while (b->others != TRACK_NOWHERE)
		leave(t, b->others);
}
