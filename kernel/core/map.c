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

/* Flexpages above this order are "everything"; their base is 0. */
static u8 mapdb_order(u8 order)
{
	return order >= FPAGE_ALL_ORDER ? 64 : order;
}

static int map_memory(struct map_args *m)
{
	struct map_progress *p = m->progress;
	struct map_request r = { .src = &m->src->space,
				 .dst = &m->dst->space,
				 .rights = m->item.fp.rights & 7,
				 .cache = cache_of(m->item.attr),
				 .grant = m->item.grant && !p->no_grant,
				 .progress = p->done,
				 .stamp = p->stamp,
				 .clearing = p->clearing };
	u64 from, to;
	u8 order;
	int e;

	fpage_match(m->item.fp, m->window, m->item.hot_spot, &from, &to, &order);
	if (order < PAGE_SHIFT)
		return 0;
	r.sva = uaddr(from);
	r.dva = uaddr(to);
	r.order = mapdb_order(order);
	e = mapdb_map(&r);
	p->mapped |= r.mapped != 0;
	m->nothing = !p->mapped;
	if (likely(e != MAPDB_AGAIN))
		return e;
	p->done = r.progress;
	p->stamp = r.stamp;
	p->clearing = r.clearing;
	p->no_grant = !r.grant;
	return e;
}

/* The ports that both windows have, in s; false: none. */
static bool ports_match(struct fpage *s, struct fpage w)
{
	if (fpage_is_all(w) || w.order > 16)
		w = (struct fpage){ .order = 16 };
	if (s->order > 16)
		*s = (struct fpage){ .order = 16 };
	if (w.order < s->order) {
		struct fpage t = *s;

		*s = w;
		w = t;
	}
	return (s->base >> w.order) == (w.base >> w.order) && s->base <= 0xffff;
}

/* The port space of t, made if it has none. NULL: no memory. */
static struct io_space *io_of(struct task *t)
{
	struct io_space *old = READ_ONCE(t->io), *s;

	if (old)
		return old;
	s = io_space_create(t->obj.quota);
	if (s && !__atomic_compare_exchange_n(&t->io, &old, s, false, __ATOMIC_ACQ_REL,
					      __ATOMIC_ACQUIRE)) {
		io_space_destroy(s); /* another CPU was faster; this one is empty: done at once */
		s = old;
	}
	return s;
}

static int map_io(struct map_args *m)
{
	struct map_progress *p = m->progress;
	struct io_map_request r = { .grant = m->item.grant,
				    .progress = p->done,
				    .clearing = (u32)p->clearing };
	struct fpage s = m->item.fp;
	int e;

	m->nothing = true;
	if (!ports_match(&s, m->window) || !m->item.fp.rights)
		return 0;
	if (!m->src->is_sigma0 && !m->src->io)
		return 0;
	r.dst = io_of(m->dst);
	if (!r.dst)
		return -L4_ENOMEM;
	r.src = m->src->is_sigma0 ? NULL : m->src->io;
	r.port = (u32)s.base;
	r.order = s.order;
	e = io_map(&r);
	p->done = r.progress;
	p->clearing = r.clearing;
	p->mapped |= r.mapped != 0;
	m->nothing = !p->mapped;
	return e;
}

/* End of the 2^order slots from `from` on, as far as there are any. */
static u64 captab_end(u64 from, u8 order)
{
	return from >= CAP_SLOTS ? 0 : order >= 16 ? CAP_SLOTS : from + (1ULL << order);
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
	struct map_progress *p = m->progress;
	unsigned steps = 0;
	u64 from, to, end;
	u8 order;

	m->nothing = true;
	if (!(m->item.fp.rights & 4))
		return 0;
	fpage_match(m->item.fp, m->window, m->item.hot_spot, &from, &to, &order);
	end = captab_end(from, order);
	for (u64 i = from + p->done; (i = captab_next(&m->src->caps, i)) < end; i++) {
		enum cap_map_result r;

		if (steps++ == CAPS_A_STEP) {
			steps = 0;
			p->done = i - from;
			if (preempt_pending())
				return MAPDB_AGAIN;
		}
		r = captab_map(&m->src->caps, i, &m->dst->caps, to + (i - from),
			       object_mask(&m->item), counted, m->item.grant);
		if (r == CAP_NO_MEMORY)
			return -L4_ENOMEM;
		p->mapped |= r == CAP_MAPPED;
	}
	m->nothing = !p->mapped;
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

static int unmap_memory(struct task *t, struct fpage f, u64 mask, struct map_progress *p)
{
	struct unmap_request r = { .space = &t->space,
				   .va = uaddr(f.base),
				   .rights = f.rights & 7,
				   .order = mapdb_order(f.order),
				   .self = mask & UNMAP_SELF,
				   .progress = p->done,
				   .stamp = p->stamp };
	int e;

	if (f.order < PAGE_SHIFT)
		return 0;
	e = mapdb_unmap(&r);
	p->flags |= r.flags;
	if (likely(e != MAPDB_AGAIN))
		return e;
	p->done = r.progress;
	p->stamp = r.stamp;
	return e;
}

static int unmap_objects(struct task *t, struct fpage f, u64 mask, struct map_progress *p)
{
	u64 end = captab_end(f.base, f.order);
	unsigned steps = 0;

	if (!(mask & UNMAP_SELF))
		return 0;
	for (u64 i = f.base + p->done; (i = captab_next(&t->caps, i)) < end; i++) {
		if (steps++ == CAPS_A_STEP) {
			steps = 0;
			p->done = i - f.base;
			if (preempt_pending())
				return MAPDB_AGAIN;
		}
		captab_unmap(&t->caps, i, f.rights, mask & UNMAP_DELETE);
	}
	return 0;
}

static int unmap_ports(struct task *t, struct fpage f, u64 mask, struct map_progress *p)
{
	if (!t->io || !f.rights)
		return 0;
	if (f.order > 16)
		f = (struct fpage){ .order = 16 };
	return f.base > 0xffff ? 0
			       : io_unmap(t->io, (u32)f.base, f.order, mask & UNMAP_SELF, &p->done);
}

static always_inline int unmap_type(struct task *t, struct fpage f, u64 mask,
				    struct map_progress *p)
{
	switch (f.type) {
	case FPAGE_MEM:
		return unmap_memory(t, f, mask, p);
	case FPAGE_IO:
		return unmap_ports(t, f, mask, p);
	case FPAGE_OBJ:
		return unmap_objects(t, f, mask, p);
	default:
		return 0;
	}
}

/* "All spaces" is taken as each type in turn. */
static noinline int unmap_all(struct task *t, u8 rights, u64 mask, struct map_progress *p)
{
	struct fpage f = { .order = FPAGE_ALL_ORDER, .rights = rights };

	for (f.type = FPAGE_MEM + p->phase; f.type <= FPAGE_OBJ; f.type++) {
		int r = unmap_type(t, f, mask, p);

		if (r)
			return r;
		p->phase++;
		p->done = p->stamp = 0;
	}
	return 0;
}

int unmap_fpage(struct task *t, u64 raw, u64 mask, struct map_progress *p)
{
	struct fpage f = fpage_decode(raw);

	return unlikely(fpage_is_all(f)) ? unmap_all(t, f.rights, mask, p)
					 : unmap_type(t, f, mask, p);
}
