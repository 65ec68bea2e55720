/* SPDX-License-Identifier: MIT */
/* Direct map as inline arithmetic, for code that follows page tables; host tests replace it. */
#ifndef KERNEL_DIRECTMAP_H
#define KERNEL_DIRECTMAP_H

#include "bootinfo.h"
#include "core/types.h"

/* Kernel address of physical address pa (bytes), which must lie in the direct map. */
static always_inline void *direct_map_ptr(u64 pa)
{
	return (void *)(DIRECT_MAP_BASE + pa);
}

/* Physical address (bytes) of a direct-map address; not for addresses in the kernel image. */
static always_inline u64 direct_map_phys(const void *p)
{
	return (u64)p - DIRECT_MAP_BASE;
}

#endif
