/* SPDX-License-Identifier: MIT */
/*
 * Frame of every operation on the mapping database: the lock, the batch of TLB work that is done
 * after unlocking, page tables that may be freed only then, and changes of single entries.
 *
 * Lock order: mapdb lock -> space.lock. Rights and tables are taken away under both, so that
 * holders of space.lock alone (space_lookup, views) never use what is gone; entries are added under
 * the mapdb lock alone.
 */
#include "core/spinlock.h"
#include "mm/mapnode.h"

struct spinlock mapdb_lock;

enum { DEAD_NEXT = 0, DEAD_QUOTA = 1 }; /* words of the node-table half of a dead table */

void mapop_begin(struct mapop *op)
{
	tlb_batch_init(&op->tlb);
	op->dead_tables = NULL;
	op->budget = MAPOP_BUDGET;
	op->ports = false;
	op->flags = 0;
	spin_lock(&mapdb_lock);
}

static noinline void free_dead_tables(struct mapop *op)
{
	while (op->dead_tables) {
		u64 *t = op->dead_tables;
		u64 *words = pt_side(t);

		op->dead_tables = (u64 *)words[DEAD_NEXT];
		page_free((struct quota *)words[DEAD_QUOTA], t, PT_TABLE_ORDER);
	}
}

void mapop_end(struct mapop *op)
{
	tlb_announce();
	spin_unlock(&mapdb_lock);
	if (op->tlb.count)
		tlb_batch_flush(&op->tlb);
	tlb_announced_is_done();
	if (unlikely(op->ports))
		io_bitmap_revoked();
	if (unlikely(op->dead_tables))
		free_dead_tables(op);
}

/* The half that the processor reads is empty and stays so: it may still be walked. */
void mapop_drop_table(struct mapop *op, struct space *s, u64 *table)
{
	u64 *words = pt_side(table);

	words[DEAD_NEXT] = (u64)op->dead_tables;
	words[DEAD_QUOTA] = (u64)s->quota;
	op->dead_tables = table;
	tlb_batch_add(&op->tlb, s, ~0ULL);
	if (unlikely(s->views))
		view_home_table_dropped(s, &op->tlb);
}

static u8 access_flags(u64 pte)
{
	return (u8)((pte & PTE_ACCESSED ? 1 : 0) | (pte & PTE_DIRTY ? 2 : 0));
}

/* The entry for m held other rights before (pte): space.lock held. */
static always_inline void note_change(struct mapop *op, struct mapping *m, u64 pte)
{
	if (!(pte & PTE_PRESENT))
		return;
	op->flags |= access_flags(pte);
	entry_stale(op, m);
}

void entry_remove(struct mapop *op, struct mapping *m, bool dead)
{
	struct space *s = m->space;
	unsigned order;
	u64 *e;

	if (unlikely(s->io)) {
		io_entry_remove(op, m, dead);
		return;
	}
	spin_lock(&s->lock);
	e = pt_walk(s->root, mapping_address(m), &order);
	note_change(op, m, __atomic_exchange_n(e, dead ? PTE_DEAD : 0, __ATOMIC_RELAXED));
	spin_unlock(&s->lock);
	if (dead)
		m->where |= MAPPING_DEAD;
}

void entry_reduce(struct mapop *op, struct mapping *m, u8 rights)
{
	struct space *s = m->space;
	unsigned order;
	u64 *e, old = 0;

	if (s->io || !(m->where & rights))
		return;
	m->where &= ~(u64)rights;
	spin_lock(&s->lock);
	e = pt_walk(s->root, mapping_address(m), &order);
	if ((*e & PTE_PRESENT) && (rights & MAP_W))
		old = __atomic_fetch_and(e, ~PTE_WRITE, __ATOMIC_RELAXED);
	if ((*e & PTE_PRESENT) && (rights & MAP_X))
		old = __atomic_fetch_or(e, pte_nx(), __ATOMIC_RELAXED);
	note_change(op, m, old);
	spin_unlock(&s->lock);
}
