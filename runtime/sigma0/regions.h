/* SPDX-License-Identifier: MIT */
/*
 * Who owns which range of numbers: physical memory by the byte, or I/O ports by the port. A sorted
 * array of disjoint ranges; neighbours that agree in everything are one range, so the size follows
 * the fragmentation and not the amount of memory. Numbers in no range are devices (memory) or do
 * not exist (ports). Pure: no system calls, built for the host as well.
 */
#ifndef SIGMA0_REGIONS_H
#define SIGMA0_REGIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum region_kind {
	REGION_RAM,	 /* handed out, to one owner; owner 0: still free */
	REGION_RESERVED, /* never handed out: kernel, sigma0 itself */
	REGION_PLATFORM, /* firmware tables: mapped like a device, to anyone */
};

/* Rights of a range, as in a memory flexpage. */
enum { REGION_X = 1, REGION_W = 2, REGION_R = 4, REGION_RWX = 7 };

enum { REGION_OWNER_NONE = 0, REGION_OWNER_SIGMA0 = 2, REGION_OWNER_ROOT = 4 };

struct region {
	uint64_t start, end; /* end is inclusive */
	uint32_t owner;	     /* client number */
	uint8_t kind;	     /* enum region_kind */
	uint8_t rights;	     /* REGION_* */
};

struct region_map {
	struct region *r; /* sorted by start, disjoint */
	size_t count, capacity;
};

/* Make m empty, with room for capacity ranges in storage. */
void region_map_init(struct region_map *m, struct region *storage, size_t capacity);

/*
 * Make all of [what->start, what->end] into *what, whatever was there before. One call needs at
 * most two free places. Returns 0, or -L4_ENOMEM with nothing changed.
 */
int region_map_paint(struct region_map *m, const struct region *what);

/*
 * Take [start, end] for owner: each number must be RAM that is free or the owner's already.
 * *rights = the rights that all of it has. Returns 0, or -L4_ENOMEM (foreign, not RAM, or no place
 * in the map) with nothing changed.
 */
int region_map_claim(struct region_map *m, uint64_t start, uint64_t end, uint32_t owner,
		     uint8_t *rights);

/*
 * Take the lowest free naturally aligned range of 2^order bytes of RAM for owner; the page at 0 is
 * left out, since a program takes its address for a null pointer. order 12..63.
 * Returns 0 and *start, or -L4_ENOMEM with nothing changed.
 */
int region_map_claim_any(struct region_map *m, unsigned order, uint32_t owner, uint64_t *start);

/* True if no number of [start, end] is RAM or reserved. */
bool region_map_is_device(const struct region_map *m, uint64_t start, uint64_t end);

/* True when fewer places than a claim may need are left: give the map more storage. */
bool region_map_short(const struct region_map *m);

/* Move the map to larger storage (capacity ranges, more than m->count). Returns the old one. */
struct region *region_map_move(struct region_map *m, struct region *storage, size_t capacity);

/*
 * Enter one memory descriptor of the kernel info page: words low and high as in the page. Ranges
 * of RAM are rounded inward to pages, all others outward. Call in the order of the page: the last
 * one wins. Returns 0 or -L4_ENOMEM.
 */
int region_map_add_descriptor(struct region_map *m, uint64_t low, uint64_t high);

#endif
