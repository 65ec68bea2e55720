/* SPDX-License-Identifier: MIT */
/*
 * Direct map, and the window for device registers: 1 GiB of kernel addresses, from 1 GiB above
 * KERNEL_BASE up, given out once and never taken back. Its page tables are part of the kernel
 * image, so that a mapping needs no memory and no allocator. Whole 2 MiB pieces (frame buffers)
 * are mapped as large pages.
 */
#include "bootinfo.h"
#include "core/spinlock.h"
#include "x86_64/insn.h"
#include "x86_64/platform.h"

enum {
	PTE_P = 1 << 0,
	PTE_W = 1 << 1,
	PTE_PWT = 1 << 3,
	PTE_PCD = 1 << 4,
	PTE_A = 1 << 5,
	PTE_D = 1 << 6,
	PTE_PS = 1 << 7,
	PTE_PAT_4K = 1 << 7,
	PTE_G = 1 << 8,
	PTE_PAT_2M = 1 << 12,
	ENTRIES = 512,
	SMALL_TABLES = 6,
};
#define PTE_NX	    (1ull << 63)
#define LARGE_SIZE  (2ull << 20)
#define WINDOW_SIZE (1ull << 30)
#define WINDOW_BASE (KERNEL_BASE + WINDOW_SIZE)

typedef u64 page_table[ENTRIES] __attribute__((aligned(4096)));

static u64 kernel_image;  /* physical address */
static page_table window; /* the page directory */
static page_table small[SMALL_TABLES];
static unsigned small_used;
static u64 window_used; /* bytes from WINDOW_BASE that are given out */
static struct spinlock lock;

void directmap_init(phys_t image)
{
	kernel_image = image.v;
}

void *phys_to_virt(phys_t pa)
{
	return (void *)(DIRECT_MAP_BASE + pa.v);
}

phys_t virt_to_phys(const void *va)
{
	u64 v = (u64)va;

	return phys(v >= KERNEL_BASE ? v - KERNEL_BASE + kernel_image : v - DIRECT_MAP_BASE);
}

static u64 *table_of(u64 entry)
{
	return phys_to_virt(phys(entry & CR3_ADDRESS));
}

/* Hang the window into slot 257, whose second-level table all address spaces share. */
static void window_install(void)
{
	u64 *pml4 = table_of(read_cr3());
	u64 *pdpt = table_of(pml4[KERNEL_BASE >> 39 & (ENTRIES - 1)]);
	u64 *entry = &pdpt[WINDOW_BASE >> 30 & (ENTRIES - 1)];

	if (!*entry)
		*entry = virt_to_phys(window).v | PTE_P | PTE_W | PTE_A;
}

static u64 pte_flags(bool write_combining)
{
	u64 flags = PTE_P | PTE_W | PTE_A | PTE_D | PTE_G | (cpu_feat.nx ? PTE_NX : 0);

	return flags | (write_combining ? PTE_PWT : PTE_PWT | PTE_PCD);
}

static void map_large(u64 off, u64 pa, bool wc)
{
	window[off / LARGE_SIZE] = pa | pte_flags(wc) | PTE_PS | (wc ? PTE_PAT_2M : 0);
}

static void map_small(u64 off, u64 pa, bool wc)
{
	u64 *entry = &window[off / LARGE_SIZE];

	if (!*entry)
		*entry = virt_to_phys(small[small_used++]).v | PTE_P | PTE_W | PTE_A;
	table_of(*entry)[off >> PAGE_SHIFT & (ENTRIES - 1)] =
	    pa | pte_flags(wc) | (wc ? PTE_PAT_4K : 0);
}

/* Map [pa, pa + len) at window offset off; all page aligned, off and pa equal modulo 2 MiB or no
 * large page fits. */
static void map_range(u64 off, u64 pa, u64 len, bool wc)
{
	while (len) {
		bool large = !((off | pa) & (LARGE_SIZE - 1)) && len >= LARGE_SIZE;
		u64 step = large ? LARGE_SIZE : PAGE_SIZE;

		if (large)
			map_large(off, pa, wc);
		else
			map_small(off, pa, wc);
		off += step;
		pa += step;
		len -= step;
	}
}

/* How many tables of small pages [off, off + len) takes at most: its two ends, or all of it. */
static unsigned small_needed(u64 off, u64 len)
{
	u64 first = align_down(off, LARGE_SIZE), end = align_up(off + len, LARGE_SIZE);
	u64 pieces = (end - first) / LARGE_SIZE;

	return pieces > 2 ? 2 : (unsigned)pieces;
}

void *mmio_map(phys_t pa, u64 bytes, bool write_combining)
{
	u64 first = align_down(pa.v, PAGE_SIZE), len = align_up(pa.v + bytes, PAGE_SIZE) - first;
	void *va = NULL;
	u64 off;

	spin_lock(&lock);
	off = window_used;
	if (len >= LARGE_SIZE) /* same place within a large page */
		off = align_up(off, LARGE_SIZE) + (first & (LARGE_SIZE - 1));
	if (len && len <= WINDOW_SIZE && off + len <= WINDOW_SIZE &&
	    small_used + small_needed(off, len) <= SMALL_TABLES) {
		window_install();
		map_range(off, first, len, write_combining);
		window_used = off + len;
		va = (void *)(WINDOW_BASE + off + (pa.v - first));
	}
	spin_unlock(&lock);
	return va;
}
