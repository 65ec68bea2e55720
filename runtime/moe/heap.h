/* SPDX-License-Identifier: MIT */
/*
 * Memory of objects: each factory has a heap of its own, whose pages are charged to its quota, so
 * what a client makes moe remember is the client's to pay. Pure: no system calls.
 */
#ifndef MOE_HEAP_H
#define MOE_HEAP_H

#include <stddef.h>
#include "pages.h"
#include "quota.h"

enum { HEAP_CLASSES = 6, HEAP_MAX = 1024 }; /* pieces of 32, 64 ... 1024 bytes */

struct heap_page;

struct heap {
	struct pages *pages;
	struct quota *quota;
	struct heap_page *partial[HEAP_CLASSES]; /* pages with free pieces */
};

void heap_init(struct heap *h, struct pages *pages, struct quota *quota);

/* size (at most HEAP_MAX) bytes of zeros; NULL: quota or memory is used up, or size too large. */
void *heap_alloc(struct heap *h, size_t size);

/* Give a piece of this heap back; NULL does nothing. */
void heap_free(struct heap *h, void *piece);

#endif
