/* SPDX-License-Identifier: MIT */
/* Client of DMA spaces and of their manager. */
#include <l4/re/c/dma_space.h>
#include <l4/re/protocols.h>
#include "l4re/request.h"

enum { DMA_MAP, DMA_UNMAP };
enum { MGR_ASSOCIATE, MGR_ASSOCIATE_PHYS, MGR_DISASSOCIATE, MGR_BLOCK_AREA, MGR_SET_LIMITS };

long l4re_dma_space_map(l4re_dma_space_t dma, l4re_ds_t src, l4re_ds_offset_t offset,
			l4_size_t *size, unsigned long attrs, enum l4re_dma_space_direction dir,
			l4re_dma_space_dma_addr_t *dma_addr)
{
	struct wire_out o = request(DMA_MAP);
	struct wire_in in;
	long result;

	(void)dir;
	wire_put_u64(&o, offset);
	wire_put_u64(&o, *size);
	wire_put_u8(&o, L4_SUPERPAGESHIFT);
	wire_put_u32(&o, (l4_uint32_t)attrs | L4RE_DMA_SPACE_SEARCH_ADDR);
	wire_put_u64(&o, 0);
	wire_put_u64(&o, ~(l4_uint64_t)0);
	if (l4_is_valid_cap(src))
		put_cap(&o, src, L4_CAP_FPAGE_RW);
	result = call_plain(dma, &o, L4RE_PROTO_DMA_SPACE, &in);
	if (result < 0)
		return result;
	*size = wire_get_u64(&in);
	*dma_addr = wire_get_u64(&in);
	return read_result(result, &in);
}

long l4re_dma_space_unmap(l4re_dma_space_t dma, l4re_dma_space_dma_addr_t dma_addr, l4_size_t size,
			  unsigned long attrs, enum l4re_dma_space_direction dir)
{
	struct wire_out o = request(DMA_UNMAP);

	(void)dir;
	wire_put_u64(&o, dma_addr);
	wire_put_u64(&o, size);
	wire_put_u32(&o, (l4_uint32_t)attrs);
	return call_plain(dma, &o, L4RE_PROTO_DMA_SPACE, NULL);
}

/* The manager has no protocol number of its own. */
static long call_manager(l4_cap_idx_t mgr, struct wire_out *o, l4re_dma_space_t dma,
			 struct wire_in *in)
{
	put_cap(o, dma, L4_CAP_FPAGE_RW);
	return call_plain(mgr, o, L4_PROTO_NONE, in);
}

long l4re_dma_space_mgr_associate(l4_cap_idx_t mgr, l4re_dma_space_t dma, l4_cap_idx_t dma_task,
				  unsigned long attr)
{
	struct wire_out o = request(MGR_ASSOCIATE);

	wire_put_u32(&o, (l4_uint32_t)attr);
	put_cap(&o, dma, L4_CAP_FPAGE_RW);
	put_cap(&o, dma_task, L4_CAP_FPAGE_RWS);
	return call_plain(mgr, &o, L4_PROTO_NONE, NULL);
}

long l4re_dma_space_mgr_associate_phys(l4_cap_idx_t mgr, l4re_dma_space_t dma, unsigned long attr)
{
	struct wire_out o = request(MGR_ASSOCIATE_PHYS);

	wire_put_u32(&o, (l4_uint32_t)attr);
	return call_manager(mgr, &o, dma, NULL);
}

long l4re_dma_space_mgr_disassociate(l4_cap_idx_t mgr, l4re_dma_space_t dma)
{
	struct wire_out o = request(MGR_DISASSOCIATE);

	return call_manager(mgr, &o, dma, NULL);
}

long l4re_dma_space_mgr_block_area(l4_cap_idx_t mgr, l4re_dma_space_t dma,
				   l4re_dma_space_dma_addr_t *addr, l4_uint64_t size,
				   l4re_dma_space_dma_addr_t max, l4_uint32_t flags,
				   unsigned char align)
{
	struct wire_out o = request(MGR_BLOCK_AREA);
	struct wire_in in;
	long result;

	wire_put_u64(&o, *addr);
	wire_put_u64(&o, size);
	wire_put_u64(&o, max);
	wire_put_u32(&o, flags);
	wire_put_u8(&o, align);
	result = call_manager(mgr, &o, dma, &in);
	if (result < 0)
		return result;
	*addr = wire_get_u64(&in);
	return read_result(result, &in);
}

long l4re_dma_space_mgr_set_limits(l4_cap_idx_t mgr, l4re_dma_space_t dma,
				   l4re_dma_space_dma_addr_t min, l4re_dma_space_dma_addr_t max)
{
	struct wire_out o = request(MGR_SET_LIMITS);

	wire_put_u64(&o, min);
	wire_put_u64(&o, max);
	return call_manager(mgr, &o, dma, NULL);
}
