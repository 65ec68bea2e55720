/* SPDX-License-Identifier: MIT */
/* Memory address spaces: making, destroying, KU memory, look-up, faults of sigma0. */
#include <l4/sys/err.h>
#include "core/preempt.h"
#include "mm/mapnode.h"

#define DROP_COST 6 /* of a table, all of whose entries were looked at, in units of the budget */

int space_init(struct space *s, struct quota *q, bool upper)
{
	u64 *root = pt_root_create(q);

	if (!root)
		return -L4_ENOMEM;
	*s = (struct space){ .root = root, .quota = q, .upper = upper };
	return 0;
}

/* --- Destruction --- */

/* Remove the leaf e, which stands in a table of s. False: budget used up. */
static bool destroy_leaf(struct mapop *op, u64 *e)
{
	if (*e & PTE_NODE)
		return revoke_mapping(op, (struct mapping *)*pt_side(e));
	*e = 0; /* KU memory, which has an owner of its own; or sigma0's page */
	return true;
}

/* Index of the first user slot of the root in use; 512: none. */
static unsigned root_first(u64 *root, u64 *map)
{
	unsigned i = pt_table_next(root, map, 0);

	if (i >= PT_KERNEL_FIRST && i <= PT_KERNEL_LAST)
		i = pt_table_next(root, map, PT_KERNEL_LAST + 1);
	return i;
}

/*
 * Take the tables apart from the first entry on: leaves are removed, tables dropped when empty. No
 * state but the tables themselves, so it can stop anywhere. True: the root is empty.
 */
static bool destroy_tables(struct mapop *op, struct space *s)
{
	u64 *path[4] = { [3] = &s->root[PT_KERNEL_FIRST] }; /* entry that points to the table */
	u64 *t = s->root;
	unsigned level = 3;

	while (op->budget > 0) {
		u64 *map = pt_side(path[level]);
		unsigned i = level == 3 ? root_first(t, map) : pt_table_next(t, map, 0);

		if (i < PT_ENTRIES && level > 0 && pte_is_table(t[i])) {
			path[--level] = &t[i];
			t = pte_table(t[i]);
		} else if (i < PT_ENTRIES) {
			if (!destroy_leaf(op, &t[i]))
				return false;
		} else if (level == 3) {
			return true;
		} else {
			spin_lock(&s->lock);
			*path[level] = 0;
			mapop_drop_table(op, s, t);
			spin_unlock(&s->lock);
			op->budget -= DROP_COST;
			t = ++level == 3 ? s->root : pte_table(*path[level]);
		}
	}
	return false;
}

int space_destroy(struct space *s)
{
	struct mapop op;
	bool done;

	for (;;) {
		mapop_begin(&op);
		done = !s->sigma0 || revoke_below(&op, &memory_root, 0, ~0ULL);
		done = done && destroy_tables(&op, s);
		mapop_end(&op);
		if (done)
			break;
		if (preempt_pending())
			return MAPDB_AGAIN;
	}
	tlb_wait_for_others();
	return 0;
}

void space_free(struct space *s)
{
	page_free(s->quota, s->root, PT_TABLE_ORDER);
	s->root = NULL;
}

/* --- KU memory --- */

/* Is [va, last] a user range of s without any leaf? */
static int ku_check(struct space *s, u64 va, u64 last)
{
	unsigned order;
	u64 next = va;

	if (last < va || !pt_user_address(va, s->upper) || !pt_user_address(last, s->upper) ||
	    (va > USER_LOW_LAST) != (last > USER_LOW_LAST) || (va & PAGE_MASK))
		return -L4_EINVAL;
	return pt_next(s->root, &next, last, &order) ? -L4_EEXIST : 0;
}

/* Remove the pages [va, end) that a mapping that failed has entered. Nobody has used them. */
static void ku_undo(struct space *s, u64 va, u64 end)
{
	unsigned order;

	for (; va < end; va += PAGE_SIZE)
		*pt_walk(s->root, va, &order) = 0;
}

