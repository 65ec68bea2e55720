/* SPDX-License-Identifier: MIT */
/* The region-map protocol: questions, and the table of its operations. */
#include <string.h>
#include <l4/re/c/rm.h>
#include <l4/re/protocols.h>
#include <l4/sys/err.h>
#include "moe.h"
#include "rm.h"

/* Element of the lists that get_regions and get_areas return. */
struct listed {
	l4_umword_t start, end;
	l4_uint16_t flags;
};
enum { LISTED_MAX = WIRE_MAX_BYTES / sizeof(struct listed) };

static bool destroy(struct object *object)
{
	struct rm *rm = (struct rm *)object;

	if (!rm_remove_some(rm))
		return false;
	if (l4_is_valid_cap(rm->parent))
		server_drop_cap(&moe.server, rm->parent);
	factory_free(object->factory, rm);
	return true;
}

struct rm *rm_create(struct factory *f, bool upper)
{
	struct rm *rm = factory_alloc(f, sizeof(*rm));

	if (!rm)
		return NULL;
	object_init(&rm->object, &rm_class, f, destroy);
	rm->parent = L4_INVALID_CAP;
	rm->upper = upper;
	return rm;
}

struct mapping *rm_find(const struct rm *rm, uint64_t address)
{
	return (struct mapping *)region_find(&rm->mappings, address);
}

bool rm_read_word(const struct rm *rm, uint64_t address, uint64_t *word)
{
	const struct mapping *m = rm_find(rm, address);
	const struct dataspace *d = m ? (const struct dataspace *)m->dataspace.to : NULL;
	uint64_t offset, at;

	if (!d || (address & 7))
		return false;
	offset = m->offset + (address - m->region.start);
	at = offset < dataspace_rounded_size(d) ? dataspace_peek(d, offset) : 0;
	if (at)
		memcpy(word, (const void *)at, sizeof(*word));
	return at;
}

static long answer_find(struct server_request *request, const struct region *r, uint32_t flags,
			uint64_t offset, l4_umword_t cap)
{
	wire_put_word(&request->out, r->start);
	wire_put_word(&request->out, r->end - r->start + 1);
	wire_put_u32(&request->out, flags);
	wire_put_u64(&request->out, offset);
	wire_put_word(&request->out, cap);
	return 0;
}

static long rm_find_region(struct server_object *object, struct server_request *request)
{
	struct rm *rm = (struct rm *)object;
	uint64_t start = wire_get_word(&request->in), size = wire_get_word(&request->in), end;
	const struct region *r;
	const struct mapping *m;

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	end = start + (size ? size - 1 : 0);
	if (end < start)
		return -L4_EINVAL;
	r = region_from(&rm->mappings, start);
	m = (const struct mapping *)r;
	if (r && r->start <= end)
		return answer_find(request, r, m->flags, m->offset, m->client_cap);
	r = region_from(&rm->areas, start);
	if (r && r->start <= end)
		return answer_find(request, r, L4RE_RM_F_IN_AREA, 0, L4_INVALID_CAP);
	return -L4_ENOENT;
}

static long rm_get_regions(struct server_object *object, struct server_request *request)
{
	struct rm *rm = (struct rm *)object;
	const struct region *r = region_from(&rm->mappings, wire_get_word(&request->in));
	long count = 0;

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	for (; r && count < (long)LISTED_MAX; r = r->next, count++) {
		struct listed l = { r->start, r->end,
				    (l4_uint16_t)((const struct mapping *)r)->flags };

		wire_put_struct(&request->out, &l, sizeof(l), sizeof(l4_umword_t));
	}
	return count;
}

static long rm_get_areas(struct server_object *object, struct server_request *request)
{
	struct rm *rm = (struct rm *)object;
	const struct region *r = region_from(&rm->areas, wire_get_word(&request->in));
	long count = 0;

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	for (; r && count < (long)LISTED_MAX; r = r->next, count++) {
		struct listed l = { r->start, r->end,
				    (l4_uint16_t)((const struct area *)r)->flags };

		wire_put_struct(&request->out, &l, sizeof(l), sizeof(l4_umword_t));
	}
	return count;
}

static long rm_get_info(struct server_object *object, struct server_request *request)
{
	struct rm *rm = (struct rm *)object;
	const struct mapping *m = rm_find(rm, wire_get_word(&request->in));

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (!m)
		return -L4_ENOENT;
	wire_put_string(&request->out, m->name);
	wire_put_u64(&request->out, m->backing_offset);
	return 0;
}

static const struct server_operation operations[] = {
	[0] = { rm_attach, 0 },
	[1] = { rm_detach, 0 },
	[2] = { rm_find_region, 0 },
	[3] = { rm_reserve_area, 0 },
	[4] = { rm_free_area, 0 },
	[5] = { rm_get_regions, 0 },
	[6] = { rm_get_areas, 0 },
	[7] = { rm_get_info, 0 },
	[10] = { rm_page_in, 0 },
	[L4_ZW_RM_SET_PARENT_OP] = { rm_set_parent, L4_CAP_FPAGE_W },
	[L4_ZW_RM_FAULT_OP] = { rm_get_fault, 0 },
	[L4_ZW_RM_HANDLED_OP] = { rm_set_handled, 0 },
	[L4_ZW_RM_REPLACE_OP] = { rm_replace, 0 },
};

static long dump(struct server_object *object, struct server_request *request)
{
	struct rm *rm = (struct rm *)object;

	(void)request;
	moe_print("region map of %s:", rm->name);
	for (const struct region *r = rm->areas.first; r; r = r->next)
		moe_print("  area   %016lx-%016lx", r->start, r->end);
	for (const struct region *r = rm->mappings.first; r; r = r->next)
		moe_print("  region %016lx-%016lx flags %x %s", r->start, r->end,
			  ((const struct mapping *)r)->flags, ((const struct mapping *)r)->name);
	return 0;
}

static const struct server_interface interfaces[] = {
	{ L4RE_PROTO_RM, "N4L4Re2RmE", NULL, operations, L4_ZW_RM_REPLACE_OP + 1 },
	{ L4_PROTO_PAGE_FAULT, "N2L45PagerE", rm_page_fault, NULL, 0 },
	{ L4_PROTO_IO_PAGE_FAULT, "N2L48Io_pagerE", rm_io_fault, NULL, 0 },
	{ L4_PROTO_EXCEPTION, "N2L49ExceptionE", rm_exception, NULL, 0 },
	{ L4RE_PROTO_DEBUG, "N4L4Re9Debug_objE", dump, NULL, 0 },
};

const struct server_class rm_class = { interfaces, 5, object_released, NULL };
