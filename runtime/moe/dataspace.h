/* SPDX-License-Identifier: MIT */
/*
 * Dataspaces. Three kinds: a range of physical memory that never goes (boot modules), one that
 * belongs to the dataspace (contiguous), and pages that come at the first touch (anonymous).
 *
 * A page of an anonymous dataspace can be shared by several after a copy; it is read-only then, and
 * the first write makes a copy for the writer. Each dataspace that shares a page has it charged to
 * its quota, so that no page is anybody's for free and a write cannot fail for lack of quota.
 * Pages of modules are shared without a charge; there the first write charges the copy.
 *
 * A reserved page is charged, but not cleared before the first access. Until then it counts as
 * zeros without a page: a copy of it is a page that is not there.
 */
#ifndef MOE_DATASPACE_H
#define MOE_DATASPACE_H

#include <stdbool.h>
#include <stdint.h>
#include "object.h"

enum dataspace_kind { DATASPACE_STATIC, DATASPACE_CONTIGUOUS, DATASPACE_ANONYMOUS };

/* Rights and cache bits as on the wire. */
enum dataspace_flags {
	DATASPACE_X = 1,
	DATASPACE_W = 2,
	DATASPACE_R = 4,
	DATASPACE_RWX = 7,
	DATASPACE_CACHE_MASK = 0x30
};

/* Flags of creation. */
enum { DATASPACE_CONTINUOUS = 1, DATASPACE_PINNED = 2, DATASPACE_SUPER_PAGES = 4 };

struct dataspace {
	struct object object;
	uint64_t size;	      /* bytes, as asked for */
	unsigned char kind;   /* enum dataspace_kind */
	unsigned char rights; /* that anybody can have */
	unsigned char shift;  /* log2 of the bytes of a page of it */
	unsigned pins;	      /* uses by devices: pages must stay where they are */
	uint64_t base;	      /* static, contiguous: physical address; else, when it is being
			       * destroyed: number of the first page that is left */
	uint64_t *directory;  /* anonymous: tables of 512 entries each, see dataspace.c */
	unsigned directory_order;
};

/* Memory behind an offset: physical address, and how far on it continues without a gap. */
struct extent {
	uint64_t address;
	uint64_t before, after; /* bytes in a row below and from the address on */
	unsigned rights;	/* that a mapping can have now */
};

extern const struct server_class dataspace_class;

/*
 * A dataspace of size bytes (more than 0) with flags DATASPACE_CONTINUOUS... and alignment 2^align.
 * A contiguous one must be cleared before a client gets it.
 * NULL and *err: -L4_ENOMEM or -L4_EINVAL.
 */
struct dataspace *dataspace_create(struct factory *f, uint64_t size, unsigned flags, unsigned align,
				   long *err);

/* A dataspace of memory that is not freed with it. NULL without memory. */
struct dataspace *dataspace_create_static(struct factory *f, uint64_t base, uint64_t size,
					  unsigned rights);

/* Size up to which it can be mapped: rounded up to its pages. */
uint64_t dataspace_rounded_size(const struct dataspace *d);

/*
 * The memory at offset (below the rounded size), made if it is not there; for writing: the
 * dataspace's own copy. Returns 0 or -L4_ENOMEM, -L4_EPERM (not writable at all).
 */
long dataspace_resolve(struct dataspace *d, uint64_t offset, bool write, struct extent *e);

/* Address of the byte at offset if there is memory behind it that has been accessed, else 0, and
 * the byte is. Changes nothing. */
uint64_t dataspace_peek(const struct dataspace *d, uint64_t offset);

/* What can take long, and is done in pieces. */
enum dataspace_task {
	DATASPACE_CLEAR,   /* make [to_offset, +size) of `to` zero */
	DATASPACE_COPY,	   /* the same range a copy of [from_offset, +size) of `from` */
	DATASPACE_RESERVE, /* make sure that it has memory; cleared at the first access */
	DATASPACE_ALLOCATE /* the same, and clear it now */
};

/* What is left of it; ranges are inside the dataspaces. */
struct dataspace_work {
	enum dataspace_task task;
	uint64_t to_offset, from_offset, size;
	uint64_t back; /* so many bytes from offset 0 of `to` are allocated then */
};

/*
 * Do a piece of the work: what some dozens of small pages take, but at least one page. from: NULL
 * unless COPY. Returns 0 when all is done, 1 if more is left, or -L4_ENOMEM.
 */
long dataspace_work(struct dataspace *to, struct dataspace *from, struct dataspace_work *work);

/*
 * Item for a mapping at address `at` in a window whose usable part is [low, high] (inclusive): the
 * largest flexpage of e that fits. flags: rights wanted and cache bits.
 */
void dataspace_item(const struct extent *e, uint64_t at, uint64_t low, uint64_t high,
		    unsigned flags, l4_umword_t *control, l4_fpage_t *page);

#endif
