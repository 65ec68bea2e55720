/* SPDX-License-Identifier: MIT */
/* Promises of the mapping database for memory (abi spec 4.8 and 4.9). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include <l4/sys/err.h>
#include "host.h"
#include "mm/mapnode.h"

#define KB4 0x1000ULL
#define MB2 0x200000ULL
#define GB1 0x40000000ULL
#define RWX (MAP_R | MAP_W | MAP_X)
#define RW  (MAP_R | MAP_W)
#define ALL 64 /* order of everything */

static struct space sigma0, a, b, c;
static struct space *const spaces[] = { &a, &b, &c, NULL };
static struct quota *quota_c;

static int setup(void **state)
{
	(void)state;
	host_reset();
	assert_int_equal(space_init(&sigma0, &root_quota, false), 0);
	sigma0.sigma0 = true;
	quota_c = quota_create(&root_quota, 1 << 22);
	assert_int_equal(space_init(&a, &root_quota, false), 0);
	assert_int_equal(space_init(&b, &root_quota, false), 0);
	assert_int_equal(space_init(&c, quota_c, true), 0);
	return 0;
}

static void destroy(struct space *s)
{
	s->dying = true;
	while (space_destroy(s) == MAPDB_AGAIN)
		;
	space_free(s);
}

/* Every test also checks that nothing is left over. */
static int teardown(void **state)
{
	(void)state;
	mapcheck(spaces);
	destroy(&a);
	destroy(&b);
	destroy(&c);
	destroy(&sigma0);
	quota_orphan(quota_c);
	assert_int_equal(host_bytes, 0);
	assert_int_equal(quota_used(&root_quota), 0);
	assert_null(memory_root.sub);
	return 0;
}

static int run_map(struct map_request *r)
{
	int err;

	do
		err = mapdb_map(r);
	while (err == MAPDB_AGAIN);
	mapcheck(spaces);
	return err;
}

/* Number of pages mapped. */
static u64 map(struct space *src, u64 sva, struct space *dst, u64 dva, unsigned order, u8 rights)
{
	struct map_request r = { .src = src, .dst = dst, .sva = uaddr(sva), .dva = uaddr(dva),
				 .order = order, .rights = rights };

	assert_int_equal(run_map(&r), 0);
	return r.mapped;
}

static u64 grant(struct space *src, u64 sva, struct space *dst, u64 dva, unsigned order, u8 rights)
{
	struct map_request r = { .src = src, .dst = dst, .sva = uaddr(sva), .dva = uaddr(dva),
				 .order = order, .rights = rights, .grant = true };

	assert_int_equal(run_map(&r), 0);
	return r.mapped;
}

static u8 unmap(struct space *s, u64 va, unsigned order, u8 rights, bool self)
{
	struct unmap_request r = { .space = s, .va = uaddr(va), .order = order, .rights = rights,
				   .self = self };

	while (mapdb_unmap(&r) == MAPDB_AGAIN)
		mapcheck(spaces);
	mapcheck(spaces);
	return r.flags;
}

/* Physical address behind va, ~0 if none. */
static u64 frame(struct space *s, u64 va)
{
	unsigned order;
	phys_t pa;
	u8 rights;

	return space_lookup(s, uaddr(va), &pa, &order, &rights) ? pa.v : ~0ULL;
}

static u8 rights_of(struct space *s, u64 va)
{
	unsigned order;
	phys_t pa;
	u8 rights;

	return space_lookup(s, uaddr(va), &pa, &order, &rights) ? rights : 0;
}

static unsigned order_of(struct space *s, u64 va)
{
	unsigned order;
	phys_t pa;
	u8 rights;

	return space_lookup(s, uaddr(va), &pa, &order, &rights) ? order : 0;
}

static u64 *entry(struct space *s, u64 va)
{
	unsigned order;

	return pt_walk(s->root, va, &order);
}

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
	struct map_request r = { .src = &a, .dst = &b, .sva = uaddr(0x1000), .dva = uaddr(0x2000),
				 .order = 12, .rights = RW, .cache = MAP_CACHE_WC };

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
	struct map_request r = { .src = &sigma0, .dst = &a, .sva = uaddr(MB2), .dva = uaddr(MB2),
				 .order = 21, .rights = RW, .cache = MAP_CACHE_WC };

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

