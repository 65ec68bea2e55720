/* SPDX-License-Identifier: MIT */
/* Promises of the mapping database: KU memory, grant, sigma0, interruption, exhaustion,
 * destruction. */
#include "mapdb_fixture.h"

static void ku_memory_is_out_of_reach(void **state)
{
	(void)state;
	assert_int_equal(space_map_ku(&a, uaddr(MB2 + 0x3000), phys(0x77000), 13, RW), 0);
	assert_int_equal(frame(&a, MB2 + 0x4000), 0x78000);
	assert_int_equal(rights_of(&a, MB2 + 0x4000), RW);
	assert_int_equal(space_map_ku(&a, uaddr(MB2 + 0x4000), phys(0), 12, RW), -L4_EEXIST);
	assert_int_equal(space_map_ku(&a, uaddr(1ULL << 47), phys(0), 12, RW), -L4_EINVAL);
	assert_int_equal(space_map_ku(&a, uaddr((1ULL << 47) - KB4), phys(0), 12, RW), -L4_EINVAL);
	assert_int_equal(space_map_ku(&a, uaddr((1ULL << 47) - 2 * KB4), phys(0), 13, RW),
			 -L4_EINVAL);
	assert_int_equal(space_map_ku(&a, uaddr(~0xfffULL), phys(0), 12, RW), -L4_EINVAL);
	assert_int_equal(map(&a, MB2 + 0x3000, &b, 0, 12, RW), 0);
	assert_int_equal(map(&a, 0, &b, 0, ALL, RW), 0);
	unmap(&a, 0, ALL, MAP_R, true);
	assert_int_equal(frame(&a, MB2 + 0x3000), 0x77000);
	assert_int_equal(map(&sigma0, 4 * MB2, &a, MB2, 21, RW), 510);
	assert_int_equal(frame(&a, MB2 + 0x3000), 0x77000);
	assert_int_equal(frame(&a, MB2 + 0x5000), 4 * MB2 + 0x5000);
}

static void ku_memory_that_fails_leaves_no_page(void **state)
{
	(void)state;
	/* Two tables are needed: the second one fails. */
	assert_int_equal(map(&sigma0, 0x5000, &a, MB2 - KB4, 12, RW), 1);
	unmap(&a, 0, ALL, MAP_R, true);
	host_fail_in = 1;
	assert_int_equal(space_map_ku(&a, uaddr(MB2 - KB4), phys(0x77000), 13, RW), -L4_ENOMEM);
	assert_int_equal(frame(&a, MB2 - KB4), ~0ULL);
	assert_int_equal(space_map_ku(&a, uaddr(MB2 - KB4), phys(0x77000), 13, RW), 0);
}

static void grant_moves_the_mapping_with_its_children(void **state)
{
	u64 before;

	(void)state;
	map(&sigma0, MB2, &a, MB2, 21, RW);
	map(&a, MB2 + KB4, &b, 0x1000, 12, RW);
	before = quota_used(quota_c);
	assert_int_equal(grant(&a, MB2, &c, 3 * MB2, 21, RW), 1);
	assert_int_equal(frame(&a, MB2), ~0ULL);
	assert_int_equal(frame(&c, 3 * MB2), MB2);
	assert_int_equal(frame(&b, 0x1000), MB2 + KB4);
	/* two tables on the way, the mapping, its table of children */
	assert_int_equal(quota_used(quota_c) - before, 2 * 8192 + 64 + 4096);
	unmap(&c, 3 * MB2, 21, MAP_R, false);
	assert_int_equal(frame(&b, 0x1000), ~0ULL);
}

