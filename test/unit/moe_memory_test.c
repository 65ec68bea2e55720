/* SPDX-License-Identifier: MIT */
/* Promises of moe's page allocator, heaps and quotas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "moe/heap.h"
#include "moe/pages.h"
#include "moe/quota.h"

enum { ARENA_PAGES = 1024, LIVE = 64 };

static struct pages pages;
static char *arena;

static int setup(void **state)
{
	(void)state;
	memset(&pages, 0, sizeof(pages));
	arena = aligned_alloc(ARENA_PAGES * PAGE_BYTES, ARENA_PAGES * PAGE_BYTES);
	pages_add(&pages, (uint64_t)arena, (uint64_t)arena + ARENA_PAGES * PAGE_BYTES);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(arena);
	return 0;
}

static void blocks_are_aligned_and_come_back(void **state)
{
	uint64_t all = pages.free_pages, block[8];

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		block[i] = pages_alloc(&pages, i);
		assert_int_not_equal(block[i], 0);
		assert_int_equal(block[i] & ((PAGE_BYTES << i) - 1), 0);
	}
	assert_int_equal(pages.free_pages, all - 255);
	for (unsigned i = 0; i < 8; i++)
		pages_put(&pages, block[i], i);
	assert_int_equal(pages.free_pages, all);
	assert_int_not_equal(pages_alloc(&pages, 9), 0); /* joined again */
}

static void no_page_is_given_twice(void **state)
{
	uint64_t all = pages.free_pages, count = 0, page;

	(void)state;
	while ((page = pages_alloc(&pages, 0))) {
		assert_true(page >= (uint64_t)arena);
		assert_true(page < (uint64_t)arena + ARENA_PAGES * PAGE_BYTES);
		memset((void *)page, 0x5a, PAGE_BYTES);
		count++;
	}
	assert_int_equal(count, all);
	assert_int_equal(pages.free_pages, 0);
}

static void a_run_is_found_between_used_pages(void **state)
{
	uint64_t all = pages.free_pages, block[4], run;

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		block[i] = pages_alloc(&pages, 7);
	run = pages_alloc_run(&pages, 300, 0); /* no power of two */
	assert_int_not_equal(run, 0);
	for (unsigned i = 0; i < 4; i++)
		assert_true(block[i] + (PAGE_BYTES << 7) <= run ||
			    block[i] >= run + 300 * PAGE_BYTES);
	assert_int_equal(pages.free_pages, all - 4 * 128 - 300);
	memset((void *)run, 0xff, 300 * PAGE_BYTES);
	pages_free(&pages, run, 300);
	for (unsigned i = 0; i < 4; i++)
		pages_put(&pages, block[i], 7);
	assert_int_equal(pages.free_pages, all);
	assert_int_equal(pages_alloc_run(&pages, ARENA_PAGES, 0), 0);
	run = pages_alloc_run(&pages, 3, 5);
	assert_int_equal(run & ((PAGE_BYTES << 5) - 1), 0);
}

static void a_shared_page_goes_with_its_last_owner(void **state)
{
	uint64_t all = pages.free_pages, page = pages_alloc(&pages, 0);

	(void)state;
	assert_false(pages_is_shared(&pages, page));
	assert_true(pages_share(&pages, page));
	assert_true(pages_is_shared(&pages, page));
	pages_put(&pages, page, 0);
	assert_int_equal(pages.free_pages, all - 1);
	pages_put(&pages, page, 0);
	assert_int_equal(pages.free_pages, all);
}

