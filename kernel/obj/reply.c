/* SPDX-License-Identifier: MIT */
/* Table of explicit reply capabilities. */
#include "obj/reply.h"
#include "core/string.h"
#include "mm/kmem.h"

#define REPLY_SLOTS    262144u
#define SLOTS_PER_PAGE 128u
#define FREE_BATCH     16 /* pages freed at once */
#define TOP_ORDER      2  /* 2048 page pointers: 16 KiB */

struct reply_table {
	struct reply_page *pages[REPLY_SLOTS / SLOTS_PER_PAGE];
};

struct reply_page {
	struct reply_cap slots[SLOTS_PER_PAGE];
};

_Static_assert(sizeof(struct reply_table) == PAGE_SIZE << TOP_ORDER, "table of reply pages");
_Static_assert(sizeof(struct reply_page) <= PAGE_SIZE, "page of reply capabilities");

/* Allocate where *where is empty; two CPUs may try at once, one wins. */
static void *make(struct quota *q, void **where, unsigned order)
{
	void *old = NULL, *p = page_alloc_zeroed(q, order);

	if (p && !__atomic_compare_exchange_n(where, &old, p, false, __ATOMIC_ACQ_REL,
					      __ATOMIC_ACQUIRE)) {
		page_free(q, p, order);
		p = old;
	}
	return p;
}

struct reply_cap *reply_table_slot(struct task *t, u64 idx, bool create)
{
	struct reply_table *table;
	struct reply_page *page;

	if (idx >= REPLY_SLOTS)
		return NULL;
	table = READ_ONCE(t->replies);
	if (!table && create)
		table = make(t->obj.quota, (void **)&t->replies, TOP_ORDER);
	if (!table)
		return NULL;
	page = READ_ONCE(table->pages[idx / SLOTS_PER_PAGE]);
	if (!page && create)
		page = make(t->obj.quota, (void **)&table->pages[idx / SLOTS_PER_PAGE], 0);
	return page ? &page->slots[idx % SLOTS_PER_PAGE] : NULL;
}

void reply_slot_put(struct reply_cap *slot, struct thread *caller)
{
	spin_lock(&slot->lock);
	slot->caller = caller;
	slot->token = caller->call_token;
	slot->rights = caller->channel_rights;
	spin_unlock(&slot->lock);
}

struct reply_cap reply_slot_take(struct reply_cap *slot)
{
	struct reply_cap cap;

	spin_lock(&slot->lock);
	cap = *slot;
	slot->caller = NULL;
	spin_unlock(&slot->lock);
	return cap;
}

bool reply_table_clear_some(struct task *t, u64 *progress)
{
	struct reply_table *table = t->replies;
	u64 end = ARRAY_SIZE(table->pages);

	if (!table)
		return true;
	while (*progress < end && !table->pages[*progress])
		++*progress;
	if (*progress < end)
		memset(table->pages[(*progress)++], 0, sizeof(struct reply_page));
	return *progress == end;
}

bool reply_table_free_some(struct task *t)
{
	unsigned n = FREE_BATCH;

	if (!t->replies)
		return true;
	for (unsigned i = 0; i < ARRAY_SIZE(t->replies->pages); i++) {
		if (!t->replies->pages[i])
			continue;
		if (!n--)
			return false;
		page_free(t->obj.quota, t->replies->pages[i], 0);
		t->replies->pages[i] = NULL;
	}
	page_free(t->obj.quota, t->replies, TOP_ORDER);
	t->replies = NULL;
	return true;
}
