/* SPDX-License-Identifier: MIT */
/* Views: filling, dropping, page-table memory. What guests see of them is put together in
 * composition.c. */
#include "obj/view.h"
#include "core/defer.h"
#include "core/ipc.h"
#include "core/preempt.h"
#include "core/string.h"
#include "mm/kmem.h"
#include "mm/mapdb.h"
#include "obj/composition.h"
#include "obj/view_entry.h"
#include "obj/view_pages.h"
#include "x86_64/pagetable.h"
#include "x86_64/tlb.h"
#include <l4/sys/err.h>
#include <l4/zwinger/view.h>

#define FILL_BATCH 8u /* entries between two preemption points */

#define PAGES_MIN     16u
#define PAGES_MAX     (1u << 24)
#define ALL_ADDRESSES (~0ULL)

enum {
	ENTRY_TABLES = 3,  /* tables that one entry needs at most; a view can always get them */
	FILL_TABLES = 10,  /* tables that are cleared between two preemption points, about */
	FREE_PAGES = 16,   /* tables freed at once */
	DROP_STEPS = 64,   /* tables or holes that a drop looks at; more: everything goes */
	FILL_NO_TABLE = 1, /* result besides errors: make room, then try again */
};

static SLAB_CACHE(view_cache, sizeof(struct view), KOBJECT_ALIGN);
static SLAB_CACHE(view_page_cache, sizeof(struct view_page), 16);

static struct spinlock *lock_of(const struct view *v)
{
	return &v->home->space.lock;
}

/* --- Page-table memory. Home's lock held. --- */

static struct view_page *page_create(struct view *v)
{
	struct view_page *p;

	if (v->pages == v->limit)
		return NULL;
	p = slab_alloc(&view_page_cache, v->obj.quota);
	if (!p)
		return NULL;
	p->table = page_alloc(v->obj.quota, 0);
	if (!p->table) {
		slab_free(&view_page_cache, v->obj.quota, p);
		return NULL;
	}
	v->pages++;
	return p;
}

/* Unhook all tables. */
static void drop_all(struct view *v)
{
	for (struct view_page *p = v->tops.first; p; p = p->next)
		composition_set_root(v, p->slot, 0);
	pages_splice(&v->retired, &v->tops);
	pages_splice(&v->retired, &v->used);
}

/* Nothing was filled since the view was emptied, and no CPU remembers what was there before. */
static void forget_home_range(struct view *v)
{
	v->home_lo = ALL_ADDRESSES;
	v->home_hi = 0;
}

/* Drop everything, and make the retired tables free. The lock is released for the flush. */
static void drop_and_flush(struct view *v)
{
	struct view_pages tables = { NULL, NULL };
	struct tlb_batch b;
	u64 fills;

	drop_all(v);
	fills = v->fills;
	pages_splice(&tables, &v->retired);
	tlb_batch_init(&b);
	composition_stale(v, &b, ALL_ADDRESSES);
	v->flushing++;
	spin_unlock(lock_of(v));
	tlb_batch_flush(&b);
	spin_lock(lock_of(v));
	v->flushing--;
	pages_splice(&v->free, &tables);
	if (v->fills == fills)
		forget_home_range(v);
}

/* No table could be had: drop everything, or wait for another CPU that does it. */
static void make_room(struct view *v)
{
	if (v->flushing) {
		spin_unlock(lock_of(v));
		spin_relax();
		spin_lock(lock_of(v));
		return;
	}
	v->forced_drops++;
	drop_and_flush(v);
}

/* An empty table for the entry e, which stands in root slot `slot` or, NO_SLOT, further below. */
static bool table_add(struct view *v, u64 *e, unsigned slot)
{
	struct view_page *p = pages_pop(&v->free);
	u64 pte;

	if (!p)
		p = page_create(v);
	if (!p)
		return false;
	zero_words(p->table, PAGE_SIZE);
	v->made++;
	p->slot = slot;
	pte = direct_map_phys(p->table) | PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED;
	barrier();
	if (slot == NO_SLOT) {
		pages_push(&v->used, p);
		WRITE_ONCE(*e, pte);
	} else {
		pages_push(&v->tops, p);
		composition_set_root(v, slot, pte);
	}
	return true;
}