/* Random use; the allocator must end as it began. */
static void nothing_is_lost_in_random_use(void **state)
{
	uint64_t all = pages.free_pages, at[LIVE] = { 0 }, count[LIVE];

	(void)state;
	srand(1);
	for (unsigned i = 0; i < 20000; i++) {
		unsigned n = (unsigned)rand() % LIVE;

		if (at[n]) {
			pages_free(&pages, at[n], count[n]);
			at[n] = 0;
			continue;
		}
		count[n] = 1 + (unsigned)rand() % 40;
		at[n] = pages_alloc_run(&pages, count[n], (unsigned)rand() % 4);
		if (at[n])
			memset((void *)at[n], 0xab, count[n] * PAGE_BYTES);
	}
	for (unsigned n = 0; n < LIVE; n++)
		if (at[n])
			pages_free(&pages, at[n], count[n]);
	assert_int_equal(pages.free_pages, all);
	assert_int_not_equal(pages_alloc(&pages, 9), 0);
}

static void heap_pieces_are_zero_and_apart(void **state)
{
	static const size_t sizes[] = { 1, 32, 33, 100, 128, 500, 1000, 1024 };
	struct quota q;
	struct heap h;
	char *piece[400];

	(void)state;
	quota_init(&q, QUOTA_UNLIMITED);
	heap_init(&h, &pages, &q);
	for (unsigned i = 0; i < 400; i++) {
		size_t size = sizes[i % 8];

		piece[i] = heap_alloc(&h, size);
		assert_non_null(piece[i]);
		for (size_t k = 0; k < size; k++)
			assert_int_equal(piece[i][k], 0);
		memset(piece[i], (int)i, size);
	}
	for (unsigned i = 0; i < 400; i++)
		for (size_t k = 0; k < sizes[i % 8]; k++)
			assert_int_equal(piece[i][k], (char)i);
	assert_null(heap_alloc(&h, HEAP_MAX + 1));
	for (unsigned i = 0; i < 400; i++)
		heap_free(&h, piece[(i * 7) % 400]);
	assert_int_equal(q.committed, 0);
	assert_int_equal(q.reserved, 0);
}

static void a_heap_ends_with_its_quota(void **state)
{
	uint64_t all = pages.free_pages;
	struct quota root, q;
	struct heap h;
	unsigned count = 0;

	(void)state;
	quota_init(&root, QUOTA_UNLIMITED);
	assert_true(quota_init_sub(&q, &root, 3 * PAGE_BYTES));
	heap_init(&h, &pages, &q);
	while (heap_alloc(&h, 1024))
		count++;
	assert_int_equal(count, 9); /* three a page */
	assert_int_equal(pages.free_pages, all - 3);
}

static void quotas_reserve_in_their_parents(void **state)
{
	struct quota root, a, b;

	(void)state;
	quota_init(&root, 100);
	assert_false(quota_init_sub(&a, &root, 0));
	assert_true(quota_init_sub(&a, &root, 60));
	assert_false(quota_init_sub(&b, &root, 41));
	assert_true(quota_init_sub(&b, &root, 40));
	assert_false(quota_charge(&root, 1));
	assert_true(quota_charge(&a, 60));
	assert_false(quota_charge(&a, 1));
	assert_int_equal(root.committed, 60);
	quota_release(&a, 60);
	assert_int_equal(root.committed, 0);
	quota_end_sub(&a);
	assert_true(quota_charge(&root, 60));
	assert_false(quota_charge(&root, 1));
}

static void what_is_left_is_the_smallest_limit(void **state)
{
	struct quota root, a;

	(void)state;
	quota_init(&root, QUOTA_UNLIMITED);
	assert_int_equal(quota_left(&root, 500), 500);
	assert_true(quota_init_sub(&a, &root, 300));
	assert_int_equal(quota_left(&a, 500), 300);
	assert_true(quota_charge(&a, 100));
	assert_int_equal(quota_left(&a, 500), 200);
	assert_int_equal(quota_left(&a, 50), 50);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(blocks_are_aligned_and_come_back),
		TEST(no_page_is_given_twice),
		TEST(a_run_is_found_between_used_pages),
		TEST(a_shared_page_goes_with_its_last_owner),
		TEST(nothing_is_lost_in_random_use),
		TEST(heap_pieces_are_zero_and_apart),
		TEST(a_heap_ends_with_its_quota),
		TEST(quotas_reserve_in_their_parents),
		TEST(what_is_left_is_the_smallest_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
