/* SPDX-License-Identifier: MIT */
/*
 * Leftist heap with intrusive nodes: insert, remove of any node and removal of the minimum are all
 * O(log n) in the worst case. Used for timeouts (key = TSC) and for sender queues (key = inverted
 * priority and sequence number). No locking.
 */
#ifndef KERNEL_HEAP_H
#define KERNEL_HEAP_H

#include "core/types.h"

struct heap_node {
	struct heap_node *left, *right, *parent;
	u64 key;
	u32 rank; /* 0: in no heap */
};

struct heap {
	struct heap_node *root;
};

static inline bool heap_empty(const struct heap *h)
{
	return !h->root;
}

static inline bool heap_contains(const struct heap_node *n)
{
	return n->rank != 0;
}

/* Insert n (in no heap) with the given key; among equal keys the order is not defined. */
void heap_insert(struct heap *h, struct heap_node *n, u64 key);

/* Remove n, which is in h. */
void heap_remove(struct heap *h, struct heap_node *n);

/* Next node in a traversal of all nodes in no particular order; NULL after the last. Start with
 * h->root. The heap must not change meanwhile. */
struct heap_node *heap_next(struct heap_node *n);

#endif
