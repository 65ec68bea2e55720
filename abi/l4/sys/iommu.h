/* SPDX-License-Identifier: MIT */
/* IOMMU: attaches devices to DMA spaces. Protocol L4_PROTO_IOMMU, S right. */
#ifndef L4_SYS_IOMMU_H
#define L4_SYS_IOMMU_H

#include <l4/sys/types.h>
#include <l4/sys/utcb.h>
#include <l4/sys/ipc.h>

enum L4_iommu_ops { L4_IOMMU_OP_BIND = 0, L4_IOMMU_OP_UNBIND = 1 };

/* Source id word: devfn bits 0..7, bus 8..15, type 18..19 (1 = requester id), IOMMU 32..47. */
#define L4_IOMMU_SRC_REQUESTER_ID (1UL << 18)
#define L4_IOMMU_SRC_IOMMU_SHIFT  32

/* Source id of a PCI function behind IOMMU number iommu. */
L4_INLINE l4_uint64_t l4_iommu_src_id(unsigned iommu, unsigned bus, unsigned devfn) L4_NOTHROW
{
	return ((l4_uint64_t)(iommu & 0xffff) << L4_IOMMU_SRC_IOMMU_SHIFT) |
	       L4_IOMMU_SRC_REQUESTER_ID | ((bus & 0xff) << 8) | (devfn & 0xff);
}

/* Bind or unbind (op): common form of the two below. */
L4_INLINE l4_msgtag_t l4_iommu_op_u(l4_cap_idx_t iommu, unsigned op, l4_uint64_t src_id,
				    l4_cap_idx_t dma_space, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = op;
	v->mr[1] = (l4_umword_t)src_id;
	l4_utcb_obj_arg_u(utcb, 2, dma_space);
	return l4_obj_call_u(iommu, L4_PROTO_IOMMU, 2, 1, utcb);
}

/*
 * Let the device src_id see the DMA space. Message registers 0 and 1 hold the lowest and highest
 * bus address. -L4_EINVAL, -L4_ENOMEM.
 */
L4_INLINE l4_msgtag_t l4_iommu_bind_u(l4_cap_idx_t iommu, l4_uint64_t src_id,
				      l4_cap_idx_t dma_space, l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_iommu_op_u(iommu, L4_IOMMU_OP_BIND, src_id, dma_space, utcb);
}

/* l4_iommu_bind_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_iommu_bind(l4_cap_idx_t iommu, l4_uint64_t src_id,
				    l4_cap_idx_t dma_space) L4_NOTHROW
{
	return l4_iommu_bind_u(iommu, src_id, dma_space, l4_utcb());
}

/* Detach the device from the DMA space; no error if it was not attached. */
L4_INLINE l4_msgtag_t l4_iommu_unbind_u(l4_cap_idx_t iommu, l4_uint64_t src_id,
					l4_cap_idx_t dma_space, l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_iommu_op_u(iommu, L4_IOMMU_OP_UNBIND, src_id, dma_space, utcb);
}

/* l4_iommu_unbind_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_iommu_unbind(l4_cap_idx_t iommu, l4_uint64_t src_id,
				      l4_cap_idx_t dma_space) L4_NOTHROW
{
	return l4_iommu_unbind_u(iommu, src_id, dma_space, l4_utcb());
}

#endif