static void grant_of_a_split_page_moves_all_charges(void **state)
{
	(void)state;
	map(&sigma0, GB1, &a, GB1, 30, RW);
	for (unsigned i = 0; i < 512; i += 100)
		map(&a, GB1 + i * MB2, &b, i * KB4, 12, RW);
	assert_int_equal(grant(&a, GB1, &c, 0, 30, RW), 1);
	destroy(&a);
	assert_int_equal(space_init(&a, &root_quota, false), 0);
	assert_int_equal(frame(&b, 100 * KB4), GB1 + 100 * MB2);
	unmap(&c, 0, 30, MAP_R, true);
	assert_int_equal(frame(&b, 100 * KB4), ~0ULL);
}

static void grant_of_a_part_is_a_map(void **state)
{
	(void)state;
	map(&sigma0, MB2, &a, MB2, 21, RW);
	assert_int_equal(grant(&a, MB2 + KB4, &b, 0x1000, 12, RW), 1);
	assert_int_equal(frame(&a, MB2), MB2);
	unmap(&a, MB2, 21, MAP_R, false);
	assert_int_equal(frame(&b, 0x1000), ~0ULL);
}

static void grant_with_less_rights_reduces_the_children(void **state)
{
	(void)state;
	host_preempt = true;
	map(&sigma0, MB2, &a, MB2, 21, RWX);
	map(&a, MB2, &b, KB4, 20, RWX);
	assert_int_equal(grant(&a, MB2, &c, MB2, 21, MAP_R | MAP_X), 1);
	assert_int_equal(rights_of(&c, MB2), MAP_R | MAP_X);
	for (unsigned i = 1; i < 256; i++)
		assert_int_equal(rights_of(&b, i * KB4), MAP_R | MAP_X);
}

static void sigma0_never_gives_kernel_memory(void **state)
{
	(void)state;
	host_kernel_first = GB1 + MB2 + 3 * KB4;
	host_kernel_last = GB1 + MB2 + 5 * KB4 - 1;
	assert_int_equal(map(&sigma0, GB1, &a, GB1, 30, RW), 511 + 510);
	assert_int_equal(order_of(&a, GB1), 21);
	assert_int_equal(order_of(&a, GB1 + MB2), 12);
	assert_int_equal(frame(&a, GB1 + MB2 + 3 * KB4), ~0ULL);
	assert_int_equal(frame(&a, GB1 + MB2 + 5 * KB4), GB1 + MB2 + 5 * KB4);
	assert_int_equal(frame(&sigma0, GB1 + MB2 + 3 * KB4), ~0ULL);
	assert_int_equal(space_sigma0_fault(&sigma0, phys(GB1 + MB2 + 3 * KB4)), -L4_EINVAL);
	assert_int_equal(space_sigma0_fault(&sigma0, phys(GB1)), 0);
	assert_int_equal(order_of(&sigma0, GB1), 21);
	assert_int_equal(space_sigma0_fault(&sigma0, phys(GB1 + MB2)), 0);
	assert_int_equal(order_of(&sigma0, GB1 + MB2), 12);
	assert_int_equal(space_sigma0_fault(&sigma0, phys(5 * GB1 + 5)), 0);
	assert_int_equal(*entry(&sigma0, 5 * GB1) & PTE_ADDRESS, 5 * GB1);
	assert_int_equal(space_sigma0_fault(&sigma0, phys(1ULL << 40)), -L4_EINVAL);
	assert_int_equal(map(&sigma0, 1ULL << 40, &a, 0, 12, RW), 0);
}

static void last_page_of_the_lower_half_is_nobodys(void **state)
{
	u64 end = 1ULL << 47;

	(void)state;
	assert_int_equal(map(&sigma0, 0x5000, &a, end - KB4, 12, RW), 0);
	assert_int_equal(map(&sigma0, MB2, &a, end - MB2, 21, RW), 511);
	assert_int_equal(frame(&a, end - 2 * KB4), 2 * MB2 - 2 * KB4);
	assert_int_equal(*entry(&a, end - KB4), 0);
	assert_int_equal(map(&sigma0, GB1, &b, end - GB1, 30, RW), 511 + 511);
	assert_int_equal(order_of(&b, end - GB1), 21);
	assert_int_equal(order_of(&b, end - MB2), 12);
	assert_int_equal(*entry(&b, end - KB4), 0);
	assert_int_equal(map(&sigma0, 0x5000, &c, 0 - KB4, 12, RW), 1);
}