/* The entry for the page of 2^order bytes at va, tables made on the way. NULL: no table to be had.
 * *stale: a larger page was replaced. */
static u64 *entry_make(struct view *v, u64 va, unsigned order, bool *stale)
{
	unsigned slot = pt_index(va, PT_ROOT_SHIFT);
	u64 *e = &v->user.root[slot];

	for (unsigned shift = PT_ROOT_SHIFT; shift > order; slot = NO_SLOT) {
		if (unlikely(!pte_is_table(*e))) {
			*stale |= *e & PTE_PRESENT;
			if (!table_add(v, e, slot))
				return NULL;
		}
		shift -= PT_BITS;
		e = &pte_table(*e)[pt_index(va, shift)];
	}
	return e;
}

/* --- Filling --- */

/* The home's leaf at ha, if it is of 2^order bytes or more and gives the rights; else 0. */
static u64 home_leaf(const struct view *v, u64 ha, unsigned order, u8 rights, unsigned *found)
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
static void enter(u64 *e, u64 leaf, unsigned found, u64 ha, unsigned order, u8 rights, bool *stale)
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
	v->home_lo = min_u64(v->home_lo, first);
	v->home_hi = max_u64(v->home_hi, last);
}

/* One entry: a page, or a run of 4 KiB pages, which has one table. */
static int fill_one(struct view *v, const struct fill *f, bool *stale)
{
	unsigned order = f->order > RUN_ORDER_MAX ? f->order : PAGE_SHIFT, found;
	u64 last = f->home + ((1ULL << f->order) - 1), *e;
	u64 leaf = home_leaf(v, f->home, order, f->rights, &found);

	if (unlikely(!leaf))
		return -L4_EFAULT;
	e = entry_make(v, f->guest, order, stale);
	if (unlikely(!e))
		return FILL_NO_TABLE;
	note_home(v, f->home, last);
	for (u64 ha = f->home;; e++) {
		enter(e, leaf, found, ha, order, f->rights, stale);
		ha += 1ULL << order;
		if (ha - 1 == last)
			return 0;
		if (!(ha & ((1ULL << found) - 1)))
			leaf = home_leaf(v, ha, order, f->rights, &found);
		if (!leaf)
			return -L4_EFAULT;
	}
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

		if (v->gone || v->home->space.dying)
			err = -L4_EFAULT;
		else if (!fill_decode(READ_ONCE(pair[0]), READ_ONCE(pair[1]), &f))
			err = -L4_EINVAL;
		else
			err = fill_one(v, &f, stale);
		if (unlikely(err == FILL_NO_TABLE)) {
			make_room(v);
			err = 0;
			continue;
		}
		*done += !err;
	}
	return err;
}

/* The usual entry: one page whose tables are there. False: it is another one. Home's lock held. */
static bool fill_page(struct view *v, const u64 *w, bool *stale)
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

/* Translations of v at va (ALL_ADDRESSES: any) are out of date. Home's lock held; it is released.
 */
static void unlock_and_flush(struct view *v, u64 va)
{
	struct tlb_batch b;

	tlb_batch_init(&b);
	composition_stale(v, &b, va);
	spin_unlock(lock_of(v));
	tlb_batch_flush(&b);
}

/* In batches, with a preemption point after each. */
static u64 view_fill(struct view *v, struct invocation *inv)
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
		spin_lock(lock_of(v));
		done = n == 1 && fill_page(v, inv->mr + 1, &stale);
		if (!done)
			err = fill_batch(v, inv->mr + 1 + 2 * first,
					 (unsigned)min_u64(n - first, FILL_BATCH), &done, &stale);
		if (stale)
			unlock_and_flush(v, ALL_ADDRESSES);
		else
			spin_unlock(lock_of(v));
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

/* --- Dropping --- */

/* A range of whole pages in one half of the address space, not empty. */
static bool range_ok(u64 start, u64 size)
{
	u64 last = start + size - 1;

	return !((start | size) & PAGE_MASK) && size && last >= start &&
	       (last <= LOW_HALF_LAST || start >= USER_HIGH_FIRST);
}

/* Clear entries from the one at va on, up to the end of the table or `last`; what was behind it is
 * the result. */
