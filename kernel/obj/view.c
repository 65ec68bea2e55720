/* SPDX-License-Identifier: MIT */
/* Views: page-table memory, dropping. What guests see of them is put together in
 * composition.c. */
#include "obj/view.h"
#include "core/defer.h"
#include "core/ipc.h"
#include "core/preempt.h"
#include "core/string.h"
#include "mm/kmem.h"
#include "mm/mapdb.h"
#include "obj/composition.h"
#include "obj/view_internal.h"
#include "obj/view_pages.h"
#include "x86_64/pagetable.h"
#include "x86_64/tlb.h"
#include <l4/sys/err.h>
#include <l4/zwinger/view.h>

#define PAGES_MIN 16u
#define PAGES_MAX (1u << 24)

enum {
	ENTRY_TABLES = 3, /* tables that one entry needs at most; a view can always get them */
	FEW_TOPS = 16,	  /* entries of a root that are cleared one by one */
	FREE_PAGES = 6,	  /* tables freed at once */
	DROP_STEPS = 64,  /* tables or holes that a drop looks at; more: everything goes */
};

static SLAB_CACHE(view_cache, sizeof(struct view), KOBJECT_ALIGN);
static SLAB_CACHE(view_page_cache, sizeof(struct view_page), 16);

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
	if (v->top_count > FEW_TOPS)
		composition_clear_roots(v);
	else
		for (struct view_page *p = v->tops.first; p; p = p->next)
			composition_set_root(v, p->slot, 0);
	v->top_count = 0;
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
	spin_unlock(view_lock(v));
	tlb_batch_flush(&b);
	spin_lock(view_lock(v));
	v->flushing--;
	pages_splice(&v->free, &tables);
	if (v->fills == fills)
		forget_home_range(v);
}

void view_make_room(struct view *v)
{
	if (v->flushing) {
		spin_unlock(view_lock(v));
		spin_relax();
		spin_lock(view_lock(v));
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
		v->top_count++;
		composition_set_root(v, slot, pte);
	}
	return true;
}

u64 *view_entry_make(struct view *v, u64 va, unsigned order, bool *stale)
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

/* --- Dropping --- */

void view_unlock_and_flush(struct view *v, u64 va)
{
	struct tlb_batch b;

	tlb_batch_init(&b);
	composition_stale(v, &b, va);
	spin_unlock(view_lock(v));
	tlb_batch_flush(&b);
}

/* A range of whole pages in one half of the address space, not empty; bit L4_ZW_VIEW_DROP_W of its
 * start says that only writing ends there. */
static bool range_ok(u64 start, u64 size)
{
	u64 last;

	start &= ~(u64)L4_ZW_VIEW_DROP_W;
	last = start + size - 1;
	return !((start | size) & PAGE_MASK) && size && last >= start &&
	       (last <= LOW_HALF_LAST || start >= USER_HIGH_FIRST);
}

/* Clear entries from the one at va on, up to the end of the table or `last`, but for the bits to
 * keep; what was behind it is the result. */
static u64 drop_entries(struct view *v, u64 va, u64 last, u64 keep)
{
	unsigned order;
	u64 *e = pt_walk(v->user.root, va, &order);
	u64 n = 1;

	if (order == PAGE_SHIFT)
		n = min_u64(PT_ENTRIES - pt_index(va, order), ((last - va) >> order) + 1);
	if (keep) {
		for (u64 i = 0; i < n; i++)
			WRITE_ONCE(e[i], e[i] & keep);
	} else if (order == PAGE_SHIFT || *e) {
		zero_words(e, n * 8);
	}
	return align_down(va, 1ULL << order) + (n << order);
}

/* False: the range is too long to be looked through. */
static bool drop_range(struct view *v, u64 start, u64 size, unsigned *steps)
{
	u64 keep = start & L4_ZW_VIEW_DROP_W ? ~PTE_WRITE : 0, last;

	start &= ~(u64)L4_ZW_VIEW_DROP_W;
	last = start + size - 1;
	for (u64 va = start; va <= last && va >= start; va = drop_entries(v, va, last, keep))
		if ((*steps)-- == 0)
			return false;
	return true;
}

/* The pairs are in memory of the caller: each is read once and checked again. */
static void drop_ranges(struct view *v, const u64 *w, unsigned n)
{
	unsigned steps = DROP_STEPS;
	u64 va = ALL_ADDRESSES;

	spin_lock(view_lock(v));
	for (unsigned i = 0; i < n; i++) {
		u64 start = READ_ONCE(w[2 * i]), size = READ_ONCE(w[2 * i + 1]);

		if (!range_ok(start, size))
			continue;
		if (!drop_range(v, start, size, &steps)) {
			drop_and_flush(v);
			spin_unlock(view_lock(v));
			return;
		}
		if (n == 1 && size == PAGE_SIZE)
			va = align_down(start, PAGE_SIZE);
	}
	view_unlock_and_flush(v, va);
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
		spin_lock(view_lock(v));
		drop_and_flush(v);
		spin_unlock(view_lock(v));
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
	spin_lock(view_lock(v));
	v->gone = true;
	drop_all(v);
	composition_stale(v, &b, ALL_ADDRESSES);
	done = composition_leave(v, &b);
	if (done)
		unlink_from_home(v);
	tlb_announce(); /* revocations do not find it any more */
	spin_unlock(view_lock(v));
	tlb_batch_flush(&b);
	tlb_announced_is_done();
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
	spin_lock(view_lock(v));
	v->next = home->space.views;
	home->space.views = v;
	spin_unlock(view_lock(v));
	return v;
}
