/* SPDX-License-Identifier: MIT */
/* Client of the region map protocol, with the attachment of other servers' dataspaces. */
#include <string.h>
#include <l4/re/c/debug.h>
#include <l4/re/c/rm.h>
#include <l4/re/protocols.h>
#include <l4/sys/task.h>
#include <l4/util/util.h>
#include <l4/zwinger/rm.h>
#include "l4re/foreign.h"
#include "l4re/request.h"

enum { RM_ATTACH, RM_DETACH, RM_FIND, RM_RESERVE_AREA, RM_FREE_AREA, RM_GET_INFO = 7 };

enum { NEEDS_NO_DATASPACE = L4RE_RM_F_RESERVED | L4RE_RM_F_KERNEL | L4RE_RM_F_ANONYMOUS };

static long call_rm(l4_cap_idx_t rm, const struct wire_out *o, struct wire_in *in)
{
	return call_plain(rm, o, L4RE_PROTO_RM, in);
}

int l4re_rm_reserve_area_srv(l4_cap_idx_t rm, l4_addr_t *start, unsigned long size,
			     l4re_rm_flags_t flags, unsigned char align)
{
	struct wire_out o = request(RM_RESERVE_AREA);
	struct wire_in in;
	l4_addr_t found;
	long result;

	wire_put_word(&o, *start);
	wire_put_word(&o, size);
	wire_put_u32(&o, flags);
	wire_put_u8(&o, align);
	result = call_rm(rm, &o, &in);
	if (result < 0)
		return (int)result;
	found = wire_get_word(&in);
	if (!in.failed)
		*start = found;
	return (int)read_result(result, &in);
}

int l4re_rm_free_area_srv(l4_cap_idx_t rm, l4_addr_t addr)
{
	struct wire_out o = request(RM_FREE_AREA);

	wire_put_word(&o, addr);
	return (int)call_rm(rm, &o, NULL);
}

struct attachment {
	l4_addr_t start;
	unsigned long size;
	l4re_rm_flags_t flags;
	l4re_ds_t mem;
	l4re_rm_offset_t offset;
	unsigned char align;
	const char *name;
	l4re_rm_offset_t backing_offset;
};

/* Rights that the region map's server needs for the flags. */
static unsigned rights_for(l4re_rm_flags_t flags)
{
	return flags & L4RE_RM_F_W ? L4_CAP_FPAGE_RW : L4_CAP_FPAGE_RO;
}

static bool has_dataspace(const struct attachment *a)
{
	return l4_is_valid_cap(a->mem) && (a->flags & L4RE_RM_F_RIGHTS_MASK) &&
	       !(a->flags & NEEDS_NO_DATASPACE);
}

/* Ask the region map; a->start becomes the place. */
static long send_attachment(l4_cap_idx_t rm, int operation, struct attachment *a)
{
	struct wire_out o = request(operation);
	struct wire_in in;
	l4_addr_t start;
	long result;

	wire_put_word(&o, a->start);
	wire_put_word(&o, a->size);
	wire_put_u32(&o, a->flags);
	wire_put_u64(&o, a->offset);
	wire_put_u8(&o, a->align);
	wire_put_word(&o, has_dataspace(a) ? a->mem & L4_CAP_MASK : L4_INVALID_CAP);
	wire_put_string(&o, a->name);
	wire_put_u64(&o, a->backing_offset);
	if (has_dataspace(a))
		put_cap(&o, a->mem, rights_for(a->flags));
	result = call_rm(rm, &o, &in);
	if (result < 0)
		return result;
	start = wire_get_word(&in);
	if (!in.failed)
		a->start = start;
	return read_result(result, &in);
}

static long attach_at_server(l4_cap_idx_t rm, struct attachment *a)
{
	return send_attachment(rm, RM_ATTACH, a);
}

static void unmap_rights(l4_cap_idx_t task, l4_addr_t at, l4_addr_t end, unsigned rights)
{
	while (at < end) {
		unsigned char order = l4_fpage_max_order(L4_PAGESHIFT, at, at, end, at);

		l4_task_unmap(task, l4_fpage(at, order, (unsigned char)rights), L4_FP_ALL_SPACES);
		at += 1UL << order;
	}
}

static void unmap_range(l4_cap_idx_t task, l4_addr_t at, l4_addr_t end)
{
	unmap_rights(task, at, end, L4_FPAGE_RWX);
}

