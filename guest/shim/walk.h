/* SPDX-License-Identifier: MIT */
/*
 * Walk of the guest's page tables, as a processor does it: rights are the product over the levels,
 * accessed is set on all of them, dirty before the first write. What the guest cannot have (pages
 * above 4 KiB, frames beyond its memory) is a reserved bit.
 *
 * A result allows writing only if the entry is dirty, and neighbours only if they are accessed, so
 * that what is filled into a view never hides an access from the guest.
 */
#ifndef GUEST_SHIM_WALK_H
#define GUEST_SHIM_WALK_H

#include "shim/pte.h"

/* Kind of access, and error code of the page fault that tells the guest (same bits). */
enum walk_error {
	WALK_PRESENT = 1 << 0,
	WALK_WRITE = 1 << 1,
	WALK_USER = 1 << 2,
	WALK_RESERVED = 1 << 3,
	WALK_FETCH = 1 << 4,
	WALK_ACCESS = WALK_WRITE | WALK_USER | WALK_FETCH
};

enum walk_result {
	WALK_OK,
	WALK_FAULT,	    /* the guest's own page fault: error says which */
	WALK_NOT_CANONICAL, /* a general protection fault of the guest */
	WALK_AGAIN	    /* entries changed all the time: let the guest access once more */
};

/* Rights as a view entry has them. */
enum walk_rights { WALK_R = 4, WALK_W = 2, WALK_X = 1 };

struct walk {
	uint64_t tables[TABLE_LEVELS]; /* frame of the table of level 1 + index */
	uint64_t upper;		       /* product of the entries above level 1 */
	uint64_t entry;		       /* of level 1, accessed and dirty as set by the walk */
	uint64_t frame;		       /* of the page */
	unsigned rights;	       /* WALK_R | ... */
	bool user;		       /* user mode may use it */
	unsigned error;		       /* of WALK_FAULT */
	unsigned reached;	       /* level of the last entry that was read */
};

/* A page that can be filled: guest address of its start, frame, rights. */
struct walk_page {
	uint64_t address;
	uint64_t frame;
	unsigned rights;
};

/*
 * Translate a guest address with the L4 table in frame root for an access (of WALK_ACCESS). On
 * WALK_OK all of *w is valid; on WALK_FAULT only error, reached, and tables up to that one. The
 * hole of the interface (slots 256..271) is never translated. Needs no lock; entries are changed by
 * compare-and-swap only, so a change by the guest at the same time is never lost.
 */
enum walk_result walk(const struct guest_memory *memory, uint64_t root, uint64_t address,
		      unsigned access, struct walk *w);

/*
 * The last step of walk(), from the table of level 1 in w->tables[0], with the product w->upper of
 * the levels above, which an earlier walk to the same 2 MiB has found and marked. Never
 * WALK_NOT_CANONICAL.
 */
enum walk_result walk_last(const struct guest_memory *memory, uint64_t address, unsigned access,
			   struct walk *w);

/*
 * Find the entry of level 1 for an address, whatever is in it: *entry = its physical address. False
 * if the tables do not lead there, or the address is in the hole or none. Marks nothing.
 */
bool walk_entry_address(const struct guest_memory *memory, uint64_t root, uint64_t address,
			uint64_t *entry);

/* Bits whose product (NX: sum) over the levels decides. */
static inline uint64_t walk_product(uint64_t upper, uint64_t entry)
{
	return (upper & entry & (PTE_WRITE | PTE_USER)) | ((upper | entry) & PTE_NOEXEC);
}

/* Rights of a view entry; without dirty a write has to come to the handler once more. */
static inline unsigned walk_view_rights(uint64_t product, uint64_t entry)
{
	return WALK_R | (product & PTE_WRITE && entry & PTE_DIRTY ? WALK_W : 0) |
	       (product & PTE_NOEXEC ? 0 : WALK_X);
}

/*
 * What an entry of level 1 gives below `upper`, the product of the levels above: *page but for its
 * address. False: nothing, if it is not accessed, or not for user mode although that is wanted.
 */
static inline bool walk_page(const struct guest_memory *memory, uint64_t upper, uint64_t entry,
			     bool user, struct walk_page *page)
{
	const uint64_t needed = PTE_PRESENT | PTE_ACCESSED;
	uint64_t product = walk_product(upper, entry);

	if ((entry & needed) != needed || pte_frame(entry) >= memory->frames)
		return false;
	if (user && !(product & PTE_USER))
		return false;
	page->frame = pte_frame(entry);
	page->rights = walk_view_rights(product, entry);
	return true;
}

/*
 * Is what the table of level 1 translates one piece of memory, as a large page has it: frames that
 * follow each other from a multiple of 512 on, and all else as in the entry that a successful walk
 * has found?
 */
bool walk_is_large(const struct guest_memory *memory, const struct walk *w);

/*
 * Pages around address that the same table of level 1 translates and that need no change of it:
 * those of the aligned run of 2^order pages (order <= 9), without address itself, with the same
 * user bit. Returns their number, at most max. *w is the result of a successful walk.
 */
unsigned walk_neighbours(const struct guest_memory *memory, const struct walk *w, uint64_t address,
			 unsigned order, struct walk_page *pages, unsigned max);

#endif
