/* SPDX-License-Identifier: MIT */
/* Checker of the mapping database's invariants, for tests and the fuzzer. */
#include "core/print.h"
#include "host.h"
#include "mm/mapnode.h"

static unsigned seen;
static u8 taken; /* rights that a child may have beyond its parent's */

/* The entry of a living mapping points back to it and gives what the mapping says. */
static void check_entry(struct mapping *m, u64 pa, bool memory)
{
	unsigned order;
	u64 *e;

	if (!memory)
		return;
	e = pt_walk(m->space->root, mapping_address(m), &order);
	BUG_ON((struct mapping *)*pt_side(e) != m || order != mapping_order(m));
	if (m->where & MAPPING_DEAD) {
		BUG_ON(*e != PTE_DEAD);
		return;
	}
	BUG_ON(!(*e & PTE_PRESENT) || !(*e & PTE_NODE));
	BUG_ON(pte_address(*e, order) != pa);
	BUG_ON(pte_rights(*e) != (mapping_rights(m) | (cpu_feat.nx ? 0 : MAP_X)));
}

static void check_list(struct mapping *p, unsigned slot, u64 base, u8 rights, bool memory);

/* m stands for the bytes from base on; everything below has at most its rights. */
static void check_below(struct mapping *m, u64 base, u8 rights, bool memory)
{
	unsigned used = 0, shift = mapping_order(m) - PT_BITS;

	check_list(m, SLOT_CHILDREN, base, rights, memory);
	for (unsigned i = 0; m->sub && i < PT_ENTRIES; i++) {
		used += m->sub[i] != NULL;
		check_list(m, SLOT_SUB + i, base + ((u64)i << shift), rights, memory);
	}
	BUG_ON(m->sub_used != used || (m->sub && !used));
}

static void check_list(struct mapping *p, unsigned slot, u64 base, u8 rights, bool memory)
{
	struct mapping *first = *mapping_list(p, slot);
	unsigned order = mapping_order(p) - (slot == SLOT_CHILDREN ? 0 : PT_BITS);

	for (struct mapping *m = first, *prev = NULL; m; prev = m, m = m->next) {
		BUG_ON(m->parent != p || m->slot != slot || mapping_order(m) != order);
		BUG_ON(prev && m->prev != prev);
		BUG_ON(!m->next && first->prev != m);
		if (mapping_is_split(m)) {
			BUG_ON(m != first || m->space != p->space || !mapping_has_children(m));
			check_below(m, base, rights, memory);
			continue;
		}
		seen++;
		BUG_ON(memory && (mapping_rights(m) & ~rights & ~taken));
		BUG_ON(mapping_depth(m) > MAPPING_MAX_DEPTH);
		check_entry(m, base, memory);
		check_below(m, base, mapping_rights(m), memory);
	}
}

/* Number of leaves of the space that have a mapping. */
static unsigned count_leaves(struct space *s)
{
	unsigned n = 0, order;
	u64 va = 0, *e;

	while ((e = pt_next(s->root, &va, ~0ULL, &order))) {
		n += (*e & PTE_NODE) != 0;
		va = align_down(va, 1ULL << order) + (1ULL << order);
		if (!va)
			break;
	}
	return n;
}

unsigned mapcheck(struct space *const *spaces)
{
	return mapcheck_taking(spaces, 0);
}

unsigned mapcheck_taking(struct space *const *spaces, u8 rights)
{
	unsigned leaves = 0, memory;

	seen = 0;
	taken = rights;
	check_below(&memory_root, 0, MAP_R | MAP_W | MAP_X, true);
	memory = seen;
	check_below(&port_root, 0, MAP_R | MAP_W | MAP_X, false);
	for (; *spaces; spaces++)
		leaves += count_leaves(*spaces);
	BUG_ON(leaves != memory);
	BUG_ON(host_pending);
	return seen;
}
