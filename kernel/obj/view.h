/* SPDX-License-Identifier: MIT */
/*
 * View: an address space that is a cache of its home task's mappings (l4/zwinger/view.h).
 *
 * A view has page tables of its own, which are not in the mapping database. Everything in it is
 * guarded by the lock of the home task's space, under which the home's mappings lose rights too. So
 * what a fill finds in the home is true until it has entered it, and a revocation empties the views
 * that may show the page before anybody can see the home without it.
 *
 * A table is in one of three states: in use; retired, that is unhooked but perhaps still known to
 * the page walker of a CPU; free, after a TLB flush. Only free ones become tables again.
 */
#ifndef KERNEL_VIEW_H
#define KERNEL_VIEW_H

#include "core/kobject.h"
#include "core/list.h"
#include "obj/task.h"

struct view_page;
struct tlb_batch;

struct view_pages {
	struct view_page *first, *last;
};

/* Which half of a composition a view provides (obj/composition.h). */
enum view_half { VIEW_LOWER, VIEW_UPPER };

struct view {
	struct kobject obj;
	struct task *home;	 /* pinned */
	struct view *next;	 /* in home->space.views */
	struct space user;	 /* this view alone: guest user mode */
	struct list shown_in[2]; /* compositions, by the half that this view provides */
	struct view_pages tops;	 /* tables that root entries point to */
	struct view_pages used;	 /* the tables below */
	struct view_pages retired, free;
	struct composition *spare;     /* for the first one of which this is the lower half */
	bool gone;		       /* being destroyed: empty, and stays so */
	bool home_cut;		       /* its compositions do not show the home any more */
	u32 flushing;		       /* CPUs that make retired tables free */
	u32 top_count;		       /* tables in tops */
	u32 pages, limit;	       /* tables of any state */
	u64 home_lo, home_hi;	       /* entries are of home addresses lo..hi, hi included */
	u64 fills, made, forced_drops; /* entries and tables ever; drops for lack of tables */
	u32 pins;
};

static inline struct view *view_of(struct kobject *o)
{
	return container_of(o, struct view, obj);
}

/* quota: bytes of page tables that the view may use (charged to q as they are needed); at least
 * 16 pages. NULL: no memory or too small. */
struct view *view_create(struct quota *q, struct task *home, u64 quota);

/*
 * An entry that a vCPU offers for v (two words as of l4_zw_view_entry_t, which user land can write)
 * is filled, and its first word cleared, if it is one page, with tables in place and memory in the
 * home; else nothing happens. Takes the home's lock, under which the entry is read.
 */
void view_fill_offer(struct view *v, u64 *entry);

/* Keep the view's memory; a view that was deleted is empty and stays so. NULL is fine. */
void view_pin(struct view *v);
void view_unpin(struct view *v);

#endif
