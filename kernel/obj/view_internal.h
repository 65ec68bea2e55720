/* SPDX-License-Identifier: MIT */
/* Between view.c and view_fill.c. The lock of a view is its home's. */
#ifndef KERNEL_VIEW_INTERNAL_H
#define KERNEL_VIEW_INTERNAL_H

#include "obj/view.h"

#define ALL_ADDRESSES (~0ULL)

static inline struct spinlock *view_lock(const struct view *v)
{
	return &v->home->space.lock;
}

/* The entry for the page of 2^order bytes at va, tables made on the way. NULL: no table to be had.
 * *stale: a larger page was replaced. Lock held. */
u64 *view_entry_make(struct view *v, u64 va, unsigned order, bool *stale);

/* No table could be had: drop everything, or wait for another CPU that does it. The lock is
 * released and taken again. */
void view_make_room(struct view *v);

/* Translations of v at va (ALL_ADDRESSES: any) are out of date. Lock held; it is released. */
void view_unlock_and_flush(struct view *v, u64 va);

/* The operation fill. */
u64 view_fill(struct view *v, struct invocation *inv);

#endif
