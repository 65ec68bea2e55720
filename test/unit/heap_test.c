/* SPDX-License-Identifier: MIT */
/* Promises of the leftist heap: order, removal of any node, worst-case cost, traversal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <sanitizer/asan_interface.h>
#include "core/heap.h"

enum { NODES = 1000 };

static struct heap heap;
static struct heap_node node[NODES];

static unsigned rank_of(const struct heap_node *n)
{
	return n ? n->rank : 0;
}

/* Check every invariant below n; returns the number of nodes. */
static unsigned check_below(const struct heap_node *n, const struct heap_node *parent)
{
	if (!n)
		return 0;
	assert_ptr_equal(n->parent, parent);
	assert_true(!parent || n->key >= parent->key);
	assert_true(rank_of(n->left) >= rank_of(n->right));
	assert_int_equal(n->rank, rank_of(n->right) + 1);
	return 1 + check_below(n->left, n) + check_below(n->right, n);
}

static void check(unsigned nodes)
{
	assert_int_equal(check_below(heap.root, NULL), nodes);
	assert_int_equal(heap_empty(&heap), nodes == 0);
}

static int reset(void **state)
{
	(void)state;
	srandom(1);
	heap.root = NULL;
	for (unsigned i = 0; i < NODES; i++)
		node[i] = (struct heap_node){ 0 };
	return 0;
}

static void minimum_is_always_the_root(void **state)
{
	u64 last = 0;

	(void)state;
	for (unsigned i = 0; i < NODES; i++) {
		heap_insert(&heap, &node[i], (u64)random() % 300);
		check(i + 1);
	}
	for (unsigned i = NODES; i-- > 0;) {
		struct heap_node *n = heap.root;

		assert_true(n->key >= last);
		last = n->key;
		heap_remove(&heap, n);
		assert_false(heap_contains(n));
		check(i);
	}
}

/* Every order of insertion of a few keys, and then every node removed. */
static void remove_each(const unsigned *order, unsigned n)
{
	for (unsigned victim = 0; victim < n; victim++) {
		reset(NULL);
		for (unsigned i = 0; i < n; i++)
			heap_insert(&heap, &node[order[i]], order[i]);
		heap_remove(&heap, &node[victim]);
		check(n - 1);
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(heap_contains(&node[i]), i != victim);
		for (unsigned i = 0; i < n; i++) {
			if (i == victim)
				continue;
			assert_ptr_equal(heap.root, &node[i]);
			heap_remove(&heap, &node[i]);
		}
	}
}

static void permute(unsigned *order, unsigned fixed, unsigned n)
{
	if (fixed == n)
		remove_each(order, n);
	for (unsigned i = fixed; i < n; i++) {
		unsigned t = order[fixed];

		order[fixed] = order[i];
		order[i] = t;
		permute(order, fixed + 1, n);
		order[i] = order[fixed];
		order[fixed] = t;
	}
}

static void any_node_can_be_removed(void **state)
{
	unsigned order[] = { 0, 1, 2, 3, 4, 5, 6 };

	(void)state;
	for (unsigned n = 1; n <= 7; n++)
		permute(order, 0, n);
}

static void random_use_keeps_the_invariants(void **state)
{
	unsigned in = 0;

	(void)state;
	for (unsigned step = 0; step < 20000; step++) {
		struct heap_node *n = &node[random() % 60];

		if (heap_contains(n)) {
			heap_remove(&heap, n);
			in--;
		} else {
			heap_insert(&heap, n, (u64)random() % 20);
			in++;
		}
		check(in);
	}
}

/* A right spine of rank r needs 2^r - 1 nodes, so it is never longer than log2(n + 1). */
static void right_spine_is_logarithmic(void **state)
{
	(void)state;
	for (unsigned i = 0; i < NODES; i++) {
		heap_insert(&heap, &node[i], (u64)random());
		for (struct heap_node *n = heap.root; n; n = n->right)
			assert_true((1ull << n->rank) - 1 <= i + 1);
	}
}

/* Descending keys make a chain of left children, as deep as there are nodes. The removal of its
 * end must touch the parent only: all others are poisoned. */
static void removal_in_a_deep_chain_stays_local(void **state)
{
	(void)state;
	for (unsigned i = 0; i < NODES; i++)
		heap_insert(&heap, &node[i], NODES - i);
	assert_ptr_equal(node[0].parent, &node[1]);
	assert_null(node[1].right);
	ASAN_POISON_MEMORY_REGION(&node[2], (NODES - 2) * sizeof(node[0]));
	heap_remove(&heap, &node[0]);
	ASAN_UNPOISON_MEMORY_REGION(&node[2], (NODES - 2) * sizeof(node[0]));
	check(NODES - 1);
}

/* An insertion looks at the right spine and the children on its left: the rest is poisoned. */
static void insertion_touches_the_right_spine_only(void **state)
{
	static struct heap_node extra;

	(void)state;
	for (unsigned i = 0; i < NODES; i++)
		heap_insert(&heap, &node[i], (u64)random());
	for (struct heap_node *n = heap.root; n; n = n->right) {
		struct heap_node *l = n->left;

		if (l && l->left)
			ASAN_POISON_MEMORY_REGION(l->left, sizeof(*l));
		if (l && l->right)
			ASAN_POISON_MEMORY_REGION(l->right, sizeof(*l));
	}
	heap_insert(&heap, &extra, ~0ULL);
	ASAN_UNPOISON_MEMORY_REGION(node, sizeof(node));
	check(NODES + 1);
}

static void traversal_visits_every_node_once(void **state)
{
	static bool seen[NODES];

	(void)state;
	for (unsigned size = 0; size < NODES; size += 1 + size / 8) {
		unsigned visits = 0;

		reset(NULL);
		for (unsigned i = 0; i < size; i++) {
			heap_insert(&heap, &node[i], (u64)random() % 50);
			seen[i] = false;
		}
		for (struct heap_node *n = heap.root; n; n = heap_next(n), visits++) {
			assert_false(seen[n - node]);
			seen[n - node] = true;
		}
		assert_int_equal(visits, size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(minimum_is_always_the_root, reset),
		cmocka_unit_test_setup(any_node_can_be_removed, reset),
		cmocka_unit_test_setup(random_use_keeps_the_invariants, reset),
		cmocka_unit_test_setup(right_spine_is_logarithmic, reset),
		cmocka_unit_test_setup(removal_in_a_deep_chain_stays_local, reset),
		cmocka_unit_test_setup(insertion_touches_the_right_spine_only, reset),
		cmocka_unit_test_setup(traversal_visits_every_node_once, reset),
	};

	return cmocka_run_group_tests_name("heap", tests, NULL, NULL);
}
