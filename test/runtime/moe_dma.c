/* SPDX-License-Identifier: MIT */
/* Promises of moe's DMA spaces and their manager: every call, every documented error. */
#include "client.h"

#include <l4/sys/task.h>

enum { PAGE = 4096, RO = L4_CAP_FPAGE_RO, RW = L4_CAP_FPAGE_RW };
enum { SEARCH = 1, PARTIAL = 2, BLOCK_SEARCH = 1 };
enum { ASSOCIATE, ASSOCIATE_PHYS, DISASSOCIATE, BLOCK_AREA, SET_LIMITS };
#define ANYWHERE (~0UL)

static l4_cap_idx_t mem, manager, space, ds;
static l4_uint64_t place; /* of ds, 4 MiB of memory in a row */
static const l4_uint64_t bytes = 0x400000;

static struct wire_out request(unsigned op)
{
	struct wire_out o = { 0 };

	wire_put_u32(&o, op);
	return o;
}

struct dma {
	l4_uint64_t offset, size, address, last;
	unsigned attributes, rights;
};

/* Map; size and address become the answer. */
static long map(l4_cap_idx_t from, struct dma *d)
{
	struct wire_out o = request(0);
	struct wire_in in;
	long label;

	wire_put_u64(&o, d->offset);
	wire_put_u64(&o, d->size);
	wire_put_u8(&o, 12);
	wire_put_u32(&o, d->attributes);
	wire_put_u64(&o, d->address);
	wire_put_u64(&o, d->last);
	wire_put_cap(&o, from, d->rights);
	wire_expect_nothing();
	label = wire_call(space, &o, L4RE_PROTO_DMA_SPACE, &in);
	d->size = wire_get_u64(&in);
	d->address = wire_get_u64(&in);
	return label;
}

static long map_some(l4_uint64_t offset, l4_uint64_t size, unsigned attributes)
{
	struct dma d = { offset, size, 0, ANYWHERE, attributes, RW };

	return map(ds, &d);
}

static long unmap(l4_uint64_t address, l4_uint64_t size)
{
	struct wire_out o = request(1);

	wire_put_u64(&o, address);
	wire_put_u64(&o, size);
	wire_put_u32(&o, 0);
	wire_expect_nothing();
	return wire_call(space, &o, L4RE_PROTO_DMA_SPACE, NULL);
}

static long manage(unsigned op, l4_cap_idx_t object, unsigned rights)
{
	struct wire_out o = request(op);

	if (op == ASSOCIATE_PHYS)
		wire_put_u32(&o, 0);
	wire_put_cap(&o, object, rights);
	wire_expect_nothing();
	return wire_call(manager, &o, 0, NULL);
}

static long block(l4_uint64_t *address, l4_uint64_t size, l4_uint64_t max, unsigned flags,
		  unsigned align)
{
	struct wire_out o = request(BLOCK_AREA);
	struct wire_in in;
	long label;

	wire_put_u64(&o, *address);
	wire_put_u64(&o, size);
	wire_put_u64(&o, max);
	wire_put_u32(&o, flags);
	wire_put_u8(&o, (l4_uint8_t)align);
	wire_put_cap(&o, space, RW);
	wire_expect_nothing();
	label = wire_call(manager, &o, 0, &in);
	if (label >= 0)
		*address = wire_get_u64(&in);
	return label;
}

static long block_at(l4_uint64_t address, l4_uint64_t size)
{
	return block(&address, size, ANYWHERE, 0, 12);
}

static long limit(l4_uint64_t low, l4_uint64_t high)
{
	struct wire_out o = request(SET_LIMITS);

	wire_put_u64(&o, low);
	wire_put_u64(&o, high);
	wire_put_cap(&o, space, RW);
	wire_expect_nothing();
	return wire_call(manager, &o, 0, NULL);
}

