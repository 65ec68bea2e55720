/* SPDX-License-Identifier: MIT */
/* Host stand-in: the physical address of kernel memory is its address in the test process. */
#ifndef KERNEL_DIRECTMAP_H
#define KERNEL_DIRECTMAP_H

#include "core/types.h"

static always_inline void *direct_map_ptr(u64 pa)
{
	return (void *)pa;
}

static always_inline u64 direct_map_phys(const void *p)
{
	return (u64)p;
}

#endif
