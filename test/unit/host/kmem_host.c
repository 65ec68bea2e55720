/* SPDX-License-Identifier: MIT */
/* Kernel memory from malloc: misuse is seen by the sanitizers, failures can be ordered. */
#include <stdlib.h>
#include <string.h>
#include "host.h"
#include "mm/kmem.h"

u64 host_bytes;
long host_fail_in;

static void *get(struct quota *q, size_t align, size_t bytes)
{
	void *p;

	if ((host_fail_in && --host_fail_in == 0) || !quota_charge(q, bytes))
		return NULL;
	p = aligned_alloc(align, bytes);
	if (!p)
		abort();
	memset(p, 0xa5, bytes);
	host_bytes += bytes;
	return p;
}

static void put(struct quota *q, void *p, size_t bytes)
{
	free(p);
	host_bytes -= bytes;
	if (q)
		quota_release(q, bytes);
}

void *page_alloc(struct quota *q, unsigned order)
{
	return get(q, PAGE_SIZE << order, PAGE_SIZE << order);
}

void *page_alloc_prezeroed(struct quota *q, unsigned order)
{
	(void)q;
	(void)order;
	return NULL;
}

void *page_alloc_zeroed(struct quota *q, unsigned order)
{
	void *p = page_alloc(q, order);

	if (p)
		memset(p, 0, PAGE_SIZE << order);
	return p;
}

void page_free(struct quota *q, void *p, unsigned order)
{
	put(q, p, PAGE_SIZE << order);
}

void *slab_alloc(struct slab_cache *c, struct quota *q)
{
	return get(q, c->align, c->size);
}

void slab_free(struct slab_cache *c, struct quota *q, void *obj)
{
	put(q, obj, c->size);
}

void slab_free_uncharged(struct slab_cache *c, void *obj)
{
	put(NULL, obj, c->size);
}