static void association(void)
{
	struct wire_out o;

	tap_is(map_some(0, PAGE, SEARCH), -L4_EINVAL, "mapping needs an association");
	tap_is(unmap(0, PAGE), -L4_EINVAL, "so does unmapping");
	tap_is(block_at(0, PAGE), -L4_EINVAL, "so does blocking");
	tap_is(limit(0, PAGE), -L4_EINVAL, "so do limits");
	tap_is(manage(DISASSOCIATE, space, RW), -L4_EINVAL, "there is none to end");
	tap_is(manage(ASSOCIATE_PHYS, mem, RW), -L4_ENOENT, "a factory is no DMA space");
	tap_is(manage(ASSOCIATE_PHYS, space, RO), -L4_EPERM, "it needs the right to write");
	tap_is(manage(ASSOCIATE, space, RW), -L4_ENODEV, "there is no IOMMU");
	o = request(ASSOCIATE_PHYS);
	wire_put_u32(&o, 8);
	wire_put_cap(&o, space, RW);
	wire_expect_nothing();
	tap_is(wire_call(manager, &o, 0, NULL), -L4_EINVAL, "an unknown attribute");
	o = request(SET_LIMITS);
	tap_is(wire_call(manager, &o, 0, NULL), -L4_EMSGTOOSHORT, "half a message");
	o = request(9);
	tap_is(wire_call(manager, &o, 0, NULL), -L4_ENOSYS, "an unknown operation");
	tap_is(manage(ASSOCIATE_PHYS, space, RW), 0, "associate");
	tap_is(manage(ASSOCIATE_PHYS, space, RW), -L4_EBUSY, "once");
}

static void mapping(void)
{
	l4_cap_idx_t scattered = cap_new();
	struct dma d = { 0, bytes, 0, ANYWHERE, SEARCH, RW };

	create_ds(mem, scattered, 4 * PAGE, 0, 0);
	tap_is(map(ds, &d), 0, "memory in a row has an address");
	tap_ok((d.size == bytes) & !(d.address & (PAGE - 1)), "all of it");
	place = d.address;
	d = (struct dma){ PAGE, PAGE, 0, ANYWHERE, SEARCH, RW };
	tap_is(map(ds, &d), 0, "a part of it");
	tap_is((long)d.address, (long)(place + PAGE), "lies where it lies in the whole");
	d = (struct dma){ 0, PAGE, place, ANYWHERE, 0, RW };
	tap_is(map(ds, &d), 0, "its own address can be asked for");
	d = (struct dma){ 0, PAGE, place + PAGE, ANYWHERE, 0, RW };
	tap_is(map(ds, &d), -L4_EADDRNOTAVAIL, "no other");
	d = (struct dma){ 0, bytes, 0, place + PAGE, SEARCH, RW };
	tap_is(map(ds, &d), -L4_EADDRNOTAVAIL, "not above the last address");
	d = (struct dma){ 0, PAGE, 0, ANYWHERE, SEARCH, RO };
	tap_is(map(ds, &d), -L4_EPERM, "devices write: the right is needed");
	tap_is(map_some(0, PAGE, SEARCH | 4), -L4_EINVAL, "an unknown attribute");
	tap_is(map_some(0, 0, SEARCH), -L4_ERANGE, "nothing to map");
	tap_is(map_some(bytes, PAGE, SEARCH), -L4_ERANGE, "beyond the end");
	tap_is(map_some(PAGE, bytes, SEARCH), -L4_ERANGE, "across the end");
	d = (struct dma){ 0, PAGE, 0, ANYWHERE, SEARCH, RW };
	tap_is(map(mem, &d), -L4_EINVAL, "a factory is no memory");
	d = (struct dma){ 0, 4 * PAGE, 0, ANYWHERE, SEARCH, RW };
	tap_is(map(scattered, &d), -L4_EADDRNOTAVAIL, "scattered memory has no one address");
	d = (struct dma){ 0, 4 * PAGE, 0, ANYWHERE, SEARCH | PARTIAL, RW };
	tap_is(map(scattered, &d), 0, "but a part of it has");
	tap_is((long)d.size, PAGE, "one page");
	tap_is(unmap(0, ANYWHERE), 0, "unmap all");
	cap_release(scattered);
}

