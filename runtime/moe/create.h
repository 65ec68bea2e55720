/* SPDX-License-Identifier: MIT */
/* What factories create besides dataspaces, region maps, namespaces and logs. */
#ifndef MOE_CREATE_H
#define MOE_CREATE_H

#include "factory.h"

enum { SCHEDULER_MASK_WORDS = 4 };

/* A sub-factory with limit bytes (more than 0). NULL: quota, memory or depth is used up. */
struct factory *factory_create(struct factory *parent, uint64_t limit);

/*
 * A scheduler that lets threads run with priorities base + requested, at most max, on the CPUs of
 * the mask (words of 64 CPUs). NULL: no memory.
 */
struct object *scheduler_create(struct factory *f, unsigned max, unsigned base,
				const l4_umword_t *mask);

/* A DMA space. NULL: no memory. */
struct object *dma_space_create(struct factory *f);

/* The DMA manager, of which there is one. */
struct object *dma_manager_create(struct factory *f);

#endif
