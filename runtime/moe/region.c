/* SPDX-License-Identifier: MIT */
/* Ranges in an AA tree (a red-black tree whose red nodes are right children: level is equal). */
#include <stddef.h>
#include "region.h"

/* The last range that begins at or before address. */
static struct region *last_before(const struct region_tree *t, uint64_t address)
{
	struct region *found = NULL, *at = t->root;

	while (at) {
		if (at->start <= address) {
			found = at;
			at = at->right;
		} else {
			at = at->left;
		}
	}
	return found;
}

struct region *region_find(const struct region_tree *t, uint64_t address)
{
	struct region *r = last_before(t, address);

	return r && r->end >= address ? r : NULL;
}

struct region *region_from(const struct region_tree *t, uint64_t address)
{
	struct region *r = last_before(t, address);

	if (!r)
		return t->first;
	return r->end >= address ? r : r->next;
}

bool region_overlaps(const struct region_tree *t, uint64_t start, uint64_t end)
{
	struct region *r = region_from(t, start);

	return r && r->start <= end;
}

static unsigned level_of(const struct region *r)
{
	return r ? r->level : 0;
}

/* No left child of the same level. */
static struct region *skew(struct region *r)
{
	struct region *l = r ? r->left : NULL;

	if (!l || l->level != r->level)
		return r;
	r->left = l->right;
	l->right = r;
	return l;
}

/* No two right children of the same level in a row. */
static struct region *split(struct region *r)
{
	struct region *x = r ? r->right : NULL;

	if (!x || !x->right || x->right->level != r->level)
		return r;
	r->right = x->left;
	x->left = r;
	x->level++;
	return x;
}

static struct region *insert(struct region *at, struct region *r)
{
	if (!at)
		return r;
	if (r->start < at->start)
		at->left = insert(at->left, r);
	else
		at->right = insert(at->right, r);
	return split(skew(at));
}

void region_insert(struct region_tree *t, struct region *r)
{
	r->prev = last_before(t, r->start);
	r->next = r->prev ? r->prev->next : t->first;
	if (r->prev)
		r->prev->next = r;
	else
		t->first = r;
	if (r->next)
		r->next->prev = r;
	r->left = r->right = NULL;
	r->level = 1;
	t->root = insert(t->root, r);
}

/* After a child of `at` has become lower. */
static struct region *rebalance(struct region *at)
{
	unsigned left = level_of(at->left), right = level_of(at->right);
	unsigned level = (left < right ? left : right) + 1;

	if (level < at->level) {
		at->level = level;
		if (at->right && level < at->right->level)
			at->right->level = level;
	}
	at = skew(at);
	at->right = skew(at->right);
	if (at->right)
		at->right->right = skew(at->right->right);
	at = split(at);
	at->right = split(at->right);
	return at;
}

/* Take the smallest node out of a tree that is not empty. */
static struct region *take_smallest(struct region *at, struct region **smallest)
{
	if (!at->left) {
		*smallest = at;
		return at->right;
	}
	at->left = take_smallest(at->left, smallest);
	return rebalance(at);
}

static struct region *take(struct region *at, const struct region *r)
{
	struct region *heir;

	if (at != r) {
		if (r->start < at->start)
			at->left = take(at->left, r);
		else
			at->right = take(at->right, r);
		return rebalance(at);
	}
	if (!at->left)
		return at->right;
	if (!at->right)
		return at->left;
	at->right = take_smallest(at->right, &heir);
	heir->left = at->left;
	heir->right = at->right;
	heir->level = at->level;
	return rebalance(heir);
}

void region_remove(struct region_tree *t, struct region *r)
{
	t->root = take(t->root, r);
	if (r->prev)
		r->prev->next = r->next;
	else
		t->first = r->next;
	if (r->next)
		r->next->prev = r->prev;
	r->prev = r->next = NULL;
}

/* The end of the range of t that keeps [start, end] from being free; false if it is free. */
static bool obstacle(const struct region_tree *t, uint64_t start, uint64_t end, uint64_t *blocked)
{
	const struct region *r = t ? region_from(t, start) : NULL;

	if (!r || r->start > end)
		return false;
	*blocked = r->end;
	return true;
}

bool region_find_gap(const struct region_tree *a, const struct region_tree *b, uint64_t low,
		     uint64_t high, uint64_t size, unsigned align, uint64_t *start)
{
	uint64_t mask = (1UL << align) - 1, blocked;

	while (low <= high) {
		uint64_t at = (low + mask) & ~mask;

		if (at < low || at > high || high - at < size - 1)
			return false;
		if (!obstacle(a, at, at + size - 1, &blocked) &&
		    !obstacle(b, at, at + size - 1, &blocked)) {
			*start = at;
			return true;
		}
		if (blocked == ~0UL)
			return false;
		low = blocked + 1;
	}
	return false;
}
