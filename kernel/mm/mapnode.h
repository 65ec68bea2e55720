/* SPDX-License-Identifier: MIT */
/*
 * Mapping tree (internal to the mapping database).
 *
 * Every mapping of every space is a struct mapping below the one it was derived from. The roots are
 * two: all physical memory, and all I/O ports (a port counts as a page, port number << 12).
 *
 * A mapping keeps its children of its own size in a list. Smaller ones stand in a table of 512
 * lists, one for each piece of 1/512 of the mapping. A child that is smaller than a piece stands
 * below a split: a node without meaning of its own, first in the piece's list, that has a table
 * again. So the tree below a root also is a radix tree over addresses, and everything derived from
 * a piece of a mapping is found without looking at the rest.
 *
 * All of it is guarded by the mapdb lock.
 */
#ifndef KERNEL_MAPNODE_H
#define KERNEL_MAPNODE_H

#include "mm/kmem.h"
#include "mm/mapdb.h"
#include "x86_64/pagetable.h"
#include "x86_64/tlb.h"

struct mapping {
	struct mapping *parent;
	/* Siblings; the last one's next is NULL, the first one's prev is the last one. */
	struct mapping *next, *prev;
	struct mapping *children; /* of the same size */
	struct mapping **sub;	  /* 512 lists of smaller ones, or NULL */
	struct space *space;	  /* whose mapping it is; split: of the mapping that it splits */
	u64 where;		  /* depth << 56 | address | order << 6 | MAPPING_* | MAP_* */
	union {
		struct {
			u64 slot : 10;	   /* list of the parent: 0 children, 1 + i: sub[i] */
			u64 sub_used : 10; /* lists in sub that are not empty */
			u64 stamp : 44;	   /* last reduction (struct reduction) complete below */
		};
		u64 state; /* all of the above; 0 in a new mapping */
	};
};
_Static_assert(sizeof(struct mapping) == 64, "a mapping is a cache line");

enum {
	MAPPING_SPLIT = 8, /* split, or a root; the address is relative to the mapping split */
	MAPPING_DEAD = 16, /* revoked: stays until its descendants are gone */
};

extern struct slab_cache mapping_cache;
extern struct mapping memory_root; /* order 57 */
extern struct mapping port_root;   /* order 30 */

static always_inline unsigned mapping_order(const struct mapping *m)
{
	return (m->where >> 6) & 63;
}

/* Sign-extended over the depth; exact for user addresses and for physical ones up to 2^55. */
static always_inline u64 mapping_address(const struct mapping *m)
{
	return (u64)((s64)(m->where << 8) >> 8) & ~PAGE_MASK;
}

/* Derivations between the root and m, at least (after grants it may be less). Bounded, so that
 * walks up and down the tree are. */
enum { MAPPING_MAX_DEPTH = 255 };

static always_inline unsigned mapping_depth(const struct mapping *m)
{
	return m->where >> 56;
}

static always_inline u8 mapping_rights(const struct mapping *m)
{
	return m->where & (MAP_R | MAP_W | MAP_X);
}

static always_inline bool mapping_is_split(const struct mapping *m)
{
	return m->where & MAPPING_SPLIT;
}

static always_inline bool mapping_has_children(const struct mapping *m)
{
	return m->children || m->sub;
}

static always_inline u64 mapping_where(unsigned depth, u64 address, unsigned order, u8 flags)
{
	return (u64)depth << 56 | (address << 8 >> 8) | order << 6 | flags;
}

static always_inline struct quota *mapping_quota(const struct mapping *m)
{
	return m->space ? m->space->quota : &root_quota;
}

/* A list of a mapping where a child can be linked. */
struct place {
	struct mapping *parent;
	unsigned slot;
};

/*
 * Find the list for a child of 2^order bytes at offset bytes in p (not a split, or a root); makes
 * the tables and splits that it needs, charged to the quota of p's space. False: no memory, nothing
 * is left behind. If nothing is linked to the place, call mapping_prune on place->parent.
 */
bool mapping_place(struct mapping *p, u64 offset, unsigned order, struct place *place);

/* Link m, which is in no list, to the place. */
void mapping_link(const struct place *place, struct mapping *m);

