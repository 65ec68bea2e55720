/* SPDX-License-Identifier: MIT */
/* An entry of a view's fill message, decoded and checked. Pure. */
#ifndef KERNEL_VIEW_ENTRY_H
#define KERNEL_VIEW_ENTRY_H

#include "x86_64/pagetable.h"
#include <l4/zwinger/view.h>

#define RUN_ORDER_MAX 15 /* longest run of 4 KiB pages in one entry: 32 KiB */

struct fill {
	u64 guest, home;
	unsigned order;
	u8 rights;
};

static inline bool fill_decode(u64 guest, u64 home, struct fill *f)
{
	f->guest = guest & ~PAGE_MASK;
	f->home = home & ~PAGE_MASK;
	f->order = PAGE_SHIFT + (guest >> 4 & 63);
	f->rights = guest & (MAP_R | MAP_W | MAP_X);
	return !(guest & 0xc08) && !(home & PAGE_MASK) && f->rights &&
	       (f->order <= RUN_ORDER_MAX || f->order == 21 || f->order == 30) &&
	       !((f->guest | f->home) & ((1ULL << f->order) - 1)) &&
	       pt_user_page(f->guest, f->order, true);
}

#endif
