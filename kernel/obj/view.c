/* SPDX-License-Identifier: MIT */
/* Views: filling, dropping, composition. */
#include "obj/view.h"
#include "core/defer.h"
#include "core/ipc.h"
#include "core/print.h"
#include "core/string.h"
#include "mm/kmem.h"
#include "mm/mapdb.h"
#include "x86_64/context.h"
#include "x86_64/pagetable.h"
#include "x86_64/tlb.h"
#include <l4/sys/consts.h>
#include <l4/sys/err.h>
#include <l4/zwinger/view.h>

#define MIN_PAGES      16u
#define HOME_FIRST     260 /* root slots that guest-kernel mode takes from the home task */
#define HOME_LAST      271
#define MAX_RUN_ORDER  15  /* largest run of 4 KiB pages in one entry: 32 KiB */

struct view_page {
	struct view_page *next;
	u64 *table;
};

static SLAB_CACHE(view_cache, sizeof(struct view), KOBJECT_ALIGN);
static SLAB_CACHE(view_page_cache, sizeof(struct view_page), 16);

static struct spinlock *lock_of(struct view *v)
{
	return &v->home->space.lock;
}

/* --- Page-table pages. Home lock held. --- */

static struct view_page *new_page(struct view *v)
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

/* A cleared table; keep: it belongs to a root entry and stays when everything is dropped. */
static u64 *table_alloc(struct view *v, bool keep)
{
	struct view_page *p = v->free_pages;
	struct view_page **list = keep ? &v->kept_pages : &v->used_pages;

	if (p)
		v->free_pages = p->next;
	else
		p = new_page(v);
	if (!p)
		return NULL;
	memset(p->table, 0, PAGE_SIZE);
	p->next = *list;
	*list = p;
	return p->table;
}

/* Empty the view: the tables below the root entries become free. */
static void drop_all(struct view *v)
{
	for (struct view_page *p = v->kept_pages; p; p = p->next)
		memset(p->table, 0, PAGE_SIZE);
	while (v->used_pages) {
		struct view_page *p = v->used_pages;

		v->used_pages = p->next;
		p->next = v->free_pages;
		v->free_pages = p;
	}
}

/* The entry for a page of 2^order bytes at va, tables made on the way. NULL: no table page left. */
static u64 *entry_make(struct view *v, u64 va, unsigned order)
{
	u64 *e = &v->user.root[pt_index(va, PT_ROOT_SHIFT)];

	for (unsigned shift = PT_ROOT_SHIFT; shift > order; shift -= PT_BITS) {
		if (!pte_is_table(*e)) {
			u64 *t = table_alloc(v, shift == PT_ROOT_SHIFT);

			if (!t)
				return NULL;
			WRITE_ONCE(*e, virt_to_phys(t).v | PTE_PRESENT | PTE_WRITE | PTE_USER);
			v->top_gen += shift == PT_ROOT_SHIFT;
		}
		e = &pte_table(*e)[pt_index(va, shift - PT_BITS)];
	}
	return e;
}

/* --- Filling --- */

struct fill {
	u64 guest, home;
	unsigned order;
	u8 rights;
};

static bool fill_decode(const u64 *w, struct fill *f)
{
	f->guest = w[0] & ~PAGE_MASK;
	f->home = w[1] & ~PAGE_MASK;
	f->order = PAGE_SHIFT + (w[0] >> 4 & 63);
	f->rights = w[0] & 7;
	return !(w[0] & 0xc08) && !(w[1] & PAGE_MASK) && f->rights &&
	       (f->order <= MAX_RUN_ORDER || f->order == 21 || f->order == 30) &&
	       pt_user_address(f->guest, true);
}

/* The home's leaf behind ha, if it gives the rights. */
static bool home_leaf(struct view *v, u64 ha, u8 rights, u64 *pte, unsigned *order)
{
	if (!pt_user_address(ha, true))
		return false;
	*pte = *pt_walk(v->home->space.root, ha, order);
	return (*pte & PTE_PRESENT) && *order < PT_ROOT_SHIFT &&
	       !((rights | MAP_R) & ~pte_rights(*pte));
}

