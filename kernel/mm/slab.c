/* SPDX-License-Identifier: MIT */
/*
 * Caches of small objects. A CPU takes objects from and puts them on its own list; when that is
 * empty or too long, a batch moves from or to the shared slabs under the cache's lock. A slab
 * without a taken object goes back to the page allocator at once.
 *
 * A slab is a naturally aligned block of pages with its header at the start, so that the slab of
 * an object is found by masking its address. Slab memory is charged to nobody; objects are.
 */
#include "core/cpunum.h"
#include "core/print.h"
#include "core/spinlock.h"
#include "mm/kmem.h"

enum { MIN_OBJECTS = 7, BATCH_BYTES = 2048, BATCH_MAX = 16 };

struct slab {
	struct slab *next, *prev; /* in cache->partial, while it has free objects */
	void *free;		  /* objects freed before */
	u16 used;		  /* objects taken */
	u16 fresh;		  /* objects never taken: the last ones of the slab */
};

static struct spinlock caches_lock;
static struct slab_cache *caches;

/* Pages of slabs are accounted by their objects, so they must not count twice. */
static struct quota slab_pages = { .limit = QUOTA_ALIVE - 1, .charged = QUOTA_ALIVE };

static u32 batch_of(const struct slab_cache *c)
{
	u32 n = BATCH_BYTES / c->size;

	return n > BATCH_MAX ? BATCH_MAX : n ? n : 1;
}

static u64 first_object(const struct slab_cache *c)
{
	return align_up(sizeof(struct slab), c->align);
}

static u64 slab_bytes(const struct slab_cache *c)
{
	return PAGE_SIZE << c->order;
}

/* Compute the layout at the first use and enter the cache into the list of all. c->lock held. */
static rarely void cache_setup(struct slab_cache *c)
{
	while ((slab_bytes(c) - first_object(c)) / c->size < MIN_OBJECTS)
		c->order++;
	c->slab_objects = (u16)((slab_bytes(c) - first_object(c)) / c->size);
	c->cpu_limit = 2 * batch_of(c);
	spin_lock(&caches_lock);
	c->next = caches;
	caches = c;
	spin_unlock(&caches_lock);
	c->ready = true;
}

static void partial_insert(struct slab_cache *c, struct slab *s)
{
	s->prev = NULL;
	s->next = c->partial;
	if (s->next)
		s->next->prev = s;
	c->partial = s;
}

static void partial_remove(struct slab_cache *c, struct slab *s)
{
	if (s->prev)
		s->prev->next = s->next;
	else
		c->partial = s->next;
	if (s->next)
		s->next->prev = s->prev;
}

static rarely struct slab *slab_create(struct slab_cache *c)
{
	struct slab *s = page_alloc(&slab_pages, c->order);

	if (!s)
		return NULL;
	*s = (struct slab){ .fresh = c->slab_objects };
	c->slabs++;
	partial_insert(c, s);
	return s;
}

static void *slab_take(struct slab_cache *c)
{
	struct slab *s = c->partial ? c->partial : slab_create(c);
	void *obj;

	if (!s)
		return NULL;
	obj = s->free;
	if (obj)
		s->free = *(void **)obj;
	else
		obj = (char *)s + first_object(c) + (u64)(c->slab_objects - s->fresh--) * c->size;
	if (++s->used == c->slab_objects)
		partial_remove(c, s);
	c->taken++;
	return obj;
}

static void slab_put(struct slab_cache *c, void *obj)
{
	struct slab *s = (struct slab *)align_down((u64)obj, slab_bytes(c));

	*(void **)obj = s->free;
	s->free = obj;
	c->taken--;
	if (s->used-- == c->slab_objects)
		partial_insert(c, s);
	if (s->used == 0 && !c->keep) {
		partial_remove(c, s);
		c->slabs--;
		page_free(&slab_pages, s, c->order);
	}
}

static void cpu_push(struct slab_cpu *l, void *obj)
{
	*(void **)obj = l->free;
	l->free = obj;
	l->count++;
}

static always_inline void *cpu_pop(struct slab_cpu *l)
{
	void *obj = l->free;

	l->free = *(void **)obj;
	l->count--;
	return obj;
}

static void cpu_refill(struct slab_cache *c, struct slab_cpu *l)
{
	spin_lock(&c->lock);
	if (!c->ready)
		cache_setup(c);
	for (u32 n = batch_of(c); n; n--) {
		void *obj = slab_take(c);

		if (!obj)
			break;
		cpu_push(l, obj);
	}
	spin_unlock(&c->lock);
}

/* This CPU's list is empty; the object is charged already. */
static noinline void *alloc_slowly(struct slab_cache *c, struct quota *q, struct slab_cpu *l)
{
	cpu_refill(c, l);
	if (l->free)
		return cpu_pop(l);
	quota_release(q, c->size);
	return NULL;
}

static noinline void cpu_spill(struct slab_cache *c, struct slab_cpu *l, u32 keep)
{
	spin_lock(&c->lock);
	while (l->count > keep)
		slab_put(c, cpu_pop(l));
	spin_unlock(&c->lock);
}

void *slab_alloc(struct slab_cache *c, struct quota *q)
{
	struct slab_cpu *l = &c->cpu[cpu_number()];

	if (unlikely(!quota_charge(q, c->size)))
		return NULL;
	return likely(l->free) ? cpu_pop(l) : alloc_slowly(c, q, l);
}

static always_inline void free_here(struct slab_cache *c, void *obj)
{
	struct slab_cpu *l = &c->cpu[cpu_number()];

	cpu_push(l, obj);
	if (unlikely(l->count > c->cpu_limit))
		cpu_spill(c, l, batch_of(c));
}

void slab_free_uncharged(struct slab_cache *c, void *obj)
{
	free_here(c, obj);
}

/* The last object that was charged to q, whose factory is gone. */
static rarely void free_last(struct slab_cache *c, struct quota *q, void *obj)
{
	free_here(c, obj);
	quota_free(q);
}

void slab_free(struct slab_cache *c, struct quota *q, void *obj)
{
	if (unlikely(quota_subtract(q, c->size)))
		free_last(c, q, obj);
	else
		free_here(c, obj);
}

u64 slab_free_bytes(void)
{
	u64 bytes = 0;

	for (struct slab_cache *c = READ_ONCE(caches); c; c = c->next) {
		u64 in_use = c->taken;

		for (unsigned i = 0; i < KMEM_CPUS; i++)
			in_use -= c->cpu[i].count;
		bytes += c->slabs * slab_bytes(c) - in_use * c->size;
	}
	return bytes;
}

void slab_drain(void)
{
	for (struct slab_cache *c = READ_ONCE(caches); c; c = c->next)
		for (unsigned i = 0; i < KMEM_CPUS; i++)
			if (c->cpu[i].count)
				cpu_spill(c, &c->cpu[i], 0);
}
