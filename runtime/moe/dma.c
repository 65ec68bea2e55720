/* SPDX-License-Identifier: MIT */
/*
 * DMA spaces without an IOMMU: a device sees physical addresses, so a mapping is the promise that
 * the memory stays where it is. Only contiguous memory has one address. Limits and blocked areas of
 * a space say which memory its devices cannot be given.
 */
#include <l4/re/protocols.h>
#include <l4/sys/err.h>
#include "create.h"
#include "dataspace.h"
#include "moe.h"
#include "region.h"

enum { FREED_AT_ONCE = 64 };
enum { BLOCK_SEARCH = 1, ALIGN_MAX = 63 };
enum { ATTR_SEARCH = 1, ATTR_PARTIAL = 2 };

struct dma_mapping {
	struct dma_mapping *next;
	struct reference dataspace;
	uint64_t start, size; /* device address */
};

struct dma_space {
	struct object object;
	struct dma_mapping *mappings;
	struct region_tree blocked;
	uint64_t low, high; /* addresses that devices can use, high inclusive */
	bool associated;
};

static const struct server_class space_class;

static void free_mapping(struct dma_space *s, struct dma_mapping **at)
{
	struct dma_mapping *m = *at;

	*at = m->next;
	if (m->dataspace.to)
		((struct dataspace *)m->dataspace.to)->pins--;
	reference_clear(&m->dataspace);
	factory_free(s->object.factory, m);
}

static void free_blocked(struct dma_space *s)
{
	struct region *r = s->blocked.first;

	region_remove(&s->blocked, r);
	factory_free(s->object.factory, r);
}

/* Forget all that holds for the space as it is associated now. */
static void clear_space(struct dma_space *s)
{
	while (s->mappings)
		free_mapping(s, &s->mappings);
	while (s->blocked.first)
		free_blocked(s);
	s->low = 0;
	s->high = ~0UL;
	s->associated = false;
}

static bool destroy_space(struct object *object)
{
	struct dma_space *s = (struct dma_space *)object;

	for (unsigned i = 0; s->mappings && i < FREED_AT_ONCE; i++)
		free_mapping(s, &s->mappings);
	for (unsigned i = 0; s->blocked.first && i < FREED_AT_ONCE; i++)
		free_blocked(s);
	if (s->mappings || s->blocked.first)
		return false;
	factory_free(object->factory, object);
	return true;
}

struct object *dma_space_create(struct factory *f)
{
	struct dma_space *s = factory_alloc(f, sizeof(*s));

	if (!s)
		return NULL;
	object_init(&s->object, &space_class, f, destroy_space);
	s->high = ~0UL;
	return &s->object;
}

/* Find where [offset, offset + *size) lies; *size is cut to what is there in a row. */
static long find_memory(struct dataspace *d, uint64_t offset, uint64_t *size, uint64_t *address)
{
	struct extent e;
	long err = dataspace_resolve(d, offset, d->rights & DATASPACE_W, &e);

	if (err < 0)
		return err;
	*address = e.address;
	if (*size > e.after)
		*size = e.after;
	return 0;
}

/* Bytes from start on, at most size, that devices of the space can use. */
static uint64_t usable(const struct dma_space *s, uint64_t start, uint64_t size, uint64_t last)
{
	const struct region *blocked = region_from(&s->blocked, start);
	uint64_t high = s->high < last ? s->high : last;

	if (start < s->low || start > high || (blocked && blocked->start <= start))
		return 0;
	if (blocked && blocked->start - 1 < high)
		high = blocked->start - 1;
	return high - start < size - 1 ? high - start + 1 : size;
}

static long enter(struct dma_space *s, struct dataspace *d, uint64_t start, uint64_t size)
{
	struct dma_mapping *m = factory_alloc(s->object.factory, sizeof(*m));

	if (!m)
		return -L4_ENOMEM;
	m->start = start;
	m->size = size;
	reference_set(&m->dataspace, &d->object);
	d->pins++;
	m->next = s->mappings;
	s->mappings = m;
	return 0;
}

static long handle_map(struct server_object *object, struct server_request *request)
{
	struct dma_space *s = (struct dma_space *)object;
	uint64_t offset = wire_get_u64(&request->in), size = wire_get_u64(&request->in), wanted;
	unsigned align = wire_get_u8(&request->in), attrs = wire_get_u32(&request->in), rights;
	uint64_t address = wire_get_u64(&request->in), last = wire_get_u64(&request->in), found;
	struct dataspace *d;
	long err;

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (!s->associated || (attrs & ~(unsigned)(ATTR_SEARCH | ATTR_PARTIAL)) || align > 63)
		return -L4_EINVAL;
	d = (struct dataspace *)object_from_item(request, &dataspace_class, &rights);
	if (!d)
		return -L4_EINVAL;
	if (!size || offset >= dataspace_rounded_size(d) ||
	    size > dataspace_rounded_size(d) - offset)
		return -L4_ERANGE;
	if ((d->rights & DATASPACE_W) && !(rights & L4_CAP_FPAGE_W))
		return -L4_EPERM;
	wanted = size;
	err = find_memory(d, offset, &size, &found);
	if (err < 0)
		return err;
	if (!(attrs & ATTR_SEARCH) && address != found)
		return -L4_EADDRNOTAVAIL;
	size = usable(s, found, size, last);
	if (!size || (size < wanted && !(attrs & ATTR_PARTIAL)))
		return -L4_EADDRNOTAVAIL;
	err = enter(s, d, found, size);
	if (err < 0)
		return err;
	wire_put_u64(&request->out, size);
	wire_put_u64(&request->out, found);
	return 0;
}

