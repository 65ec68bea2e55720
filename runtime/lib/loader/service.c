/* SPDX-License-Identifier: MIT */
/* The loader's requests to servers, in the wire format. */
#include "loader/service.h"

#include <l4/sys/consts.h>
#include <l4/sys/err.h>
#include <l4/zwinger/rm.h>
#include "wire/wire.h"

enum protocols { PROTO_DATASPACE = 0x4000, PROTO_RM = 0x4005 };
enum dataspace_ops { DS_MAP = 0, DS_INFO = 2, DS_COPY_IN = 3, DS_ALLOCATE = 4 };
enum rm_ops { RM_ATTACH = 0, RM_RESERVE_AREA = 3 };

static struct wire_out request(l4_uint32_t opcode)
{
	struct wire_out o = { 0 };

	wire_put_u32(&o, opcode);
	return o;
}

/* Results above 0 are no errors, and nobody here asks for them. */
static long finish(long label, const struct wire_in *in)
{
	if (label < 0)
		return label;
	return in->failed ? -L4_EMSGTOOSHORT : 0;
}

/* A request whose answer is a result only. */
static long call(l4_cap_idx_t object, const struct wire_out *o, long protocol)
{
	long label;

	wire_expect_nothing();
	label = wire_call(object, o, protocol, NULL);
	return label < 0 ? label : 0;
}

long service_ds_size(l4_cap_idx_t ds, l4_uint64_t *size)
{
	struct wire_out o = request(DS_INFO);
	struct wire_in in;
	long label;

	wire_expect_nothing();
	label = wire_call(ds, &o, PROTO_DATASPACE, &in);
	if (label < 0)
		return label;
	*size = wire_get_u64(&in);
	return finish(label, &in);
}

/* Largest order of a window at address that stays within bytes. */
static unsigned window_order(l4_addr_t address, unsigned long bytes)
{
	unsigned order = L4_PAGESHIFT;

	while (!(address & (1UL << order)) && (2UL << order) <= bytes)
		order++;
	return order;
}

/*
 * Map as much as one answer gives; the number of bytes, or an error. The server may send more than
 * the window takes.
 */
static long map_some(l4_cap_idx_t ds, l4_uint64_t offset, unsigned long bytes, unsigned rights,
		     l4_addr_t address)
{
	unsigned order = window_order(address, bytes);
	struct wire_out o = request(DS_MAP);
	struct wire_item item;
	struct wire_in in;
	long label;

	wire_put_u64(&o, offset);
	wire_put_u64(&o, 0);
	wire_put_word(&o, rights);
	wire_expect_fpage(l4_fpage(address, order, L4_FPAGE_RWX));
	label = wire_call(ds, &o, PROTO_DATASPACE, &in);
	if (label < 0)
		return label;
	item = wire_get_item(&in);
	if (item.kind != WIRE_MEMORY || item.order < L4_PAGESHIFT)
		return -L4_ENOMEM;
	/* The order is that of what was sent; the window cuts it. */
	return 1L << (item.order < order ? item.order : order);
}

long service_ds_map(l4_cap_idx_t ds, l4_uint64_t offset, unsigned long bytes, unsigned rights,
		    l4_addr_t address)
{
	while (bytes) {
		long done = map_some(ds, offset, bytes, rights, address);

		if (done < 0)
			return done;
		offset += (unsigned long)done;
		address += (unsigned long)done;
		bytes -= (unsigned long)done;
	}
	return 0;
}

long service_ds_copy_in(l4_cap_idx_t to, l4_uint64_t to_offset, l4_cap_idx_t from,
			l4_uint64_t from_offset, l4_uint64_t bytes)
{
	struct wire_out o = request(DS_COPY_IN);

	wire_put_u64(&o, to_offset);
	wire_put_u64(&o, from_offset);
	wire_put_u64(&o, bytes);
	wire_put_cap(&o, from, L4_CAP_FPAGE_RO);
	return call(to, &o, PROTO_DATASPACE);
}

long service_ds_allocate(l4_cap_idx_t ds, l4_uint64_t bytes)
{
	struct wire_out o = request(DS_ALLOCATE);

	wire_put_u64(&o, 0);
	wire_put_u64(&o, bytes);
	return call(ds, &o, PROTO_DATASPACE);
}

long service_create_ds(l4_cap_idx_t factory, l4_cap_idx_t slot, unsigned long bytes, unsigned flags)
{
	struct wire_out o = { 0 };
	long label;

	wire_put_word(&o, PROTO_DATASPACE);
	wire_put_varg_int(&o, (l4_mword_t)bytes);
	wire_put_varg_uint(&o, flags);
	wire_put_varg_uint(&o, 0);
	wire_expect_cap(slot);
	label = wire_call(factory, &o, L4_PROTO_FACTORY, NULL);
	return label < 0 ? label : 0;
}

long service_create_rm(l4_cap_idx_t factory, l4_cap_idx_t slot, bool upper)
{
	struct wire_out o = { 0 };
	long label;

	wire_put_word(&o, PROTO_RM);
	if (upper)
		wire_put_varg_uint(&o, L4_ZW_RM_F_UPPER_HALF);
	wire_expect_cap(slot);
	label = wire_call(factory, &o, L4_PROTO_FACTORY, NULL);
	return label < 0 ? label : 0;
}

/* Rights of the dataspace's capability that attaching with these flags needs. */
static unsigned ds_rights(unsigned flags)
{
	return flags & SERVICE_W ? L4_CAP_FPAGE_RW : L4_CAP_FPAGE_RO;
}

static long place(l4_cap_idx_t rm, const struct wire_out *o, l4_addr_t *start)
{
	struct wire_in in;
	long label;

	wire_expect_nothing();
	label = wire_call(rm, o, PROTO_RM, &in);
	if (label < 0)
		return label;
	*start = wire_get_word(&in);
	return finish(label, &in);
}

long service_rm_attach(l4_cap_idx_t rm, struct service_region *region)
{
	struct wire_out o = request(RM_ATTACH);

	wire_put_word(&o, region->start);
	wire_put_word(&o, region->size);
	wire_put_u32(&o, region->flags);
	wire_put_u64(&o, region->offset);
	wire_put_u8(&o, (l4_uint8_t)region->align);
	wire_put_word(&o, L4_INVALID_CAP);
	wire_put_string(&o, region->name);
	wire_put_u64(&o, region->backing_offset);
	if (l4_is_valid_cap(region->dataspace))
		wire_put_cap(&o, region->dataspace, ds_rights(region->flags));
	return place(rm, &o, &region->start);
}

long service_rm_reserve(l4_cap_idx_t rm, struct service_region *area)
{
	struct wire_out o = request(RM_RESERVE_AREA);

	wire_put_word(&o, area->start);
	wire_put_word(&o, area->size);
	wire_put_u32(&o, area->flags);
	wire_put_u8(&o, (l4_uint8_t)area->align);
	return place(rm, &o, &area->start);
}

long service_rm_set_parent(l4_cap_idx_t rm, const char *name, l4_cap_idx_t fault)
{
	struct wire_out o = request(L4_ZW_RM_SET_PARENT_OP);

	wire_put_string(&o, name);
	if (l4_is_valid_cap(fault))
		wire_put_cap(&o, fault, L4_CAP_FPAGE_RW);
	return call(rm, &o, PROTO_RM);
}
