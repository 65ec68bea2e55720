/* SPDX-License-Identifier: MIT */
/* Memory of vmm that guests get mapped. */
#ifndef VMM_AREA_H
#define VMM_AREA_H

#include <stdint.h>
#include <l4/re/c/mem_alloc.h>

struct area {
	l4re_ds_t memory;
	uint8_t *address; /* in vmm; NULL: there is none */
	uint64_t bytes;
};

/*
 * Allocate bytes (a multiple of a page), cleared, aligned to 2 MiB; flags of l4re_ma_flags. Returns
 * 0 or an error of the allocator or the region map; *area is empty then.
 */
long area_alloc(struct area *area, uint64_t bytes, unsigned long flags);

/* Take the memory away from everybody and give it back. Nothing if the area is empty. */
void area_free(struct area *area);

/* Map a part (bytes from offset on, multiples of a page) to an address of a task, in pages as large
 * as possible; rights of L4_fpage_rights. 0, -L4_ENOMEM, or an error of the kernel. */
long area_map(const struct area *area, uint64_t offset, uint64_t bytes, l4_cap_idx_t task,
	      uint64_t address, unsigned rights);

#endif
