/* SPDX-License-Identifier: MIT */
/* Attach and detach of dataspaces, reserved areas. */
#include <string.h>
#include <l4/re/c/rm.h>
#include <l4/sys/err.h>
#include <l4/zwinger/wellknown.h>
#include "job.h"
#include "moe.h"
#include "rm.h"

enum {
	RIGHTS = L4RE_RM_F_RWX,
	NO_DATASPACE = L4RE_RM_F_KERNEL | L4RE_RM_F_RESERVED | L4RE_RM_F_ANONYMOUS,
	KNOWN = RIGHTS | L4RE_RM_F_CACHING | L4RE_RM_F_PRIVATE | NO_DATASPACE | 0x1f0000,
	STORED = RIGHTS | L4RE_RM_F_CACHING | NO_DATASPACE,
	ALIGN_MAX = 47,
	REMOVED_AT_ONCE = 64
};

/* Arguments of an attach. */
struct attach {
	uint64_t start, size, offset, backing_offset;
	uint32_t flags;
	unsigned align;
	l4_umword_t client_cap;
	char name[MAPPING_NAME];
	struct dataspace *dataspace;
	unsigned rights; /* of the dataspace capability */
};

/* Round to pages and check what can be checked without the map. */
static long check_place(uint64_t *start, uint64_t *size, uint32_t flags, unsigned align)
{
	uint64_t asked = *size;

	*start &= L4_PAGEMASK;
	*size = l4_round_page(*size);
	if (!asked || !*size || *start + *size - 1 < *start)
		return -L4_EINVAL;
	if ((flags & L4RE_RM_F_SEARCH_ADDR) && (align < L4_PAGESHIFT || align > 63))
		return -L4_EINVAL;
	return 0;
}

/* Addresses that a program can ask for: the lower half, and perhaps what the kernel leaves of the
 * upper. What the kernel would not map for it must not become a fault for ever. */
static bool is_user_range(const struct rm *rm, uint64_t start, uint64_t end)
{
	return (start >= moe.user_start && end <= moe.user_end) ||
	       (rm->upper && start >= L4_ZW_KERNEL_END);
}

static long place_fixed(const struct rm *rm, uint64_t start, uint64_t end, uint32_t flags)
{
	const struct region *area = region_find(&rm->areas, start);

	if (region_overlaps(&rm->mappings, start, end))
		return -L4_EADDRNOTAVAIL;
	if (flags & L4RE_RM_F_IN_AREA)
		return area && area->end >= end ? 0 : -L4_EADDRNOTAVAIL;
	if (!is_user_range(rm, start, end) || region_overlaps(&rm->areas, start, end))
		return -L4_EADDRNOTAVAIL;
	return 0;
}

static long place_anywhere(const struct rm *rm, uint64_t *start, uint64_t size, uint32_t flags,
			   unsigned align)
{
	uint64_t low = *start < moe.user_start ? moe.user_start : *start, high = moe.user_end;
	const struct region_tree *avoid = &rm->areas;

	if (flags & L4RE_RM_F_IN_AREA) {
		const struct region *area = region_find(&rm->areas, *start);

		if (!area)
			return -L4_EADDRNOTAVAIL;
		low = *start;
		high = area->end;
		avoid = NULL;
	}
	if (align > ALIGN_MAX ||
	    !region_find_gap(&rm->mappings, avoid, low, high, size, align, start))
		return -L4_EADDRNOTAVAIL;
	return 0;
}

static long find_place(const struct rm *rm, uint64_t *start, uint64_t size, uint32_t flags,
		       unsigned align)
{
	if (flags & L4RE_RM_F_SEARCH_ADDR)
		return place_anywhere(rm, start, size, flags, align);
	return place_fixed(rm, *start, *start + size - 1, flags);
}

static long read_attach(struct server_request *request, struct attach *a)
{
	struct wire_in *in = &request->in;

	a->start = wire_get_word(in);
	a->size = wire_get_word(in);
	a->flags = wire_get_u32(in);
	a->offset = wire_get_u64(in);
	a->align = wire_get_u8(in);
	a->client_cap = wire_get_word(in);
	strncpy(a->name, wire_get_string(in), sizeof(a->name) - 1);
	a->backing_offset = wire_get_u64(in);
	if (in->failed)
		return -L4_EMSGTOOSHORT;
	if ((a->flags & ~(uint32_t)KNOWN) || (a->offset & (L4_PAGESIZE - 1)))
		return -L4_EINVAL;
	return check_place(&a->start, &a->size, a->flags, a->align);
}

