/* SPDX-License-Identifier: MIT */
/* Promises of I/O port spaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include <l4/sys/err.h>
#include "host.h"
#include "mm/mapnode.h"

static struct io_space *a, *b, *c;
static struct space *const no_spaces[] = { NULL };

static int setup(void **state)
{
	(void)state;
	host_reset();
	a = io_space_create(&root_quota);
	b = io_space_create(&root_quota);
	c = io_space_create(&root_quota);
	assert_non_null(c);
	return 0;
}

static void destroy(struct io_space *s)
{
	while (io_space_destroy(s) == MAPDB_AGAIN)
		;
}

static int teardown(void **state)
{
	(void)state;
	destroy(a);
	destroy(b);
	destroy(c);
	assert_int_equal(mapcheck(no_spaces), 0);
	assert_int_equal(host_bytes, 0);
	assert_int_equal(quota_used(&root_quota), 0);
	return 0;
}

static u64 map(struct io_space *src, struct io_space *dst, u32 port, unsigned order, bool grant)
{
	struct io_map_request r = {
		.src = src, .dst = dst, .port = port, .order = order, .grant = grant
	};
	int err;

	while ((err = io_map(&r)) == MAPDB_AGAIN)
		mapcheck(no_spaces);
	assert_int_equal(err, 0);
	mapcheck(no_spaces);
	return r.mapped;
}

static void unmap(struct io_space *s, u32 port, unsigned order, bool self)
{
	u64 progress = 0;

	while (io_unmap(s, port, order, self, &progress) == MAPDB_AGAIN)
		mapcheck(no_spaces);
	mapcheck(no_spaces);
}

static unsigned count(struct io_space *s)
{
	unsigned n = 0;

	for (u32 p = 0; p < 65536; p++)
		n += io_allowed(s, p, 1);
	return n;
}

static void new_space_denies_everything(void **state)
{
	(void)state;
	assert_int_equal(count(a), 0);
	assert_false(io_allowed(NULL, 0x60, 1));
}

static void ports_are_mapped_one_by_one(void **state)
{
	(void)state;
	assert_int_equal(map(NULL, a, 0x3f8, 3, false), 8);
	assert_int_equal(count(a), 8);
	assert_true(io_allowed(a, 0x3fc, 4));
	assert_false(io_allowed(a, 0x3fd, 4));
	assert_false(io_allowed(a, 0x3f7, 2));
	assert_int_equal(io_bitmap(a)[0x3f8 / 8], 0);
	assert_int_equal(map(a, b, 0x3f0, 4, false), 8);
	assert_int_equal(map(a, c, 0, 16, false), 8);
	assert_int_equal(count(b), 8);
}

static void all_ports_are_one_mapping(void **state)
{
	(void)state;
	assert_int_equal(map(NULL, a, 0, 16, false), 1);
	assert_int_equal(count(a), 65536);
	assert_true(io_allowed(a, 0xfffc, 4));
	assert_false(io_allowed(a, 0xfffd, 4));
	assert_int_equal(map(a, b, 0x400, 10, false), 2);
	assert_int_equal(count(b), 1024);
	assert_int_equal(map(b, c, 0x400, 9, false), 1);
	unmap(a, 0x400, 0, false);
	assert_int_equal(count(b), 512);
	assert_int_equal(count(c), 0);
}

static void revoke_reaches_grandchildren(void **state)
{
	(void)state;
	map(NULL, a, 0x60, 0, false);
	map(a, b, 0x60, 0, false);
	map(b, c, 0x60, 0, false);
	host_io_revokes = 0;
	unmap(a, 0x60, 0, false);
	assert_true(io_allowed(a, 0x60, 1));
	assert_int_equal(count(b) + count(c), 0);
	assert_int_equal(host_io_revokes, 1);
	unmap(a, 0, 16, true);
	assert_int_equal(count(a), 0);
}

static void unmap_of_a_part_with_self_takes_the_granule(void **state)
{
	(void)state;
	map(NULL, a, 0, 16, false);
	map(a, b, 0x200, 9, false);
	unmap(b, 0x210, 2, true);
	assert_int_equal(count(b), 0);
	unmap(a, 0x60, 0, true);
	assert_int_equal(count(a), 0);
}

static void unmap_from_sigma0_reaches_all(void **state)
{
	(void)state;
	map(NULL, a, 0x60, 0, false);
	map(NULL, b, 0x64, 0, false);
	map(NULL, c, 0, 16, false);
	unmap(NULL, 0x60, 0, false);
	assert_int_equal(count(a) + count(c), 0);
	assert_true(io_allowed(b, 0x64, 1));
}

static void map_onto_ancestor_unmaps_target(void **state)
{
	(void)state;
	host_preempt = true;
	map(NULL, a, 0, 16, false);
	map(a, b, 0, 8, false);
	map(b, c, 0x60, 0, false);
	assert_int_equal(map(c, a, 0x60, 0, false), 0);
	assert_int_equal(count(a) + count(b) + count(c), 0);
}

static void remap_keeps_the_subtree(void **state)
{
	(void)state;
	map(NULL, a, 0x60, 4, false);
	map(a, b, 0x60, 4, false);
	map(b, c, 0x60, 4, false);
	assert_int_equal(map(a, b, 0x60, 4, false), 16);
	assert_int_equal(count(c), 16);
	assert_int_equal(map(NULL, b, 0, 16, false), 1);
	assert_int_equal(count(c), 0);
	assert_int_equal(count(b), 65536);
}

static void grant_moves_with_children(void **state)
{
	(void)state;
	map(NULL, a, 0, 16, false);
	map(a, c, 0x60, 0, false);
	assert_int_equal(map(a, b, 0, 16, true), 1);
	assert_int_equal(count(a), 0);
	assert_int_equal(count(b), 65536);
	assert_true(io_allowed(c, 0x60, 1));
	unmap(b, 0, 16, false);
	assert_int_equal(count(c), 0);
}

static void long_unmap_stops_and_goes_on(void **state)
{
	u64 progress = 0;
	unsigned calls = 1;

	(void)state;
	map(NULL, a, 0, 9, false);
	map(a, b, 0, 8, false);
	host_preempt = true;
	for (; io_unmap(a, 0, 16, true, &progress) == MAPDB_AGAIN; calls++)
		mapcheck(no_spaces);
	assert_in_range(calls, 256 / MAPOP_BUDGET, 256 / MAPOP_BUDGET + 8);
	assert_int_equal(count(a) + count(b), 0);
}

static void exhaustion_leaves_no_trace(void **state)
{
	u64 bytes = host_bytes;

	(void)state;
	for (long n = 1;; n++) {
		struct io_map_request r = { .dst = a, .port = 0x1234, .order = 0 };
		int err;

		host_fail_in = n;
		err = io_map(&r);
		if (host_fail_in) {
			host_fail_in = 0;
			assert_int_equal(err, 0);
			assert_in_range(n, 4, 6);
			break;
		}
		assert_int_equal(err, -L4_ENOMEM);
		assert_int_equal(host_bytes, bytes);
		assert_int_equal(mapcheck(no_spaces), 0);
	}
	host_fail_in = 2;
	assert_null(io_space_create(&root_quota));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(new_space_denies_everything),
		TEST(ports_are_mapped_one_by_one),
		TEST(all_ports_are_one_mapping),
		TEST(revoke_reaches_grandchildren),
		TEST(unmap_of_a_part_with_self_takes_the_granule),
		TEST(unmap_from_sigma0_reaches_all),
		TEST(map_onto_ancestor_unmaps_target),
		TEST(remap_keeps_the_subtree),
		TEST(grant_moves_with_children),
		TEST(long_unmap_stops_and_goes_on),
		TEST(exhaustion_leaves_no_trace),
	};

	return cmocka_run_group_tests_name("iospace", tests, NULL, NULL);
}
