/* SPDX-License-Identifier: MIT */
/*
 * Recursive revocation without recursion: walks down and up the mapping tree through parent links.
 *
 * Removal kills on the way down and frees on the way up. A mapping is dead (its entry no longer
 * present) before its children are looked at, so nobody can derive new ones faster than they are
 * removed, however long the removal is interrupted. What is left to do is written in the tree
 * itself, so a restart just starts again at the top.
 *
 * A reduction leaves the tree as it is and therefore marks what is done: each reduction has a
 * number (stamp); a mapping gets it when it and everything below it is done, and moves to the end
 * of its list. New children are appended, with reduced rights already. So in each list what is not
 * done stands in front, and a restart finds it at once.
 */
#include "mm/mapnode.h"

/* Looking at so many empty lists counts as much as work on a page. */
enum { LISTS_PER_PAGE = 64, LISTS_PER_STEP = 4 /* down */ };

/* Where the walk stands in a mapping: next list to look at, and whether its split is done. */
struct walk {
	struct mapping *top, *at;
	u64 first, last; /* offsets in top that are concerned */
	unsigned slot;
	bool past_split;
	unsigned scanned; /* lists looked at, or as much work */
};

static void walk_start(struct walk *w, struct mapping *top, u64 first, u64 last)
{
	*w = (struct walk){ .top = top, .at = top, .first = first, .last = last };
}

static void walk_down(struct walk *w, struct mapping *child)
{
	w->at = child;
	w->scanned += LISTS_PER_STEP;
	w->slot = SLOT_CHILDREN;
	w->past_split = false;
}

/* Step up from w->at, to its place in the parent's list. */
static void walk_up(struct walk *w)
{
	struct mapping *m = w->at;

	w->at = m->parent;
	w->slot = m->slot;
	w->past_split = mapping_is_split(*mapping_list(w->at, w->slot));
}

/* First and last list of smaller children that the range concerns in w->at: all of them, unless it
 * is top or a split of it. */
static void walk_slots(const struct walk *w, unsigned *first, unsigned *last)
{
	const struct mapping *m = w->at;
	unsigned shift = mapping_order(m) - PT_BITS;
	u64 base = m == w->top ? 0 : mapping_address(m);
	u64 size = 1ULL << mapping_order(m);

	*first = SLOT_SUB;
	*last = SLOT_SUB + PT_ENTRIES - 1;
	if (m != w->top && !mapping_is_split(m))
		return;
	if (w->first > base)
		*first += (unsigned)((w->first - base) >> shift);
	if (w->last - base < size - 1)
		*last = SLOT_SUB + (unsigned)((w->last - base) >> shift);
}

/* The next child to work on in the current list: not the split if that is done, none with stamp. */
static struct mapping *list_pick(const struct walk *w, u64 stamp)
{
	struct mapping *m = *mapping_list(w->at, w->slot);

	if (m && mapping_is_split(m) && (w->past_split || (stamp && m->stamp == stamp)))
		m = m->next;
	return m && stamp && m->stamp == stamp ? NULL : m;
}

/* On to the next list in the range: one that is not empty, or the last one. False: past it. */
static bool walk_on(struct walk *w)
{
	unsigned first, last, slot = w->slot + 1;

	if (!w->at->sub)
		return false;
	walk_slots(w, &first, &last);
	if (slot < first)
		slot = first;
	if (slot > last)
		return false;
	first = slot;
	while (slot < last && !w->at->sub[slot - SLOT_SUB])
		slot++;
	w->scanned += slot - first + 1;
	w->slot = slot;
	w->past_split = false;
	return true;
}

/* Next child of w->at in the range, or NULL. stamp 0: of any stamp. */
static struct mapping *walk_next(struct walk *w, u64 stamp)
{
	struct mapping *m;

	if (w->slot != SLOT_CHILDREN && !w->at->sub)
		return NULL; /* the last smaller one is gone */
	while (!(m = list_pick(w, stamp)) && walk_on(w))
		;
	return m;
}

/* Remove m, which has no descendants, and the splits that become empty by it. */
static always_inline struct mapping *remove_leaf(struct mapop *op, struct mapping *m)
{
	struct mapping *p = m->parent;

	entry_remove(op, m, false);
	mapping_unlink(m);
	slab_free(&mapping_cache, m->space->quota, m);
	op->budget--;
	return unlikely(mapping_is_split(p)) ? mapping_prune(p) : p;
}

/* Remove the children of top until there is none, or one of them has children. False: budget. */
static always_inline bool remove_simple_children(struct mapop *op, struct mapping *top)
{
	struct mapping *m;

	while ((m = top->children) && !mapping_has_children(m)) {
		remove_leaf(op, m);
		if (unlikely(op->budget <= 0))
			return false;
	}
	return true;
}

static noinline bool revoke_tree(struct mapop *op, struct mapping *top, u64 first, u64 last)
{
	struct walk w;

	walk_start(&w, top, first, last);
	for (;;) {
		struct mapping *m = walk_next(&w, 0);

		if (!m) {
			if (w.at == top)
				return true;
			walk_up(&w);
		} else if (mapping_has_children(m)) {
			if (!(m->where & (MAPPING_SPLIT | MAPPING_DEAD))) {
				entry_remove(op, m, true);
				if (--op->budget <= 0)
					return false; /* the next time it gets further down */
			}
			walk_down(&w, m);
		} else {
			m = remove_leaf(op, m);
			if (m != w.at)
				walk_down(&w, m);
			if (op->budget <= (int)(w.scanned / LISTS_PER_PAGE))
				return false;
		}
	}
}

bool revoke_below(struct mapop *op, struct mapping *top, u64 first, u64 last)
{
	if (unlikely(!remove_simple_children(op, top)))
		return false;
	return likely(!mapping_has_children(top)) || revoke_tree(op, top, first, last);
}

bool revoke_mapping(struct mapop *op, struct mapping *m)
{
	if (unlikely(mapping_has_children(m))) {
		if (!(m->where & MAPPING_DEAD))
			entry_remove(op, m, true);
		if (!revoke_below(op, m, 0, ~0ULL))
			return false;
	}
	remove_leaf(op, m);
	return true;
}

/* m and everything below it is done: move it behind what is not. Splits stay in front. */
static void mark_done(struct mapping *m, u64 stamp)
{
	struct place place = { m->parent, m->slot };

	m->stamp = stamp;
	if (mapping_is_split(m) || !m->next)
		return;
	mapping_unlink(m);
	mapping_link(&place, m);
}

/* Numbers start at 1 and do not repeat for months of reductions without pause. */
static u64 new_stamp(void)
{
	static u64 last_stamp;
	const u64 mask = (1ULL << 44) - 1;

	if ((++last_stamp & mask) == 0)
		last_stamp++;
	return last_stamp & mask;
}

static void reduce_enter(struct mapop *op, const struct reduction *r, struct mapping *m)
{
	if (!mapping_is_split(m))
		entry_reduce(op, m, r->rights);
	op->budget--;
}

bool reduce_below(struct mapop *op, const struct reduction *r, struct mapping *top, u64 first,
		  u64 last)
{
	struct walk w;

	if (!*r->stamp)
		*r->stamp = new_stamp();
	walk_start(&w, top, first, last);
	for (;;) {
		struct mapping *m = walk_next(&w, *r->stamp);

		if (m) {
			reduce_enter(op, r, m);
			walk_down(&w, m);
			continue;
		}
		m = w.at;
		if (m == top)
			return true;
		walk_up(&w);
		mark_done(m, *r->stamp);
		if (op->budget <= (int)(w.scanned / LISTS_PER_PAGE))
			return false;
	}
}
