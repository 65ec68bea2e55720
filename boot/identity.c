/* SPDX-License-Identifier: MIT */
/* The 1:1 map that the boot stage itself runs in: grows above 4 GiB on demand. */
#include "identity.h"

#include "console.h"
#include "io.h"
#include "lib.h"
#include "paging.h"

#define EXTRA_TABLES 8

static uint64_t extra[EXTRA_TABLES][PTE_COUNT] __attribute__((aligned(4096)));
static unsigned extra_used;

/* Entry for one GiB at @phys. */
static uint64_t gib_entry(uint64_t phys)
{
	uint64_t *table = extra[extra_used];

	if (paging_has_1gib())
		return phys | PTE_LARGE | PTE_WRITE | PTE_PRESENT;
	if (extra_used++ == EXTRA_TABLES)
		fatal("too many modules or tables above 4 GiB (at 0x%lx)", phys);
	for (unsigned i = 0; i < PTE_COUNT; i++)
		table[i] = (phys + i * SIZE_2MIB) | PTE_LARGE | PTE_WRITE | PTE_PRESENT;
	return ptr_phys(table) | PTE_WRITE | PTE_PRESENT;
}

void identity_map(uint64_t phys, uint64_t size)
{
	uint64_t cr3, *pdpt;

	if (!size)
		return;
	if (phys >= MEMMAP_LIMIT || size > MEMMAP_LIMIT - phys)
		fatal("0x%lx + 0x%lx is above the supported memory", phys, size);
	__asm__("mov %%cr3, %0" : "=r"(cr3));
	pdpt = phys_ptr(*(uint64_t *)phys_ptr(cr3) & PTE_ADDRESS);
	for (uint64_t gib = phys / SIZE_1GIB; gib <= (phys + size - 1) / SIZE_1GIB; gib++)
		if (!pdpt[gib])
			pdpt[gib] = gib_entry(gib * SIZE_1GIB);
}