/* Link m, new, into the list of children of p that have its size. */
static always_inline void mapping_link_child(struct mapping *p, struct mapping *m)
{
	struct mapping *first = p->children;

	m->parent = p;
	m->state = 0;
	m->next = NULL;
	if (likely(!first)) {
		m->prev = m;
		p->children = m;
		return;
	}
	m->prev = first->prev;
	m->prev->next = m;
	first->prev = m;
}

/* Take m out of its parent's list. The parent may be an empty split then: see mapping_prune. */
void mapping_unlink(struct mapping *m);

/* Free an empty table of m; then, as long as m is an empty split, free it and go on with its
 * parent. Returns the first one that stays. */
struct mapping *mapping_prune(struct mapping *m);

/* Is a an ancestor of m, or m itself? Cost: the depth of m below a, or below the root. */
bool mapping_is_ancestor(const struct mapping *a, const struct mapping *m);

/* The mapping (or root) that m was derived from. */
struct mapping *mapping_origin(const struct mapping *m);

/* Bytes charged to the owner's quota for m, its tables and splits (not its children). */
u64 mapping_bytes(const struct mapping *m);
/* Set the owner of m and its splits (charges are the caller's affair). */
void mapping_set_space(struct mapping *m, struct space *s);

enum { SLOT_CHILDREN = 0, SLOT_SUB = 1 };

static always_inline struct mapping **mapping_list(struct mapping *m, unsigned slot)
{
	return slot == SLOT_CHILDREN ? &m->children : &m->sub[slot - SLOT_SUB];
}

/* --- One operation on the database (mapop.c) --- */

extern struct spinlock mapdb_lock; /* what takes no right away needs no struct mapop */

enum { MAPOP_BUDGET = 32 }; /* pages of work between two preemption points */

struct mapop {
	struct tlb_batch tlb;
	u64 *dead_tables; /* to be freed after the flush; linked through the node-table half */
	int budget;	  /* pages that may still be worked on */
	bool ports;	  /* I/O ports were revoked */
	u8 flags;	  /* 1 referenced, 2 dirty */
};

/* Take the mapdb lock and start a batch of work. */
void mapop_begin(struct mapop *op);
/* Release the lock, make TLBs coherent, free tables. No lock may be held besides kobject's. */
void mapop_end(struct mapop *op);

/* Change the entry behind m: clear it, or leave a dead leaf (dead) for a mapping that still has
 * descendants. Notes TLB and view work in op. */
void entry_remove(struct mapop *op, struct mapping *m, bool dead);
/* Take the rights (MAP_W, MAP_X) from m and its entry. */
void entry_reduce(struct mapop *op, struct mapping *m, u8 rights);

/* What TLBs and views hold of m's entry is out of date. The space's lock is held. */
static always_inline void entry_stale(struct mapop *op, struct mapping *m)
{
	struct space *s = m->space;

	tlb_batch_add(&op->tlb, s, mapping_address(m));
	if (unlikely(s->views))
		op->budget -=
		    (int)view_revoke(s, uaddr(mapping_address(m)), mapping_order(m), &op->tlb);
}

/* Remember a table that was unhooked from s until the TLB flush. s->lock held. */
void mapop_drop_table(struct mapop *op, struct space *s, u64 *table);

/*
 * Remove everything derived from the bytes first..last of top (offsets; physical addresses for
 * memory_root, port << 12 for port_root), a mapping that is only partly in the range entirely.
 * False: budget used up, call again after mapop_end and mapop_begin; a mapping less, or more that
 * are dead.
 */
bool revoke_below(struct mapop *op, struct mapping *top, u64 first, u64 last);
/* The same with m itself. False: m is dead meanwhile. */
bool revoke_mapping(struct mapop *op, struct mapping *m);

/* A reduction of rights that may need several calls: stamp is 0 at first and kept in between. */
struct reduction {
	u64 *stamp;
	u8 rights; /* to be taken: MAP_W, MAP_X */
};
/* Like revoke_below, but only take rights away. */
bool reduce_below(struct mapop *op, const struct reduction *r, struct mapping *top, u64 first,
		  u64 last);

/* io_space part of entry_remove: deny the ports of m, forget it. */
void io_entry_remove(struct mapop *op, struct mapping *m, bool dead);

#endif
