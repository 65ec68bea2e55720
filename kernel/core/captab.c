/* SPDX-License-Identifier: MIT */
/* Capability tables. Lock order: a captab's lock (two of them: lower address first), then the
 * object's. */
#include "core/captab.h"
#include "core/string.h"
#include "mm/kmem.h"
#include <l4/sys/err.h>

#define CLEAR_BATCH 16 /* capabilities cleared between preemption points */
#define FREE_BATCH  16 /* pages freed at once */
#define PAGE_ORDER  0  /* CAPS_PER_PAGE * sizeof(struct cap) == one page */
_Static_assert(CAPS_PER_PAGE * sizeof(struct cap) == PAGE_SIZE, "page of capabilities");
_Static_assert(CAP_PAGES * sizeof(struct cap *) == PAGE_SIZE, "table of pages");

/* Stands where a table has no page of its own, so that a look-up does not have to ask. */
static const struct cap empty_page[CAPS_PER_PAGE];

int captab_init(struct captab *t, struct quota *q)
{
	memset(t, 0, sizeof(*t));
	t->quota = q;
	t->pages = page_alloc(q, 0);
	if (!t->pages)
		return -L4_ENOMEM;
	fill_words(t->pages, (u64)empty_page, PAGE_SIZE);
	return 0;
}

/* Make page p of the table. False: no memory. Lock held. */
static noinline bool page_make(struct captab *t, u64 p)
{
	struct cap *page = page_alloc_zeroed(t->quota, PAGE_ORDER);

	if (!page)
		return false;
	t->used[p / 64] |= 1ULL << p % 64;
	WRITE_ONCE(t->pages[p], page);
	return true;
}

/* Slot idx, its page made if needed; NULL: no memory, or the table is closed. Lock held. */
static always_inline struct cap *slot_make(struct captab *t, u64 idx)
{
	u64 p = idx / CAPS_PER_PAGE;

	if (unlikely(t->closed || (t->pages[p] == empty_page && !page_make(t, p))))
		return NULL;
	return &t->pages[p][idx % CAPS_PER_PAGE];
}

/* Slot idx, which is not written to if it is empty; NULL: there is none with this number. */
static struct cap *slot_find(struct captab *t, u64 idx)
{
	return idx < CAP_SLOTS ? &t->pages[idx / CAPS_PER_PAGE][idx % CAPS_PER_PAGE] : NULL;
}

/* Put a capability into an empty slot; false if the object died meanwhile. */
static always_inline bool cap_link(struct cap *cap, struct kobject *o, u8 rights)
{
	bool ok;

	spin_lock(&o->lock);
	ok = !o->dead;
	if (ok) {
		list_push_back(&o->caps, &cap->link);
		if (rights & CAP_COUNTED)
			o->counted++;
		WRITE_ONCE(cap->word, (u64)o | rights);
	}
	spin_unlock(&o->lock);
	return ok;
}

/* Empty a slot. The object is deleted when its last counted capability goes or `kill` is set. */
static void cap_clear(struct cap *cap, bool kill)
{
	struct kobject *o = cap_object(READ_ONCE(cap->word));

	if (!o)
		return;
	spin_lock(&o->lock);
	if (likely(cap_object(cap->word) == o)) {
		if ((cap->word & CAP_COUNTED) && --o->counted <= 0)
			kill = true;
		list_remove(&cap->link);
		WRITE_ONCE(cap->word, 0);
		if (kill)
			kobject_delete_locked(o);
	}
	spin_unlock(&o->lock);
}

int captab_insert_new(struct captab *t, u64 idx, struct kobject *o)
{
	struct cap *cap;

	if (idx >= CAP_SLOTS)
		return -L4_EINVAL;
	spin_lock(&t->lock);
	cap = slot_make(t, idx);
	if (likely(cap)) {
		if (unlikely(cap->word))
			cap_clear(cap, cap->word & CAP_D);
		cap_link(cap, o, CAP_ALL);
	}
	spin_unlock(&t->lock);
	return cap ? 0 : -L4_ENOMEM;
}

static void lock_two(struct captab *a, struct captab *b)
{
	spin_lock(a < b ? &a->lock : &b->lock);
	if (a != b)
		spin_lock(a < b ? &b->lock : &a->lock);
}

