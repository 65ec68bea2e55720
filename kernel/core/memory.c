/* SPDX-License-Identifier: MIT */
/* Physical memory of the kernel, memory descriptors. Abi spec 6.1. */
#include "core/memory.h"
#include "bootinfo.h"
#include "core/kip.h"
#include "core/print.h"
#include "mm/kmem.h"
#include "x86_64/pagetable.h"
#include "x86_64/platform.h"

#define DESC_TYPE    0xf
#define DESC_VIRTUAL (1ULL << 9)
#define HEAP_SHARE   16 /* of the RAM */
#define HEAP_MIN     (6ULL << 20)
#define HEAP_MAX     (1ULL << 30)

enum { TYPE_CONVENTIONAL = 1, TYPE_RESERVED = 2, SUB_HEAP = 1 << 4 };

static struct memory_range kernel_ranges[24];
static unsigned kernel_range_count;

static u64 desc_start(u64 low)
{
	return low & ~0x3ffULL;
}

static u64 desc_end(u64 high)
{
	return (high | 0x3ff) + 1;
}

/* Take [start, end) out of the list. */
static unsigned subtract(struct memory_range *r, unsigned n, unsigned max, u64 start, u64 end)
{
	for (unsigned i = 0; i < n; i++) {
		struct memory_range old = r[i];

		if (end <= old.start || start >= old.end)
			continue;
		r[i].end = start > old.start ? start : old.start;
		if (end < old.end && n < max)
			r[n++] = (struct memory_range){ end, old.end };
	}
	return n;
}

unsigned memory_free_ranges(const u64 *desc, unsigned n, struct memory_range *out, unsigned max)
{
	unsigned count = 0, kept = 0;

	for (unsigned i = 0; i < n; i++) {
		u64 low = desc[2 * i], high = desc[2 * i + 1];

		if (!(low & DESC_TYPE) || (low & DESC_VIRTUAL))
			continue;
		if ((low & DESC_TYPE) != TYPE_CONVENTIONAL)
			count = subtract(out, count, max, desc_start(low), desc_end(high));
		else if (count < max)
			out[count++] = (struct memory_range){ desc_start(low), desc_end(high) };
	}
	for (unsigned i = 0; i < count; i++) {
		u64 s = align_up(out[i].start, PAGE_SIZE), e = align_down(out[i].end, PAGE_SIZE);

		if (s < e)
			out[kept++] = (struct memory_range){ s, e };
	}
	return kept;
}

static bool add_descriptor(u64 start, u64 end, u64 type)
{
	u64 *d = kip_descriptors();

	for (unsigned i = 0; i < kip_descriptor_slots(); i++) {
		if (d[2 * i] & DESC_TYPE)
			continue;
		d[2 * i] = start | type;
		d[2 * i + 1] = end - 1;
		return true;
	}
	return false;
}

static u64 ram_bytes(void)
{
	const u64 *d = kip_descriptors();
	u64 sum = 0;

	for (unsigned i = 0; i < kip_descriptor_slots(); i++)
		if ((d[2 * i] & (DESC_TYPE | DESC_VIRTUAL)) == TYPE_CONVENTIONAL)
			sum += desc_end(d[2 * i + 1]) - desc_start(d[2 * i]);
	return sum;
}

/* The part of a free range where the heap goes: its end, aligned so that large blocks fit. */
static struct memory_range heap_in(struct memory_range r, u64 want)
{
	u64 size = min_u64(want, r.end - r.start);
	u64 start = align_up(r.end - size, size >= 4 << 20 ? 2 << 20 : PAGE_SIZE);

	return (struct memory_range){ start < r.end ? start : r.end, r.end };
}

/* The highest free range that is large enough, else the largest. */
static struct memory_range choose_heap(u64 want)
{
	struct memory_range r[128], best = { 0, 0 };
	unsigned n =
	    memory_free_ranges(kip_descriptors(), kip_descriptor_slots(), r, ARRAY_SIZE(r));

	for (unsigned i = 0; i < n; i++) {
		u64 size = r[i].end - r[i].start, have = best.end - best.start;

		if (r[i].end > 1ULL << 39 || r[i].start < 1 << 20)
			continue;
		if (size >= want ? have < want || r[i].start > best.start : size > have)
			best = r[i];
	}
	return heap_in(best, want);
}

static void own(u64 start, u64 end)
{
	BUG_ON(kernel_range_count == ARRAY_SIZE(kernel_ranges));
	kernel_ranges[kernel_range_count++] = (struct memory_range){ start, end };
}

void memory_protect(phys_t pa, u64 bytes)
{
	own(align_down(pa.v, PAGE_SIZE), align_up(pa.v + bytes, PAGE_SIZE));
}

u64 memory_init(const struct bootinfo *bi, u64 kmem_kib)
{
	u64 want = kmem_kib ? align_up(kmem_kib << 10, PAGE_SIZE)
			    : max_u64(HEAP_MIN, min_u64(HEAP_MAX, ram_bytes() / HEAP_SHARE));
	struct memory_range heap = choose_heap(want);

	own(bi->kernel_phys, bi->kip_phys);
	own(bi->kip_phys + PAGE_SIZE, bi->kernel_phys + bi->kernel_size);
	if (heap.end - heap.start < HEAP_MIN / 2)
		return 0;
	own(heap.start, heap.end);
	kmem_add(phys_to_virt(phys(heap.start)), phys_to_virt(phys(heap.end)));
	add_descriptor(heap.start, heap.end, TYPE_RESERVED | SUB_HEAP);
	add_descriptor(USER_LOW_LAST + 1, 0xffff800000000000, TYPE_RESERVED | DESC_VIRTUAL);
	add_descriptor(0, USER_LOW_LAST + 1, TYPE_CONVENTIONAL | DESC_VIRTUAL);
	return heap.end - heap.start;
}

bool phys_is_kernel(phys_t pa, unsigned order)
{
	u64 end = pa.v + (1ULL << order);

	for (unsigned i = 0; i < kernel_range_count; i++)
		if (pa.v < kernel_ranges[i].end && end > kernel_ranges[i].start)
			return true;
	return false;
}

bool phys_is_ram(phys_t pa)
{
	const u64 *d = kip_descriptors();

	for (unsigned i = 0; i < kip_descriptor_slots(); i++)
		if ((d[2 * i] & (DESC_TYPE | DESC_VIRTUAL)) == TYPE_CONVENTIONAL &&
		    pa.v >= desc_start(d[2 * i]) && pa.v < desc_end(d[2 * i + 1]))
			return true;
	return false;
}
