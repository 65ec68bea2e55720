/* SPDX-License-Identifier: MIT */
/*
 * Kernel memory: a buddy allocator of pages and slab caches of small objects, both with a per-CPU
 * front that takes no shared lock. All memory returned lies in the direct map. Nothing here
 * charges a quota by itself except the functions that take one.
 */
#ifndef KERNEL_KMEM_H
#define KERNEL_KMEM_H

#include "core/spinlock.h"
#include "core/types.h"
#include "mm/quota.h"

#define KMEM_CPUS      64
#define KMEM_MAX_ORDER 10 /* log2 pages of the largest block */

/* Hand the range [start, end) of kernel-virtual (direct map) memory to the page allocator. Page
 * aligned. May be called several times at boot, before other CPUs run. False if the range is too
 * small to be of use or there are too many ranges (32): it stays unused. */
bool kmem_add(void *start, void *end);

/*
 * Allocate 2^order pages (4096 << order bytes, naturally aligned), order 0..KMEM_MAX_ORDER, charged
 * to q. NULL if the quota or the memory is exhausted (nothing is charged then). page_alloc_zeroed
 * clears it; orders 0 and 1 come from a pool of blocks cleared in idle time when there are some.
 */
void *page_alloc(struct quota *q, unsigned order);
void *page_alloc_zeroed(struct quota *q, unsigned order);
/* Only from this CPU's pool of cleared blocks (order 0 or 1): NULL when that is empty. For callers
 * that otherwise would clear less than the whole block. */
void *page_alloc_prezeroed(struct quota *q, unsigned order);
/* Free what page_alloc* returned, and release it from q; same order. */
void page_free(struct quota *q, void *p, unsigned order);

/* Fill bytes (a multiple of 8) at p (aligned to 8) with the word value; zero_words clears. */
static always_inline void fill_words(void *p, u64 value, size_t bytes)
{
	size_t n = bytes / 8;

	__asm__ volatile("rep stosq" : "+D"(p), "+c"(n) : "a"(value) : "memory");
}

static always_inline void zero_words(void *p, size_t bytes)
{
	fill_words(p, 0, bytes);
}

/* Called by the idle loop: clear one free block for the pool. False when there is nothing to do. */
bool page_prezero_one(void);

/* Free bytes in the page allocator, and total bytes handed to it (for statistics). Pages and slab
 * objects in per-CPU stores and free objects of slabs count as free, so that what an object costs
 * is seen to the byte; exact while no other CPU allocates. */
u64 kmem_free_bytes(void);
u64 kmem_total_bytes(void);

/* Hand everything in per-CPU stores back to the shared ones, for all CPUs. Only while no other CPU
 * is in the kernel (tests, shortage at boot). */
void kmem_drain(void);

/* A CPU's share of a cache, in a cache line of its own. */
struct slab_cpu {
	void *free; /* list through the first word of the objects */
	u32 count;
} cacheline_aligned;

/* A cache of objects of one size. Define with SLAB_CACHE; sizes up to 2048 bytes, align a power of
 * two of at least 16, at most 256. Larger objects come from page_alloc. */
struct slab_cache {
	const char *name;
	u32 size;  /* bytes, multiple of align */
	bool keep; /* memory once used for these objects is never used for anything else */
	u32 align; /* bytes */
	/* The rest is the allocator's own, zero at first and guarded by lock. */
	struct spinlock lock;
	bool ready;		 /* the fields below have been computed, the cache is in the list */
	u8 order;		 /* log2 pages of a slab */
	u16 slab_objects;	 /* objects of a slab */
	u32 cpu_limit;		 /* objects that a CPU keeps */
	struct slab *partial;	 /* slabs with free objects */
	u64 slabs;		 /* slabs in existence */
	u64 taken;		 /* objects outside slabs: in use or in per-CPU lists */
	struct slab_cache *next; /* in the list of all caches */
	struct slab_cpu cpu[KMEM_CPUS];
};
#define SLAB_CACHE(var, type_size, type_align)                                                 \
	struct slab_cache var = { .name = #var,                                                \
				  .size = ((type_size) + (type_align)-1) & ~((type_align)-1u), \
				  .align = (type_align) }

/* Allocate an object, charged to q (c->size bytes). Contents undefined. NULL if exhausted. */
void *slab_alloc(struct slab_cache *c, struct quota *q);
/* Free an object and release it from q. Any CPU. */
void slab_free(struct slab_cache *c, struct quota *q, void *obj);
/* Free an object whose charge the caller releases itself. */
void slab_free_uncharged(struct slab_cache *c, void *obj);
/* For kmem_free_bytes and kmem_drain: free bytes inside slabs; empty the per-CPU lists. */
u64 slab_free_bytes(void);
void slab_drain(void);

#endif
