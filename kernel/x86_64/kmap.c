/* SPDX-License-Identifier: MIT */
/* Kernel mappings of single pages: a window of 12 MiB, 2 GiB above KERNEL_BASE, with static tables.
 */
#include "x86_64/kmap.h"
#include "bootinfo.h"
#include "core/print.h"
#include "mm/kmem.h"
#include "x86_64/insn.h"
#include "x86_64/pagetable.h"
#include "x86_64/platform.h"

#define WINDOW_BASE  (KERNEL_BASE + (2ULL << 30))
#define WINDOW_PAGES (TABLES * 512u)
enum { TABLES = 6 };

u64 *kernel_pml4;
static u64 directory[512] __attribute__((aligned(4096)));
static u64 tables[TABLES][512] __attribute__((aligned(4096)));
static unsigned used;

/* The part of slot 257 that isolated user page tables have. */
static u64 isolated_pml4[512] __attribute__((aligned(4096)));
static u64 isolated_pdpt[512] __attribute__((aligned(4096)));
static u64 isolated_directory[512] __attribute__((aligned(4096)));
static u64 isolated_image[512] __attribute__((aligned(4096)));

extern const char entry_start[], entry_end[], entry_data_start[], entry_data_end[];

static u64 table_entry(const void *table)
{
	return virt_to_phys(table).v | PTE_PRESENT | PTE_WRITE;
}

/* Show the pages [from, to) of the image (within its first 2 MiB) as the kernel has them. */
static void isolated_add(const char *from, const char *to)
{
	unsigned order;

	BUG_ON((u64)to > KERNEL_BASE + (2 << 20));
	for (u64 va = (u64)from; va < (u64)to; va += PAGE_SIZE)
		isolated_image[pt_index(va, 12)] = *pt_walk(kernel_pml4, va, &order);
}

static u64 *isolated_template(void)
{
	isolated_add(entry_start, entry_end);
	isolated_add(entry_data_start, entry_data_end);
	isolated_directory[0] = table_entry(isolated_image);
	isolated_pdpt[pt_index(KERNEL_BASE, 30)] = table_entry(isolated_directory);
	isolated_pdpt[pt_index(WINDOW_BASE, 30)] = table_entry(directory);
	isolated_pml4[pt_index(KERNEL_BASE, 39)] = table_entry(isolated_pdpt);
	return isolated_pml4;
}

void kmap_init(u64 *pml4)
{
	u64 *pdpt = pte_table(pml4[pt_index(KERNEL_BASE, 39)]);

	kernel_pml4 = pml4;
	pdpt[pt_index(WINDOW_BASE, 30)] = table_entry(directory);
	for (unsigned i = 0; i < TABLES; i++)
		directory[i] = table_entry(tables[i]);
	kernel_pml4_template = cpu_feat.need_kpti ? isolated_template() : pml4;
	pml4[0] = 0;
	write_cr3(read_cr3());
}

void *kmap_shared_alloc(unsigned pages)
{
	char *va = kmap_reserve(pages);

	for (unsigned i = 0; i < pages; i++) {
		void *p = page_alloc_zeroed(&root_quota, 0);

		BUG_ON(!p);
		kmap_page(va + i * PAGE_SIZE, virt_to_phys(p), true);
	}
	return va;
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

	tables[i / 512][i % 512] =
	    pa.v | PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY | (writable ? PTE_WRITE : 0) | pte_nx();
}