static int enter(struct view *v, u64 ga, u64 pa, unsigned order, u8 rights, enum map_cache cache,
		 bool *replaced)
{
	u64 *e = entry_make(v, ga, order);
	u64 pte = pte_make(pa, order, rights, cache) & ~PTE_NODE;

	if (!e) {
		drop_all(v);
		v->forced_drops++;
		*replaced = true;
		e = entry_make(v, ga, order);
	}
	if (!e)
		return -L4_ENOMEM;
	*replaced |= (*e & PTE_PRESENT) && (*e & ~(PTE_ACCESSED | PTE_DIRTY)) != pte;
	WRITE_ONCE(*e, pte);
	return 0;
}

/* One entry: a page, or a run of 4 KiB pages. A larger page of the guest needs one of the home. */
static int fill_one(struct view *v, const struct fill *f, bool *replaced)
{
	unsigned step = f->order > MAX_RUN_ORDER ? f->order : PAGE_SHIFT, order;
	u64 size = 1ULL << f->order, pte;

	if ((f->guest | f->home) & (size - 1))
		return -L4_EINVAL;
	for (u64 off = 0; off < size; off += 1ULL << step) {
		int err;

		if (!home_leaf(v, f->home + off, f->rights, &pte, &order))
			return -L4_EFAULT;
		if (order < step)
			step = PAGE_SHIFT;
		err = enter(v, f->guest + off,
			    pte_address(pte, order) +
				    ((f->home + off) & ((1ULL << order) - 1)),
			    step, f->rights, pte_cache(pte, order), replaced);
		if (err)
			return err;
		if (step == PAGE_SHIFT && f->order > MAX_RUN_ORDER)
			return 0; /* a cache: the first piece is enough */
	}
	return 0;
}

/* Rights were taken away from the guest: no CPU may use them any more. Home lock not held. */
static void flush(struct view *v)
{
	struct tlb_batch b;

	tlb_batch_init(&b);
	tlb_batch_add(&b, &v->user, ~0ULL);
	b.all = true; /* composed spaces of other views show this one's entries */
	tlb_batch_flush(&b);
}

static u64 view_fill(struct view *v, struct invocation *inv)
{
	unsigned n = (inv_words(inv) - 1) / 2, done;
	bool replaced = false;
	int err = 0;

	spin_lock(lock_of(v));
	if (v->obj.dead || v->home->space.dying)
		err = -L4_EFAULT;
	for (done = 0; done < n && !err; done++) {
		struct fill f;

		err = fill_decode(inv->mr + 1 + 2 * done, &f) ? fill_one(v, &f, &replaced) :
								-L4_EINVAL;
		if (err)
			break;
	}
	spin_unlock(lock_of(v));
	if (replaced)
		flush(v);
	reply_mr(inv)[0] = done;
	return (reply_error(err) & ~0x3fULL) | 1;
}

/* --- Dropping --- */

static void drop_range(struct view *v, u64 start, u64 size)
{
	u64 end = start + size;

	for (u64 va = start; va < end && va >= start;) {
		unsigned order;
		u64 *e = pt_walk(v->user.root, va, &order);

		if (*e & PTE_PRESENT)
			WRITE_ONCE(*e, 0);
		va = (va | ((1ULL << order) - 1)) + 1;
		if (!va)
			break;
	}
}

static u64 view_drop(struct view *v, struct invocation *inv)
{
	unsigned n = (inv_words(inv) - 1) / 2;
	const u64 *w = inv->mr + 1;

	for (unsigned i = 0; i < n; i++)
		if (((w[2 * i] | w[2 * i + 1]) & PAGE_MASK))
			return reply_error(-L4_EINVAL);
	spin_lock(lock_of(v));
	if (!n)
		drop_all(v);
	for (unsigned i = 0; i < n; i++) {
		if (w[2 * i + 1] >> 21) { /* long: emptying everything is allowed, and bounded */
			drop_all(v);
			break;
		}
		drop_range(v, w[2 * i], w[2 * i + 1]);
	}
	spin_unlock(lock_of(v));
	flush(v);
	return 0;
}

void view_revoke(struct space *home, uaddr_t va, unsigned order)
{
	(void)va;
	(void)order;
	for (struct view *v = home->views; v; v = v->next)
		drop_all(v);
}

/* --- Composition --- */

struct space *view_user_space(struct view *v)
{
	return &v->user;
}