/* The dataspace and whether the client may attach it so. */
static long read_dataspace(struct server_request *request, struct attach *a)
{
	if (!request->in.items_left)
		return a->flags & NO_DATASPACE ? 0 : -L4_ENOENT;
	if (a->flags & (L4RE_RM_F_KERNEL | L4RE_RM_F_RESERVED))
		return 0;
	a->dataspace = (struct dataspace *)object_from_item(request, &dataspace_class, &a->rights);
	if (!a->dataspace)
		return -L4_ENOENT;
	if (a->offset >= dataspace_rounded_size(a->dataspace))
		return -L4_ERANGE;
	if (a->flags & L4RE_RM_F_PRIVATE)
		return 0;
	if ((a->flags & L4RE_RM_F_W) && !(a->rights & L4_CAP_FPAGE_W))
		return -L4_EPERM;
	return a->flags & RIGHTS & ~(unsigned)a->dataspace->rights ? -L4_EPERM : 0;
}

static bool wants_private(const struct attach *a)
{
	if (a->flags & (L4RE_RM_F_KERNEL | L4RE_RM_F_RESERVED))
		return false;
	return !a->dataspace || (a->flags & L4RE_RM_F_PRIVATE);
}

/* Bytes of a dataspace that the region shows. */
static uint64_t shown_bytes(const struct dataspace *d, const struct attach *a)
{
	uint64_t left = dataspace_rounded_size(d) - a->offset;

	return left < a->size ? left : a->size;
}

/*
 * What is to be done before the region is entered. `to`: the client's dataspace, or the one that
 * the region map makes in place of it, as a copy or, from = NULL, as empty memory.
 */
static struct dataspace_work plan(struct attach *a, const struct dataspace *to,
				  const struct dataspace *from)
{
	bool eager =
	    (a->flags & (L4RE_RM_F_EAGER_MAP | L4RE_RM_F_NO_EAGER_MAP)) == L4RE_RM_F_EAGER_MAP;
	struct dataspace_work w = { .task = DATASPACE_ALLOCATE };

	if (to && to != from) {
		if (from)
			w = (struct dataspace_work){ .task = DATASPACE_COPY,
						     .from_offset = a->offset,
						     .size = shown_bytes(from, a) };
		a->offset = 0;
	}
	if (!to || !eager)
		return w;
	if (w.size) {
		w.back = a->size;
	} else {
		w.to_offset = a->offset;
		w.size = shown_bytes(to, a);
	}
	return w;
}

static void enter_mapping(struct rm *rm, struct mapping *m, const struct attach *a)
{
	m->region.start = a->start;
	m->region.end = a->start + a->size - 1;
	m->flags = a->flags & STORED;
	m->offset = a->offset;
	m->client_cap = a->client_cap;
	m->backing_offset = a->backing_offset;
	memcpy(m->name, a->name, sizeof(m->name));
	if (a->dataspace)
		reference_set(&m->dataspace, &a->dataspace->object);
	region_insert(&rm->mappings, &m->region);
}

/* Enter the region and answer. */
static long enter(struct rm *rm, const struct attach *a, struct server_request *request)
{
	struct mapping *m = factory_alloc(rm->object.factory, sizeof(*m));

	if (!m)
		return -L4_ENOMEM;
	enter_mapping(rm, m, a);
	wire_put_word(&request->out, a->start);
	return 0;
}

/* An attach whose work takes long. */
struct attach_job {
	struct job job; /* first */
	struct attach attach;
	struct reference rm;
};

/* Meanwhile the place may have been taken. */
static long finish_attach(struct job *job, struct server_request *request, long result)
{
	struct attach_job *j = (struct attach_job *)job;
	struct rm *rm = (struct rm *)j->rm.to;
	struct attach *a = &j->attach;

	if (!result && !rm)
		result = -L4_ENOENT;
	if (!result)
		result = find_place(rm, &a->start, a->size, a->flags, a->align);
	return result < 0 ? result : enter(rm, a, request);
}

