/* SPDX-License-Identifier: MIT */
/*
 * Map and grant of memory (abi spec 4.8). A request is worked off piece by piece, a piece being a
 * page of the largest size that source, alignment and the rest of the range allow.
 *
 * What stands at the target decides (target_occupied): it is kept with more rights, or revoked. A
 * revocation may stop half-way; then the request notes that it is clearing its target, and the next
 * call finishes that first, even if the source has gone in the meantime. After a revocation the
 * TLBs are made coherent before anything new is entered, so that no processor ever has a large and
 * a small translation for one address.
 */
#include <l4/sys/err.h>
#include "core/preempt.h"
#include "mm/mapnode.h"

/* What becomes of a piece, or of the run of pieces. */
enum step {
	STEP_NEXT,    /* done or to be skipped: go on behind it */
	STEP_AGAIN,   /* something was revoked: flush, then look at the same piece again */
	STEP_SMALLER, /* try with the next smaller page size */
	STEP_DONE,
	STEP_NOMEM,
};

struct piece {
	u64 sva, dva;
	u64 left;		/* bytes to the end of the request, minus 1 */
	struct mapping *source; /* memory_root for sigma0 */
	u64 offset;		/* of the piece in the source */
	u64 pa;
	u64 size; /* bytes of the piece, or of the hole to be skipped (0: all) */
	unsigned order;
	u8 rights;
	u8 cache; /* enum map_cache, not KEEP */
};

static always_inline void set_order(struct piece *p, unsigned order)
{
	p->order = order;
	p->size = 1ULL << order;
}

/* Largest page order up to order for which both addresses are aligned and the rest is enough. */
static always_inline unsigned fitting_order(const struct piece *p, unsigned order)
{
	u64 both = p->sva | p->dva;

	while (order > PAGE_SHIFT) {
		u64 mask = (1ULL << order) - 1;

		if (!(both & mask) && p->left >= mask)
			break;
		order -= PT_BITS;
	}
	return order;
}

/* The source has nothing at p->sva: skip to the next leaf. */
static noinline bool source_hole(struct map_request *r, struct piece *p)
{
	u64 next = p->sva;
	unsigned order;
	u64 *e = pt_next(r->src->root, &next, p->sva + p->left, &order);

	p->size = e ? next - p->sva : 0;
	if (e && next == p->sva) /* KU memory, or revoked */
		p->size = (1ULL << order) - (next & ((1ULL << order) - 1));
	return false;
}

/* Sigma0: any physical address, in the largest page without memory of the kernel. */
static bool source_sigma0(struct piece *p)
{
	unsigned order = fitting_order(p, cpu_feat.page1g ? 30 : 21);

	p->size = 0;
	if (p->sva >> cpu_feat.phys_bits)
		return false;
	while (order > PAGE_SHIFT && phys_is_kernel(phys(p->sva), order))
		order -= PT_BITS;
	set_order(p, order);
	p->source = &memory_root;
	p->offset = p->pa = p->sva;
	p->rights = MAP_R | MAP_W | MAP_X;
	p->cache = MAP_CACHE_NORMAL;
	return order > PAGE_SHIFT || !phys_is_kernel(phys(p->sva), order);
}

/* Find the source of the piece at p->sva; false: none, skip p->size bytes. */
static always_inline bool source_find(struct map_request *r, struct piece *p)
{
	unsigned order;
	u64 *e, mask;

	if (unlikely(r->src->sigma0))
		return source_sigma0(p);
	if (unlikely(!pt_user_address(p->sva, true)))
		return source_hole(r, p);
	e = pt_walk(r->src->root, p->sva, &order);
	if (unlikely((*e & (PTE_PRESENT | PTE_NODE)) != (PTE_PRESENT | PTE_NODE)))
		return source_hole(r, p);
	mask = (1ULL << order) - 1;
	p->source = (struct mapping *)*pt_side(e);
	p->offset = p->sva & mask;
	p->pa = pte_address(*e, order) + p->offset;
	p->rights = mapping_rights(p->source);
	p->cache = pte_cache(*e, order);
	set_order(p, fitting_order(p, order));
	return true;
}

static always_inline enum map_cache target_cache(const struct map_request *r, const struct piece *p)
{
	return r->cache == MAP_CACHE_KEEP ? p->cache : r->cache;
}

static always_inline u8 target_rights(const struct map_request *r, const struct piece *p)
{
	return p->rights & (r->rights | MAP_R);
}

