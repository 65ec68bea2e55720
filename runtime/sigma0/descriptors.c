/* SPDX-License-Identifier: MIT */
/* From the memory descriptors of the kernel info page to ranges (ABI description, section 6.1). */
#include "regions.h"

enum {
	DESC_CONVENTIONAL = 1,
	DESC_RESERVED = 2,
	DESC_DEDICATED = 3,
	DESC_SHARED = 4,
	DESC_KERNEL_TEMPORARY = 7,
	DESC_INFO = 0xd,
	DESC_BOOT_LOADER = 0xe,
	DESC_ARCH = 0xf,
};

#define DESC_TYPE(low)	   ((low)&0xf)
#define DESC_SUB_TYPE(low) ((low) >> 4 & 0xf)
#define DESC_VIRTUAL	   (1ULL << 9)
#define DESC_LOW_BITS	   1023ULL
#define PAGE_MASK	   4095ULL

/* The range of pages that lie wholly inside [start, end]; false if there is none. */
static bool round_inward(uint64_t *start, uint64_t *end)
{
	uint64_t first = (*start + PAGE_MASK) & ~PAGE_MASK;
	uint64_t last_page = *end & ~PAGE_MASK;

	if ((*end & PAGE_MASK) != PAGE_MASK) {
		if (last_page == 0)
			return false;
		last_page -= PAGE_MASK + 1;
	}
	if (first < *start || first > last_page)
		return false;
	*start = first;
	*end = last_page | PAGE_MASK;
	return true;
}

/* Rights of a boot-loader range: its sub type, and everything if that says nothing. */
static uint8_t boot_rights(uint64_t low)
{
	uint8_t rights = DESC_SUB_TYPE(low) & REGION_RWX;

	return rights ? rights : REGION_RWX;
}

/* Kind, owner and rights of a descriptor's range; false: the descriptor says nothing of memory. */
static bool classify(uint64_t low, struct region *r)
{
	switch (DESC_TYPE(low)) {
	case DESC_CONVENTIONAL:
		r->kind = REGION_RAM;
		r->rights = REGION_RWX;
		return true;
	case DESC_BOOT_LOADER:
		r->kind = REGION_RAM;
		r->owner = REGION_OWNER_ROOT;
		r->rights = boot_rights(low);
		return true;
	case DESC_DEDICATED:
		r->owner = REGION_OWNER_SIGMA0;
		r->kind = REGION_RESERVED;
		return true;
	case DESC_RESERVED:
	case DESC_KERNEL_TEMPORARY:
		r->kind = REGION_RESERVED;
		return true;
	case DESC_SHARED:
	case DESC_INFO:
	case DESC_ARCH:
		r->kind = REGION_PLATFORM;
		r->rights = REGION_R | REGION_W;
		return true;
	default:
		return false;
	}
}

int region_map_add_descriptor(struct region_map *m, uint64_t low, uint64_t high)
{
	struct region r = { .start = low & ~DESC_LOW_BITS, .end = high | DESC_LOW_BITS };

	if ((low & DESC_VIRTUAL) || r.start > r.end || !classify(low, &r))
		return 0;
	if (DESC_TYPE(low) != DESC_CONVENTIONAL) {
		r.start &= ~PAGE_MASK;
		r.end |= PAGE_MASK;
	} else if (!round_inward(&r.start, &r.end)) {
		return 0;
	}
	return region_map_paint(m, &r);
}
