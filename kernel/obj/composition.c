/* SPDX-License-Identifier: MIT */
/* Compositions of views. */
#include "obj/composition.h"
#include "core/defer.h"
#include "core/string.h"
#include "mm/kmem.h"
#include "x86_64/pagetable.h"
#include "x86_64/tlb.h"
#include <l4/sys/err.h>

enum { LEAVE_AT_ONCE = 4 }; /* compositions between two preemption points */

static SLAB_CACHE(composition_cache, sizeof(struct composition), 64);

static struct spinlock *lock_of(const struct view *v)
{
	return &v->home->space.lock;
}

static bool is_whole(const struct composition *c)
{
	return c->half[VIEW_LOWER] && c->half[VIEW_UPPER];
}

static void copy_slots(u64 *to, const u64 *from, unsigned first, unsigned last)
{
	memcpy(to + first, from + first, (last + 1 - first) * 8);
}

static void clear_slots(u64 *root, unsigned first, unsigned last)
{
	zero_words(root + first, (last + 1 - first) * 8);
}

static void clear_user_slots(u64 *root)
{
	clear_slots(root, 0, PT_KERNEL_FIRST - 1);
	clear_slots(root, PT_KERNEL_LAST + 1, PT_ENTRIES - 1);
}

/* --- Making and freeing --- */

void composition_free(struct composition *c)
{
	view_unpin(c->upper);
	page_free(c->quota, c->space.root, 0);
	slab_free(&composition_cache, c->quota, c);
}

static void free_now(struct defer *d)
{
	composition_free(container_of(d, struct composition, defer));
}

struct composition *composition_make(struct quota *q)
{
	struct composition *c = slab_alloc(&composition_cache, q);

	if (!c)
		return NULL;
	memset(c, 0, sizeof(*c));
	c->quota = q;
	c->users = 1;
	c->space.root = page_alloc_zeroed(q, 0);
	if (c->space.root)
		return c;
	slab_free(&composition_cache, q, c);
	return NULL;
}

static struct composition *find(struct view *lower, const struct view *upper)
{
	list_for_each (i, &lower->shown_in[VIEW_LOWER]) {
		struct composition *c = list_entry(i, struct composition, link[VIEW_LOWER]);

		if (c->half[VIEW_UPPER] == upper)
			return c;
	}
	return NULL;
}

static void compose(struct composition *c, struct view *lower, struct view *upper)
{
	struct space *home = &lower->home->space;
	u64 *root = c->space.root;

	copy_slots(root, lower->user.root, 0, HOME_SLOT_FIRST - 1);
	if (!home->dying)
		copy_slots(root, home->root, HOME_SLOT_FIRST, HOME_SLOT_LAST);
	copy_slots(root, upper->user.root, HOME_SLOT_LAST + 1, PT_ENTRIES - 1);
	c->half[VIEW_LOWER] = lower;
	c->half[VIEW_UPPER] = upper;
	c->upper = upper;
	view_pin(upper);
	c->space.group = &upper->user;
	list_push_front(&lower->shown_in[VIEW_LOWER], &c->link[VIEW_LOWER]);
	list_push_front(&upper->shown_in[VIEW_UPPER], &c->link[VIEW_UPPER]);
}

static struct composition *take_spare(struct view *lower)
{
	struct composition *c = lower->spare;

	lower->spare = NULL;
	return c;
}

/* Find the composition, or use `fresh` (may be NULL) or the spare one for it. */
static int find_or_use(struct view *lower, struct view *upper, struct composition *fresh,
		       struct composition **out)
{
	int err = 0;

	spin_lock(lock_of(lower));
	*out = find(lower, upper);
	if (lower->gone || upper->gone)
		err = -L4_ENOENT;
	else if (*out)
		(*out)->users++;
	else if (fresh || (fresh = take_spare(lower)))
		compose(*out = fresh, lower, upper);
	else
		err = -L4_ENOMEM;
	spin_unlock(lock_of(lower));
	return err;
}

int composition_get(struct view *lower, struct view *upper, struct composition **out)
{
	struct composition *fresh;
	int err = find_or_use(lower, upper, NULL, out);

	if (err != -L4_ENOMEM)
		return err;
	fresh = composition_make(lower->obj.quota);
	if (!fresh)
		return err;
	err = find_or_use(lower, upper, fresh, out);
	if (err || *out != fresh)
		composition_free(fresh);
	return err;
}

bool composition_change(struct composition **c, struct view *lower, const struct view *upper)
{
	struct composition *old = *c, *next;
	bool usual;

	spin_lock(lock_of(lower));
	next = find(lower, upper);
	usual = next && !lower->gone && is_whole(old);
	if (likely(usual)) {
		old->users--;
		next->users++;
		*c = next;
	}
	spin_unlock(lock_of(lower));
	return usual;
}

