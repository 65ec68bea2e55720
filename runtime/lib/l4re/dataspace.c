/* SPDX-License-Identifier: MIT */
/* Client of the dataspace protocol. */
#include <l4/re/c/dataspace.h>
#include <l4/re/protocols.h>
#include "l4re/request.h"

enum { DS_MAP, DS_CLEAR, DS_INFO, DS_COPY_IN, DS_ALLOCATE, DS_MAP_INFO };

/*
 * Map one piece around local; *order becomes log2 of the bytes mapped. [min, max) are whole pages
 * that contain local.
 */
static long map_piece(l4re_ds_t ds, l4re_ds_offset_t offset, l4re_ds_flags_t flags, l4_addr_t local,
		      l4_addr_t min, l4_addr_t max, unsigned *order)
{
	unsigned window = l4_fpage_max_order(L4_PAGESHIFT, local, min, max, local);
	l4_addr_t base = local & ~((1UL << window) - 1);
	struct wire_out o = request(DS_MAP);
	struct wire_item item;
	struct wire_in in;
	long result;

	wire_put_u64(&o, offset);
	wire_put_u64(&o, local - base);
	wire_put_word(&o, flags);
	wire_expect_fpage(l4_fpage(base, (unsigned char)window, L4_FPAGE_RWX));
	result = wire_call(ds & L4_CAP_MASK, &o, L4RE_PROTO_DATASPACE, &in);
	if (result < 0)
		return result;
	item = wire_get_item(&in);
	if (item.kind != WIRE_MEMORY || item.order < L4_PAGESHIFT)
		return -L4_EFAULT;
	*order = item.order < window ? item.order : window;
	return 0;
}

static bool bad_range(l4_addr_t min, l4_addr_t max)
{
	return min >= max || max > ~(l4_addr_t)0 - L4_PAGESIZE;
}

long l4re_ds_map(l4re_ds_t ds, l4re_ds_offset_t offset, l4re_ds_flags_t flags,
		 l4re_ds_map_addr_t local_addr, l4re_ds_map_addr_t min_addr,
		 l4re_ds_map_addr_t max_addr)
{
	unsigned order;

	if (bad_range(min_addr, max_addr) || local_addr < min_addr || local_addr >= max_addr)
		return -L4_EINVAL;
	return map_piece(ds, offset, flags, local_addr, l4_trunc_page(min_addr),
			 l4_round_page(max_addr), &order);
}

/* Offset and address go together: page n of the dataspace to page n of the range. */
long l4re_ds_map_region(l4re_ds_t ds, l4re_ds_offset_t offset, l4re_ds_flags_t flags,
			l4re_ds_map_addr_t min_addr, l4re_ds_map_addr_t max_addr)
{
	l4_addr_t min = l4_trunc_page(min_addr), max, at;
	unsigned order;
	long result;

	if (bad_range(min_addr, max_addr))
		return -L4_EINVAL;
	max = l4_round_page(max_addr);
	offset = l4_trunc_page(offset);
	for (at = min; at < max; at = (at & ~((1UL << order) - 1)) + (1UL << order)) {
		result = map_piece(ds, offset + (at - min), flags, at, min, max, &order);
		if (result < 0)
			return result;
	}
	return 0;
}

static long range_operation(l4re_ds_t ds, unsigned op, l4_uint64_t offset, l4_uint64_t size)
{
	struct wire_out o = request(op);

	wire_put_u64(&o, offset);
	wire_put_u64(&o, size);
	return call_plain(ds & L4_CAP_MASK, &o, L4RE_PROTO_DATASPACE, NULL);
}

long l4re_ds_clear(l4re_ds_t ds, l4re_ds_offset_t offset, l4re_ds_size_t size)
{
	return range_operation(ds, DS_CLEAR, offset, size);
}

long l4re_ds_allocate(l4re_ds_t ds, l4re_ds_offset_t offset, l4re_ds_size_t size)
{
	return range_operation(ds, DS_ALLOCATE, offset, size);
}

long l4re_ds_copy_in(l4re_ds_t ds, l4re_ds_offset_t dst_offs, l4re_ds_t src,
		     l4re_ds_offset_t src_offs, l4re_ds_size_t size)
{
	struct wire_out o = request(DS_COPY_IN);

	if (!l4_is_valid_cap(src))
		return -L4_EMSGMISSARG;
	wire_put_u64(&o, dst_offs);
	wire_put_u64(&o, src_offs);
	wire_put_u64(&o, size);
	put_cap(&o, src, L4_CAP_FPAGE_RO);
	return call_plain(ds & L4_CAP_MASK, &o, L4RE_PROTO_DATASPACE, NULL);
}

long l4re_ds_info(l4re_ds_t ds, l4re_ds_stats_t *stats)
{
	struct wire_out o = request(DS_INFO);
	struct wire_in in;
	long result = call_plain(ds & L4_CAP_MASK, &o, L4RE_PROTO_DATASPACE, &in);

	if (result >= 0)
		wire_get_struct(&in, stats, sizeof(*stats), sizeof(stats->size));
	return read_result(result, &in);
}

l4re_ds_size_t l4re_ds_size(l4re_ds_t ds)
{
	l4re_ds_stats_t stats;

	return l4re_ds_info(ds, &stats) < 0 ? 0 : stats.size;
}

l4re_ds_flags_t l4re_ds_flags(l4re_ds_t ds)
{
	l4re_ds_stats_t stats;

	return l4re_ds_info(ds, &stats) < 0 ? 0 : stats.flags;
}

long l4re_ds_map_info(l4re_ds_t ds, l4_addr_t *start_addr, l4_addr_t *end_addr)
{
	struct wire_out o = request(DS_MAP_INFO);
	struct wire_in in;
	long result = call_plain(ds & L4_CAP_MASK, &o, L4RE_PROTO_DATASPACE, &in);

	if (result <= 0)
		return result;
	*start_addr = wire_get_word(&in);
	*end_addr = wire_get_word(&in);
	return read_result(result, &in);
}
