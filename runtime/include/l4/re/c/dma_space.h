/* SPDX-License-Identifier: MIT */
/* DMA spaces: address spaces of devices. Sizes are bytes. Results: 0, or a negative error. */
#ifndef L4_RE_C_DMA_SPACE_H
#define L4_RE_C_DMA_SPACE_H

#include <l4/re/c/dataspace.h>
#include <l4/sys/compiler.h>
#include <l4/sys/types.h>

EXTERN_C_BEGIN

enum l4re_dma_space_direction {
	L4RE_DMA_SPACE_BIDIRECTIONAL,
	L4RE_DMA_SPACE_TO_DEVICE,
	L4RE_DMA_SPACE_FROM_DEVICE,
	L4RE_DMA_SPACE_NONE
};

enum l4re_dma_space_attributes {
	L4RE_DMA_SPACE_SEARCH_ADDR = 1, /* the server chooses the address */
	L4RE_DMA_SPACE_PARTIAL_MAP = 2	/* less than asked for is fine */
};

typedef l4_cap_idx_t l4re_dma_space_t;
typedef l4_uint64_t l4re_dma_space_dma_addr_t; /* as the device sees it */

/*
 * Map *size bytes of src from offset on for the device, at an address that the server chooses;
 * *size becomes what was mapped. The direction is not used: memory is coherent.
 */
L4_CV long l4re_dma_space_map(l4re_dma_space_t dma, l4re_ds_t src, l4re_ds_offset_t offset,
			      l4_size_t *size, unsigned long attrs,
			      enum l4re_dma_space_direction dir,
			      l4re_dma_space_dma_addr_t *dma_addr) L4_NOTHROW;

/* Undo that. */
L4_CV long l4re_dma_space_unmap(l4re_dma_space_t dma, l4re_dma_space_dma_addr_t dma_addr,
				l4_size_t size, unsigned long attrs,
				enum l4re_dma_space_direction dir) L4_NOTHROW;

/* --- The manager: which hardware a DMA space is for --- */

/* Use the kernel's DMA task for the space. attr 1: identity map. -L4_EBUSY if it has one. */
L4_CV long l4re_dma_space_mgr_associate(l4_cap_idx_t mgr, l4re_dma_space_t dma,
					l4_cap_idx_t dma_task, unsigned long attr) L4_NOTHROW;

/* Addresses of the space are physical addresses: devices without an IOMMU. */
L4_CV long l4re_dma_space_mgr_associate_phys(l4_cap_idx_t mgr, l4re_dma_space_t dma,
					     unsigned long attr) L4_NOTHROW;

/* Undo either. */
L4_CV long l4re_dma_space_mgr_disassociate(l4_cap_idx_t mgr, l4re_dma_space_t dma) L4_NOTHROW;

/*
 * Keep size bytes free of mappings; flags 1: search from *addr up to max for an aligned place
 * (align: log2 bytes). *addr becomes the place.
 */
L4_CV long l4re_dma_space_mgr_block_area(l4_cap_idx_t mgr, l4re_dma_space_t dma,
					 l4re_dma_space_dma_addr_t *addr, l4_uint64_t size,
					 l4re_dma_space_dma_addr_t max, l4_uint32_t flags,
					 unsigned char align) L4_NOTHROW;

/* Map only in [min, max]. */
L4_CV long l4re_dma_space_mgr_set_limits(l4_cap_idx_t mgr, l4re_dma_space_t dma,
					 l4re_dma_space_dma_addr_t min,
					 l4re_dma_space_dma_addr_t max) L4_NOTHROW;

EXTERN_C_END

#endif