static void release_attach(struct job *job)
{
	reference_clear(&((struct attach_job *)job)->rm);
}

static const struct job_class attach_class = { finish_attach, release_attach };

/* The rest of the work, and then the region. As job_start(). */
static long attach_later(struct rm *rm, const struct attach *a, struct dataspace *from,
			 const struct dataspace_work *work, struct server_request *request)
{
	struct attach_job *j;

	j = (struct attach_job *)job_new(rm->object.factory, sizeof(*j), &attach_class);
	if (!j) {
		if (a->dataspace != from)
			object_kill(&a->dataspace->object);
		return -L4_ENOMEM;
	}
	j->attach = *a;
	reference_set(&j->rm, &rm->object);
	return job_start(request, &j->job, a->dataspace, a->dataspace == from ? NULL : from, work);
}

static long do_attach(struct rm *rm, struct attach *a, struct server_request *request)
{
	struct dataspace *from = a->dataspace;
	struct dataspace_work work;
	long err;

	if (wants_private(a)) {
		a->dataspace = dataspace_create(rm->object.factory, a->size, 0, 0, &err);
		if (!a->dataspace)
			return err;
	}
	work = plan(a, a->dataspace, from);
	err = work.size ? dataspace_work(a->dataspace, from, &work) : 0;
	if (err > 0)
		return attach_later(rm, a, from, &work, request);
	if (!err)
		err = enter(rm, a, request);
	if (err < 0 && a->dataspace != from)
		object_kill(&a->dataspace->object);
	return err;
}

long rm_attach(struct server_object *object, struct server_request *request)
{
	struct rm *rm = (struct rm *)object;
	struct attach a = { .name = "" };
	long err = read_attach(request, &a);

	if (!err)
		err = read_dataspace(request, &a);
	if (!err)
		err = find_place(rm, &a.start, a.size, a.flags, a.align);
	return err < 0 ? err : do_attach(rm, &a, request);
}

static void remove_mapping(struct rm *rm, struct mapping *m)
{
	region_remove(&rm->mappings, &m->region);
	reference_clear(&m->dataspace);
	factory_free(rm->object.factory, m);
}

bool rm_remove_some(struct rm *rm)
{
	unsigned left = REMOVED_AT_ONCE;

	for (; rm->mappings.first && left; left--)
		remove_mapping(rm, (struct mapping *)rm->mappings.first);
	for (; rm->areas.first && left; left--) {
		struct region *area = rm->areas.first;

		region_remove(&rm->areas, area);
		factory_free(rm->object.factory, area);
	}
	return !rm->mappings.first && !rm->areas.first;
}

static void cut_head(struct mapping *m, uint64_t start)
{
	m->offset += start - m->region.start;
	m->region.start = start;
}

/* Cut [start, end] out of the middle. */
static long split(struct rm *rm, struct mapping *m, uint64_t start, uint64_t end)
{
	struct mapping *tail = factory_alloc(rm->object.factory, sizeof(*tail));

	if (!tail)
		return -L4_ENOMEM;
	*tail = *m;
	tail->dataspace = (struct reference){ 0 };
	if (m->dataspace.to)
		reference_set(&tail->dataspace, m->dataspace.to);
	m->region.end = start - 1;
	cut_head(tail, end + 1);
	region_insert(&rm->mappings, &tail->region);
	return L4RE_RM_SPLIT_DS;
}

/* Take [*start, *end] off a mapping; they become what was taken. Returns the result bits. */
static long take_off(struct rm *rm, struct mapping *m, bool whole, uint64_t *start, uint64_t *end)
{
	if (whole || *start < m->region.start)
		*start = m->region.start;
	if (whole || *end > m->region.end)
		*end = m->region.end;
	if (*start == m->region.start && *end == m->region.end) {
		remove_mapping(rm, m);
		return L4RE_RM_DETACHED_DS;
	}
	if (*start != m->region.start && *end != m->region.end)
		return split(rm, m, *start, *end);
	if (*start == m->region.start)
		cut_head(m, *end + 1);
	else
		m->region.end = *start - 1;
	return L4RE_RM_KEPT_DS;
}

