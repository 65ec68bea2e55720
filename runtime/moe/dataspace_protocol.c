/* SPDX-License-Identifier: MIT */
/* The dataspace protocol: decode, check, answer. */
#include <l4/re/protocols.h>
#include <l4/sys/err.h>
#include "dataspace.h"
#include "job.h"
#include "moe.h"

enum { CONTROL_BUFFERED = 0x50, CONTROL_UNCACHED = 0x10, FLAG_BUFFERED = 0x10, PRINTED_MAX = 32 };

static bool block_fits(const struct extent *e, uint64_t at, uint64_t low, uint64_t high,
		       uint64_t mask)
{
	uint64_t below = e->address & mask, start = at & ~mask;

	if (((e->address ^ at) & mask) >> PAGE_SHIFT)
		return false;
	return below <= e->before && mask - below < e->after && start >= low &&
	       start + mask <= high;
}

void dataspace_item(const struct extent *e, uint64_t at, uint64_t low, uint64_t high,
		    unsigned flags, l4_umword_t *control, l4_fpage_t *page)
{
	unsigned order = PAGE_SHIFT, cache = 0;

	while (order < 47 && block_fits(e, at, low, high, (2UL << order) - 1))
		order++;
	if (flags & DATASPACE_CACHE_MASK)
		cache = flags & FLAG_BUFFERED ? CONTROL_BUFFERED : CONTROL_UNCACHED;
	*control = (at & L4_PAGEMASK) | cache | L4_ITEM_MAP;
	*page =
	    l4_fpage(e->address & ~((1UL << order) - 1), order, (flags | DATASPACE_R) & e->rights);
}

static struct dataspace *dataspace_of(struct server_object *object)
{
	return (struct dataspace *)object;
}

/* Nobody can have moe print for ever. */
static void print_out_of_bounds(const struct dataspace *d, uint64_t offset)
{
	static unsigned printed;

	if (printed == PRINTED_MAX)
		return;
	printed++;
	moe_print("dataspace access out of bounds: offset %lx size %lx", offset, d->size);
}

static long handle_map(struct server_object *object, struct server_request *request)
{
	struct dataspace *d = dataspace_of(object);
	uint64_t offset = wire_get_u64(&request->in), spot = wire_get_u64(&request->in);
	unsigned flags = (unsigned)wire_get_word(&request->in);
	unsigned rights = flags & DATASPACE_RWX;
	l4_umword_t control;
	l4_fpage_t page;
	struct extent e;
	long err;

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (offset >= dataspace_rounded_size(d)) {
		print_out_of_bounds(d, offset);
		return -L4_ERANGE;
	}
	if ((rights & DATASPACE_W) && !(request->rights & L4_CAP_FPAGE_W))
		return -L4_EPERM;
	if (rights & ~(unsigned)d->rights)
		return -L4_EPERM;
	err = dataspace_resolve(d, offset, rights & DATASPACE_W, &e);
	if (err < 0)
		return err;
	dataspace_item(&e, spot, 0, ~0UL, flags, &control, &page);
	wire_put_item(&request->out, control, page);
	return 0;
}

/* Offset and size of a request; false unless they lie in the dataspace. */
static bool get_range(struct server_request *request, const struct dataspace *d, uint64_t *offset,
		      uint64_t *size)
{
	uint64_t all = dataspace_rounded_size(d);

	*offset = wire_get_u64(&request->in);
	*size = wire_get_u64(&request->in);
	return *offset <= all && *size <= all - *offset;
}

static long handle_clear(struct server_object *object, struct server_request *request)
{
	struct dataspace *d = dataspace_of(object);
	uint64_t offset, size;
	bool inside = get_range(request, d, &offset, &size);

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (!(request->rights & L4_CAP_FPAGE_W) || !(d->rights & DATASPACE_W))
		return -L4_EACCESS;
	if (!inside)
		return -L4_ERANGE;
	return job_run(
	    request, d, NULL,
	    (struct dataspace_work){ .task = DATASPACE_CLEAR, .to_offset = offset, .size = size });
}

static long handle_info(struct server_object *object, struct server_request *request)
{
	struct dataspace *d = dataspace_of(object);
	unsigned rights = d->rights;

	if (!(request->rights & L4_CAP_FPAGE_W))
		rights &= ~(unsigned)DATASPACE_W;
	wire_put_u64(&request->out, d->size);
	wire_put_word(&request->out, rights);
	return 0;
}

static uint64_t clip(uint64_t size, uint64_t offset, const struct dataspace *d)
{
	uint64_t left = offset < d->size ? d->size - offset : 0;

	return size < left ? size : left;
}

static long handle_copy(struct server_object *object, struct server_request *request)
{
	struct dataspace *d = dataspace_of(object), *from;
	uint64_t to_offset = wire_get_u64(&request->in), from_offset = wire_get_u64(&request->in);
	uint64_t size = wire_get_u64(&request->in);
	unsigned rights;

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (!(request->rights & L4_CAP_FPAGE_W) || !(d->rights & DATASPACE_W))
		return -L4_EACCESS;
	from = (struct dataspace *)object_from_item(request, &dataspace_class, &rights);
	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (!from)
		return -L4_EINVAL;
	size = clip(clip(size, to_offset, d), from_offset, from);
	return job_run(request, d, from,
		       (struct dataspace_work){ DATASPACE_COPY, to_offset, from_offset, size, 0 });
}

static long handle_allocate(struct server_object *object, struct server_request *request)
{
	struct dataspace *d = dataspace_of(object);
	uint64_t offset, size;
	bool inside = get_range(request, d, &offset, &size);

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (!inside)
		return -L4_ERANGE;
	return job_run(request, d, NULL,
		       (struct dataspace_work){
			   .task = DATASPACE_RESERVE, .to_offset = offset, .size = size });
}

/* With an MMU a dataspace can be mapped anywhere. */
static long handle_map_info(struct server_object *object, struct server_request *request)
{
	(void)object;
	wire_put_word(&request->out, 0);
	wire_put_word(&request->out, 0);
	return 0;
}

static const struct server_operation operations[] = {
	{ handle_map, 0 },  { handle_clear, 0 },    { handle_info, 0 },
	{ handle_copy, 0 }, { handle_allocate, 0 }, { handle_map_info, 0 },
};

static const struct server_interface interfaces[] = {
	{ L4RE_PROTO_DATASPACE, "N4L4Re9DataspaceE", NULL, operations, 6 },
};

const struct server_class dataspace_class = { interfaces, 1, object_released, NULL };
