/* SPDX-License-Identifier: MIT */
/* Page tables of user address spaces: making entries and tables, and searching them. */
#include "x86_64/pagetable.h"
#include "mm/kmem.h"

u64 *kernel_pml4_template;

/* A table with all entries empty. The words beside them need not be cleared. */
static u64 *table_alloc(struct quota *q)
{
	u64 *t = page_alloc_prezeroed(q, PT_TABLE_ORDER);

	if (t)
		return t;
	t = page_alloc(q, PT_TABLE_ORDER);
	if (t)
		zero_words(t, PAGE_SIZE);
	return t;
}

u64 *pt_root_create(struct quota *q)
{
	u64 *root = table_alloc(q);

	if (!root)
		return NULL;
	for (unsigned i = PT_KERNEL_FIRST; i <= PT_KERNEL_LAST; i++)
		root[i] = kernel_pml4_template[i];
	*pt_side(&root[PT_KERNEL_FIRST]) = 0;
	return root;
}

static noinline bool table_add(u64 *e, struct quota *q)
{
	u64 *t = table_alloc(q);

	if (!t)
		return false;
	*pt_side(e) = 0;
	/* Readers under the space's lock may follow it at once: the table is clear by now. */
	barrier();
	WRITE_ONCE(*e, direct_map_phys(t) | PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED);
	return true;
}

u64 *pt_make(u64 *root, u64 va, unsigned order, struct quota *q, unsigned *found)
{
	u64 *map = pt_side(&root[PT_KERNEL_FIRST]);
	u64 *e = &root[pt_index(va, PT_ROOT_SHIFT)];
	unsigned shift = PT_ROOT_SHIFT;

	while (shift > order) {
		if (unlikely(!*e)) {
			if (!table_add(e, q))
				return NULL;
			pt_mark_used(map, va, shift);
		} else if (unlikely(!pte_is_table(*e))) {
			break;
		}
		map = pt_side(e);
		shift -= PT_BITS;
		e = &pte_table(*e)[pt_index(va, shift)];
	}
	pt_mark_used(map, va, shift);
	*found = shift;
	return e;
}

unsigned pt_table_next(u64 *t, u64 *map, unsigned i)
{
	u64 groups = i < PT_ENTRIES ? *map & (~0ULL << (i / 8)) : 0;

	for (; groups; groups &= groups - 1) {
		unsigned first = bit_lowest(groups) * 8;
		unsigned j = i > first ? i : first;

		for (; j < first + 8; j++)
			if (t[j])
				return j;
		if (i <= first)
			*map &= ~(groups & -groups);
	}
	return PT_ENTRIES;
}

/* As pt_table_next for the root, stepping over the kernel's slots. */
static unsigned root_next(u64 *root, unsigned i)
{
	u64 *map = pt_side(&root[PT_KERNEL_FIRST]);
	unsigned j = pt_table_next(root, map, i);

	if (j >= PT_KERNEL_FIRST && j <= PT_KERNEL_LAST)
		j = pt_table_next(root, map, PT_KERNEL_LAST + 1);
	return j;
}

/* First byte at or above va that a user page can have. */
static u64 user_ceil(u64 va)
{
	return va > USER_LOW_LAST && va < USER_HIGH_FIRST ? USER_HIGH_FIRST : va;
}

/* Address of index j in the table that covers va by entries of 2^shift bytes; j = 512 is the first
 * byte behind the table. Addresses of the upper half of the root are sign-extended. */
static u64 entry_address(u64 va, unsigned j, unsigned shift)
{
	u64 a;

	if (shift < PT_ROOT_SHIFT)
		return (va & ~((1ULL << (shift + PT_BITS)) - 1)) + ((u64)j << shift);
	a = (u64)j << shift;
	return j >= PT_KERNEL_FIRST && j < PT_ENTRIES ? a | ~0ULL << 48 : a;
}

/*
 * One descent from the root: the leaf at or above *va; or NULL with *va moved to where the next
 * descent starts (the end of a table without further entries), 0 at the end of the space.
 */
static u64 *descend(u64 *root, u64 *va, unsigned *order)
{
	u64 *t = root, *map = NULL;
	u64 a = *va;

	for (unsigned shift = PT_ROOT_SHIFT;; shift -= PT_BITS) {
		unsigned i = pt_index(a, shift);
		unsigned j = map ? pt_table_next(t, map, i) : root_next(t, i);

		if (j != i)
			a = entry_address(a, j, shift);
		if (j == PT_ENTRIES) {
			*va = map ? a : 0;
			return NULL;
		}
		if (shift == PAGE_SHIFT || !pte_is_table(t[j])) {
			*va = a;
			*order = shift;
			return &t[j];
		}
		map = pt_side(&t[j]);
		t = pte_table(t[j]);
	}
}

u64 *pt_next(u64 *root, u64 *va, u64 last, unsigned *order)
{
	u64 a = user_ceil(*va);

	while (a <= last) {
		u64 *e = descend(root, &a, order);

		if (e) {
			*va = a;
			return a <= last ? e : NULL;
		}
		if (a == 0)
			break;
		a = user_ceil(a);
	}
	return NULL;
}
