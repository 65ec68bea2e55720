/* SPDX-License-Identifier: MIT */
/* Factories: memory and accounting. */
#include <l4/sys/err.h>
#include "create.h"
#include "moe.h"

enum { KILLED_AT_ONCE = 16 };

/*
 * Can it help to go on with the destruction of dataspaces? If the quota is what is short, only
 * those of the factory itself count: nobody waits for the end of a stranger's.
 */
static bool help(const struct factory *f, uint64_t bytes)
{
	bool fits = f->quota.limit - f->quota.reserved >= bytes;

	return (fits || f->dying) && object_work_for_memory();
}

void *factory_alloc(struct factory *f, size_t size)
{
	void *piece = heap_alloc(&f->heap, size);

	while (!piece && size <= HEAP_MAX && help(f, PAGE_BYTES))
		piece = heap_alloc(&f->heap, size);
	return piece;
}

void factory_free(struct factory *f, void *piece)
{
	heap_free(&f->heap, piece);
}

static uint64_t try_pages(struct factory *f, unsigned order)
{
	uint64_t address;

	if (!quota_charge(&f->quota, PAGE_BYTES << order))
		return 0;
	address = pages_alloc(&moe.pages, order);
	if (!address)
		quota_release(&f->quota, PAGE_BYTES << order);
	return address;
}

bool factory_charge(struct factory *f, uint64_t bytes)
{
	bool charged = quota_charge(&f->quota, bytes);

	while (!charged && help(f, bytes))
		charged = quota_charge(&f->quota, bytes);
	return charged;
}

uint64_t factory_pages(struct factory *f, unsigned order)
{
	uint64_t address = try_pages(f, order);

	while (!address && help(f, PAGE_BYTES << order))
		address = try_pages(f, order);
	return address;
}

void factory_pages_free(struct factory *f, uint64_t address, unsigned order)
{
	pages_put(&moe.pages, address, order);
	quota_release(&f->quota, PAGE_BYTES << order);
}

/* All that the factory has made goes before it. */
static bool destroy(struct object *object)
{
	struct factory *f = (struct factory *)object;

	for (unsigned i = 0; f->objects && i < KILLED_AT_ONCE; i++)
		object_kill(f->objects);
	if (f->objects || f->dying)
		return false;
	quota_end_sub(&f->quota);
	factory_free(object->factory, f);
	return true;
}

void factory_init_root(struct factory *f)
{
	quota_init(&f->quota, QUOTA_UNLIMITED);
	heap_init(&f->heap, &moe.pages, &f->quota);
	object_init(&f->object, &factory_class, NULL, destroy);
	f->object.permanent = true;
}

struct factory *factory_create(struct factory *parent, uint64_t limit)
{
	struct factory *f;

	if (parent->depth == FACTORY_DEPTH)
		return NULL;
	f = factory_alloc(parent, sizeof(*f));
	if (!f)
		return NULL;
	if (!quota_init_sub(&f->quota, &parent->quota, limit)) {
		factory_free(parent, f);
		return NULL;
	}
	heap_init(&f->heap, &moe.pages, &f->quota);
	f->depth = parent->depth + 1;
	object_init(&f->object, &factory_class, parent, destroy);
	return f;
}
