/* SPDX-License-Identifier: MIT */
/*
 * DMA space: a task object with memory only, whose addresses are bus addresses. Memory is mapped
 * with l4_task_map() and l4_task_unmap(); iommu.h attaches devices.
 */
#ifndef L4_SYS_DMA_SPACE_H
#define L4_SYS_DMA_SPACE_H

#include <l4/sys/factory.h>
#include <l4/sys/task.h>

/* Create a DMA space. -L4_ENODEV or -L4_ENOMEM without an active IOMMU. */
L4_INLINE l4_msgtag_t l4_factory_create_dma_space_u(l4_cap_idx_t factory, l4_cap_idx_t target_cap,
						    l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_factory_create_u(factory, L4_PROTO_DMA_SPACE, target_cap, utcb);
}

/* l4_factory_create_dma_space_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_factory_create_dma_space(l4_cap_idx_t factory,
						  l4_cap_idx_t target_cap) L4_NOTHROW
{
	return l4_factory_create_dma_space_u(factory, target_cap, l4_utcb());
}

#endif
