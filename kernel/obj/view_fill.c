/* SPDX-License-Identifier: MIT */
/* Views: filling. */
#include "core/ipc.h"
#include "core/preempt.h"
#include "obj/view_entry.h"
#include "obj/view_internal.h"
#include "x86_64/pagetable.h"
#include "x86_64/tlb.h"
#include <l4/sys/err.h>
#include <l4/zwinger/view.h>

#define FILL_BATCH 8u /* entries between two preemption points */

enum {
	FILL_TABLES = 10,  /* tables that are cleared between two preemption points, about */
	FILL_NO_TABLE = 1, /* result besides errors: make room, then try again */
};

/* The home's leaf at ha, if it is of 2^order bytes or more and gives the rights; else 0. */
static always_inline u64 home_leaf(const struct view *v, u64 ha, unsigned order, u8 rights,
				   unsigned *found)
{
	u64 pte;

	if (!pt_user_address(ha, true))
		return 0;
	pte = *pt_walk(v->home->space.root, ha, found);
	if (!(pte & PTE_PRESENT) || *found < order || *found == PT_ROOT_SHIFT)
		return 0;
	return rights & ~pte_rights(pte) ? 0 : pte;
}

/* Could a CPU that remembers `old` do what `new` does not allow? */
static bool must_flush(u64 old, u64 new)
{
	u64 changed = (old ^ new) & ~(PTE_ACCESSED | PTE_DIRTY);

	return (old & PTE_PRESENT) &&
	       (changed & ((~PTE_WRITE & ~PTE_NX) | (old & PTE_WRITE) | (new &PTE_NX)));
}

/* Enter what the home's leaf of 2^found bytes has at ha as a page of 2^order bytes into e. The
 * processor need not set accessed and dirty bits: nobody reads them. */
static always_inline void enter(u64 *e, u64 leaf, unsigned found, u64 ha, unsigned order, u8 rights,
				bool *stale)
{
	u64 pa = pte_address(leaf, found) + (ha & ((1ULL << found) - 1));
	u64 pte = pte_make(pa, order, rights, pte_cache(leaf, found)) | PTE_ACCESSED;

	if (pte & PTE_WRITE)
		pte |= PTE_DIRTY;
	*stale |= must_flush(*e, pte);
	WRITE_ONCE(*e, pte);
}

static void note_home(struct view *v, u64 first, u64 last)
{
	v->fills++;
	if (unlikely(first < v->home_lo))
		v->home_lo = first;
	if (unlikely(last > v->home_hi))
		v->home_hi = last;
}

/* The same for entries that are not the usual one: the code is there once. */
static noinline u64 some_leaf(const struct view *v, u64 ha, unsigned order, u8 rights,
			      unsigned *found)
{
	return home_leaf(v, ha, order, rights, found);
}

static noinline void enter_some(u64 *e, u64 leaf, unsigned found, u64 ha, unsigned order, u8 rights,
				bool *stale)
{
	enter(e, leaf, found, ha, order, rights, stale);
}

/* One entry: a page, or a run of 4 KiB pages, which has one table. */
static int fill_one(struct view *v, const struct fill *f, bool *stale)
{
	unsigned order = f->order > RUN_ORDER_MAX ? f->order : PAGE_SHIFT, found;
	u64 last = f->home + ((1ULL << f->order) - 1), *e;
	u64 leaf = some_leaf(v, f->home, order, f->rights, &found);

	if (unlikely(!leaf))
		return -L4_EFAULT;
	e = view_entry_make(v, f->guest, order, stale);
	if (unlikely(!e))
		return FILL_NO_TABLE;
	note_home(v, f->home, last);
	for (u64 ha = f->home;; e++) {
		enter_some(e, leaf, found, ha, order, f->rights, stale);
		ha += 1ULL << order;
		if (ha - 1 == last)
			return 0;
		if (!(ha & ((1ULL << found) - 1)))
			leaf = some_leaf(v, ha, order, f->rights, &found);
		if (!leaf)
			return -L4_EFAULT;
	}
}

/* The usual entry: one page whose tables are there. False: it is another one. Home's lock held. */
static noinline bool fill_page(struct view *v, const u64 *w, bool *stale)
{
	u64 guest = READ_ONCE(w[0]), home = READ_ONCE(w[1]), leaf, *e;
	u8 rights = guest & (MAP_R | MAP_W | MAP_X);
	unsigned found, order;

	guest -= rights;
	if (!rights || ((guest | home) & PAGE_MASK) || !pt_user_page(guest, PAGE_SHIFT, true) ||
	    v->gone || v->home->space.dying)
		return false;
	leaf = home_leaf(v, home, PAGE_SHIFT, rights, &found);
	e = pt_walk(v->user.root, guest, &order);
	if (!leaf || order != PAGE_SHIFT)
		return false;
	note_home(v, home, home | PAGE_MASK);
	enter(e, leaf, found, home, PAGE_SHIFT, rights, stale);
	return true;
}

/* Entries from the pairs in w. Returns 0 or an error, *done = entries filled. Home's lock held. */
static int fill_batch(struct view *v, const u64 *w, unsigned n, unsigned *done, bool *stale)
{
	struct fill f;
	u64 enough = v->made + FILL_TABLES;
	int err = 0;

	*done = 0;
	while (!err && *done < n && v->made < enough) {
		const u64 *pair = w + 2 * *done;

		if (likely(fill_page(v, pair, stale))) {
			++*done;
			continue;
		}
		if (v->gone || v->home->space.dying)
			err = -L4_EFAULT;
		else if (!fill_decode(READ_ONCE(pair[0]), READ_ONCE(pair[1]), &f))
			err = -L4_EINVAL;
		else
			err = fill_one(v, &f, stale);
		if (unlikely(err == FILL_NO_TABLE)) {
			view_make_room(v);
			err = 0;
			continue;
		}
		*done += !err;
	}
	return err;
}

/* With a preemption point after each batch. */
u64 view_fill(struct view *v, struct invocation *inv)
{
	unsigned n = inv_words(inv) / 2, first = 0, done;
	struct restart *p = restart_state(inv->caller);
	bool stale;
	int err = 0;

	if (!(inv->rights & CAP_W))
		return reply_error(-L4_EPERM);
	if (!(inv_words(inv) & 1))
		return reply_error(-L4_EINVAL);
	if (p)
		first = p->item < n ? p->item : n;
	for (;;) {
		stale = false;
		spin_lock(view_lock(v));
		done = n == 1 && fill_page(v, inv->mr + 1, &stale);
		if (!done)
			err = fill_batch(v, inv->mr + 1 + 2 * first,
					 (unsigned)min_u64(n - first, FILL_BATCH), &done, &stale);
		if (stale)
			view_unlock_and_flush(v, ALL_ADDRESSES);
		else
			spin_unlock(view_lock(v));
		first += done;
		if (err || first == n)
			break;
		restart_begin(inv->caller)->item = first;
		if (preempt_pending())
			return REPLY_RESTART;
	}
	reply_mr(inv)[0] = first;
	return reply_error(err) | 1;
}

void view_fill_offer(struct view *v, u64 *entry)
{
	bool stale = false;

	spin_lock(view_lock(v));
	if (fill_page(v, entry, &stale))
		WRITE_ONCE(entry[0], 0);
	if (unlikely(stale))
		view_unlock_and_flush(v, ALL_ADDRESSES);
	else
		spin_unlock(view_lock(v));
}
