/* SPDX-License-Identifier: MIT */
/* Promises of the page allocator. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "arena.h"
#include "mm/kmem.h"

#define ARENA (16UL << 20)

static char *arena;

static int setup(void **state)
{
	(void)state;
	if (!arena) {
		arena = arena_create(ARENA, 4 << 20);
		/* Two ranges, with odd edges. */
		assert_true(kmem_add(arena + 0x3000, arena + 0x7fd000));
		assert_true(kmem_add(arena + 0x800000, arena + ARENA));
		assert_false(kmem_add(arena + 0x7fe000, arena + 0x7fe000));
		assert_false(kmem_add(arena + 0x7fe000, arena + 0x7ff000));
	}
	host_cpu = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(kmem_free_bytes(), kmem_total_bytes());
	kmem_drain();
	assert_int_equal(kmem_free_bytes(), kmem_total_bytes());
	assert_int_equal(quota_used(&root_quota), 0);
	return 0;
}

static void metadata_takes_a_page_a_range(void **state)
{
	(void)state;
	assert_int_equal(kmem_total_bytes(), 0x7fa000 + 0x800000 - 2 * PAGE_SIZE);
}

static void blocks_are_aligned_and_disjoint(void **state)
{
	char *p[KMEM_MAX_ORDER + 1];

	(void)state;
	for (unsigned o = 0; o <= KMEM_MAX_ORDER; o++) {
		p[o] = page_alloc(&root_quota, o);
		if (o == KMEM_MAX_ORDER && !p[o])
			break;
		assert_non_null(p[o]);
		assert_int_equal((u64)p[o] & ((PAGE_SIZE << o) - 1), 0);
		memset(p[o], (int)o + 1, PAGE_SIZE << o);
	}
	for (unsigned o = 0; o <= KMEM_MAX_ORDER && p[o]; o++) {
		assert_int_equal(p[o][0], o + 1);
		assert_int_equal(p[o][(PAGE_SIZE << o) - 1], o + 1);
		page_free(&root_quota, p[o], o);
	}
	assert_null(page_alloc(&root_quota, KMEM_MAX_ORDER + 1));
}

static void all_memory_can_be_taken_and_comes_back_whole(void **state)
{
	void *list = NULL, *big;
	u64 n = 0;

	(void)state;
	for (void *p; (p = page_alloc(&root_quota, 0)); n++) {
		*(void **)p = list;
		list = p;
	}
	assert_int_equal(n, kmem_total_bytes() / PAGE_SIZE);
	assert_int_equal(kmem_free_bytes(), 0);
	assert_int_equal(quota_used(&root_quota), kmem_total_bytes());
	while (list) {
		void *next = *(void **)list;

		page_free(&root_quota, list, 0);
		list = next;
	}
	kmem_drain();
	big = page_alloc(&root_quota, 9);
	assert_non_null(big);
	page_free(&root_quota, big, 9);
}

static void random_use_keeps_blocks_apart(void **state)
{
	struct {
		char *p;
		unsigned order;
	} block[200] = { 0 };

	(void)state;
	srand(1);
	for (unsigned i = 0; i < 40000; i++) {
		unsigned k = (unsigned)rand() % 200;

		host_cpu = (unsigned)rand() % 3;
		if (block[k].p) {
			assert_int_equal(block[k].p[0], (char)k);
			assert_int_equal(block[k].p[(PAGE_SIZE << block[k].order) - 1], (char)k);
			page_free(&root_quota, block[k].p, block[k].order);
			block[k].p = NULL;
			continue;
		}
		block[k].order = (unsigned)rand() % 6;
		block[k].p = page_alloc(&root_quota, block[k].order);
		if (!block[k].p)
			continue;
		block[k].p[0] = (char)k;
		block[k].p[(PAGE_SIZE << block[k].order) - 1] = (char)k;
	}
	for (unsigned k = 0; k < 200; k++)
		if (block[k].p)
			page_free(&root_quota, block[k].p, block[k].order);
}

static void zeroed_pages_are_zero(void **state)
{
	char *p[40];

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		p[i] = page_alloc(&root_quota, i & 1);
		memset(p[i], 0xff, PAGE_SIZE << (i & 1));
	}
	for (unsigned i = 0; i < 40; i++)
		page_free(&root_quota, p[i], i & 1);
	while (page_prezero_one())
		;
	assert_int_equal(kmem_free_bytes(), kmem_total_bytes());
	for (unsigned i = 0; i < 40; i++) {
		p[i] = page_alloc_zeroed(&root_quota, i & 1);
		for (u64 k = 0; k < PAGE_SIZE << (i & 1); k += 8)
			assert_int_equal(*(u64 *)(p[i] + k), 0);
	}
	for (unsigned i = 0; i < 40; i++)
		page_free(&root_quota, p[i], i & 1);
}

static void pool_gives_only_what_was_cleared_before(void **state)
{
	void *p;

	(void)state;
	assert_null(page_alloc_prezeroed(&root_quota, 0));
	assert_true(page_prezero_one());
	p = page_alloc_prezeroed(&root_quota, 0);
	assert_non_null(p);
	assert_null(page_alloc_prezeroed(&root_quota, 0));
	assert_null(page_alloc_prezeroed(&root_quota, 2));
	page_free(&root_quota, p, 0);
}

static void exhausted_quota_allocates_nothing(void **state)
{
	struct quota *q = quota_create(&root_quota, 3 * PAGE_SIZE);
	void *p = page_alloc(q, 1);
	u64 free = kmem_free_bytes();

	(void)state;
	assert_non_null(p);
	assert_null(page_alloc(q, 1));
	assert_int_equal(quota_used(q), 2 * PAGE_SIZE);
	assert_int_equal(kmem_free_bytes(), free);
	page_free(q, p, 1);
	quota_orphan(q);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(metadata_takes_a_page_a_range),
		TEST(blocks_are_aligned_and_disjoint),
		TEST(all_memory_can_be_taken_and_comes_back_whole),
		TEST(random_use_keeps_blocks_apart),
		TEST(zeroed_pages_are_zero),
		TEST(pool_gives_only_what_was_cleared_before),
		TEST(exhausted_quota_allocates_nothing),
	};

	return cmocka_run_group_tests_name("buddy", tests, NULL, NULL);
}