static void sigma0_has_no_last_page_of_the_lower_half(void **state)
{
	unsigned bits = cpu_feat.phys_bits;

	(void)state;
	cpu_feat.phys_bits = 48;
	assert_int_equal(space_sigma0_fault(&sigma0, phys((1ULL << 47) - KB4)), -L4_EINVAL);
	assert_int_equal(space_sigma0_fault(&sigma0, phys((1ULL << 47) - 2 * KB4)), 0);
	assert_int_equal(order_of(&sigma0, (1ULL << 47) - 2 * KB4), 12);
	assert_int_equal(*entry(&sigma0, (1ULL << 47) - KB4), 0);
	cpu_feat.phys_bits = bits;
}

static void nothing_is_mapped_into_sigma0(void **state)
{
	(void)state;
	map(&sigma0, 0x5000, &a, 0x1000, 12, RW);
	assert_int_equal(map(&a, 0x1000, &sigma0, 0x9000, 12, RW), 0);
	assert_int_equal(frame(&sigma0, 0x9000), 0x9000);
	assert_int_equal(frame(&a, 0x1000), 0x5000);
}

/* A tree of n children of one page below a, each with a child in c. */
static void make_wide_tree(unsigned n)
{
	map(&sigma0, 0x5000, &a, 0x1000, 12, RWX);
	for (unsigned i = 0; i < n; i++) {
		map(&a, 0x1000, &b, i * KB4, 12, RWX);
		map(&b, i * KB4, &c, i * KB4, 12, RWX);
	}
}

static void long_unmap_stops_and_goes_on(void **state)
{
	struct map_progress p = { 0 };
	struct unmap_request r = {
		.space = &a, .va = uaddr(0x1000), .order = 12, .rights = MAP_R, .progress = &p
	};
	unsigned calls = 1;

	(void)state;
	make_wide_tree(300);
	host_preempt = true;
	for (; mapdb_unmap(&r) == MAPDB_AGAIN; calls++)
		mapcheck(spaces);
	/* Of 600 mappings, 300 are marked dead before they are removed. */
	assert_in_range(calls, 900 / MAPOP_BUDGET, 900 / MAPOP_BUDGET + 2);
	assert_int_equal(frame(&b, 0), ~0ULL);
	assert_int_equal(frame(&c, 299 * KB4), ~0ULL);
	assert_int_equal(frame(&a, 0x1000), 0x5000);
}

static void long_downgrade_stops_and_goes_on(void **state)
{
	struct map_progress p = { 0 };
	struct unmap_request r = {
		.space = &a, .va = uaddr(0x1000), .order = 12, .rights = MAP_W, .progress = &p
	};
	unsigned calls = 1;

	(void)state;
	make_wide_tree(300);
	host_preempt = true;
	for (; mapdb_unmap(&r) == MAPDB_AGAIN; calls++)
		mapcheck_taking(spaces, MAP_W);
	assert_in_range(calls, 600 / MAPOP_BUDGET, 2 * 600 / MAPOP_BUDGET);
	for (unsigned i = 0; i < 300; i++) {
		assert_int_equal(rights_of(&b, i * KB4), MAP_R | MAP_X);
		assert_int_equal(rights_of(&c, i * KB4), MAP_R | MAP_X);
	}
}

