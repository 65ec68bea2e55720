/* SPDX-License-Identifier: MIT */
/*
 * Mapping database: which mapping of which space was derived from which, so that a revocation
 * reaches everything below it. Manual: abi spec sections 4.5, 4.8, 4.9.
 */
#ifndef KERNEL_MAPDB_H
#define KERNEL_MAPDB_H

#include "core/restart.h"
#include "core/types.h"
#include "mm/space.h"

/* Rights of a memory mapping, as in a flexpage. */
enum { MAP_X = 1, MAP_W = 2, MAP_R = 4 };
/* Cache attribute requested by a map item. */
enum map_cache { MAP_CACHE_KEEP, MAP_CACHE_UNCACHED, MAP_CACHE_NORMAL, MAP_CACHE_WC };

/* Results besides 0 and negative L4 errors. */
enum { MAPDB_AGAIN = 1 }; /* stopped at a preemption point: call again with the same arguments */

struct map_request {
	struct space *src, *dst;
	uaddr_t sva, dva; /* aligned to the order after hot-spot matching */
	unsigned order;	  /* log2 bytes of the whole range, 12..48+ (64 = everything) */
	u8 rights;	  /* MAP_*: upper bound of what the target gets */
	u8 cache;	  /* enum map_cache */
	bool grant;	  /* and not progress->no_grant; cleared when it becomes a map */
	struct map_progress *progress; /* all 0 at the first call, kept across MAPDB_AGAIN */
};

/*
 * Map (or grant) a naturally aligned range. Pieces are as large as source page size, alignment and
 * remaining size allow; holes are skipped (fast: whole empty tables are stepped over). Occupied
 * target: section 4.8 of the spec. Returns 0, MAPDB_AGAIN, -L4_ENOMEM (pages mapped so far stay).
 * TLBs of all CPUs are coherent on return. Takes the mapdb lock; no lock may be held but kobject's
 * (the TLB flush waits for other CPUs, so none that they may want with interrupts off and no
 * spin_relax). Nothing is ever mapped into a sigma0 space, which has everything already.
 */
int mapdb_map(struct map_request *r);

struct unmap_request {
	struct space *space;
	uaddr_t va;
	unsigned order; /* log2 bytes */
	u8 rights;	/* MAP_R: remove; only W and/or X: downgrade */
	bool self;	/* also from the space itself, not only what was derived from it */
	struct map_progress *progress; /* all 0 at the first call, kept across MAPDB_AGAIN */
};

/* Revoke. Returns 0 or MAPDB_AGAIN. On return with 0 no CPU can use a revoked right any more. */
int mapdb_unmap(struct unmap_request *r);

/* Make an empty space: allocates the root (two pages, charged to q) and sets every field; the
 * caller sets sigma0 afterwards, if it is one. 0 or -L4_ENOMEM (nothing to undo). */
int space_init(struct space *s, struct quota *q, bool upper);
/* Remove all mappings and what was derived from them, and free all tables but the root, which CPUs
 * may have loaded meanwhile. MAPDB_AGAIN at a preemption point (call again), 0 when done. The
 * caller has set dying, so that no new mapping can start. */
int space_destroy(struct space *s);

/* Free the root of a destroyed space; no CPU may have it loaded any more. */
void space_free(struct space *s);

/* Map 2^order bytes of kernel memory at user address va, RW, no node, no revocation: KU memory.
 * rights: MAP_*. 0, -L4_EEXIST (something is mapped there), -L4_ENOMEM, -L4_EINVAL (range); on
 * error nothing is mapped (page tables may have been made; they stay with the space). va and pa are
 * page aligned, not necessarily aligned to the order. Takes the mapdb lock. */
int space_map_ku(struct space *s, uaddr_t va, phys_t pa, unsigned order, u8 rights);

/* Look a user address up: true if mapped; *pa = physical address of the byte, *order = log2 bytes
 * of the page, *rights. Sigma0 spaces answer 1:1. Takes space.lock. */
bool space_lookup(struct space *s, uaddr_t va, phys_t *pa, unsigned *order, u8 *rights);

/* A page fault of sigma0: enter the largest 1:1 page that contains pa. 0, -L4_ENOMEM, -L4_EINVAL
 * (no such physical address, or memory of the kernel). Takes the mapdb lock. */
int space_sigma0_fault(struct space *s, phys_t pa);

/* Called (by mapdb) with space.lock held for each range removed or reduced in a space that has
 * views; what CPUs may still remember of them is added to b. Implemented by obj/view.c. Returns
 * what it cost, in pages of the budget. */
struct tlb_batch;
enum { VIEWS_PER_PAGE = 16 }; /* looking at so many views costs as much as work on a page */
unsigned view_revoke(struct space *home, uaddr_t va, unsigned order, struct tlb_batch *b);
/* The same for a page table that was unhooked from such a space. */
void view_home_table_dropped(struct space *home, struct tlb_batch *b);

/* True if any of the 2^order bytes at pa (aligned to the order) is memory of the kernel, which user
 * programs must not get. Provided by the kernel's start-up code. Called with the mapdb lock held.
 */
bool phys_is_kernel(phys_t pa, unsigned order);

/* I/O ports: spaces of 65536 ports, identity mapped. */
struct io_space;
/* Make a space without ports (the caller does so at the first mapping); NULL: no memory. */
struct io_space *io_space_create(struct quota *q);
struct io_map_request {
	struct io_space *src; /* NULL: sigma0, which has every port */
	struct io_space *dst;
	u32 port;
	unsigned order; /* log2 ports, 0..16 */
	bool grant;
	u64 mapped;   /* number of ranges mapped so far; 0 at the first call */
	u64 progress; /* ports done; 0 at the first call */
	u32 clearing; /* own use, 0 at the first call: target (port + 1) that is half unmapped */
};
/* Map or grant; rules of section 4.8 as for memory, granules are a port, 512 ports (aligned) and
 * all ports. 0, MAPDB_AGAIN, -L4_ENOMEM (ports mapped so far stay). No lock held. */
int io_map(struct io_map_request *r);
/* Revoke 2^order ports from what was derived from s (NULL: sigma0), with self from s as well; part
 * of a granule with self takes the whole granule. *progress: ports done, 0 at the first call. 0 or
 * MAPDB_AGAIN. io_bitmap_revoked has been called when it returns. */
int io_unmap(struct io_space *s, u32 port, unsigned order, bool self, u64 *progress);
/* Revoke everything and free s. MAPDB_AGAIN (call again) or 0. No new mapping may start. */
int io_space_destroy(struct io_space *s);
/* May all of the bytes (1, 2, 4) ports from port on be used? s may be NULL: no. */
bool io_allowed(struct io_space *s, u32 port, unsigned bytes);
/* The hardware bitmap of s (8192 bytes, bit set = denied), kernel pointer, constant address. */
const u8 *io_bitmap(struct io_space *s);
/* Called (by mapdb) after ports were revoked from some task, without locks: on return no CPU uses a
 * copy of any bitmap made before the call. Implemented with the TSS. */
void io_bitmap_revoked(void);

#endif
