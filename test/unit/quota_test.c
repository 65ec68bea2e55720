/* SPDX-License-Identifier: MIT */
/* Promises of the accounting of kernel memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include "host.h"
#include "mm/quota.h"

#define RECORD 32 /* bytes that a quota itself costs */

static void charge_stops_at_the_limit(void **state)
{
	struct quota *q = quota_create(&root_quota, 1000);

	(void)state;
	assert_true(quota_charge(q, 600));
	assert_false(quota_charge(q, 401));
	assert_int_equal(quota_used(q), 600);
	assert_true(quota_charge(q, 400));
	assert_false(quota_charge(q, 1));
	assert_false(quota_charge(q, ~0ULL));
	quota_release(q, 1000);
	assert_int_equal(quota_used(q), 0);
	quota_orphan(q);
	assert_int_equal(quota_used(&root_quota), 0);
}

static void limit_and_record_are_charged_to_the_parent(void **state)
{
	struct quota *q = quota_create(&root_quota, 1000), *p;

	(void)state;
	assert_int_equal(quota_used(&root_quota), 1000 + RECORD);
	assert_null(quota_create(q, 1001));
	assert_null(quota_create(q, 1000 - RECORD + 1));
	assert_int_equal(quota_used(q), 0);
	p = quota_create(q, 1000 - RECORD);
	assert_non_null(p);
	assert_int_equal(quota_used(q), 1000);
	quota_orphan(p);
	assert_int_equal(quota_used(q), 0);
	quota_orphan(q);
}

static void senseless_limits_are_refused(void **state)
{
	(void)state;
	assert_null(quota_create(&root_quota, 0));
	assert_null(quota_create(&root_quota, ~0ULL));
	assert_null(quota_create(&root_quota, QUOTA_ALIVE));
	host_fail_in = 1;
	assert_null(quota_create(&root_quota, 1000));
	assert_int_equal(quota_used(&root_quota), 0);
}

static void quota_outlives_its_factory(void **state)
{
	struct quota *q = quota_create(&root_quota, 1000);

	(void)state;
	assert_true(quota_charge(q, 10));
	quota_orphan(q);
	assert_true(quota_charge(q, 20));
	quota_release(q, 10);
	assert_int_equal(quota_used(&root_quota), 1000 + RECORD);
	quota_release(q, 20);
	assert_int_equal(quota_used(&root_quota), 0);
}

static void last_release_frees_the_whole_chain(void **state)
{
	struct quota *q = quota_create(&root_quota, 10000), *p = q;

	(void)state;
	for (unsigned i = 1; i < 50; i++) {
		p = quota_create(p, 10000 - i * 100);
		assert_non_null(p);
		quota_orphan(p->parent);
	}
	assert_true(quota_charge(p, 1));
	quota_orphan(p);
	assert_int_not_equal(host_bytes, 0);
	quota_release(p, 1);
	assert_int_equal(host_bytes, 0);
	assert_int_equal(quota_used(&root_quota), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(charge_stops_at_the_limit),
		cmocka_unit_test(limit_and_record_are_charged_to_the_parent),
		cmocka_unit_test(senseless_limits_are_refused),
		cmocka_unit_test(quota_outlives_its_factory),
		cmocka_unit_test(last_release_frees_the_whole_chain),
	};

	return cmocka_run_group_tests_name("quota", tests, NULL, NULL);
}