static always_inline void enter(const struct map_request *r, const struct piece *p, u64 *e,
				struct mapping *m)
{
	u64 pte = pte_make(p->pa, p->order, mapping_rights(m), target_cache(r, p)) | PTE_NODE;

	*pt_side(e) = (u64)m;
	WRITE_ONCE(*e, pte);
}

/* A mapping for the piece, charged to its target, in no list. NULL: no memory, or too deep. */
static always_inline struct mapping *mapping_create(const struct map_request *r,
						    const struct piece *p)
{
	unsigned depth = mapping_depth(p->source) + 1;
	struct mapping *m;

	if (unlikely(depth > MAPPING_MAX_DEPTH))
		return NULL;
	m = slab_alloc(&mapping_cache, r->dst->quota);
	if (unlikely(!m))
		return NULL;
	m->children = NULL;
	m->sub = NULL;
	m->space = r->dst;
	m->where = mapping_where(depth, p->dva, p->order, target_rights(r, p));
	return m;
}

/* Enter the piece as a new mapping into the empty entry e. */
static noinline enum step map_new(struct map_request *r, struct piece *p, u64 *e)
{
	struct mapping *m = mapping_create(r, p);
	struct place place;

	if (!m)
		return STEP_NOMEM;
	if (p->order == mapping_order(p->source)) {
		mapping_link_child(p->source, m);
	} else if (mapping_place(p->source, p->offset, p->order, &place)) {
		m->state = 0;
		mapping_link(&place, m);
	} else {
		slab_free(&mapping_cache, r->dst->quota, m);
		return STEP_NOMEM;
	}
	enter(r, p, e, m);
	r->progress->mapped++;
	return STEP_NEXT;
}

/* Children must not keep more than the target of a grant gets: reduce them first. */
static enum step grant_reduce(struct mapop *op, struct map_request *r, struct piece *p)
{
	u8 surplus = (u8)(p->rights & ~r->rights & (MAP_W | MAP_X));
	struct reduction reduction = { &r->progress->stamp, (u8)(~r->rights & (MAP_W | MAP_X)) };

	if (!mapping_has_children(p->source) || !(surplus || r->progress->stamp))
		return STEP_NEXT;
	entry_reduce(op, p->source, surplus);
	if (!reduce_below(op, &reduction, p->source, 0, ~0ULL))
		return STEP_AGAIN;
	r->progress->stamp = 0;
	return STEP_NEXT;
}

/* Move the mapping behind the piece, which is all of it, to the empty entry e. */
static rarely enum step grant(struct mapop *op, struct map_request *r, struct piece *p, u64 *e)
{
	struct mapping *m = p->source;
	struct quota *old = m->space->quota;
	u64 bytes = mapping_bytes(m);
	enum step step = grant_reduce(op, r, p);

	if (step != STEP_NEXT)
		return step;
	if (!quota_charge(r->dst->quota, bytes))
		return STEP_NOMEM;
	entry_remove(op, m, false);
	mapping_set_space(m, r->dst);
	m->where = mapping_where(mapping_depth(m), p->dva, p->order, target_rights(r, p));
	enter(r, p, e, m);
	quota_release(old, bytes);
	r->progress->mapped++;
	return STEP_NEXT;
}

/* Target t has the frame of the piece already and comes from its source: add rights, and set the
 * cache type. More rights than its origin's only a child of the source itself can have. */
static rarely enum step map_add(struct mapop *op, struct map_request *r, struct piece *p, u64 *e)
{
	struct mapping *t = (struct mapping *)*pt_side(e);
	struct mapping *old_parent = t->parent;
	u8 rights = mapping_rights(t) | target_rights(r, p);
	u64 pte = pte_make(p->pa, p->order, rights, target_cache(r, p)) | PTE_NODE;
	struct place place;

	if (rights & ~mapping_rights(mapping_origin(t))) {
		if (!mapping_place(p->source, p->offset, p->order, &place))
			return STEP_NOMEM;
		mapping_unlink(t);
		mapping_link(&place, t);
		mapping_prune(old_parent);
	}
	t->where |= rights;
	spin_lock(&r->dst->lock);
	if (pte_cache(pte, p->order) != pte_cache(*e, p->order))
		entry_stale(op, t);
	pte |= __atomic_exchange_n(e, pte, __ATOMIC_RELAXED) & (PTE_ACCESSED | PTE_DIRTY);
	__atomic_fetch_or(e, pte & (PTE_ACCESSED | PTE_DIRTY), __ATOMIC_RELAXED);
	spin_unlock(&r->dst->lock);
	r->progress->mapped++;
	return STEP_NEXT;
}

