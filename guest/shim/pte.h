/* SPDX-License-Identifier: MIT */
/* Entries of page tables and addresses they translate (AMD64 manual, volume 2, section 5.3). */
#ifndef GUEST_SHIM_PTE_H
#define GUEST_SHIM_PTE_H

#include "shim/memory.h"

#define PTE_PRESENT    (1UL << 0)
#define PTE_WRITE      (1UL << 1)
#define PTE_USER       (1UL << 2)
#define PTE_CACHE      (1UL << 3 | 1UL << 4 | 1UL << 7) /* PWT, PCD, PAT of a leaf */
#define PTE_ACCESSED   (1UL << 5)
#define PTE_DIRTY      (1UL << 6)
#define PTE_LARGE      (1UL << 7) /* above the last level */
#define PTE_NOEXEC     (1UL << 63)
#define PTE_FRAME_MASK 0x000ffffffffff000UL

#define LOWER_HALF_END 0x0000800000000000UL

static inline uint64_t pte_frame(uint64_t entry)
{
	return (entry & PTE_FRAME_MASK) >> PAGE_SHIFT;
}

/* log2 bytes that one entry of a table of this level (1..4) translates. */
static inline unsigned level_shift(unsigned level)
{
	return PAGE_SHIFT + 9 * (level - 1);
}

static inline unsigned table_index(uint64_t address, unsigned level)
{
	return address >> level_shift(level) & (TABLE_ENTRIES - 1);
}

/* Bits of an address within one half of the address space. */
enum { HALF_BITS = 47 };

/* The address with bits 48..63 equal to bit 47. */
static inline uint64_t canonical(uint64_t address)
{
	return (uint64_t)((int64_t)(address << 16) >> 16);
}

#endif