/* Map the whole dataspace into an area that is reserved, and remember it. */
static long fill_area(const struct attachment *a, bool own_area)
{
	struct foreign_region region = { .start = l4_trunc_page(a->start),
					 .end = l4_round_page(a->start + a->size),
					 .ds = a->mem & L4_CAP_MASK,
					 .offset = a->offset,
					 .flags = a->flags & L4RE_RM_REGION_FLAGS,
					 .own_area = own_area };
	l4re_ds_flags_t flags = a->flags & (L4RE_RM_F_RIGHTS_MASK | L4RE_RM_F_CACHING);
	long result = l4re_ds_map_region(region.ds, a->offset, flags, region.start, region.end);

	if (result >= 0 && !foreign_add(&region))
		result = -L4_ENOMEM;
	if (result < 0)
		unmap_range(L4RE_THIS_TASK_CAP, region.start, region.end);
	return result;
}

/*
 * A dataspace that the program's region map does not know. In an area of the caller's own its place
 * must be named, and a copy is not made.
 */
static long attach_foreign(l4_cap_idx_t rm, struct attachment *a)
{
	bool own_area = !(a->flags & L4RE_RM_F_IN_AREA);
	long result;

	if (a->flags & L4RE_RM_F_PRIVATE || (!own_area && a->flags & L4RE_RM_F_SEARCH_ADDR))
		return -L4_ENOENT;
	if (own_area) {
		result = l4re_rm_reserve_area_srv(rm, &a->start, a->size,
						  a->flags & L4RE_RM_F_SEARCH_ADDR, a->align);
		if (result < 0)
			return result;
	}
	result = fill_area(a, own_area);
	if (result < 0 && own_area)
		l4re_rm_free_area_srv(rm, a->start);
	return result;
}

/* Map now what the region map would map page by page. */
static long map_eagerly(const struct attachment *a)
{
	l4re_ds_flags_t flags = a->flags & (L4RE_RM_F_RIGHTS_MASK | L4RE_RM_F_CACHING);
	l4_addr_t end = a->start + a->size;

	if (has_dataspace(a) && !(a->flags & L4RE_RM_F_PRIVATE))
		return l4re_ds_map_region(a->mem, a->offset, flags, a->start, end);
	if (a->flags & (L4RE_RM_F_PRIVATE | L4RE_RM_F_ANONYMOUS))
		for (l4_addr_t at = a->start; at < end; at += L4_PAGESIZE)
			l4_touch_ro((const void *)at, 1);
	return 0;
}

static bool is_own(l4_cap_idx_t rm)
{
	return l4re_global_env && l4_capability_equal(rm, l4re_env()->rm);
}

static long attach(l4_cap_idx_t rm, struct attachment *a)
{
	long result = attach_at_server(rm, a);

	if (result == -L4_ENOENT && has_dataspace(a) && is_own(rm))
		return attach_foreign(rm, a);
	if (result < 0 || !is_own(rm) || !(a->flags & L4RE_RM_F_EAGER_MAP) ||
	    a->flags & L4RE_RM_F_NO_EAGER_MAP)
		return result;
	result = map_eagerly(a);
	if (result < 0)
		l4re_rm_detach_srv(rm, a->start, NULL, L4RE_THIS_TASK_CAP);
	return result;
}

int l4re_rm_attach_w_info_srv(l4_cap_idx_t rm, void **start, unsigned long size,
			      l4re_rm_flags_t flags, l4re_ds_t mem, l4re_rm_offset_t offs,
			      unsigned char align, char const *name,
			      l4re_rm_offset_t backing_offset)
{
	struct attachment a = { .start = (l4_addr_t)*start,
				.size = size,
				.flags = flags,
				.mem = mem,
				.offset = offs,
				.align = align,
				.name = name,
				.backing_offset = backing_offset };
	long result = attach(rm, &a);

	if (result < 0)
		return (int)result;
	*start = (void *)a.start;
	return 0;
}

int l4re_rm_attach_srv(l4_cap_idx_t rm, void **start, unsigned long size, l4re_rm_flags_t flags,
		       l4re_ds_t mem, l4re_rm_offset_t offs, unsigned char align)
{
	return l4re_rm_attach_w_info_srv(rm, start, size, flags, mem, offs, align, "", 0);
}

/* Rights of pages that flags do not give. */
static unsigned rights_against(l4re_rm_flags_t flags)
{
	return (flags & L4RE_RM_F_W ? 0 : L4_FPAGE_W) | (flags & L4RE_RM_F_X ? 0 : L4_FPAGE_X);
}