/* Revoke what stands at the target; r->progress->clearing tells where, if that stops half-way. */
static enum step clear_mapping(struct mapop *op, struct map_request *r, struct mapping *t)
{
	u64 va = mapping_address(t);

	r->progress->clearing = revoke_mapping(op, t) ? 0 : va | 1;
	return STEP_AGAIN;
}

/* Can the target stay, because it is a page of at least the size of the piece with the same frame,
 * derived from the piece's source? */
static bool same_frame(const struct map_request *r, const struct piece *p, u64 *e, unsigned order)
{
	const struct mapping *t = (struct mapping *)*pt_side(e);
	u64 offset = p->dva & ((1ULL << order) - 1);

	return !r->grant && pte_address(*e, order) + offset == p->pa &&
	       mapping_is_ancestor(p->source, t) && t != p->source;
}

/* There is a leaf of 2^order bytes at or above the target: abi spec 4.8. */
static rarely enum step target_leaf(struct mapop *op, struct map_request *r, struct piece *p,
				    u64 *e, unsigned order)
{
	struct mapping *t = (struct mapping *)*pt_side(e);

	if (!(*e & PTE_NODE)) /* KU memory */
		return STEP_NEXT;
	if (!(*e & PTE_PRESENT) || !same_frame(r, p, e, order))
		return clear_mapping(op, r, t);
	if (order == p->order)
		return map_add(op, r, p, e);
	/* Part of a larger page: nothing to do if that is as good. */
	if (!(target_rights(r, p) & ~mapping_rights(t)) &&
	    target_cache(r, p) == pte_cache(*e, order)) {
		r->progress->mapped++;
		return STEP_NEXT;
	}
	return clear_mapping(op, r, t);
}

/* Unhook the empty table at e (entries of it may point to empty tables again). */
static void drop_tables(struct mapop *op, struct space *s, u64 *e)
{
	u64 *t = pte_table(*e);
	unsigned i = 0;

	for (; (i = pt_table_next(t, pt_side(e), i)) < PT_ENTRIES; i++) {
		u64 *below = pte_table(t[i]);

		t[i] = 0;
		mapop_drop_table(op, s, below);
	}
	WRITE_ONCE(*e, 0);
	mapop_drop_table(op, s, t);
}

/* A large page shall be entered where there is a table at e: empty the table, then drop it. With KU
 * memory in it, which stays, only smaller pages are possible. */
static rarely enum step target_table(struct mapop *op, struct map_request *r, struct piece *p,
				     u64 *e)
{
	u64 va = p->dva, last = p->dva + p->size - 1;
	bool ku = false;
	unsigned order;
	u64 *leaf;

	while ((leaf = pt_next(r->dst->root, &va, last, &order))) {
		if (!(*leaf & PTE_NODE))
			ku = true;
		else
			clear_mapping(op, r, (struct mapping *)*pt_side(leaf));
		if (op->budget <= 0)
			return STEP_AGAIN;
		va += 1ULL << order;
		if (va - 1 >= last)
			break;
	}
	if (ku)
		return STEP_SMALLER;
	spin_lock(&r->dst->lock);
	drop_tables(op, r->dst, e);
	spin_unlock(&r->dst->lock);
	return STEP_AGAIN;
}

/* Granting a part of a page is a map, also for the rest of the request. So is granting from sigma0,
 * which keeps everything. */
static bool is_grant(struct map_request *r, const struct piece *p)
{
	if (p->source == &memory_root || p->order != mapping_order(p->source)) {
		r->grant = false;
		r->progress->no_grant = true;
	}
	return r->grant;
}

/* The usual request: a page of 4 KiB as it is, to a free place whose table exists. False: it is not
 * that, or there is no memory; nothing is done. */
