/* SPDX-License-Identifier: MIT */
/* Page-table walks for the debugger. */
#include "x86_64/walk.h"
#include "core/string.h"
#include "x86_64/directmap.h"
#include "x86_64/insn.h"
#include "x86_64/pagetable.h"

static bool canonical_address(u64 va)
{
	return (u64)((s64)(va << 16) >> 16) == va;
}

/* Tables lie in RAM, all of which is in the direct map; a broken entry must not lead beyond it. */
static const u64 *table_at(u64 pa)
{
	return pa >> cpu_feat.phys_bits ? NULL : direct_map_ptr(pa);
}

void page_walk(u64 root, u64 va, struct page_walk *w)
{
	const u64 *table = table_at(root & PTE_ADDRESS);

	*w = (struct page_walk){ .user = true, .writable = true, .executable = true };
	if (!canonical_address(va))
		return;
	for (w->order = PT_ROOT_SHIFT; table; w->order -= PT_BITS) {
		u64 e = table[pt_index(va, w->order)];

		w->entry[w->levels++] = e;
		if (!(e & PTE_PRESENT))
			return;
		w->user &= (e & PTE_USER) != 0;
		w->writable &= (e & PTE_WRITE) != 0;
		w->executable &= !(e & PTE_NX);
		if (w->order == PAGE_SHIFT || !pte_is_table(e)) {
			w->present = true;
			w->pa = pte_address(e, w->order) | (va & ((1ULL << w->order) - 1));
			return;
		}
		table = table_at(e & PTE_ADDRESS);
	}
}

bool address_readable(u64 va)
{
	struct page_walk w;

	page_walk(read_cr3(), va, &w);
	return w.present;
}

/* Bytes from va to the end of its page, at most n. */
static size_t within_page(u64 va, size_t n)
{
	return min_u64(n, PAGE_SIZE - (va & PAGE_MASK));
}

size_t kernel_peek(void *dst, u64 va, size_t n)
{
	size_t done = 0;

	while (done < n && address_readable(va + done)) {
		size_t part = within_page(va + done, n - done);

		memcpy((char *)dst + done, (const void *)(va + done), part);
		done += part;
	}
	return done;
}

size_t space_peek(void *dst, u64 root, u64 va, size_t n)
{
	size_t done = 0;

	while (done < n) {
		size_t part = within_page(va + done, n - done);
		struct page_walk w;

		page_walk(root, va + done, &w);
		if (!w.present)
			break;
		part = kernel_peek((char *)dst + done, (u64)direct_map_ptr(w.pa), part);
		if (!part)
			break;
		done += part;
	}
	return done;
}
