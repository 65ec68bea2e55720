/* SPDX-License-Identifier: MIT */
/* User factories: they create the objects of moe and pay for them from a quota. */
#ifndef MOE_FACTORY_H
#define MOE_FACTORY_H

#include "heap.h"
#include "object.h"
#include "quota.h"

/* Sub-factories within sub-factories; bounds the depth of their destruction. */
enum { FACTORY_DEPTH = 16 };

struct factory {
	struct object object;
	struct quota quota;
	struct heap heap;
	struct object *objects; /* made by it */
	unsigned dying;		/* of them, whose destruction is under way; not in the list */
	unsigned depth;
};

extern const struct server_class factory_class;

/* The factory without limit that all others come from. */
void factory_init_root(struct factory *f);

/* Memory of moe's objects from the factory: zeros, or NULL without quota or memory. */
void *factory_alloc(struct factory *f, size_t size);
void factory_free(struct factory *f, void *piece);

/* Charge bytes to the quota; false: it is used up. */
bool factory_charge(struct factory *f, uint64_t bytes);

/* Whole pages, 2^order of them, charged. Address or 0; not cleared. */
uint64_t factory_pages(struct factory *f, unsigned order);
void factory_pages_free(struct factory *f, uint64_t address, unsigned order);

#endif