static always_inline bool map_page(struct map_request *r)
{
	u64 sva = r->sva.v, dva = r->dva.v, *s, *e;
	struct piece p = { .dva = dva, .order = PAGE_SHIFT };
	struct mapping *m;
	unsigned order;

	if (unlikely(r->order != PAGE_SHIFT || r->grant || r->src->sigma0 || r->progress->clearing))
		return false;
	if (unlikely(r->src->dying || r->dst->dying || !pt_user_address(sva, true) ||
		     !pt_user_address(dva, r->dst->upper)))
		return false;
	s = pt_walk(r->src->root, sva, &order);
	e = pt_make_fast(r->dst->root, dva);
	if (unlikely(order != PAGE_SHIFT || !(*s & PTE_PRESENT) || !(*s & PTE_NODE) || !e || *e))
		return false;
	p.source = (struct mapping *)*pt_side(s);
	p.pa = pte_address(*s, PAGE_SHIFT);
	p.rights = mapping_rights(p.source);
	p.cache = pte_cache(*s, PAGE_SHIFT);
	m = mapping_create(r, &p);
	if (unlikely(!m))
		return false;
	mapping_link_child(p.source, m);
	enter(r, &p, e, m);
	r->progress->mapped = 1;
	return true;
}

static always_inline enum step map_piece(struct mapop *op, struct map_request *r, struct piece *p)
{
	unsigned found;
	u64 *e;

	if (unlikely(!pt_user_address(p->dva, r->dst->upper)))
		return STEP_NEXT;
	if (unlikely(!pt_user_page(p->dva, p->order, r->dst->upper)))
		return STEP_SMALLER;
	e = pt_make(r->dst->root, p->dva, p->order, r->dst->quota, &found);
	if (unlikely(!e))
		return STEP_NOMEM;
	if (unlikely(r->grant) && is_grant(r, p) && !*e)
		return grant(op, r, p, e);
	if (likely(!*e))
		return map_new(r, p, e);
	if (pte_is_table(*e) && found > PAGE_SHIFT)
		return target_table(op, r, p, e);
	return target_leaf(op, r, p, e, found);
}

/* Finish the removal of a target that was interrupted. */
static rarely enum step clear_target(struct mapop *op, struct map_request *r)
{
	unsigned order;
	u64 *e = pt_walk(r->dst->root, r->progress->clearing & ~PAGE_MASK, &order);

	r->progress->clearing = 0;
	if ((*e & (PTE_PRESENT | PTE_NODE)) == PTE_NODE)
		return clear_mapping(op, r, (struct mapping *)*pt_side(e));
	return STEP_AGAIN;
}

/* Look at the piece at r->progress->done and do it. p->size: how far to go on after STEP_NEXT. */
static always_inline enum step map_step(struct mapop *op, struct map_request *r, struct piece *p,
					u64 last)
{
	enum step step;

	if (unlikely(r->progress->clearing))
		return clear_target(op, r);
	p->sva = r->sva.v + r->progress->done;
	p->dva = r->dva.v + r->progress->done;
	p->left = last - r->progress->done;
	if (unlikely(!source_find(r, p))) {
		op->budget -= 1;
		return p->size ? STEP_NEXT : STEP_DONE;
	}
	op->budget -= 1;
	while ((step = map_piece(op, r, p)) == STEP_SMALLER)
		set_order(p, p->order - PT_BITS);
	return step;
}

/* Work until the budget is used up. STEP_NEXT: there is more to do. */
static always_inline enum step map_run(struct mapop *op, struct map_request *r)
{
	u64 last = r->order < 64 ? (1ULL << r->order) - 1 : ~0ULL;
	struct piece p;

	if (unlikely(r->src->dying || r->dst->dying))
		return STEP_DONE;
	do {
		enum step step = map_step(op, r, &p, last);

		if (step != STEP_NEXT)
			return step;
		if (p.size > last - r->progress->done)
			return STEP_DONE;
		r->progress->done += p.size;
	} while (op->budget > 0);
	return STEP_NEXT;
}

static noinline int map_range(struct map_request *r)
{
	struct mapop op;
	enum step step;

	for (;;) {
		mapop_begin(&op);
		step = map_run(&op, r);
		mapop_end(&op);
		if (step == STEP_DONE)
			return 0;
		if (step == STEP_NOMEM)
			return -L4_ENOMEM;
		if (preempt_pending())
			return MAPDB_AGAIN;
	}
}

int mapdb_map(struct map_request *r)
{
	bool done;

	if (unlikely(r->dst->sigma0))
		return 0;
	spin_lock(&mapdb_lock);
	done = map_page(r);
	spin_unlock(&mapdb_lock);
	return likely(done) ? 0 : map_range(r);
}
