/* SPDX-License-Identifier: MIT */
/* Promises of the mapping database: map and unmap of memory (abi spec 4.8 and 4.9). */
#include "mapdb_fixture.h"

static void map_gives_frame_and_rights(void **state)
{
	(void)state;
	assert_int_equal(map(&sigma0, 0x5000, &a, 0x7000, 12, RW), 1);
	assert_int_equal(frame(&a, 0x7123), 0x5123);
	assert_int_equal(rights_of(&a, 0x7000), RW);
	assert_int_equal(host_flushes, 0);
	assert_int_equal(map(&a, 0x7000, &b, 0x1000, 12, MAP_R), 1);
	assert_int_equal(rights_of(&b, 0x1000), MAP_R);
	assert_int_equal(map(&a, 0x9000, &b, 0x2000, 12, MAP_R), 0);
	assert_int_equal(frame(&b, 0x2000), ~0ULL);
}

static void map_without_read_is_readable(void **state)
{
	(void)state;
	map(&sigma0, 0x5000, &a, 0x7000, 12, MAP_X);
	assert_int_equal(rights_of(&a, 0x7000), MAP_R | MAP_X);
}

static void rights_never_exceed_the_source(void **state)
{
	(void)state;
	map(&sigma0, 0x5000, &a, 0x7000, 12, MAP_R);
	map(&a, 0x7000, &b, 0x7000, 12, RWX);
	assert_int_equal(rights_of(&b, 0x7000), MAP_R);
}

static void pieces_are_as_large_as_possible(void **state)
{
	(void)state;
	map(&sigma0, 2 * GB1, &a, GB1, 30, RWX);
	assert_int_equal(order_of(&a, GB1), 30);
	map(&a, GB1 + MB2, &b, 0, 21, RWX);
	assert_int_equal(order_of(&b, 0), 21);
	assert_int_equal(frame(&b, 5), 2 * GB1 + MB2 + 5);
	map(&a, GB1 + 3 * KB4, &b, GB1 + KB4, 12, RWX);
	assert_int_equal(order_of(&b, GB1 + KB4), 12);
	assert_int_equal(frame(&b, GB1 + KB4), 2 * GB1 + 3 * KB4);
	cpu_feat.page1g = false;
	assert_int_equal(map(&sigma0, 4 * GB1, &c, 0, 30, RWX), 512);
	assert_int_equal(order_of(&c, 0), 21);
}

static void holes_of_the_source_are_skipped(void **state)
{
	(void)state;
	map(&sigma0, 0x5000, &a, 0x5000, 12, RW);
	map(&sigma0, 7 * MB2, &a, 7 * MB2, 12, RW);
	map(&sigma0, 3 * GB1, &a, 0x123456000ULL, 12, RW);
	assert_int_equal(map(&a, 0, &b, 0, ALL, RW), 3);
	assert_int_equal(frame(&b, 0x123456000ULL), 3 * GB1);
	assert_int_equal(frame(&b, 0x6000), ~0ULL);
}

static void upper_half_needs_a_space_that_has_it(void **state)
{
	u64 high = 0xffff900000000000ULL;

	(void)state;
	assert_int_equal(map(&sigma0, 0x5000, &a, high, 12, RW), 0);
	assert_int_equal(map(&sigma0, 0x5000, &c, high, 12, RW), 1);
	assert_int_equal(map(&sigma0, 0x5000, &c, 0xffff800000000000ULL, 12, RW), 0);
	assert_int_equal(map(&sigma0, 0x5000, &c, ~0xfffULL, 12, RW), 1);
	assert_int_equal(map(&c, 0, &b, 0, ALL, RW), 0);
	assert_int_equal(frame(&c, high), 0x5000);
	unmap(&c, 0, ALL, MAP_R, true);
	assert_int_equal(frame(&c, high), ~0ULL);
	assert_int_equal(c.root[256], 256 * 0x1000 | PTE_PRESENT);
}

static void revoke_reaches_grandchildren(void **state)
{
	(void)state;
	map(&sigma0, 0x5000, &a, 0x1000, 12, RW);
	map(&a, 0x1000, &b, 0x2000, 12, RW);
	map(&b, 0x2000, &c, 0x3000, 12, RW);
	map(&c, 0x3000, &c, 0x4000, 12, RW);
	unmap(&a, 0x1000, 12, MAP_R, false);
	assert_int_equal(frame(&a, 0x1000), 0x5000);
	assert_int_equal(frame(&b, 0x2000), ~0ULL);
	assert_int_equal(frame(&c, 0x3000), ~0ULL);
	assert_int_equal(frame(&c, 0x4000), ~0ULL);
	assert_int_equal(host_flushes, 1);
}

