/* SPDX-License-Identifier: MIT */
/*
 * Page tables of user address spaces: 4 levels of 512 entries. Intel SDM vol. 3, 4.5.
 *
 * A table is a pair of pages (8192 bytes, aligned to that). The first is what the processor reads.
 * The second has a word for each entry of the first:
 *  - beside a leaf with PTE_NODE: the mapping (struct mapping *) behind it;
 *  - beside an entry that points to a table: the fill map of that table, bit i set if one of its
 *    entries 8*i..8*i+7 may be in use. So the search for the next entry costs what is touched.
 *    The fill map of the root stands in the word of slot 256, whose entry is the kernel's.
 * Other words are undefined.
 *
 * An entry is empty (0), a table, a leaf, or a dead leaf (PTE_DEAD): not present any more, but its
 * mapping still has descendants that wait for their removal.
 *
 * Locking: entries change under the mapdb lock; those that lose rights, and tables that go away,
 * under the space's lock as well. So either lock keeps what was read true enough: under the mapdb
 * lock nothing changes, under the space's lock nothing is taken away.
 */
#ifndef KERNEL_PAGETABLE_H
#define KERNEL_PAGETABLE_H

#include "core/types.h"
#include "mm/mapdb.h"
#include "mm/quota.h"
#include "x86_64/directmap.h"
#include "x86_64/platform.h"

#define PTE_PRESENT   0x001ULL
#define PTE_WRITE     0x002ULL
#define PTE_USER      0x004ULL
#define PTE_PWT	      0x008ULL
#define PTE_PCD	      0x010ULL
#define PTE_ACCESSED  0x020ULL
#define PTE_DIRTY     0x040ULL
#define PTE_LARGE     0x080ULL /* in tables of 2 MiB and 1 GiB pages */
#define PTE_PAT_4K    0x080ULL
#define PTE_PAT_LARGE 0x1000ULL
#define PTE_NODE      0x200ULL /* software: there is a struct mapping behind it */
#define PTE_NX	      (1ULL << 63)
#define PTE_ADDRESS   0x000ffffffffff000ULL
/* The address bits of a dead leaf are set so that no processor speculates on memory below. */
#define PTE_DEAD (PTE_ADDRESS | PTE_NODE)

enum {
	PT_ENTRIES = 512,
	PT_BITS = 9,	       /* log2 of the page size ratio between two levels */
	PT_ROOT_SHIFT = 39,    /* log2 bytes that an entry of the root covers */
	PT_KERNEL_FIRST = 256, /* root slots of the kernel, the same in every space */
	PT_KERNEL_LAST = 259,
	PT_TABLE_ORDER = 1, /* log2 pages of a table, for page_alloc */
};

#define LOW_HALF_LAST 0x00007fffffffffffULL
/* The last page of the lower half is nobody's: an instruction that ends there would leave a rip
 * that is not canonical, upon which sysret and iret fault in ring 0. */
#define USER_LOW_LAST	(LOW_HALF_LAST - PAGE_SIZE)
#define USER_HIGH_FIRST 0xffff820000000000ULL /* slot 260, for spaces with upper */

/* Root whose slots 256..259 are copied to every new space; set by the kernel at boot. */
extern u64 *kernel_pml4_template;

static always_inline unsigned pt_index(u64 va, unsigned shift)
{
	return (va >> shift) & (PT_ENTRIES - 1);
}

/* The word beside entry e: mapping of a leaf or fill map of a table. */
static always_inline u64 *pt_side(u64 *e)
{
	return e + PT_ENTRIES;
}

/* Mark entry pt_index(va, shift) as used in the fill map of its table. */
static always_inline void pt_mark_used(u64 *map, u64 va, unsigned shift)
{
	*map |= 1ULL << (pt_index(va, shift) / 8);
}

static always_inline bool pte_is_table(u64 pte)
{
	return (pte & (PTE_PRESENT | PTE_LARGE)) == PTE_PRESENT;
}

static always_inline u64 *pte_table(u64 pte)
{
	return direct_map_ptr(pte & PTE_ADDRESS);
}

/* The bit that forbids execution, 0 if the processor has none. */
static always_inline u64 pte_nx(void)
{
	return cpu_feat.nx ? PTE_NX : 0;
}

/* The bits of a PAT index, the PAT bit being where 4 KiB entries have it. Indices: see cpufeat.c in
 * platform.h. */
static always_inline u64 pte_cache_bits(enum map_cache cache)
{
	if (likely(cache == MAP_CACHE_NORMAL))
		return 0;				    /* 0: WB */
	return cache == MAP_CACHE_WC ? PTE_PAT_4K | PTE_PWT /* 5: WC */
				     : PTE_PCD | PTE_PWT;   /* 3: UC */
}