int l4re_zw_rm_replace(void *start, unsigned long size, l4re_rm_flags_t flags, l4re_ds_t mem,
		       l4re_rm_offset_t offs)
{
	struct attachment a = { .start = (l4_addr_t)start,
				.size = size,
				.flags = flags,
				.mem = mem,
				.offset = offs,
				.align = L4_PAGESHIFT,
				.name = "" };
	l4_addr_t end = l4_round_page(a.start + size);
	long result = send_attachment(l4re_env()->rm, L4_ZW_RM_REPLACE_OP, &a);

	if (result < 0)
		return (int)result;
	if (!has_dataspace(&a) || !(flags & L4RE_RM_F_R))
		unmap_range(L4RE_THIS_TASK_CAP, l4_trunc_page(a.start), end);
	else if (rights_against(flags))
		unmap_rights(L4RE_THIS_TASK_CAP, l4_trunc_page(a.start), end,
			     rights_against(flags));
	return 0;
}

static int detach_foreign(l4_cap_idx_t rm, const struct foreign_region *r, l4re_ds_t *ds,
			  l4_cap_idx_t task)
{
	if (l4_is_valid_cap(task))
		unmap_range(task, r->start, r->end);
	if (r->own_area)
		l4re_rm_free_area_srv(rm, r->start);
	if (ds)
		*ds = r->ds;
	return L4RE_RM_DETACHED_DS;
}

static int detach_at_server(l4_cap_idx_t rm, l4_addr_t addr, l4re_ds_t *ds, l4_cap_idx_t task)
{
	struct wire_out o = request(RM_DETACH);
	l4_addr_t start, size;
	struct wire_in in;
	l4_cap_idx_t mem;
	long result;

	wire_put_word(&o, addr);
	wire_put_word(&o, 1);
	wire_put_u32(&o, L4RE_RM_DETACH_OVERLAP);
	result = call_rm(rm, &o, &in);
	if (result < 0)
		return (int)result;
	start = wire_get_word(&in);
	size = wire_get_word(&in);
	mem = wire_get_word(&in);
	if (in.failed)
		return -L4_EMSGTOOSHORT;
	if (!(result & L4RE_RM_UNMAPPED_RANGE) && l4_is_valid_cap(task))
		unmap_range(task, start, start + size);
	if (ds)
		*ds = mem;
	return (int)result;
}

int l4re_rm_detach_srv(l4_cap_idx_t rm, l4_addr_t addr, l4re_ds_t *ds, l4_cap_idx_t task)
{
	struct foreign_region region;

	if (is_own(rm) && foreign_take(addr, &region))
		return detach_foreign(rm, &region, ds, task);
	return detach_at_server(rm, addr, ds, task);
}

static void report_foreign(const struct foreign_region *r, l4_addr_t *addr, unsigned long *size,
			   l4re_rm_offset_t *offset, l4re_rm_flags_t *flags, l4re_ds_t *m)
{
	*addr = r->start;
	*size = r->end - r->start;
	*offset = r->offset;
	*flags = r->flags;
	*m = r->ds;
}

static long find_at_server(l4_cap_idx_t rm, struct foreign_region *r)
{
	struct wire_out o = request(RM_FIND);
	struct wire_in in;
	long result;

	wire_put_word(&o, r->start);
	wire_put_word(&o, r->end - r->start);
	result = call_rm(rm, &o, &in);
	if (result < 0)
		return result;
	r->start = wire_get_word(&in);
	r->end = r->start + wire_get_word(&in);
	r->flags = wire_get_u32(&in);
	r->offset = wire_get_u64(&in);
	r->ds = wire_get_word(&in);
	return read_result(result, &in);
}

int l4re_rm_find_srv(l4_cap_idx_t rm, l4_addr_t *addr, unsigned long *size,
		     l4re_rm_offset_t *offset, l4re_rm_flags_t *flags, l4re_ds_t *m)
{
	struct foreign_region server = { .start = *addr, .end = *addr + *size }, own;
	bool mine = is_own(rm) && foreign_find(*addr, *size, &own);
	long result = find_at_server(rm, &server);

	if (mine && (result < 0 || server.flags & L4RE_RM_F_IN_AREA || own.start < server.start))
		report_foreign(&own, addr, size, offset, flags, m);
	else if (result < 0)
		return (int)result;
	else
		report_foreign(&server, addr, size, offset, flags, m);
	return 0;
}

int l4re_rm_get_info_srv(l4_cap_idx_t rm, l4_addr_t addr, char *name, unsigned len,
			 l4re_rm_offset_t *backing_offset)
{
	struct wire_out o = request(RM_GET_INFO);
	struct wire_in in;
	const char *text;
	long result;

	wire_put_word(&o, addr);
	result = call_rm(rm, &o, &in);
	if (result < 0)
		return (int)result;
	text = wire_get_string(&in);
	if (len)
		name[0] = 0;
	if (len)
		strncat(name, text, len - 1);
	*backing_offset = wire_get_u64(&in);
	return (int)read_result(result, &in);
}

void l4re_rm_show_lists_srv(l4_cap_idx_t rm)
{
	l4re_debug_obj_debug(rm, 0);
}
