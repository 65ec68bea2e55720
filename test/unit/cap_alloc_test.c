/* SPDX-License-Identifier: MIT */
/* Promises of the allocator of capability slots. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/env.h>
#include <l4/sys/task.h>
#include "wire/wire.h"

enum { RM = 0x10000, FIRST_SLOT = 0x30, POOL = 16384, THREADS = 3, EACH = 500, ROUNDS = 100 };

static _Thread_local l4_utcb_t utcb;
static l4re_env_t env;
l4re_env_t *l4re_global_env;
static unsigned unmapped_objects;

l4_utcb_t *l4_utcb_wrap(void)
{
	return &utcb;
}

/* All calls are to the own task, to unmap a capability. */
l4_msgtag_t record_call(l4_umword_t selector, l4_utcb_t *u, l4_umword_t slabel, l4_msgtag_t tag,
			l4_umword_t *rlabel, l4_timeout_t timeout)
{
	(void)slabel;
	(void)tag;
	(void)rlabel;
	(void)timeout;
	assert_int_equal(selector & L4_CAP_MASK, L4_BASE_TASK_CAP);
	assert_int_equal(u->mr.mr[0], L4_TASK_UNMAP_OP);
	unmapped_objects++;
	return l4_msgtag(0, 0, 0, 0);
}

static int setup(void **state)
{
	(void)state;
	env = (l4re_env_t){ .rm = RM, .first_free_cap = FIRST_SLOT };
	l4re_global_env = &env;
	unmapped_objects = 0;
	return 0;
}

static void slots_begin_at_the_first_free_one(void **state)
{
	l4_cap_idx_t a = l4re_util_cap_alloc(), b = l4re_util_cap_alloc();

	(void)state;
	assert_int_equal(a, (l4_cap_idx_t)FIRST_SLOT << L4_CAP_SHIFT);
	assert_int_equal(b, (l4_cap_idx_t)(FIRST_SLOT + 1) << L4_CAP_SHIFT);
	assert_int_equal(l4re_util_cap_last(), (long)(FIRST_SLOT + POOL - 1) << L4_CAP_SHIFT);
	l4re_util_cap_free(a);
	assert_int_equal(l4re_util_cap_alloc(), a);
	l4re_util_cap_free(a);
	l4re_util_cap_free(b);
	assert_int_equal(unmapped_objects, 0);
}

static void the_last_reference_empties_the_slot(void **state)
{
	l4_cap_idx_t a = l4re_util_cap_alloc();

	(void)state;
	l4re_util_cap_take(a);
	l4re_util_cap_take(a);
	assert_int_equal(l4re_util_cap_release(a), 0);
	assert_int_equal(l4re_util_cap_release(a), 0);
	assert_int_equal(unmapped_objects, 0);
	assert_int_equal(l4re_util_cap_release(a), 1);
	assert_int_equal(unmapped_objects, 1);
	assert_int_equal(l4re_util_cap_release(a), 0);
	assert_int_equal(unmapped_objects, 1);
	assert_int_equal(l4re_util_cap_alloc(), a);
	l4re_util_cap_free_um(a);
	assert_int_equal(unmapped_objects, 2);
}

static void a_slot_that_is_not_of_the_pool_is_left_alone(void **state)
{
	(void)state;
	l4re_util_cap_take(RM);
	assert_int_equal(l4re_util_cap_release(RM), 0);
	assert_int_equal(l4re_util_cap_release(L4_INVALID_CAP), 0);
	l4re_util_cap_free_um(L4_INVALID_CAP);
	assert_int_equal(unmapped_objects, 0);
}

static void a_used_up_pool_has_no_slot_until_one_is_freed(void **state)
{
	l4_cap_idx_t some = L4_INVALID_CAP;

	(void)state;
	for (unsigned i = 0; i < POOL; i++) {
		l4_cap_idx_t c = l4re_util_cap_alloc();

		assert_true(l4_is_valid_cap(c));
		some = i == 77 ? c : some;
	}
	assert_false(l4_is_valid_cap(l4re_util_cap_alloc()));
	l4re_util_cap_free(some);
	assert_int_equal(l4re_util_cap_alloc(), some);
	for (unsigned i = 0; i < POOL; i++)
		l4re_util_cap_free((l4_cap_idx_t)(FIRST_SLOT + i) << L4_CAP_SHIFT);
}

static l4_cap_idx_t got[THREADS][EACH];
static pthread_barrier_t together;

static void *take_many(void *argument)
{
	l4_cap_idx_t *mine = argument;

	pthread_barrier_wait(&together);
	for (unsigned i = 0; i < EACH; i++) {
		mine[i] = l4re_util_cap_alloc();
		if (i % 3)
			continue;
		l4re_util_cap_free(mine[i]);
		mine[i] = l4re_util_cap_alloc();
	}
	return NULL;
}

static void one_round(void)
{
	static unsigned char seen[FIRST_SLOT + POOL];
	pthread_t thread[THREADS];

	pthread_barrier_init(&together, NULL, THREADS);
	for (unsigned t = 0; t < THREADS; t++)
		assert_int_equal(pthread_create(&thread[t], NULL, take_many, got[t]), 0);
	for (unsigned t = 0; t < THREADS; t++)
		pthread_join(thread[t], NULL);
	for (unsigned t = 0; t < THREADS; t++)
		for (unsigned i = 0; i < EACH; i++)
			assert_int_equal(seen[got[t][i] >> L4_CAP_SHIFT]++, 0);
	memset(seen, 0, sizeof(seen));
	for (unsigned t = 0; t < THREADS; t++)
		for (unsigned i = 0; i < EACH; i++)
			l4re_util_cap_free(got[t][i]);
	pthread_barrier_destroy(&together);
}

static void no_two_threads_get_the_same_slot(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++)
		one_round();
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(slots_begin_at_the_first_free_one),
		TEST(the_last_reference_empties_the_slot),
		TEST(a_slot_that_is_not_of_the_pool_is_left_alone),
		TEST(a_used_up_pool_has_no_slot_until_one_is_freed),
		TEST(no_two_threads_get_the_same_slot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