static u64 drop_entries(struct view *v, u64 va, u64 last)
{
	unsigned order;
	u64 *e = pt_walk(v->user.root, va, &order);
	u64 n = 1;

	if (order == PAGE_SHIFT)
		n = min_u64(PT_ENTRIES - pt_index(va, order), ((last - va) >> order) + 1);
	if (order == PAGE_SHIFT || *e)
		zero_words(e, n * 8);
	return align_down(va, 1ULL << order) + (n << order);
}

/* False: the range is too long to be looked through. */
static bool drop_range(struct view *v, u64 start, u64 size, unsigned *steps)
{
	u64 last = start + size - 1;

	for (u64 va = start; va <= last && va >= start; va = drop_entries(v, va, last))
		if ((*steps)-- == 0)
			return false;
	return true;
}

/* The pairs are in memory of the caller: each is read once and checked again. */
static void drop_ranges(struct view *v, const u64 *w, unsigned n)
{
	unsigned steps = DROP_STEPS;
	u64 va = ALL_ADDRESSES;

	spin_lock(lock_of(v));
	for (unsigned i = 0; i < n; i++) {
		u64 start = READ_ONCE(w[2 * i]), size = READ_ONCE(w[2 * i + 1]);

		if (!range_ok(start, size))
			continue;
		if (!drop_range(v, start, size, &steps)) {
			drop_and_flush(v);
			spin_unlock(lock_of(v));
			return;
		}
		if (n == 1 && size == PAGE_SIZE)
			va = start;
	}
	unlock_and_flush(v, va);
}

static u64 view_drop(struct view *v, struct invocation *inv)
{
	unsigned n = inv_words(inv) / 2;
	const u64 *w = inv->mr + 1;

	if (!(inv->rights & CAP_W))
		return reply_error(-L4_EPERM);
	if (!(inv_words(inv) & 1))
		return reply_error(-L4_EINVAL);
	if (!n) {
		spin_lock(lock_of(v));
		drop_and_flush(v);
		spin_unlock(lock_of(v));
		return 0;
	}
	for (unsigned i = 0; i < n; i++)
		if (!range_ok(w[2 * i], w[2 * i + 1]))
			return reply_error(-L4_EINVAL);
	drop_ranges(v, w, n);
	return 0;
}

/* --- What happens in the home --- */

unsigned view_revoke(struct space *home, uaddr_t va, unsigned order, struct tlb_batch *b)
{
	unsigned cost = 0;
	u64 first = va.v, last = va.v + ((1ULL << order) - 1);
	unsigned slot = pt_index(first, PT_ROOT_SHIFT);
	bool shown = slot >= HOME_SLOT_FIRST && slot <= HOME_SLOT_LAST;

	for (struct view *v = home->views; v; v = v->next) {
		bool filled = first <= v->home_hi && last >= v->home_lo;

		if (filled)
			drop_all(v);
		if (filled || shown)
			composition_stale(v, b, ALL_ADDRESSES);
		cost += filled || shown ? VIEWS_PER_PAGE : 1;
	}
	return cost / VIEWS_PER_PAGE;
}

void view_home_table_dropped(struct space *home, struct tlb_batch *b)
{
	for (struct view *v = home->views; v; v = v->next) {
		if (home->dying && v->tops.first) {
			drop_all(v);
			composition_stale(v, b, ALL_ADDRESSES);
		}
		composition_home_stale(v, b);
	}
}

/* --- Object --- */

static rarely u64 view_info(struct view *v, struct invocation *inv)
{
	u64 *mr = reply_mr(inv);

	mr[0] = v->pages;
	mr[1] = v->limit;
	mr[2] = v->forced_drops;
	return reply_words(0, 3);
}

static u64 view_invoke(struct kobject *o, struct invocation *inv)
{
	struct view *v = view_of(o);

	if (inv_proto(inv) != L4_PROTO_VIEW)
		return reply_error(-L4_EBADPROTO);
	if (!inv_words(inv))
		return reply_error(-L4_EMSGTOOSHORT);
	switch (inv->mr[0] & L4_ZW_VIEW_OPCODE_MASK) {
	case L4_ZW_VIEW_FILL_OP:
		return view_fill(v, inv);
	case L4_ZW_VIEW_DROP_OP:
		return view_drop(v, inv);
	case L4_ZW_VIEW_INFO_OP:
		return view_info(v, inv);
	default:
		return reply_error(-L4_ENOSYS);
	}
}

