/* SPDX-License-Identifier: MIT */
/* Leftist heap. rank = length of the right spine + 1, and rank(left) >= rank(right). */
#include "core/heap.h"

static inline u32 rank_of(const struct heap_node *n)
{
	return n ? n->rank : 0;
}

/* Restore the leftist property at n; true if its rank changed. */
static bool fix_node(struct heap_node *n)
{
	u32 old = n->rank;

	if (rank_of(n->left) < rank_of(n->right)) {
		struct heap_node *t = n->left;

		n->left = n->right;
		n->right = t;
	}
	n->rank = rank_of(n->right) + 1;
	return n->rank != old;
}

static void fix_up(struct heap_node *n)
{
	while (n && fix_node(n))
		n = n->parent;
}

/*
 * Merge b into a along the right spines; returns the root, whose parent is set to NULL. The spines
 * are merged top-down, then ranks are repaired bottom-up.
 */
static struct heap_node *merge(struct heap_node *a, struct heap_node *b)
{
	struct heap_node *root = NULL, *last = NULL, **link = &root;

	while (a && b) {
		struct heap_node *n;

		if (b->key < a->key) {
			struct heap_node *t = a;

			a = b;
			b = t;
		}
		n = a;
		a = a->right;
		*link = n;
		n->parent = last;
		last = n;
		link = &n->right;
	}
	*link = a ? a : b;
	if (*link)
		(*link)->parent = last;
	while (last) {
		fix_node(last);
		last = last->parent;
	}
	return root;
}

void heap_insert(struct heap *h, struct heap_node *n, u64 key)
{
	n->left = n->right = n->parent = NULL;
	n->rank = 1;
	n->key = key;
	h->root = h->root ? merge(h->root, n) : n;
}

void heap_remove(struct heap *h, struct heap_node *n)
{
	struct heap_node *parent = n->parent, *rest = merge(n->left, n->right);

	if (rest)
		rest->parent = parent;
	if (!parent)
		h->root = rest;
	else if (parent->left == n)
		parent->left = rest;
	else
		parent->right = rest;
	fix_up(parent);
	n->left = n->right = n->parent = NULL;
	n->rank = 0;
}

struct heap_node *heap_next(struct heap_node *n)
{
	if (n->left)
		return n->left;
	if (n->right)
		return n->right;
	for (; n->parent; n = n->parent)
		if (n->parent->left == n && n->parent->right)
			return n->parent->right;
	return NULL;
}