static void unlock_two(struct captab *a, struct captab *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

static enum cap_map_result map_locked(struct cap *from, struct captab *dst, u64 didx, u8 mask,
				      bool counted, bool grant)
{
	u64 word = from ? READ_ONCE(from->word) : 0;
	u8 rights = (word & mask & (CAP_MASK & ~CAP_COUNTED)) | (counted ? CAP_COUNTED : 0);
	struct cap *to;

	if (!cap_object(word))
		return CAP_NOTHING;
	to = slot_make(dst, didx);
	if (!to)
		return CAP_NO_MEMORY;
	if (to->word) {
		/* Even another capability of the same object goes, and with CAP_D the object. */
		cap_clear(to, to->word & CAP_D);
		if (cap_object(word)->dead)
			return CAP_NOTHING;
	}
	if (!cap_link(to, cap_object(word), rights))
		return CAP_NOTHING;
	if (grant)
		cap_clear(from, false);
	return CAP_MAPPED;
}

enum cap_map_result captab_map(struct captab *src, u64 sidx, struct captab *dst, u64 didx, u8 mask,
			       bool counted, bool grant)
{
	enum cap_map_result r = CAP_NOTHING;
	struct cap *from;

	if (didx >= CAP_SLOTS)
		return CAP_NOTHING;
	lock_two(src, dst);
	from = slot_find(src, sidx);
	if (src == dst && sidx == didx) {
		if (from)
			cap_clear(from, from->word & CAP_D);
	} else {
		r = map_locked(from, dst, didx, mask, counted, grant);
	}
	unlock_two(src, dst);
	return r;
}

static void cap_reduce(struct cap *cap, u8 rights)
{
	struct kobject *o = cap_object(READ_ONCE(cap->word));

	if (!o)
		return;
	spin_lock(&o->lock);
	if (cap_object(cap->word) == o)
		WRITE_ONCE(cap->word, cap->word & ~(u64)rights);
	spin_unlock(&o->lock);
}

void captab_unmap(struct captab *t, u64 idx, u8 rights, bool del)
{
	struct cap *cap;

	spin_lock(&t->lock);
	cap = slot_find(t, idx);
	if (cap && (rights & 4))
		cap_clear(cap, del && (cap->word & CAP_D));
	else if (cap)
		cap_reduce(cap, rights & (CAP_W | CAP_S));
	spin_unlock(&t->lock);
}

u64 captab_next(const struct captab *t, u64 idx)
{
	u64 p = idx / CAPS_PER_PAGE, bits;
	u64 word = p / 64;

	if (idx >= CAP_SLOTS)
		return CAP_SLOTS;
	bits = t->used[word] >> p % 64;
	if (bits & 1)
		return idx;
	if (bits)
		return (p + bit_lowest(bits)) * CAPS_PER_PAGE;
	while (++word < CAP_PAGES / 64)
		if (t->used[word])
			return (word * 64 + bit_lowest(t->used[word])) * CAPS_PER_PAGE;
	return CAP_SLOTS;
}

/* From here on slot_make refuses; what was put in before is seen by who calls this. */
static void close_table(struct captab *t)
{
	spin_lock(&t->lock);
	t->closed = true;
	spin_unlock(&t->lock);
}

bool captab_destroy(struct captab *t, u64 *progress)
{
	unsigned cleared = 0;
	struct cap *cap;
	u64 idx, end;

	if (!t->closed)
		close_table(t);
	idx = *progress = captab_next(t, *progress);
	if (idx >= CAP_SLOTS)
		return true;
	end = (idx / CAPS_PER_PAGE + 1) * CAPS_PER_PAGE;
	for (cap = slot_find(t, idx); idx < end && cleared < CLEAR_BATCH; idx++, cap++) {
		if (!cap->word)
			continue;
		spin_lock(&t->lock);
		cap_clear(cap, cap->word & CAP_D);
		spin_unlock(&t->lock);
		cleared++;
	}
	*progress = idx;
	return captab_next(t, idx) >= CAP_SLOTS;
}

bool captab_free_some(struct captab *t)
{
	unsigned n = FREE_BATCH;

	for (unsigned w = 0; w < CAP_PAGES / 64; w++) {
		for (; t->used[w] && n; n--) {
			unsigned i = bit_lowest(t->used[w]);

			page_free(t->quota, t->pages[w * 64 + i], PAGE_ORDER);
			t->used[w] &= t->used[w] - 1;
		}
		if (t->used[w])
			return false;
	}
	page_free(t->quota, t->pages, 0);
	return true;
}

void captab_free(struct captab *t)
{
	while (!captab_free_some(t))
		;
}
