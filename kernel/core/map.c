/* SPDX-License-Identifier: MIT */
/* Mapping and revocation of flexpages of every type. */
#include "core/map.h"
#include "core/preempt.h"
#include "mm/mapdb.h"
#include <l4/sys/err.h>

#define UNMAP_SELF   0x80000000u
#define UNMAP_DELETE 0x40000000u
#define CAPS_A_STEP  32

/* Bits 4..6 of word 0 of a memory item. */
static u8 cache_of(u8 attr)
{
	switch (attr & 0x70) {
	case 0x10:
		return MAP_CACHE_UNCACHED;
	case 0x30:
		return MAP_CACHE_NORMAL;
	case 0x50:
		return MAP_CACHE_WC;
	default:
		return MAP_CACHE_KEEP;
	}
}

/* A type mismatch between item and window is silent: nothing is mapped, a map is claimed. */
static bool types_match(const struct map_args *m)
{
	return fpage_is_all(m->window) || m->window.type == m->item.fp.type;
}

static int map_memory(struct map_args *m)
{
	struct map_request r = { .src = &m->src->space, .dst = &m->dst->space,
				 .rights = m->item.fp.rights & 7, .cache = cache_of(m->item.attr),
				 .grant = m->item.grant, .progress = m->progress };
	u64 from, to;
	u8 order;
	int e;

	fpage_match(m->item.fp, m->window, m->item.hot_spot, &from, &to, &order);
	if (order < PAGE_SHIFT)
		return 0;
	r.sva = uaddr(from);
	r.dva = uaddr(to);
	r.order = order > 48 ? 64 : order;
	e = mapdb_map(&r);
	m->nothing = !r.mapped && !m->progress;
	m->progress = r.progress;
	return e;
}

static int map_io(struct map_args *m)
{
	struct io_map_request r = { .grant = m->item.grant, .progress = m->progress };
	struct fpage s = m->item.fp, w = m->window;
	int e;

	if (fpage_is_all(w))
		w = (struct fpage){ .type = FPAGE_IO, .order = 16 };
	if (s.order > 16)
		s = (struct fpage){ .order = 16 };
	if (w.order > 16)
		w = (struct fpage){ .order = 16 };
	if (w.order < s.order) {
		struct fpage t = s;

		s = w;
		w = t;
	}
	m->nothing = true;
	if (!m->item.fp.rights || (s.base >> w.order) != (w.base >> w.order) || s.base > 0xffff)
		return 0;
	if (!m->src->is_sigma0 && !m->src->io)
		return 0;
	if (!m->dst->io && !(m->dst->io = io_space_create(m->dst->obj.quota)))
		return -L4_ENOMEM;
	r.src = m->src->is_sigma0 ? NULL : m->src->io;
	r.dst = m->dst->io;
	r.port = (u32)s.base;
	r.order = s.order;
	e = io_map(&r);
	m->progress = r.progress;
	m->nothing = !r.mapped;
	return e;
}

/* Rights of an object item: R W S D from the flexpage, the object rights from the attributes. */
static u8 object_mask(const struct snd_item *it)
{
	u8 r = it->fp.rights;

	return (r & (CAP_W | CAP_S | CAP_D)) | (it->attr >> 1 & (CAP_OBJ1 | CAP_OBJ2 | CAP_OBJ3));
}

static int map_objects(struct map_args *m)
{
	bool counted = !(m->item.attr & 0x10);
	u64 from, to, n;
	u8 order;

	m->nothing = true;
	if (!(m->item.fp.rights & 4))
		return 0;
	fpage_match(m->item.fp, m->window, m->item.hot_spot, &from, &to, &order);
	n = order >= 16 ? CAP_SLOTS : 1ULL << order;
	for (u64 i = m->progress, step = 0; i < n; i++, step++) {
		u64 next = captab_next(&m->src->caps, from + i);

		if (next >= from + n)
			break;
		i = next - from;
		if (step == CAPS_A_STEP) {
			step = 0;
			if (preempt_pending()) {
				m->progress = i;
				return MAPDB_AGAIN;
			}
		}
		switch (captab_map(&m->src->caps, next, &m->dst->caps, to + i,
				   object_mask(&m->item), counted, m->item.grant)) {
		case CAP_MAPPED:
			m->nothing = false;
			break;
		case CAP_NO_MEMORY:
			return -L4_ENOMEM;
		case CAP_NOTHING:
			break;
		}
	}
	return 0;
}

int map_item(struct map_args *m)
{
	m->nothing = false;
	if (!types_match(m))
		return 0;
	if (m->dst->space.dying)
		return -L4_ENOMEM;
	switch (m->item.fp.type) {
	case FPAGE_MEM:
		return map_memory(m);
	case FPAGE_IO:
		return map_io(m);
	case FPAGE_OBJ:
		return map_objects(m);
	default:
		return 0;
	}
}

static int unmap_memory(struct task *t, struct fpage f, u64 mask, u64 *progress, u8 *flags)
{
	struct unmap_request r = { .space = &t->space, .va = uaddr(f.base), .rights = f.rights & 7,
				   .order = f.order > 48 ? 64 : f.order,
				   .self = mask & UNMAP_SELF, .progress = *progress };
	int e;

	if (f.order < PAGE_SHIFT)
		return 0;
	e = mapdb_unmap(&r);
	*progress = r.progress;
	*flags |= r.flags;
	return e;
}

static int unmap_objects(struct task *t, struct fpage f, u64 mask, u64 *progress)
{
	u64 end = f.order >= 16 ? CAP_SLOTS : f.base + (1ULL << f.order);
	u64 step = 0;

	if (!(mask & UNMAP_SELF))
		return 0;
	for (u64 i = f.base + *progress; (i = captab_next(&t->caps, i)) < end; i++) {
		if (step++ == CAPS_A_STEP) {
			step = 0;
			if (preempt_pending()) {
				*progress = i - f.base;
				return MAPDB_AGAIN;
			}
		}
		captab_unmap(&t->caps, i, f.rights, mask & UNMAP_DELETE);
	}
	return 0;
}

static int unmap_ports(struct task *t, struct fpage f, u64 mask, u64 *progress)
{
	if (!t->io || !f.rights)
		return 0;
	if (f.order > 16)
		f = (struct fpage){ .order = 16 };
	return f.base > 0xffff ? 0 : io_unmap(t->io, (u32)f.base, f.order, mask & UNMAP_SELF, progress);
}

/* "All spaces" is taken as each type in turn. */
static int unmap_all(struct task *t, u8 rights, u64 mask, u64 *progress, u8 *flags)
{
	struct fpage f = { .type = FPAGE_MEM, .order = FPAGE_ALL_ORDER, .rights = rights };
	u64 p = *progress;
	int r = unmap_memory(t, f, mask, &p, flags);

	if (!r) {
		p = 0;
		r = unmap_ports(t, f, mask, &p);
	}
	if (!r) {
		p = 0;
		r = unmap_objects(t, f, mask, &p);
	}
	return r;
}

int unmap_fpage(struct task *t, u64 raw, u64 mask, u64 *progress, u8 *flags)
{
	struct fpage f = fpage_decode(raw);

	switch (f.type) {
	case FPAGE_MEM:
		return unmap_memory(t, f, mask, progress, flags);
	case FPAGE_IO:
		return unmap_ports(t, f, mask, progress);
	case FPAGE_OBJ:
		return unmap_objects(t, f, mask, progress);
	default:
		return fpage_is_all(f) ? unmap_all(t, f.rights, mask, progress, flags) : 0;
	}
}
