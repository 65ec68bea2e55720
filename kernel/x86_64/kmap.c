/* SPDX-License-Identifier: MIT */
/* Kernel mappings of single pages: a window of 6 MiB, 2 GiB above KERNEL_BASE, with static tables. */
#include "x86_64/kmap.h"
#include "bootinfo.h"
#include "core/print.h"
#include "x86_64/insn.h"
#include "x86_64/pagetable.h"
#include "x86_64/platform.h"

#define WINDOW_BASE  (KERNEL_BASE + (2ULL << 30))
#define WINDOW_PAGES (TABLES * 512u)
enum { TABLES = 3 };

u64 *kernel_pml4;
static u64 directory[512] __attribute__((aligned(4096)));
static u64 tables[TABLES][512] __attribute__((aligned(4096)));
static unsigned used;

void kmap_init(u64 *pml4)
{
	u64 *pdpt = phys_to_virt(phys(pml4[KERNEL_BASE >> 39 & 511] & PTE_ADDRESS));

	kernel_pml4 = kernel_pml4_template = pml4;
	pdpt[WINDOW_BASE >> 30 & 511] = virt_to_phys(directory).v | PTE_PRESENT | PTE_WRITE;
	for (unsigned i = 0; i < TABLES; i++)
		directory[i] = virt_to_phys(tables[i]).v | PTE_PRESENT | PTE_WRITE;
	pml4[0] = 0;
	write_cr3(read_cr3());
}

void *kmap_reserve(unsigned pages)
{
	void *va = (void *)(WINDOW_BASE + (u64)used * PAGE_SIZE);

	BUG_ON(used + pages > WINDOW_PAGES);
	used += pages;
	return va;
}

void kmap_page(void *va, phys_t pa, bool writable)
{
	u64 i = ((u64)va - WINDOW_BASE) / PAGE_SIZE;

	tables[i / 512][i % 512] = pa.v | PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY |
				   (writable ? PTE_WRITE : 0) | pte_nx();
}
