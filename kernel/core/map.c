/* SPDX-License-Identifier: MIT */
/* Mapping and revocation of flexpages of every type. */
#include "core/map.h"
#include "core/preempt.h"
#include "mm/mapdb.h"
#include <l4/sys/err.h>

#define CAPS_A_STEP 32

/* Bits 4..6 of word 0 of a memory item. */
static u8 cache_of(u8 attributes)
{
	switch (attributes & 0x70) {
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

/* Flexpages above this order are "everything"; their base is 0. */
static u8 mapdb_order(u8 order)
{
	return order >= FPAGE_ALL_ORDER ? 64 : order;
}

static int map_memory(struct task *src, struct task *dst, struct snd_item it, u64 window,
		      struct map_progress *p)
{
	struct fpage f = fpage_decode_as(FPAGE_MEM, it.fpage);
	struct map_request r;
	u8 order;

	fpage_match(f, fpage_decode_as(FPAGE_MEM, window), item_hot_spot(it, FPAGE_MEM), &r.sva.v,
		    &r.dva.v, &order);
	if (unlikely(order < PAGE_SHIFT)) {
		p->mapped = 1;
		return 0;
	}
	r.src = &src->space;
	r.dst = &dst->space;
	r.order = mapdb_order(order);
	r.rights = f.rights & 7;
	r.cache = cache_of(item_attributes(it));
	r.grant = item_grants(it) && !p->no_grant;
	r.progress = p;
	return mapdb_map(&r);
}

/* The ports that both windows have, in s; false: none. */
static bool ports_match(struct fpage *s, struct fpage w)
{
	if (w.order > 16)
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

static rarely int map_io(struct task *src, struct task *dst, struct snd_item it, u64 window,
			 struct map_progress *p)
{
	struct io_map_request r = { .grant = item_grants(it),
				    .progress = p->done,
				    .clearing = (u32)p->clearing };
	struct fpage s = fpage_decode_as(FPAGE_IO, it.fpage);
	int e;

	if (!ports_match(&s, fpage_decode_as(FPAGE_IO, window)) || !s.rights)
		return 0;
	if (!src->is_sigma0 && !src->io)
		return 0;
	r.dst = io_of(dst);
	if (!r.dst)
		return -L4_ENOMEM;
	r.src = src->is_sigma0 ? NULL : src->io;
	r.port = (u32)s.base;
	r.order = s.order;
	e = io_map(&r);
	p->done = r.progress;
	p->clearing = r.clearing;
	p->mapped += r.mapped;
	return e;
}

/* End of the 2^order slots from `from` on, as far as there are any. */
static u64 captab_end(u64 from, u8 order)
{
	return from >= CAP_SLOTS ? 0 : order >= 16 ? CAP_SLOTS : from + (1ULL << order);
}

/* Rights of an object item: R W S D from the flexpage, the object rights from the attributes. */
static u8 object_mask(struct snd_item it)
{
	return (it.fpage & (CAP_W | CAP_S | CAP_D)) |
	       (item_attributes(it) >> 1 & (CAP_OBJ1 | CAP_OBJ2 | CAP_OBJ3));
}

static int map_objects(struct task *src, struct task *dst, struct snd_item it, u64 window,
		       struct map_progress *p)
{
	struct fpage f = fpage_decode_as(FPAGE_OBJ, it.fpage);
	bool counted = !(item_attributes(it) & 0x10);
	unsigned steps = 0;
	u64 from, to, end;
	u8 order;

	if (!(f.rights & 4))
		return 0;
	fpage_match(f, fpage_decode_as(FPAGE_OBJ, window), item_hot_spot(it, FPAGE_OBJ), &from, &to,
		    &order);
	end = captab_end(from, order);
	for (u64 i = from + p->done; (i = captab_next(&src->caps, i)) < end; i++) {
		enum cap_map_result r;

		if (steps++ == CAPS_A_STEP) {
			steps = 0;
			p->done = i - from;
			if (preempt_pending())
				return MAPDB_AGAIN;
		}
		r = captab_map(&src->caps, i, &dst->caps, to + (i - from), object_mask(it), counted,
			       item_grants(it));
		if (r == CAP_NO_MEMORY)
			return -L4_ENOMEM;
		p->mapped += r == CAP_MAPPED;
	}
	return 0;
}

/* A type mismatch between item and window is silent: nothing is mapped, a map is claimed. */
int map_item(struct task *src, struct task *dst, struct snd_item it, u64 window,
	     struct map_progress *p)
{
	u8 type = fpage_type(it.fpage);

	if (unlikely(type != fpage_type(window) && !fpage_is_all(window)))
		type = FPAGE_SPECIAL;
	if (unlikely(dst->space.dying) && type != FPAGE_SPECIAL)
		return -L4_ENOMEM;
	switch (type) {
	case FPAGE_MEM:
		return map_memory(src, dst, it, window, p);
	case FPAGE_IO:
		return map_io(src, dst, it, window, p);
	case FPAGE_OBJ:
		return map_objects(src, dst, it, window, p);
	default:
		p->mapped = 1;
		return 0;
	}
}

static int unmap_memory(struct task *t, struct fpage f, u64 mask, struct map_progress *p)
{
	struct unmap_request r = { .space = &t->space,
				   .va = uaddr(f.base),
				   .order = mapdb_order(f.order),
				   .rights = f.rights & 7,
				   .self = mask & UNMAP_SELF,
				   .progress = p };

	return unlikely(f.order < PAGE_SHIFT) ? 0 : mapdb_unmap(&r);
}

static noinline int unmap_object_range(struct task *t, struct fpage f, u64 mask,
				       struct map_progress *p)
{
	u64 end = captab_end(f.base, f.order);
	unsigned steps = 0;

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

static int unmap_objects(struct task *t, struct fpage f, u64 mask, struct map_progress *p)
{
	if (!(mask & UNMAP_SELF))
		return 0;
	return unmap_object_range(t, f, mask, p);
}

static rarely int unmap_ports(struct task *t, struct fpage f, u64 mask, struct map_progress *p)
{
	if (!t->io || !f.rights)
		return 0;
	if (f.order > 16)
		f = (struct fpage){ .order = 16 };
	return f.base > 0xffff ? 0
			       : io_unmap(t->io, (u32)f.base, f.order, mask & UNMAP_SELF, &p->done);
}

/* "All spaces" is taken as each type in turn. */
static noinline int unmap_all(struct task *t, u64 raw, u64 mask, struct map_progress *p)
{
	while (FPAGE_MEM + p->phase <= FPAGE_OBJ) {
		int r = unmap_fpage(t, raw | (u64)(FPAGE_MEM + p->phase) << 4, mask, p);

		if (r)
			return r;
		p->phase++;
		p->done = p->stamp = 0;
	}
	return 0;
}

int unmap_fpage(struct task *t, u64 raw, u64 mask, struct map_progress *p)
{
	switch (fpage_type(raw)) {
	case FPAGE_MEM:
		return unmap_memory(t, fpage_decode_as(FPAGE_MEM, raw), mask, p);
	case FPAGE_IO:
		return unmap_ports(t, fpage_decode_as(FPAGE_IO, raw), mask, p);
	case FPAGE_OBJ:
		return unmap_objects(t, fpage_decode_as(FPAGE_OBJ, raw), mask, p);
	default:
		return fpage_is_all(raw) ? unmap_all(t, raw, mask, p) : 0;
	}
}