/* Nothing keeps c up to date from now on: empty it. */
static void wipe(struct composition *c, struct tlb_batch *b)
{
	clear_user_slots(c->space.root);
	tlb_batch_add(b, &c->space, ~0ULL);
}

static void unlink_half(struct composition *c, unsigned half)
{
	if (!c->half[half])
		return;
	list_remove(&c->link[half]);
	c->half[half] = NULL;
}

static void retire(struct composition *c, struct tlb_batch *b)
{
	unlink_half(c, VIEW_LOWER);
	unlink_half(c, VIEW_UPPER);
	wipe(c, b);
}

void composition_put(struct composition *c, struct task *home)
{
	struct tlb_batch b;
	bool last;

	if (!c)
		return;
	tlb_batch_init(&b);
	spin_lock(&home->space.lock);
	last = --c->users == 0 && !is_whole(c);
	if (last)
		retire(c, &b);
	spin_unlock(&home->space.lock);
	tlb_batch_flush(&b);
	if (last)
		defer_call(&c->defer, free_now);
}

/* The view that provides half of c is being destroyed; its slots are empty already. */
static void leave(struct composition *c, unsigned half, struct tlb_batch *b)
{
	unlink_half(c, half);
	if (c->users == 0) {
		retire(c, b);
		defer_call(&c->defer, free_now);
	} else if (!c->half[!half]) {
		wipe(c, b);
	}
}

bool composition_leave(struct view *v, struct tlb_batch *b)
{
	unsigned n = LEAVE_AT_ONCE;

	for (unsigned half = 0; half < 2; half++) {
		struct list *l = &v->shown_in[half];

		while (!list_empty(l)) {
			if (!n--)
				return false;
			leave(list_entry(l->next, struct composition, link[half]), half, b);
		}
	}
	return true;
}

/* --- Keeping them up to date --- */

void composition_set_root(struct view *v, unsigned slot, u64 pte)
{
	unsigned half = slot > HOME_SLOT_LAST ? VIEW_UPPER : VIEW_LOWER;

	WRITE_ONCE(v->user.root[slot], pte);
	if (slot >= HOME_SLOT_FIRST && slot <= HOME_SLOT_LAST)
		return;
	list_for_each (i, &v->shown_in[half])
		WRITE_ONCE(list_entry(i, struct composition, link[half])->space.root[slot], pte);
}

/* The kernel's slots stand between the two halves. */
void composition_clear_roots(struct view *v)
{
	clear_user_slots(v->user.root);
	for (unsigned half = 0; half < 2; half++) {
		unsigned first = half ? HOME_SLOT_LAST + 1 : 0;
		unsigned last = half ? PT_ENTRIES - 1 : PT_KERNEL_FIRST - 1;

		list_for_each (i, &v->shown_in[half])
			clear_slots(list_entry(i, struct composition, link[half])->space.root,
				    first, last);
	}
}

/* Those that show v as their upper half are in its group. */
void composition_stale(struct view *v, struct tlb_batch *b, u64 va)
{
	tlb_batch_add(b, &v->user, va);
	list_for_each (i, &v->shown_in[VIEW_LOWER])
		tlb_batch_add(b, &list_entry(i, struct composition, link[VIEW_LOWER])->space, va);
}

/* Entries of the home's root only go away when the home dies. */
void composition_home_stale(struct view *v, struct tlb_batch *b)
{
	if (v->home_cut)
		return;
	v->home_cut = v->home->space.dying;
	for (unsigned half = 0; half < 2; half++) {
		list_for_each (i, &v->shown_in[half]) {
			struct composition *c = list_entry(i, struct composition, link[half]);

			if (v->home_cut)
				clear_slots(c->space.root, HOME_SLOT_FIRST, HOME_SLOT_LAST);
			tlb_batch_add(b, &c->space, ~0ULL);
		}
	}
}

bool composition_sync(struct composition *c, struct task *home, u64 addr)
{
	unsigned slot = pt_index(addr, PT_ROOT_SHIFT);
	u64 *to = &c->space.root[slot];
	bool changed = false;

	if (slot < HOME_SLOT_FIRST || slot > HOME_SLOT_LAST || *to)
		return false;
	spin_lock(&home->space.lock);
	if (home->space.root[slot] && !home->space.dying &&
	    (c->half[VIEW_LOWER] || c->half[VIEW_UPPER])) {
		WRITE_ONCE(*to, home->space.root[slot]);
		changed = true;
	}
	spin_unlock(&home->space.lock);
	return changed;
}
