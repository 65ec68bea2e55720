/* SPDX-License-Identifier: MIT */
/* Unmap: revocation of memory from a space, or only from what was derived from it (spec 4.9). */
#include "core/preempt.h"
#include "mm/mapnode.h"

/* Rights that a request takes without removing the page; 0: it removes. */
static u8 reduced_rights(const struct unmap_request *r)
{
	return r->rights & MAP_R ? 0 : r->rights & (MAP_W | MAP_X);
}

/* Take rights, but not the page. True when done. */
static noinline bool reduce_mapping(struct mapop *op, struct unmap_request *r, struct mapping *m,
				    u64 first, u64 last)
{
	struct reduction reduction = { &r->progress->stamp, reduced_rights(r) };

	if (r->self) {
		entry_reduce(op, m, reduction.rights);
		first = 0;
		last = ~0ULL;
	}
	return reduce_below(op, &reduction, m, first, last);
}

/* Revoke from mapping m, of which the bytes first..last are in the range. True when done. */
static always_inline bool unmap_mapping(struct mapop *op, struct unmap_request *r,
					struct mapping *m, u64 first, u64 last)
{
	if (unlikely(!(r->rights & MAP_R)))
		return reduce_mapping(op, r, m, first, last);
	if (r->self || unlikely(m->where & MAPPING_DEAD))
		return revoke_mapping(op, m);
	return revoke_below(op, m, first, last);
}

/* The usual request, a single page: e is its entry. */
static always_inline bool unmap_page(struct mapop *op, struct unmap_request *r, u64 *e)
{
	return !(*e & PTE_NODE) ||
	       unmap_mapping(op, r, (struct mapping *)*pt_side(e), 0, PAGE_SIZE - 1);
}

/* Work on the leaves of the range until the budget is used up; true: range done. */
static noinline bool unmap_range(struct mapop *op, struct unmap_request *r, u64 last)
{
	do {
		u64 va = r->va.v + r->progress->done;
		unsigned order;
		u64 *e = pt_next(r->space->root, &va, last, &order);
		u64 base, end;

		if (!e)
			return true;
		base = align_down(va, 1ULL << order);
		end = min_u64(base + ((1ULL << order) - 1), last);
		r->progress->done = va - r->va.v;
		if ((*e & PTE_NODE) &&
		    !unmap_mapping(op, r, (struct mapping *)*pt_side(e), va - base, end - base))
			return false;
		r->progress->stamp = 0;
		if (end == last)
			return true;
		r->progress->done = end + 1 - r->va.v;
	} while (--op->budget > 0);
	return false;
}

static always_inline bool unmap_run(struct mapop *op, struct unmap_request *r, u64 last)
{
	unsigned order;
	u64 *e;

	if (likely(r->order == PAGE_SHIFT && pt_user_address(r->va.v, r->space->upper))) {
		e = pt_walk(r->space->root, r->va.v, &order);
		if (likely(order == PAGE_SHIFT))
			return unmap_page(op, r, e);
	}
	return unmap_range(op, r, last);
}

/* Sigma0 has no mappings of its own; what was derived from it is the tree below the root. */
static noinline bool unmap_sigma0(struct mapop *op, struct unmap_request *r, u64 last)
{
	struct reduction reduction = { &r->progress->stamp, reduced_rights(r) };

	if (r->rights & MAP_R)
		return revoke_below(op, &memory_root, r->va.v, last);
	return reduce_below(op, &reduction, &memory_root, r->va.v, last);
}

int mapdb_unmap(struct unmap_request *r)
{
	u64 last = r->va.v + (r->order < 64 ? (1ULL << r->order) - 1 : ~0ULL);
	struct mapop op;
	bool done;

	if (!(r->rights & (MAP_R | MAP_W | MAP_X)))
		return 0;
	for (;;) {
		mapop_begin(&op);
		done = unlikely(r->space->sigma0) ? unmap_sigma0(&op, r, last)
						  : unmap_run(&op, r, last);
		mapop_end(&op);
		r->progress->flags |= op.flags;
		if (done)
			break;
		if (preempt_pending())
			return MAPDB_AGAIN;
	}
	tlb_wait_for_others();
	return 0;
}
