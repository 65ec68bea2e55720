/* SPDX-License-Identifier: MIT */
/* Promises of the caches of small objects. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "arena.h"
#include "mm/kmem.h"

static SLAB_CACHE(small, 40, 16);
static SLAB_CACHE(line, 64, 64);
static SLAB_CACHE(large, 2048, 64);
static struct slab_cache *const caches[] = { &small, &line, &large };

static int setup(void **state)
{
	static char *arena;

	(void)state;
	if (!arena) {
		arena = arena_create(8 << 20, 4 << 20);
		assert_true(kmem_add(arena, arena + (8 << 20)));
	}
	host_cpu = 0;
	return 0;
}

/* Every byte is accounted, also while objects are in per-CPU lists; all slabs go back. */
static int teardown(void **state)
{
	(void)state;
	assert_int_equal(kmem_free_bytes(), kmem_total_bytes());
	kmem_drain();
	for (unsigned i = 0; i < ARRAY_SIZE(caches); i++)
		assert_int_equal(caches[i]->slabs, 0);
	assert_int_equal(kmem_free_bytes(), kmem_total_bytes());
	assert_int_equal(quota_used(&root_quota), 0);
	return 0;
}

static void objects_are_aligned_and_disjoint(void **state)
{
	enum { N = 300 };
	char *p[N];

	(void)state;
	for (unsigned k = 0; k < ARRAY_SIZE(caches); k++) {
		struct slab_cache *c = caches[k];

		for (unsigned i = 0; i < N; i++) {
			p[i] = slab_alloc(c, &root_quota);
			assert_non_null(p[i]);
			assert_int_equal((u64)p[i] & (c->align - 1), 0);
			memset(p[i], (int)i, c->size);
		}
		for (unsigned i = 0; i < N; i++) {
			for (unsigned j = 0; j < c->size; j++)
				assert_int_equal(p[i][j], (char)i);
			slab_free(c, &root_quota, p[i]);
		}
	}
}

static void an_object_costs_its_size(void **state)
{
	u64 free = kmem_free_bytes();
	void *p = slab_alloc(&small, &root_quota);

	(void)state;
	assert_int_equal(small.size, 48);
	assert_int_equal(kmem_free_bytes(), free - 48);
	assert_int_equal(quota_used(&root_quota), 48);
	slab_free(&small, &root_quota, p);
}

static void objects_may_be_freed_on_another_cpu(void **state)
{
	enum { N = 500 };
	void *p[N];

	(void)state;
	for (unsigned round = 0; round < 20; round++) {
		host_cpu = round & 1;
		for (unsigned i = 0; i < N; i++)
			p[i] = slab_alloc(&line, &root_quota);
		host_cpu = 63;
		for (unsigned i = 0; i < N; i++)
			slab_free(&line, &root_quota, p[i]);
	}
	assert_in_range(line.slabs, 1, 3);
}

static void per_cpu_lists_are_bounded(void **state)
{
	void *p[100];

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		p[i] = slab_alloc(&large, &root_quota);
	for (unsigned i = 0; i < 100; i++)
		slab_free(&large, &root_quota, p[i]);
	assert_in_range(large.cpu[0].count, 0, 3);
}

static void exhaustion_is_reported_and_charges_nothing(void **state)
{
	struct quota *q = quota_create(&root_quota, 100);
	void *p = slab_alloc(&line, q), *list = NULL, *obj;

	(void)state;
	assert_non_null(p);
	assert_null(slab_alloc(&line, q));
	assert_int_equal(quota_used(q), 64);
	slab_free(&line, q, p);
	while ((obj = slab_alloc(&large, &root_quota))) {
		*(void **)obj = list;
		list = obj;
	}
	assert_in_range(kmem_free_bytes(), 0, kmem_total_bytes() / 7);
	while ((obj = list)) {
		list = *(void **)obj;
		slab_free(&large, &root_quota, obj);
	}
	quota_orphan(q);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(objects_are_aligned_and_disjoint),		  TEST(an_object_costs_its_size),
		TEST(objects_may_be_freed_on_another_cpu),	  TEST(per_cpu_lists_are_bounded),
		TEST(exhaustion_is_reported_and_charges_nothing),
	};

	return cmocka_run_group_tests_name("slab", tests, NULL, NULL);
}
