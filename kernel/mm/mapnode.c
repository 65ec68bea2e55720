/* SPDX-License-Identifier: MIT */
/* Mapping tree: linking, splits and tables of children. */
#include "mm/mapnode.h"

SLAB_CACHE(mapping_cache, sizeof(struct mapping), 64);

struct mapping memory_root = { .where = 57 << 6 | MAPPING_SPLIT | MAP_R | MAP_W | MAP_X };
struct mapping port_root = { .where = 30 << 6 | MAPPING_SPLIT | MAP_R | MAP_W | MAP_X };

static unsigned piece_slot(const struct mapping *p, u64 offset)
{
	return SLOT_SUB + ((offset >> (mapping_order(p) - PT_BITS)) & (PT_ENTRIES - 1));
}

static bool sub_make(struct mapping *p)
{
	if (!p->sub)
		p->sub = page_alloc_zeroed(mapping_quota(p), 0);
	return p->sub != NULL;
}

/* The split below p for the piece at offset, made if it is missing. NULL: no memory. */
static struct mapping *split_get(struct mapping *p, u64 offset)
{
	unsigned order = mapping_order(p) - PT_BITS;
	struct place place = { p, piece_slot(p, offset) };
	struct mapping *m;

	if (!sub_make(p))
		return NULL;
	m = *mapping_list(p, place.slot);
	if (m && mapping_is_split(m))
		return m;
	m = slab_alloc(&mapping_cache, mapping_quota(p));
	if (!m)
		return NULL;
	*m = (struct mapping){ .space = p->space };
	m->where = mapping_where(0, align_down(offset, 1ULL << order), order, MAPPING_SPLIT);
	mapping_link(&place, m);
	return m;
}

bool mapping_place(struct mapping *p, u64 offset, unsigned order, struct place *place)
{
	while (mapping_order(p) > order + PT_BITS) {
		struct mapping *split = split_get(p, offset);

		if (unlikely(!split)) {
			mapping_prune(p);
			return false;
		}
		p = split;
	}
	place->parent = p;
	if (mapping_order(p) == order) {
		place->slot = SLOT_CHILDREN;
		return true;
	}
	place->slot = piece_slot(p, offset);
	if (likely(sub_make(p)))
		return true;
	mapping_prune(p);
	return false;
}

/* Splits are first in their list; others are appended (see reduce_below). */
void mapping_link(const struct place *place, struct mapping *m)
{
	struct mapping **list = mapping_list(place->parent, place->slot);
	struct mapping *first = *list;

	m->parent = place->parent;
	m->slot = place->slot;
	if (!first) {
		m->next = NULL;
		m->prev = m;
		*list = m;
		place->parent->sub_used += place->slot != SLOT_CHILDREN;
	} else if (unlikely(mapping_is_split(m))) {
		m->next = first;
		m->prev = first->prev;
		first->prev = m;
		*list = m;
	} else {
		m->next = NULL;
		m->prev = first->prev;
		m->prev->next = m;
		first->prev = m;
	}
}

static void sub_free(struct mapping *p)
{
	page_free(mapping_quota(p), p->sub, 0);
	p->sub = NULL;
}

void mapping_unlink(struct mapping *m)
{
	struct mapping *p = m->parent;
	struct mapping **list = mapping_list(p, m->slot);
	struct mapping *next = m->next;

	if (*list != m) {
		m->prev->next = next;
		(next ? next : *list)->prev = m->prev;
		return;
	}
	*list = next;
	if (next)
		next->prev = m->prev;
	else if (m->slot != SLOT_CHILDREN && --p->sub_used == 0)
		sub_free(p);
}

struct mapping *mapping_prune(struct mapping *m)
{
	for (;;) {
		struct mapping *p = m->parent;

		if (m->sub && m->sub_used == 0)
			sub_free(m);
		if (!mapping_is_split(m) || mapping_has_children(m) || !p)
			return m;
		mapping_unlink(m);
		slab_free(&mapping_cache, mapping_quota(m), m);
		m = p;
	}
}

bool mapping_is_ancestor(const struct mapping *a, const struct mapping *m)
{
	while (m && m != a)
		m = m->parent;
	return m != NULL;
}

struct mapping *mapping_origin(const struct mapping *m)
{
	struct mapping *p = m->parent;

	while (mapping_is_split(p) && p->parent)
		p = p->parent;
	return p;
}

/* Next split after s below m (s NULL: the first), not descending: splits have only two levels (a
 * 1 GiB mapping is split into 2 MiB pieces and no further). */
static struct mapping *next_split(const struct mapping *m, const struct mapping *s)
{
	if (!m->sub || mapping_order(m) <= 12 + PT_BITS)
		return NULL;
	for (unsigned i = s ? s->slot - SLOT_SUB + 1 : 0; i < PT_ENTRIES; i++)
		if (m->sub[i] && mapping_is_split(m->sub[i]))
			return m->sub[i];
	return NULL;
}

static u64 own_bytes(const struct mapping *m)
{
	return mapping_cache.size + (m->sub ? PAGE_SIZE : 0);
}

u64 mapping_bytes(const struct mapping *m)
{
	u64 bytes = own_bytes(m);

	for (struct mapping *s = next_split(m, NULL); s; s = next_split(m, s))
		bytes += own_bytes(s);
	return bytes;
}

void mapping_set_space(struct mapping *m, struct space *space)
{
	m->space = space;
	for (struct mapping *s = next_split(m, NULL); s; s = next_split(m, s))
		s->space = space;
}