static void unmap_with_self_takes_the_page(void **state)
{
	(void)state;
	map(&sigma0, 0x5000, &a, 0x1000, 12, RW);
	map(&sigma0, 0x6000, &a, 0x2000, 12, RW);
	unmap(&a, 0x1000, 12, MAP_R, true);
	assert_int_equal(frame(&a, 0x1000), ~0ULL);
	assert_int_equal(frame(&a, 0x2000), 0x6000);
	unmap(&a, 0, ALL, MAP_R, true);
	assert_int_equal(frame(&a, 0x2000), ~0ULL);
}

static void unmap_from_sigma0_reaches_everything_of_the_range(void **state)
{
	(void)state;
	map(&sigma0, 0x5000, &a, 0x1000, 12, RW);
	map(&sigma0, GB1, &b, GB1, 21, RW);
	map(&sigma0, GB1 + KB4, &c, 0x2000, 12, RW);
	map(&sigma0, 2 * GB1, &c, GB1, 30, RW);
	unmap(&sigma0, GB1 + KB4, 12, MAP_R, false);
	assert_int_equal(frame(&b, GB1), ~0ULL);
	assert_int_equal(frame(&c, 0x2000), ~0ULL);
	assert_int_equal(frame(&a, 0x1000), 0x5000);
	unmap(&sigma0, 0, ALL, MAP_R, false);
	assert_int_equal(frame(&a, 0x1000), ~0ULL);
	assert_int_equal(frame(&c, GB1), ~0ULL);
}

static void unmap_of_superpage_piece_with_self_takes_the_whole_page(void **state)
{
	(void)state;
	map(&sigma0, 4 * MB2, &a, MB2, 21, RW);
	map(&a, MB2 + 5 * KB4, &b, 0x5000, 12, RW);
	unmap(&a, MB2 + 3 * KB4, 12, MAP_R, true);
	assert_int_equal(frame(&a, MB2), ~0ULL);
	assert_int_equal(frame(&b, 0x5000), ~0ULL);
}

static void unmap_of_superpage_piece_touches_only_children_of_the_piece(void **state)
{
	(void)state;
	map(&sigma0, 4 * MB2, &a, MB2, 21, RW);
	map(&a, MB2, &b, KB4, 20, RW);
	map(&a, MB2, &c, MB2, 21, RW);
	unmap(&a, MB2 + 3 * KB4, 12, MAP_R, false);
	assert_int_equal(frame(&a, MB2), 4 * MB2);
	assert_int_equal(frame(&b, KB4 + 2 * KB4), 4 * MB2 + 2 * KB4);
	assert_int_equal(frame(&b, KB4 + 3 * KB4), ~0ULL);
	assert_int_equal(frame(&b, KB4 + 4 * KB4), 4 * MB2 + 4 * KB4);
	assert_int_equal(frame(&c, MB2), ~0ULL); /* it contains the piece */
}

static void unmap_reaches_pages_two_sizes_smaller(void **state)
{
	(void)state;
	map(&sigma0, GB1, &a, GB1, 30, RW);
	map(&a, GB1 + 3 * MB2, &b, 0, 12, RW);
	map(&a, GB1 + 3 * MB2 + KB4, &b, KB4, 12, RW);
	map(&a, GB1 + 3 * MB2, &b, MB2, 21, RW);
	map(&a, GB1 + 4 * MB2, &b, 2 * MB2, 21, RW);
	unmap(&a, GB1 + 3 * MB2, 12, MAP_R, false);
	assert_int_equal(frame(&b, 0), ~0ULL);
	assert_int_equal(frame(&b, KB4), GB1 + 3 * MB2 + KB4);
	assert_int_equal(frame(&b, MB2), ~0ULL);
	assert_int_equal(frame(&b, 2 * MB2), GB1 + 4 * MB2);
	unmap(&a, GB1, 30, MAP_R, false);
	assert_int_equal(frame(&b, KB4), ~0ULL);
	assert_int_equal(frame(&a, GB1), GB1);
}

static void downgrade_reaches_grandchildren(void **state)
{
	(void)state;
	map(&sigma0, 0x5000, &a, 0x1000, 12, RWX);
	map(&a, 0x1000, &b, 0x2000, 12, RWX);
	map(&b, 0x2000, &c, 0x3000, 12, RWX);
	unmap(&a, 0x1000, 12, MAP_W, false);
	assert_int_equal(rights_of(&a, 0x1000), RWX);
	assert_int_equal(rights_of(&b, 0x2000), MAP_R | MAP_X);
	assert_int_equal(rights_of(&c, 0x3000), MAP_R | MAP_X);
	unmap(&a, 0x1000, 12, MAP_W | MAP_X, true);
	assert_int_equal(rights_of(&a, 0x1000), MAP_R);
	assert_int_equal(rights_of(&c, 0x3000), MAP_R);
	unmap(&sigma0, 0, ALL, MAP_W, false);
	assert_int_equal(rights_of(&c, 0x3000), MAP_R);
}