/* Rebuild the composed root of p. Home lock held. */
static void compose(struct view *p, struct view *k)
{
	u64 *to = p->composed.root, *home = p->home->space.root;

	memcpy(to, p->user.root, PT_KERNEL_FIRST * 8);
	memcpy(to + HOME_FIRST, home + HOME_FIRST, (HOME_LAST + 1 - HOME_FIRST) * 8);
	if (k)
		memcpy(to + HOME_LAST + 1, k->user.root + HOME_LAST + 1,
		       (PT_ENTRIES - HOME_LAST - 1) * 8);
	else
		memset(to + HOME_LAST + 1, 0, (PT_ENTRIES - HOME_LAST - 1) * 8);
	p->composed_with = k;
	p->composed_gen = p->top_gen + (k ? k->top_gen : 0);
}

struct space *view_composed(struct view *process, struct view *kernel)
{
	struct view *p = process ? process : kernel;
	u64 gen;

	if (!p || (kernel && kernel->home != p->home))
		return NULL;
	gen = p->top_gen + (kernel ? kernel->top_gen : 0);
	if (unlikely(p->composed_with != kernel || p->composed_gen != gen)) {
		bool other = p->composed_with != kernel;

		spin_lock(lock_of(p));
		compose(p, kernel);
		spin_unlock(lock_of(p));
		if (other)
			flush(p);
	}
	return &p->composed;
}

bool view_sync(struct view *process, struct view *kernel, struct space *s, u64 addr)
{
	struct view *p = process ? process : kernel;
	unsigned slot = pt_index(addr, PT_ROOT_SHIFT);
	u64 before;

	if (!p || s != &p->composed || (slot >= PT_KERNEL_FIRST && slot <= PT_KERNEL_LAST))
		return false;
	before = p->composed.root[slot];
	spin_lock(lock_of(p));
	compose(p, kernel);
	spin_unlock(lock_of(p));
	return p->composed.root[slot] != before;
}

/* --- Object --- */

static u64 view_info(struct view *v, struct invocation *inv)
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

static void unlink_view(struct view *v)
{
	struct view **link = &v->home->space.views;

	spin_lock(lock_of(v));
	while (*link && *link != v)
		link = &(*link)->next;
	if (*link)
		*link = v->next;
	drop_all(v);
	spin_unlock(lock_of(v));
}

static bool view_destroy(struct kobject *o)
{
	struct view *v = view_of(o);

	unlink_view(v);
	flush(v);
	return true;
}

static void free_pages(struct view *v, struct view_page *p)
{
	while (p) {
		struct view_page *next = p->next;

		page_free(v->obj.quota, p->table, 0);
		slab_free(&view_page_cache, v->obj.quota, p);
		p = next;
	}
}

static void release(struct defer *d)
{
	struct view *v = container_of(d, struct view, obj.defer);
	struct quota *q = v->obj.quota;

	free_pages(v, v->free_pages);
	free_pages(v, v->used_pages);
	free_pages(v, v->kept_pages);
	page_free(q, v->user.root, PT_TABLE_ORDER);
	page_free(q, v->composed.root, PT_TABLE_ORDER);
	task_unpin(v->home);
	slab_free(&view_cache, q, v);
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

static bool roots_create(struct view *v, struct quota *q)
{
	v->user.root = pt_root_create(q);
	v->composed.root = pt_root_create(q);
	if (v->user.root && v->composed.root)
		return true;
	if (v->user.root)
		page_free(q, v->user.root, PT_TABLE_ORDER);
	if (v->composed.root)
		page_free(q, v->composed.root, PT_TABLE_ORDER);
	return false;
}

struct view *view_create(struct quota *q, struct task *home, u64 quota)
{
	struct view *v;

	if (quota / PAGE_SIZE < MIN_PAGES)
		return NULL;
	v = slab_alloc(&view_cache, q);
	if (!v)
		return NULL;
	memset(v, 0, sizeof(*v));
	if (!roots_create(v, q)) {
		slab_free(&view_cache, q, v);
		return NULL;
	}
	kobject_init(&v->obj, KOBJ_VIEW, &view_ops, q);
	v->limit = (u32)min_u64(quota / PAGE_SIZE, 1u << 24);
	v->pins = 1;
	v->home = home;
	task_pin(home);
	spin_lock(lock_of(v));
	v->next = home->space.views;
	home->space.views = v;
	spin_unlock(lock_of(v));
	return v;
}