static void blocked_areas(void)
{
	l4_uint64_t at = place;
	struct dma d = { 0, bytes, 0, ANYWHERE, SEARCH | PARTIAL, RW };

	tap_is(block_at(place + PAGE, 2 * PAGE), 0, "block two pages");
	tap_is(map_some(0, bytes, SEARCH), -L4_EADDRNOTAVAIL, "no mapping crosses them");
	tap_is(map_some(2 * PAGE, PAGE, SEARCH), -L4_EADDRNOTAVAIL, "none lies in them");
	tap_is(map(ds, &d), 0, "a part can be mapped");
	tap_is((long)d.size, PAGE, "up to them");
	tap_is(map_some(3 * PAGE, PAGE, SEARCH), 0, "and behind them");
	tap_is(block_at(place + 2 * PAGE, PAGE), -L4_EADDRNOTAVAIL, "what is blocked");
	tap_is(block_at(place, PAGE), -L4_EADDRNOTAVAIL, "and what is mapped is not blocked");
	tap_is(unmap(0, ANYWHERE), 0, "unmap all");
	at = place + PAGE;
	tap_is(block(&at, PAGE, ANYWHERE, BLOCK_SEARCH, 12), 0, "a search");
	tap_is((long)at, (long)(place + 3 * PAGE), "goes around what is blocked");
	at = place + PAGE;
	tap_is(block(&at, PAGE, place + 4 * PAGE - 1, BLOCK_SEARCH, 12), -L4_EADDRNOTAVAIL,
	       "and ends at its maximum");
	at = place + 1;
	tap_is(block(&at, PAGE, ANYWHERE, 0, 12), -L4_EINVAL, "a place that is not aligned");
	tap_is(block(&at, PAGE, ANYWHERE, 2, 0), -L4_EINVAL, "an unknown flag");
	tap_is(block(&at, PAGE, ANYWHERE, BLOCK_SEARCH, 64), -L4_EINVAL, "too large an alignment");
	tap_is(block_at(place, 0), -L4_EINVAL, "nothing to block");
	tap_is(block_at(0UL - PAGE, 2 * PAGE), -L4_EADDRNOTAVAIL, "an area that wraps");
}

static void limits(void)
{
	tap_is(manage(DISASSOCIATE, space, RW), 0, "disassociate");
	tap_is(manage(ASSOCIATE_PHYS, space, RW), 0, "and associate again");
	tap_is(map_some(0, bytes, SEARCH), 0, "what was blocked is free");
	tap_is(limit(place + PAGE, ANYWHERE), -L4_EADDRNOTAVAIL, "limits do not cut mappings off");
	tap_is(limit(0, place), -L4_EADDRNOTAVAIL, "on neither side");
	tap_is(unmap(place, bytes), 0, "unmap");
	tap_is(limit(PAGE, 0), -L4_EINVAL, "limits the wrong way round");
	tap_is(limit(place + PAGE, place + 2 * PAGE - 1), 0, "limits of one page");
	tap_is(map_some(PAGE, PAGE, SEARCH), 0, "that page can be mapped");
	tap_is(map_some(0, PAGE, SEARCH), -L4_EADDRNOTAVAIL, "not the one below");
	tap_is(map_some(2 * PAGE, PAGE, SEARCH), -L4_EADDRNOTAVAIL, "not the one above");
	tap_is(block_at(place + 4 * PAGE, PAGE), -L4_EADDRNOTAVAIL, "nor blocked");
}

/* Spaces with mappings and areas, whose dataspaces go first or last. */
static void no_memory_is_lost(l4_umword_t before)
{
	bool good = true;

	cap_release(space);
	cap_release(ds);
	tap_ok(memory_settles(mem, before), "the space and its memory go");
	for (unsigned i = 0; i < 40; i++) {
		good &= create(mem, L4RE_PROTO_DMA_SPACE, space) == 0;
		good &= create_ds(mem, ds, 16 * PAGE, 1, 0) == 0;
		good &= manage(ASSOCIATE_PHYS, space, RW) == 0;
		for (l4_uint64_t k = 0; k < 20; k++)
			good &= block_at((1UL << 40) + 2 * k * PAGE, PAGE) == 0;
		for (l4_uint64_t k = 0; k < 16; k++)
			good &= map_some(k * PAGE, PAGE, SEARCH) == 0;
		cap_release(i % 2 ? ds : space);
		cap_release(i % 2 ? space : ds);
	}
	tap_ok(good, "40 spaces with areas and mappings");
	tap_ok(memory_settles(mem, before), "leave nothing behind");
}

void test_main(void)
{
	l4_umword_t before;

	mem = env->mem_alloc;
	before = memory_stats(mem).used;
	manager = cap_named("dma_mgr");
	space = cap_new();
	ds = cap_new();
	tap_is(create(mem, L4RE_PROTO_DMA_SPACE, space), 0, "a DMA space");
	tap_is(create_ds(mem, ds, (l4_mword_t)bytes, 1, 21), 0, "memory in a row");
	association();
	mapping();
	blocked_areas();
	limits();
	no_memory_is_lost(before);
}
