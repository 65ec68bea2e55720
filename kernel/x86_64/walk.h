/* SPDX-License-Identifier: MIT */
/*
 * A page-table walk that only looks, for the debugger and fatal errors: any root, any address, no
 * locks. Intel SDM vol. 3, 4.5.
 */
#ifndef KERNEL_WALK_H
#define KERNEL_WALK_H

#include "core/types.h"

#define WALK_LEVELS 4

struct page_walk {
	u64 entry[WALK_LEVELS]; /* as found, root first */
	unsigned levels;	/* how many of them were read */
	bool present;
	unsigned order;			 /* log2 bytes that the last entry covers */
	u64 pa;				 /* physical address of the byte, if present */
	bool user, writable, executable; /* of all levels together */
};

/* Follow the tables at physical address root (a value of CR3 will do) to va. */
void page_walk(u64 root, u64 va, struct page_walk *w);

/* Can a byte at va be read in the address space that this CPU has loaded? */
bool address_readable(u64 va);

/* Copy n bytes from kernel address va to dst as far as they are mapped; returns how many. */
size_t kernel_peek(void *dst, u64 va, size_t n);

/* Copy n bytes from va of the address space with that root. Returns how many. */
size_t space_peek(void *dst, u64 root, u64 va, size_t n);

#endif
