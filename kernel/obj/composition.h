/* SPDX-License-Identifier: MIT */
/*
 * Composition: the address space of guest-kernel mode. Root slots 0..255 are those of one view
 * (lower), 272..511 those of another or the same one (upper), 260..271 those of the home task.
 *
 * Invariant: an entry of a composition's root is that of its source, or empty in the home's part
 * (which a fault brings up to date). Whoever changes a root entry of a view changes it in the
 * compositions too, in the same section of the home's lock; so tables are never left dangling and
 * entering a guest needs no check.
 *
 * A composition stays as long as both views do, so that going back to a process costs nothing. When
 * a view is destroyed, vCPUs that still use the composition keep what is left of it.
 */
#ifndef KERNEL_COMPOSITION_H
#define KERNEL_COMPOSITION_H

#include "core/defer_types.h"
#include "obj/view.h"

/* Root slots that guest-kernel mode takes from the home task. */
enum { HOME_SLOT_FIRST = 260, HOME_SLOT_LAST = 271 };

struct composition {
	struct space space;
	struct view *half[2]; /* NULL: destroyed */
	struct list link[2];  /* in half[i]->shown_in[i] */
	struct view *upper;   /* pinned: its own space is the group of this one (mm/space.h) */
	struct quota *quota;
	struct defer defer;
	u32 users; /* vCPUs */
};

/* One that composition_get() will use; NULL: no memory. */
struct composition *composition_make(struct quota *q);
void composition_free(struct composition *c);

/* The composition of two views of one home, made if there is none, for one more user: *out. Charged
 * to the quota of lower, which has a spare one, so the first is never refused for memory. 0,
 * -L4_ENOMEM, -L4_ENOENT (a view was deleted). Takes the home's lock. */
int composition_get(struct view *lower, struct view *upper, struct composition **out);

/* One user less; home is that of the views, c may be NULL. Takes the home's lock; no other may be
 * held, it waits for TLB flushes. */
void composition_put(struct composition *c, struct task *home);

/* *c, with one user less, becomes the composition of lower and upper, of the same home, with one
 * user more. False: there is none, or more would be to be done; nothing has changed. Takes the
 * home's lock. */
bool composition_change(struct composition **c, struct view *lower, const struct view *upper);

/* A guest faulted at addr. True if only the home's part was out of date: try again. */
bool composition_sync(struct composition *c, struct task *home, u64 addr);

/* --- For view.c; the home's lock is held. --- */

/* Set a root entry of v, in v itself and where it is shown. */
void composition_set_root(struct view *v, unsigned slot, u64 pte);

/* Clear all root entries of v, in v itself and where they are shown. */
void composition_clear_roots(struct view *v);

/* Translations of v's entry at va (~0: of any) are out of date. */
void composition_stale(struct view *v, struct tlb_batch *b, u64 va);

/* v is being destroyed and empty: leave a few compositions. True when none is left. */
bool composition_leave(struct view *v, struct tlb_batch *b);

/* The home's part of v's compositions: its page tables are changing. */
void composition_home_stale(struct view *v, struct tlb_batch *b);

#endif
