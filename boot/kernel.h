/* SPDX-License-Identifier: MIT */
/* Loads the kernel and fills its info page. */
#ifndef BOOT_KERNEL_H
#define BOOT_KERNEL_H

#include <stdint.h>

#include "handover.h"
#include "memmap.h"

struct kernel {
	uint64_t phys;	     /* 2 MiB aligned */
	uint64_t image_size; /* bytes, page multiple */
	uint64_t size;	     /* with page tables */
	uint64_t page_table; /* PML4 */
	uint64_t kip;	     /* physical address of the kernel info page */
	uint64_t entry;	     /* kernel virtual */
};

/*
 * Place, load and map the embedded kernel; marks the memory (MEM_KERNEL). All other regions that
 * the direct map must show have to be known. Halts with an error line if the kernel is invalid or
 * there is no place.
 */
struct kernel kernel_load(const struct handover *handover, struct memmap *map);

/* What the boot stage writes to the kernel info page. */
struct kip_values {
	uint64_t sigma0_entry, root_entry, module_list, rsdp;
};

/*
 * Fill the kernel info page. Halts with an error line if the memory descriptors do not fit.
 * @kip: physical address. @map: final state, MEM_TEMP released.
 */
void kip_fill(uint64_t kip, const struct kip_values *values, const struct memmap *map);

#endif
