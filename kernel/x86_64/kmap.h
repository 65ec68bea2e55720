/* SPDX-License-Identifier: MIT */
/* Kernel mappings besides the direct map and the image: slot 257 above the image. */
#ifndef KERNEL_KMAP_H
#define KERNEL_KMAP_H

#include "core/types.h"

/* The kernel's own PML4; slots 256..259 are the same in every address space. */
extern u64 *kernel_pml4;

/* Take over the page tables of the boot stage: drop its identity mapping, and prepare what user
 * page tables get of the kernel: everything, or with isolation only the entry sections and the
 * window of this file. */
void kmap_init(u64 *pml4);

/* Zeroed memory of the kernel that is also in user page tables when these are isolated: pages at
 * consecutive addresses in the window. Never freed; panics without memory. */
void *kmap_shared_alloc(unsigned pages);

/* Reserve pages of kernel address space (never given back). */
void *kmap_reserve(unsigned pages);

/* Map one page of normal memory at va, never executable. */
void kmap_page(void *va, phys_t pa, bool writable);

#endif