static long handle_unmap(struct server_object *object, struct server_request *request)
{
	struct dma_space *s = (struct dma_space *)object;
	uint64_t start = wire_get_u64(&request->in), size = wire_get_u64(&request->in);
	struct dma_mapping **at = &s->mappings;

	wire_get_u32(&request->in);
	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (!s->associated)
		return -L4_EINVAL;
	while (*at) {
		if ((*at)->start >= start && (*at)->start - start < size)
			free_mapping(s, at);
		else
			at = &(*at)->next;
	}
	return 0;
}

static const struct server_operation space_operations[] = { { handle_map, 0 },
							    { handle_unmap, 0 } };
static const struct server_interface space_interfaces[] = {
	{ L4RE_PROTO_DMA_SPACE, "N4L4Re9Dma_spaceE", NULL, space_operations, 2 },
};
static const struct server_class space_class = { space_interfaces, 1, object_released, NULL };

/* The DMA space that a request to the manager names. */
static long get_space(struct server_request *request, struct dma_space **s)
{
	unsigned rights;

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	*s = (struct dma_space *)object_from_item(request, &space_class, &rights);
	if (!*s)
		return -L4_ENOENT;
	return rights & L4_CAP_FPAGE_W ? 0 : -L4_EPERM;
}

/* There is no IOMMU, so there is no task of its own to associate a space with. */
static long associate(struct server_object *object, struct server_request *request)
{
	(void)object;
	(void)request;
	return -L4_ENODEV;
}

static long associate_phys(struct server_object *object, struct server_request *request)
{
	unsigned attributes = wire_get_u32(&request->in);
	struct dma_space *s;
	long err;

	(void)object;
	err = get_space(request, &s);
	if (err < 0)
		return err;
	if (attributes)
		return -L4_EINVAL;
	if (s->associated)
		return -L4_EBUSY;
	s->associated = true;
	return 0;
}

static long disassociate(struct server_object *object, struct server_request *request)
{
	struct dma_space *s;
	long err = get_space(request, &s);

	(void)object;
	if (err < 0)
		return err;
	if (!s->associated)
		return -L4_EINVAL;
	clear_space(s);
	return 0;
}

/* Is memory in [start, end] mapped? */
static bool is_mapped(const struct dma_space *s, uint64_t start, uint64_t end)
{
	const struct dma_mapping *m = s->mappings;

	while (m && (m->start > end || m->start + m->size - 1 < start))
		m = m->next;
	return m;
}

/* The place of an area to be blocked. A search goes around the areas that are blocked already. */
static long find_area(const struct dma_space *s, uint64_t *start, uint64_t size, uint64_t max,
		      bool search, unsigned align)
{
	uint64_t low = *start > s->low ? *start : s->low, high = max < s->high ? max : s->high;

	if (search && !region_find_gap(&s->blocked, NULL, low, high, size, align, start))
		return -L4_EADDRNOTAVAIL;
	if (*start < s->low || *start > high || high - *start < size - 1)
		return -L4_EADDRNOTAVAIL;
	if (region_overlaps(&s->blocked, *start, *start + size - 1) ||
	    is_mapped(s, *start, *start + size - 1))
		return -L4_EADDRNOTAVAIL;
	return 0;
}

static long block_area(struct server_object *object, struct server_request *request)
{
	uint64_t start = wire_get_u64(&request->in), size = wire_get_u64(&request->in);
	uint64_t max = wire_get_u64(&request->in);
	unsigned flags = wire_get_u32(&request->in), align = wire_get_u8(&request->in);
	struct dma_space *s;
	struct region *r;
	long err;

	(void)object;
	err = get_space(request, &s);
	if (err < 0)
		return err;
	if (!s->associated || !size || align > ALIGN_MAX || (flags & ~(unsigned)BLOCK_SEARCH))
		return -L4_EINVAL;
	if (!(flags & BLOCK_SEARCH) && (start & ((1UL << align) - 1)))
		return -L4_EINVAL;
	err = find_area(s, &start, size, max, flags & BLOCK_SEARCH, align);
	if (err < 0)
		return err;
	r = factory_alloc(s->object.factory, sizeof(*r));
	if (!r)
		return -L4_ENOMEM;
	r->start = start;
	r->end = start + size - 1;
	region_insert(&s->blocked, r);
	wire_put_u64(&request->out, start);
	return 0;
}

static long set_limits(struct server_object *object, struct server_request *request)
{
	uint64_t low = wire_get_u64(&request->in), high = wire_get_u64(&request->in);
	struct dma_space *s;
	long err;

	(void)object;
	err = get_space(request, &s);
	if (err < 0)
		return err;
	if (!s->associated || low > high)
		return -L4_EINVAL;
	if ((low && is_mapped(s, 0, low - 1)) || (high != ~0UL && is_mapped(s, high + 1, ~0UL)))
		return -L4_EADDRNOTAVAIL;
	s->low = low;
	s->high = high;
	return 0;
}

static const struct server_operation manager_operations[] = {
	{ associate, 0 },  { associate_phys, 0 }, { disassociate, 0 },
	{ block_area, 0 }, { set_limits, 0 },
};
static const struct server_interface manager_interfaces[] = {
	{ 0, "N4L4Re9Dma_space7ManagerE", NULL, manager_operations, 5 },
};
static const struct server_class manager_class = { manager_interfaces, 1, object_released, NULL };

static bool destroy_manager(struct object *object)
{
	factory_free(object->factory, object);
	return true;
}

struct object *dma_manager_create(struct factory *f)
{
	struct object *o = factory_alloc(f, sizeof(*o));

	if (o)
		object_init(o, &manager_class, f, destroy_manager);
	return o;
}