static int ku_enter(struct space *s, u64 va, u64 pa, u64 size, u8 rights)
{
	unsigned found;

	for (u64 done = 0; done < size; done += PAGE_SIZE) {
		u64 *e = pt_make(s->root, va + done, PAGE_SHIFT, s->quota, &found);

		if (!e) {
			ku_undo(s, va, va + done);
			return -L4_ENOMEM;
		}
		WRITE_ONCE(*e, pte_make(pa + done, PAGE_SHIFT, rights, MAP_CACHE_NORMAL) |
				   PTE_ACCESSED | PTE_DIRTY);
	}
	return 0;
}

rarely int space_map_ku(struct space *s, uaddr_t va, phys_t pa, unsigned order, u8 rights)
{
	u64 size = 1ULL << (order & 63);
	struct mapop op;
	int err;

	if (order < PAGE_SHIFT || order > 30)
		return -L4_EINVAL;
	mapop_begin(&op);
	err = s->dying ? -L4_ENOMEM : ku_check(s, va.v, va.v + size - 1);
	spin_lock(&s->lock);
	if (!err)
		err = ku_enter(s, va.v, pa.v, size, rights);
	spin_unlock(&s->lock);
	mapop_end(&op);
	return err;
}

/* --- Look-up --- */

/* Sigma0 has every physical address, except memory of the kernel. */
static bool sigma0_lookup(u64 va, phys_t *pa, unsigned *order, u8 *rights)
{
	u64 page = align_down(va, PAGE_SIZE);

	if (va >> cpu_feat.phys_bits || phys_is_kernel(phys(page), PAGE_SHIFT))
		return false;
	*pa = phys(va);
	*order = PAGE_SHIFT;
	*rights = MAP_R | MAP_W | MAP_X;
	return true;
}

bool space_lookup(struct space *s, uaddr_t va, phys_t *pa, unsigned *order, u8 *rights)
{
	u64 pte, offset;

	if (unlikely(!pt_user_address(va.v, s->upper)))
		return false;
	spin_lock(&s->lock);
	pte = READ_ONCE(*pt_walk(s->root, va.v, order));
	spin_unlock(&s->lock);
	if (!(pte & PTE_PRESENT))
		return s->sigma0 && sigma0_lookup(va.v, pa, order, rights);
	offset = va.v & ((1ULL << *order) - 1);
	*pa = phys(pte_address(pte, *order) + offset);
	*rights = pte_rights(pte);
	return true;
}

/* --- Faults of sigma0 --- */

/* Enter the page of 2^order bytes around pa. -L4_EEXIST: a smaller one may fit (tables there). */
static int sigma0_enter(struct space *s, u64 pa, unsigned order)
{
	u64 base = align_down(pa, 1ULL << order);
	unsigned found;
	u64 *e = pt_make(s->root, base, order, s->quota, &found);

	if (!e)
		return -L4_ENOMEM;
	if (pte_is_table(*e) && found > PAGE_SHIFT)
		return -L4_EEXIST;
	if (!*e)
		WRITE_ONCE(*e, pte_make(base, order, MAP_R | MAP_W | MAP_X, MAP_CACHE_NORMAL));
	return 0;
}

rarely int space_sigma0_fault(struct space *s, phys_t pa)
{
	int err = -L4_EINVAL;
	struct mapop op;

	if (pa.v >> cpu_feat.phys_bits || !pt_user_address(pa.v, s->upper))
		return -L4_EINVAL;
	mapop_begin(&op);
	for (unsigned order = cpu_feat.page1g ? 30 : 21; order >= PAGE_SHIFT; order -= PT_BITS) {
		u64 base = align_down(pa.v, 1ULL << order);

		if (phys_is_kernel(phys(base), order) || !pt_user_page(base, order, s->upper))
			continue;
		err = sigma0_enter(s, pa.v, order);
		if (err != -L4_EEXIST)
			break;
	}
	mapop_end(&op);
	return err;
}