static void execute_is_not_enforced_without_nx(void **state)
{
	(void)state;
	cpu_feat.nx = false;
	map(&sigma0, 0x5000, &a, 0x1000, 12, RW);
	assert_int_equal(rights_of(&a, 0x1000), RWX);
	unmap(&a, 0x1000, 12, MAP_R, true);
}

static void access_flags_are_gathered(void **state)
{
	(void)state;
	map(&sigma0, 0x5000, &a, 0x1000, 12, RW);
	map(&sigma0, 0x6000, &a, 0x2000, 12, RW);
	map(&a, 0x1000, &b, 0x1000, 13, RW);
	*entry(&b, 0x1000) |= PTE_ACCESSED;
	*entry(&a, 0x1000) |= PTE_ACCESSED;
	*entry(&a, 0x2000) |= PTE_DIRTY;
	assert_int_equal(unmap(&a, 0x1000, 12, MAP_R, false), 1);
	assert_int_equal(unmap(&a, 0x2000, 12, MAP_R, false), 0);
	assert_int_equal(unmap(&a, 0x0, 14, MAP_R, true), 3);
}

static void map_onto_itself_unmaps(void **state)
{
	(void)state;
	map(&sigma0, 0x5000, &a, 0x1000, 12, RW);
	map(&a, 0x1000, &b, 0x1000, 12, RW);
	assert_int_equal(map(&a, 0x1000, &a, 0x1000, 12, RW), 0);
	assert_int_equal(frame(&a, 0x1000), ~0ULL);
	assert_int_equal(frame(&b, 0x1000), ~0ULL);
}

static void map_onto_ancestor_unmaps_target(void **state)
{
	(void)state;
	map(&sigma0, 0x5000, &a, 0x1000, 12, RW);
	map(&a, 0x1000, &b, 0x2000, 12, RW);
	map(&b, 0x2000, &c, 0x3000, 12, RW);
	assert_int_equal(map(&c, 0x3000, &a, 0x1000, 12, RW), 0);
	assert_int_equal(frame(&a, 0x1000), ~0ULL);
	assert_int_equal(frame(&b, 0x2000), ~0ULL);
	assert_int_equal(frame(&c, 0x3000), ~0ULL);
}

static void map_onto_large_ancestor_unmaps_target(void **state)
{
	(void)state;
	map(&sigma0, MB2, &a, MB2, 21, RW);
	map(&a, MB2, &b, 0x2000, 12, RW);
	assert_int_equal(map(&b, 0x2000, &a, MB2 + 0x1000, 12, RW), 0);
	assert_int_equal(frame(&a, MB2), ~0ULL);
	assert_int_equal(frame(&b, 0x2000), ~0ULL);
}

static void remap_adds_rights_and_keeps_the_subtree(void **state)
{
	(void)state;
	map(&sigma0, 0x5000, &a, 0x1000, 12, RWX);
	map(&a, 0x1000, &b, 0x2000, 12, MAP_R);
	map(&b, 0x2000, &c, 0x2000, 12, MAP_R);
	assert_int_equal(map(&a, 0x1000, &b, 0x2000, 12, RW), 1);
	assert_int_equal(rights_of(&b, 0x2000), RW);
	assert_int_equal(map(&a, 0x1000, &b, 0x2000, 12, MAP_R), 1);
	assert_int_equal(rights_of(&b, 0x2000), RW);
	assert_int_equal(rights_of(&c, 0x2000), MAP_R);
	/* More than b has can only come from a: c is a's child then. */
	assert_int_equal(map(&a, 0x1000, &c, 0x2000, 12, RWX), 1);
	assert_int_equal(rights_of(&c, 0x2000), RWX);
	unmap(&b, 0x2000, 12, MAP_R, true);
	assert_int_equal(frame(&c, 0x2000), 0x5000);
	unmap(&a, 0x1000, 12, MAP_R, false);
	assert_int_equal(frame(&c, 0x2000), ~0ULL);
}

static void remap_replaces_the_cache_type(void **state)
{
	struct map_progress p = { 0 };
	struct map_request r = { .src = &a,
				 .dst = &b,
				 .sva = uaddr(0x1000),
				 .dva = uaddr(0x2000),
				 .order = 12,
				 .rights = RW,
				 .cache = MAP_CACHE_WC,
				 .progress = &p };

	(void)state;
	map(&sigma0, 0x5000, &a, 0x1000, 12, RW);
	map(&a, 0x1000, &b, 0x2000, 12, RW);
	b.views = (struct view *)&b;
	assert_int_equal(run_map(&r), 0);
	assert_int_equal(pte_cache(*entry(&b, 0x2000), 12), MAP_CACHE_WC);
	assert_int_equal(host_flushes, 1);
	assert_int_equal(host_view_revokes, 1);
	b.views = NULL;
	map(&b, 0x2000, &c, 0x2000, 12, RW);
	assert_int_equal(pte_cache(*entry(&c, 0x2000), 12), MAP_CACHE_WC);
}

