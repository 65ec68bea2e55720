/* SPDX-License-Identifier: MIT */
/* Physical memory: what is RAM, what is the kernel's. From the memory descriptors of the KIP. */
#ifndef KERNEL_MEMORY_H
#define KERNEL_MEMORY_H

#include "core/types.h"

struct bootinfo;

/* Take the kernel's heap from free RAM (kmemsize: KiB, 0: choose), hand it to the page allocator
 * and describe it in the KIP. Returns bytes taken, 0 if there is too little memory. */
u64 memory_init(const struct bootinfo *bi, u64 kmem_kib);

/* Physical range that user land must not get besides image and heap: device registers. */
void memory_protect(phys_t pa, u64 bytes);

/* True if any byte of the 2^order bytes at pa (aligned) belongs to the kernel; the KIP does not. */
bool phys_is_kernel(phys_t pa, unsigned order);

/* True if pa is RAM, so that reading it through the direct map has no side effect. */
bool phys_is_ram(phys_t pa);

/* Free parts of RAM (pure): conventional memory without what later descriptors carve out. Fills
 * ranges {start, end} up to max, returns their number. */
struct memory_range {
	u64 start, end; /* bytes, end exclusive, page aligned */
};
unsigned memory_free_ranges(const u64 *desc, unsigned n, struct memory_range *out, unsigned max);

#endif