static void dead_mapping_gives_nothing_and_is_finished_by_others(void **state)
{
	struct map_progress p = { 0 };
	struct unmap_request r = { .space = &b,
				   .va = uaddr(0),
				   .order = 12,
				   .rights = MAP_R,
				   .self = true,
				   .progress = &p };

	(void)state;
	map(&sigma0, 0x5000, &a, 0x1000, 12, RWX);
	map(&a, 0x1000, &b, 0, 12, RWX);
	for (unsigned i = 1; i < 100; i++)
		map(&b, 0, &c, i * KB4, 12, RWX);
	host_preempt = true;
	assert_int_equal(mapdb_unmap(&r), MAPDB_AGAIN);
	/* The caller is gone for good now. */
	assert_int_equal(frame(&b, 0), ~0ULL);
	assert_int_equal(map(&b, 0, &b, MB2, 12, RW), 0);
	assert_int_equal(map(&sigma0, 0x6000, &b, 0, 12, RW), 1);
	assert_int_equal(frame(&b, 0), 0x6000);
	assert_int_equal(map(&c, 0, &a, GB1, ALL, RW), 0);
}

static void interrupted_map_onto_ancestor_is_finished(void **state)
{
	(void)state;
	map(&sigma0, 0x5000, &a, 0x1000, 12, RWX);
	for (unsigned i = 1; i < 100; i++)
		map(&a, 0x1000, &c, i * KB4, 12, RWX);
	host_preempt = true;
	assert_int_equal(map(&c, KB4, &a, 0x1000, 12, RW), 0);
	assert_int_equal(map(&c, 0, &b, 0, ALL, RW), 0);
}

static void destroying_a_space_revokes_what_it_gave(void **state)
{
	(void)state;
	host_preempt = true;
	make_wide_tree(100);
	map(&sigma0, GB1, &b, GB1, 30, RW);
	map(&b, GB1 + KB4, &c, GB1, 12, RW);
	destroy(&b);
	assert_int_equal(space_init(&b, &root_quota, false), 0);
	assert_int_equal(map(&c, 0, &a, GB1, ALL, RW), 0);
	assert_int_equal(frame(&a, 0x1000), 0x5000);
}

static void depth_of_derivation_is_bounded(void **state)
{
	struct map_progress p = { 0 };
	struct map_request r = { .src = &a,
				 .dst = &a,
				 .sva = uaddr(254 * KB4),
				 .dva = uaddr(255 * KB4),
				 .order = 12,
				 .rights = RW,
				 .progress = &p };

	(void)state;
	map(&sigma0, 0x5000, &a, 0, 12, RW);
	for (unsigned i = 1; i < MAPPING_MAX_DEPTH; i++)
		assert_int_equal(map(&a, (i - 1) * KB4, &a, i * KB4, 12, RW), 1);
	assert_int_equal(mapdb_map(&r), -L4_ENOMEM);
	host_preempt = true;
	unmap(&a, 0, 12, MAP_W, true);
	assert_int_equal(rights_of(&a, 254 * KB4), MAP_R);
	unmap(&a, 0, 12, MAP_R, false);
	assert_int_equal(map(&a, 0, &b, 0, ALL, RW), 1);
}

/* Try with the n-th allocation failing: the error is reported and nothing is lost or half done. */
static void quota_exhaustion_leaves_no_trace(void **state)
{
	(void)state;
	map(&sigma0, 3 * GB1, &a, GB1, 30, RW);
	for (long n = 1;; n++) {
		struct map_progress p = { 0 };
		struct map_request r = { .src = &a,
					 .dst = &c,
					 .sva = uaddr(GB1 + MB2),
					 .dva = uaddr(n * 512 * GB1 + 5 * KB4),
					 .order = 12,
					 .rights = RW,
					 .progress = &p };
		unsigned before = mapcheck(spaces);
		int err;

		host_fail_in = n;
		err = mapdb_map(&r);
		if (!host_fail_in) {
			assert_int_equal(err, -L4_ENOMEM);
			assert_int_equal(mapcheck(spaces), before);
			assert_int_equal(frame(&c, r.dva.v), ~0ULL);
			continue;
		}
		host_fail_in = 0;
		assert_int_equal(err, 0);
		assert_in_range(n, 7, 9);
		break;
	}
}