long rm_detach(struct server_object *object, struct server_request *request)
{
	struct rm *rm = (struct rm *)object;
	uint64_t start = wire_get_word(&request->in), size = wire_get_word(&request->in);
	uint32_t flags = wire_get_u32(&request->in);
	uint64_t end, last;
	l4_umword_t client_cap;
	struct mapping *m;
	long result = check_place(&start, &size, 0, 0);

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (result < 0)
		return result;
	end = last = start + size - 1;
	m = (struct mapping *)region_from(&rm->mappings, start);
	if (!m || m->region.start > end)
		return -L4_ENOENT;
	client_cap = m->client_cap;
	result = take_off(rm, m, flags & L4RE_RM_DETACH_OVERLAP, &start, &end);
	if (result < 0)
		return result;
	if (end < last && region_overlaps(&rm->mappings, end + 1, last))
		result |= L4RE_RM_DETACH_AGAIN;
	wire_put_word(&request->out, start);
	wire_put_word(&request->out, end - start + 1);
	wire_put_word(&request->out, client_cap);
	return result;
}

/* The region that begins to be replaced, if nothing else is in the way. */
static long find_replaced(const struct rm *rm, const struct attach *a, struct mapping **old)
{
	uint64_t end = a->start + a->size - 1, behind;

	if (wants_private(a) || a->flags & (L4RE_RM_F_SEARCH_ADDR | L4RE_RM_F_IN_AREA))
		return -L4_EINVAL;
	*old = rm_find(rm, a->start);
	if (!*old)
		return -L4_ENOENT;
	behind = (*old)->region.end + 1;
	return behind > end ? 0 : place_fixed(rm, behind, end, 0);
}

/* Everything that can fail comes before the old mapping is touched. */
static long do_replace(struct rm *rm, struct mapping *old, const struct attach *a)
{
	uint64_t start = a->start, end = a->start + a->size - 1;
	struct mapping *new = factory_alloc(rm->object.factory, sizeof(*new));
	long result;

	if (!new)
		return -L4_ENOMEM;
	result = take_off(rm, old, false, &start, &end);
	if (result < 0) {
		factory_free(rm->object.factory, new);
		return result;
	}
	enter_mapping(rm, new, a);
	return 0;
}

long rm_replace(struct server_object *object, struct server_request *request)
{
	struct rm *rm = (struct rm *)object;
	struct attach a = { .name = "" };
	struct mapping *old;
	long err = read_attach(request, &a);

	if (!err)
		err = read_dataspace(request, &a);
	if (!err)
		err = find_replaced(rm, &a, &old);
	if (!err)
		err = do_replace(rm, old, &a);
	if (err < 0)
		return err;
	wire_put_word(&request->out, a.start);
	return 0;
}

long rm_reserve_area(struct server_object *object, struct server_request *request)
{
	struct rm *rm = (struct rm *)object;
	uint64_t start = wire_get_word(&request->in), size = wire_get_word(&request->in);
	uint32_t flags = wire_get_u32(&request->in);
	unsigned align = wire_get_u8(&request->in);
	struct area *area;
	long err = check_place(&start, &size, flags, align);

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (err < 0)
		return err;
	if (flags & L4RE_RM_F_IN_AREA)
		return -L4_EINVAL;
	err = find_place(rm, &start, size, flags, align);
	if (err < 0)
		return err;
	area = factory_alloc(rm->object.factory, sizeof(*area));
	if (!area)
		return -L4_ENOMEM;
	area->region.start = start;
	area->region.end = start + size - 1;
	area->flags = flags & STORED;
	region_insert(&rm->areas, &area->region);
	wire_put_word(&request->out, start);
	return 0;
}

long rm_free_area(struct server_object *object, struct server_request *request)
{
	struct rm *rm = (struct rm *)object;
	struct region *area = region_find(&rm->areas, wire_get_word(&request->in));

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (!area)
		return -L4_ENOENT;
	region_remove(&rm->areas, area);
	factory_free(rm->object.factory, area);
	return 0;
}