static void ku_memory_is_out_of_reach(void **state)
{
	(void)state;
	assert_int_equal(space_map_ku(&a, uaddr(MB2 + 0x3000), phys(0x77000), 13, RW), 0);
	assert_int_equal(frame(&a, MB2 + 0x4000), 0x78000);
	assert_int_equal(rights_of(&a, MB2 + 0x4000), RW);
	assert_int_equal(space_map_ku(&a, uaddr(MB2 + 0x4000), phys(0), 12, RW), -L4_EEXIST);
	assert_int_equal(space_map_ku(&a, uaddr(1ULL << 47), phys(0), 12, RW), -L4_EINVAL);
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
	struct unmap_request r = { .space = &a, .va = uaddr(0x1000), .order = 12, .rights = MAP_R };
	unsigned calls = 1;

	(void)state;
	make_wide_tree(300);
	host_preempt = true;
	for (; mapdb_unmap(&r) == MAPDB_AGAIN; calls++)
		mapcheck(spaces);
	assert_in_range(calls, 600 / MAPOP_BUDGET, 600 / MAPOP_BUDGET + 2);
	assert_int_equal(frame(&b, 0), ~0ULL);
	assert_int_equal(frame(&c, 299 * KB4), ~0ULL);
	assert_int_equal(frame(&a, 0x1000), 0x5000);
}

static void long_downgrade_stops_and_goes_on(void **state)
{
	struct unmap_request r = { .space = &a, .va = uaddr(0x1000), .order = 12, .rights = MAP_W };
	unsigned calls = 1;

	(void)state;
	make_wide_tree(300);
	host_preempt = true;
	for (; mapdb_unmap(&r) == MAPDB_AGAIN; calls++)
		;
	assert_in_range(calls, 600 / MAPOP_BUDGET, 2 * 600 / MAPOP_BUDGET);
	for (unsigned i = 0; i < 300; i++) {
		assert_int_equal(rights_of(&b, i * KB4), MAP_R | MAP_X);
		assert_int_equal(rights_of(&c, i * KB4), MAP_R | MAP_X);
	}
}

static void dead_mapping_gives_nothing_and_is_finished_by_others(void **state)
{
	struct unmap_request r = { .space = &b, .va = uaddr(0), .order = 12, .rights = MAP_R,
				   .self = true };

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
	struct map_request r = { .src = &a, .dst = &a, .sva = uaddr(254 * KB4),
				 .dva = uaddr(255 * KB4), .order = 12, .rights = RW };

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
		struct map_request r = { .src = &a, .dst = &c, .sva = uaddr(GB1 + MB2),
					 .dva = uaddr(n * 512 * GB1 + 5 * KB4), .order = 12,
					 .rights = RW };
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
	struct map_request r = { .src = &sigma0, .dst = &c, .sva = uaddr(0), .dva = uaddr(KB4 << 8),
				 .order = 20, .rights = RW };

	(void)state;
	assert_int_equal(map(&sigma0, 0, &c, KB4 << 8, 12, RW), 1);
	quota_c->limit = quota_used(quota_c) + 10 * 64;
	assert_int_equal(run_map(&r), -L4_ENOMEM);
	assert_int_equal(r.mapped, 11);
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
	struct map_request r = { .src = &a, .dst = &s, .order = ALL, .rights = RW };
	while (mapdb_map(&r) == MAPDB_AGAIN)
		;
	assert_int_equal(r.mapped, 201);
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

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
		TEST(ku_memory_is_out_of_reach),
		TEST(ku_memory_that_fails_leaves_no_page),
		TEST(grant_moves_the_mapping_with_its_children),
		TEST(grant_of_a_split_page_moves_all_charges),
		TEST(grant_of_a_part_is_a_map),
		TEST(grant_with_less_rights_reduces_the_children),
		TEST(sigma0_never_gives_kernel_memory),
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
	};

	return cmocka_run_group_tests_name("mapdb", tests, NULL, NULL);
}