static void pages_mapped_before_exhaustion_stay(void **state)
{
	struct map_progress p = { 0 };
	struct map_request r = { .src = &sigma0,
				 .dst = &c,
				 .sva = uaddr(0),
				 .dva = uaddr(KB4 << 8),
				 .order = 20,
				 .rights = RW,
				 .progress = &p };

	(void)state;
	assert_int_equal(map(&sigma0, 0, &c, KB4 << 8, 12, RW), 1);
	quota_c->limit = quota_used(quota_c) + 10 * 64;
	assert_int_equal(run_map(&r), -L4_ENOMEM);
	assert_int_equal(p.mapped, 11);
	assert_int_equal(frame(&c, (KB4 << 8) + 10 * KB4), 10 * KB4);
	quota_c->limit = 1 << 22;
}

static void no_byte_lost(void **state)
{
	u64 bytes = host_bytes;
	struct space s;

	(void)state;
	assert_int_equal(space_init(&s, &root_quota, true), 0);
	assert_int_equal(space_map_ku(&s, uaddr(0x7fff000000), phys(0x99000), 12, RW), 0);
	map(&sigma0, 0, &a, 0, 30, RWX);
	for (unsigned i = 0; i < 200; i++)
		map(&a, i * 3 * KB4, &a, GB1 + i * MB2, 12, RW);
	struct map_progress p = { 0 };
	struct map_request r = { .src = &a, .dst = &s, .order = ALL, .rights = RW, .progress = &p };
	while (mapdb_map(&r) == MAPDB_AGAIN)
		;
	assert_int_equal(p.mapped, 201);
	destroy(&s);
	destroy(&a);
	assert_int_equal(space_init(&a, &root_quota, false), 0);
	assert_int_equal(host_bytes, bytes);
}

static void views_are_told_of_every_loss(void **state)
{
	(void)state;
	map(&sigma0, MB2, &a, MB2, 21, RW);
	a.views = (struct view *)&a;
	unmap(&a, MB2, 21, MAP_W, true);
	assert_int_equal(host_view_revokes, 1);
	unmap(&a, MB2, 21, MAP_R, true);
	assert_int_equal(host_view_revokes, 2);
	a.views = NULL;
}

static void many_views_make_the_steps_of_a_revocation_shorter(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 16; i++)
		map(&sigma0, i * KB4, &a, i * KB4, 12, RW);
	a.views = (struct view *)&a;
	host_view_cost = MAPOP_BUDGET;
	host_flushes = 0;
	unmap(&sigma0, 0, 16, MAP_R, false);
	assert_int_equal(host_view_revokes, 16);
	assert_true(host_flushes >= 16);
	a.views = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ku_memory_is_out_of_reach),
		TEST(ku_memory_that_fails_leaves_no_page),
		TEST(grant_moves_the_mapping_with_its_children),
		TEST(grant_of_a_split_page_moves_all_charges),
		TEST(grant_of_a_part_is_a_map),
		TEST(grant_with_less_rights_reduces_the_children),
		TEST(sigma0_never_gives_kernel_memory),
		TEST(last_page_of_the_lower_half_is_nobodys),
		TEST(sigma0_has_no_last_page_of_the_lower_half),
		TEST(nothing_is_mapped_into_sigma0),
		TEST(long_unmap_stops_and_goes_on),
		TEST(long_downgrade_stops_and_goes_on),
		TEST(dead_mapping_gives_nothing_and_is_finished_by_others),
		TEST(interrupted_map_onto_ancestor_is_finished),
		TEST(destroying_a_space_revokes_what_it_gave),
		TEST(depth_of_derivation_is_bounded),
		TEST(quota_exhaustion_leaves_no_trace),
		TEST(pages_mapped_before_exhaustion_stay),
		TEST(no_byte_lost),
		TEST(views_are_told_of_every_loss),
		TEST(many_views_make_the_steps_of_a_revocation_shorter),
	};

	return cmocka_run_group_tests_name("mapdb_limits", tests, NULL, NULL);
}