static void cache_type_moves_with_the_page_size(void **state)
{
	struct map_progress p = { 0 };
	struct map_request r = { .src = &sigma0,
				 .dst = &a,
				 .sva = uaddr(MB2),
				 .dva = uaddr(MB2),
				 .order = 21,
				 .rights = RW,
				 .cache = MAP_CACHE_WC,
				 .progress = &p };

	(void)state;
	assert_int_equal(run_map(&r), 0);
	map(&a, MB2 + KB4, &b, 0x2000, 12, RW);
	assert_int_equal(frame(&a, MB2), MB2);
	assert_int_equal(pte_cache(*entry(&a, MB2), 21), MAP_CACHE_WC);
	assert_int_equal(pte_cache(*entry(&b, 0x2000), 12), MAP_CACHE_WC);
	assert_int_equal(frame(&b, 0x2000), MB2 + KB4);
}

static void remap_of_other_frame_revokes_the_old_subtree(void **state)
{
	(void)state;
	map(&sigma0, 0x5000, &a, 0x1000, 12, RW);
	map(&sigma0, 0x6000, &a, 0x2000, 12, RW);
	map(&a, 0x1000, &b, 0x1000, 12, RW);
	map(&b, 0x1000, &c, 0x1000, 12, RW);
	assert_int_equal(map(&a, 0x2000, &b, 0x1000, 12, RW), 1);
	assert_int_equal(frame(&b, 0x1000), 0x6000);
	assert_int_equal(frame(&c, 0x1000), ~0ULL);
	assert_int_equal(frame(&a, 0x1000), 0x5000);
}

static void small_page_inside_large_target_replaces_it(void **state)
{
	(void)state;
	map(&sigma0, 2 * MB2, &a, MB2, 21, MAP_R);
	assert_int_equal(map(&sigma0, 2 * MB2 + KB4, &a, MB2 + KB4, 12, MAP_R), 1);
	assert_int_equal(order_of(&a, MB2), 21); /* it gives that already */
	assert_int_equal(map(&sigma0, 2 * MB2 + KB4, &a, MB2 + KB4, 12, RW), 1);
	assert_int_equal(frame(&a, MB2), ~0ULL);
	assert_int_equal(frame(&a, MB2 + KB4), 2 * MB2 + KB4);
	assert_int_equal(rights_of(&a, MB2 + KB4), RW);
}

static void large_page_over_small_ones_replaces_them(void **state)
{
	(void)state;
	map(&sigma0, 0x5000, &a, GB1 + 0x1000, 12, RW);
	map(&sigma0, 0x6000, &a, GB1 + 5 * MB2, 12, RW);
	map(&a, GB1 + 0x1000, &b, 0x1000, 12, RW);
	assert_int_equal(map(&sigma0, 2 * GB1, &a, GB1, 30, RW), 1);
	assert_int_equal(order_of(&a, GB1), 30);
	assert_int_equal(frame(&a, GB1 + 0x1000), 2 * GB1 + 0x1000);
	assert_int_equal(frame(&b, 0x1000), ~0ULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(map_gives_frame_and_rights),
		TEST(map_without_read_is_readable),
		TEST(rights_never_exceed_the_source),
		TEST(pieces_are_as_large_as_possible),
		TEST(holes_of_the_source_are_skipped),
		TEST(upper_half_needs_a_space_that_has_it),
		TEST(revoke_reaches_grandchildren),
		TEST(unmap_with_self_takes_the_page),
		TEST(unmap_from_sigma0_reaches_everything_of_the_range),
		TEST(unmap_of_superpage_piece_with_self_takes_the_whole_page),
		TEST(unmap_of_superpage_piece_touches_only_children_of_the_piece),
		TEST(unmap_reaches_pages_two_sizes_smaller),
		TEST(downgrade_reaches_grandchildren),
		TEST(execute_is_not_enforced_without_nx),
		TEST(access_flags_are_gathered),
		TEST(map_onto_itself_unmaps),
		TEST(map_onto_ancestor_unmaps_target),
		TEST(map_onto_large_ancestor_unmaps_target),
		TEST(remap_adds_rights_and_keeps_the_subtree),
		TEST(remap_replaces_the_cache_type),
		TEST(cache_type_moves_with_the_page_size),
		TEST(remap_of_other_frame_revokes_the_old_subtree),
		TEST(small_page_inside_large_target_replaces_it),
		TEST(large_page_over_small_ones_replaces_them),
	};

	return cmocka_run_group_tests_name("mapdb", tests, NULL, NULL);
}