/* Leaf for the page of 2^order bytes (12, 21, 30) at physical address pa; rights MAP_*. User,
 * present. cache is not MAP_CACHE_KEEP. */
static always_inline u64 pte_make(u64 pa, unsigned order, u8 rights, enum map_cache cache)
{
	u64 pte = pa | PTE_PRESENT | PTE_USER | pte_cache_bits(cache);

	if (rights & MAP_W)
		pte |= PTE_WRITE;
	if (!(rights & MAP_X))
		pte |= pte_nx();
	if (likely(order == PAGE_SHIFT))
		return pte;
	if (pte & PTE_PAT_4K)
		pte |= PTE_PAT_LARGE;
	return pte | PTE_LARGE;
}

/* Back from a leaf: never MAP_CACHE_KEEP. */
static always_inline enum map_cache pte_cache(u64 pte, unsigned order)
{
	if (unlikely(pte & PTE_PCD))
		return MAP_CACHE_UNCACHED;
	if (unlikely(pte & (order > PAGE_SHIFT ? PTE_PAT_LARGE : PTE_PAT_4K)))
		return MAP_CACHE_WC;
	return MAP_CACHE_NORMAL;
}

/* MAP_* of a leaf; execute if the processor has no NX. */
static always_inline u8 pte_rights(u64 pte)
{
	return (u8)(MAP_R | (pte & PTE_WRITE ? MAP_W : 0) | (pte & PTE_NX ? 0 : MAP_X));
}

static always_inline u64 pte_address(u64 pte, unsigned order)
{
	return pte & PTE_ADDRESS & ~((1ULL << order) - 1);
}

/*
 * Follow root to the entry that decides about va (a user address): a leaf, a dead leaf or an empty
 * entry. *order = log2 bytes that this entry covers (12, 21, 30, 39).
 */
static always_inline u64 *pt_walk(u64 *root, u64 va, unsigned *order)
{
	u64 *e = &root[pt_index(va, 39)];

	*order = 39;
	if (unlikely(!(*e & PTE_PRESENT)))
		return e;
	e = &pte_table(*e)[pt_index(va, 30)];
	*order = 30;
	if (unlikely(!pte_is_table(*e)))
		return e;
	e = &pte_table(*e)[pt_index(va, 21)];
	*order = 21;
	if (unlikely(!pte_is_table(*e)))
		return e;
	*order = 12;
	return &pte_table(*e)[pt_index(va, 12)];
}

/* May a page at va be mapped in a space (upper: see struct space)? */
static always_inline bool pt_user_address(u64 va, bool upper)
{
	return likely(va <= USER_LOW_LAST) || (upper && va >= USER_HIGH_FIRST);
}

/* The same of the page of 2^order bytes at va, a multiple of that. */
static always_inline bool pt_user_page(u64 va, unsigned order, bool upper)
{
	return pt_user_address(va | ((1ULL << order) - 1), upper) && pt_user_address(va, upper);
}

/*
 * Entry that covers 2^order bytes at va, tables made on the way and charged to q, the entry marked
 * as used in the fill map. Stops early at a leaf or dead leaf of a larger page: *found is the log2
 * size of what the returned entry covers. The entry itself may be of any kind. NULL: no memory
 * (tables made so far stay). mapdb lock held.
 */
u64 *pt_make(u64 *root, u64 va, unsigned order, struct quota *q, unsigned *found);

/* pt_make for a 4 KiB page whose table exists; NULL otherwise: call pt_make. */
static always_inline u64 *pt_make_fast(u64 *root, u64 va)
{
	u64 *e = &root[pt_index(va, 39)];

	if (unlikely(!*e))
		return NULL;
	e = &pte_table(*e)[pt_index(va, 30)];
	if (unlikely(!pte_is_table(*e)))
		return NULL;
	e = &pte_table(*e)[pt_index(va, 21)];
	if (unlikely(!pte_is_table(*e)))
		return NULL;
	pt_mark_used(pt_side(e), va, PAGE_SHIFT);
	return &pte_table(*e)[pt_index(va, 12)];
}

/*
 * First leaf or dead leaf that overlaps [*va, last] of the user part; *order = log2 bytes of it,
 * *va = its first byte in the range. NULL if there is none. mapdb lock held.
 */
u64 *pt_next(u64 *root, u64 *va, u64 last, unsigned *order);

/* First entry in use of the table t at index >= i, 512 if none. map is its fill map, which is
 * tightened. mapdb lock held. */
unsigned pt_table_next(u64 *t, u64 *map, unsigned i);

/* Root of a new space with the kernel's slots, charged to q; NULL: no memory. Free the empty root
 * with page_free(q, root, PT_TABLE_ORDER). */
u64 *pt_root_create(struct quota *q);

#endif