static rarely void unlink_from_home(struct view *v)
{
	struct view **link = &v->home->space.views;

	while (*link != v)
		link = &(*link)->next;
	*link = v->next;
}

/* It stays in the home's list as long as it is in compositions, so that changes of the home reach
 * them. */
static rarely bool view_destroy(struct kobject *o)
{
	struct view *v = view_of(o);
	struct tlb_batch b;
	bool done;

	tlb_batch_init(&b);
	spin_lock(lock_of(v));
	v->gone = true;
	drop_all(v);
	composition_stale(v, &b, ALL_ADDRESSES);
	done = composition_leave(v, &b);
	if (done)
		unlink_from_home(v);
	spin_unlock(lock_of(v));
	tlb_batch_flush(&b);
	return done;
}

/* Free at most n tables of a list; true: it is empty. */
static bool pages_free(struct view *v, struct view_pages *l, unsigned n)
{
	struct view_page *p;

	while (n-- && (p = pages_pop(l))) {
		page_free(v->obj.quota, p->table, 0);
		slab_free(&view_page_cache, v->obj.quota, p);
	}
	return !l->first;
}

/* The memory of a view, a part each time. */
static rarely void release(struct defer *d)
{
	struct view *v = container_of(d, struct view, obj.defer);

	if (!pages_free(v, &v->free, FREE_PAGES) || !pages_free(v, &v->retired, FREE_PAGES)) {
		defer_again(d);
		return;
	}
	if (v->spare)
		composition_free(v->spare);
	page_free(v->obj.quota, v->user.root, 0);
	task_unpin(v->home);
	slab_free(&view_cache, v->obj.quota, v);
}

void view_pin(struct view *v)
{
	if (v)
		__atomic_fetch_add(&v->pins, 1, __ATOMIC_RELAXED);
}

void view_unpin(struct view *v)
{
	if (v && __atomic_sub_fetch(&v->pins, 1, __ATOMIC_ACQ_REL) == 0)
		defer_call(&v->obj.defer, release);
}

static void view_free(struct kobject *o)
{
	view_unpin(view_of(o));
}

static const struct kobject_ops view_ops = { "view", view_invoke, view_destroy, view_free };

/* Tables for one entry, and for one composition. */
static rarely bool reserve(struct view *v, struct quota *q)
{
	for (unsigned i = 0; i < ENTRY_TABLES; i++) {
		struct view_page *p = page_create(v);

		if (!p)
			return false;
		pages_push(&v->free, p);
	}
	v->spare = composition_make(q);
	return v->spare;
}

/* The root, and what is reserved. */
static rarely bool tables_create(struct view *v, struct quota *q)
{
	v->user.root = page_alloc_zeroed(q, 0);
	if (!v->user.root)
		return false;
	for (unsigned i = PT_KERNEL_FIRST; i <= PT_KERNEL_LAST; i++)
		v->user.root[i] = kernel_pml4_template[i];
	if (reserve(v, q))
		return true;
	pages_free(v, &v->free, ENTRY_TABLES);
	page_free(q, v->user.root, 0);
	return false;
}

rarely struct view *view_create(struct quota *q, struct task *home, u64 quota)
{
	struct view *v;

	if (quota / PAGE_SIZE < PAGES_MIN)
		return NULL;
	v = slab_alloc(&view_cache, q);
	if (!v)
		return NULL;
	memset(v, 0, sizeof(*v));
	v->obj.quota = q;
	v->limit = (u32)min_u64(quota / PAGE_SIZE, PAGES_MAX);
	if (!tables_create(v, q)) {
		slab_free(&view_cache, q, v);
		return NULL;
	}
	kobject_init(&v->obj, KOBJ_VIEW, &view_ops, q);
	list_init(&v->shown_in[VIEW_LOWER]);
	list_init(&v->shown_in[VIEW_UPPER]);
	forget_home_range(v);
	v->pins = 1;
	v->home = home;
	task_pin(home);
	spin_lock(lock_of(v));
	v->next = home->space.views;
	home->space.views = v;
	spin_unlock(lock_of(v));
	return v;
}
