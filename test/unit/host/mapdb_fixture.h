/* SPDX-License-Identifier: MIT */
/* Fixture of the tests of the mapping database: sigma0 and three spaces, of which c has a quota of
 * its own and the upper half. Included once by each test program. */
#ifndef HOST_MAPDB_FIXTURE_H
#define HOST_MAPDB_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include <l4/sys/err.h>
#include "host.h"
#include "mm/mapnode.h"

#define KB4	0x1000ULL
#define MB2	0x200000ULL
#define GB1	0x40000000ULL
#define RWX	(MAP_R | MAP_W | MAP_X)
#define RW	(MAP_R | MAP_W)
#define ALL	64 /* order of everything */
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static struct space sigma0, a, b, c;
static struct space *const spaces[] = { &a, &b, &c, NULL };
static struct quota *quota_c;

static inline int setup(void **state)
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

static inline void destroy(struct space *s)
{
	s->dying = true;
	while (space_destroy(s) == MAPDB_AGAIN)
		;
	space_free(s);
}

/* Every test also checks that nothing is left over. */
static inline int teardown(void **state)
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

static inline int run_map(struct map_request *r)
{
	int err;

	do
		err = mapdb_map(r);
	while (err == MAPDB_AGAIN);
	mapcheck(spaces);
	return err;
}

/* Number of pages mapped. */
static inline u64 map(struct space *src, u64 sva, struct space *dst, u64 dva, unsigned order,
		      u8 rights)
{
	struct map_progress p = { 0 };
	struct map_request r = { .src = src,
				 .dst = dst,
				 .sva = uaddr(sva),
				 .dva = uaddr(dva),
				 .order = order,
				 .rights = rights,
				 .progress = &p };

	assert_int_equal(run_map(&r), 0);
	return p.mapped;
}

static inline u64 grant(struct space *src, u64 sva, struct space *dst, u64 dva, unsigned order,
			u8 rights)
{
	struct map_progress p = { 0 };
	struct map_request r = { .src = src,
				 .dst = dst,
				 .sva = uaddr(sva),
				 .dva = uaddr(dva),
				 .order = order,
				 .rights = rights,
				 .grant = true,
				 .progress = &p };

	assert_int_equal(run_map(&r), 0);
	return p.mapped;
}

static inline u8 unmap(struct space *s, u64 va, unsigned order, u8 rights, bool self)
{
	struct map_progress p = { 0 };
	struct unmap_request r = { .space = s,
				   .va = uaddr(va),
				   .order = order,
				   .rights = rights,
				   .self = self,
				   .progress = &p };

	while (mapdb_unmap(&r) == MAPDB_AGAIN)
		mapcheck_taking(spaces, rights & (MAP_W | MAP_X));
	mapcheck(spaces);
	return p.flags;
}

/* Physical address behind va, ~0 if none. */
static inline u64 frame(struct space *s, u64 va)
{
	unsigned order;
	phys_t pa;
	u8 rights;

	return space_lookup(s, uaddr(va), &pa, &order, &rights) ? pa.v : ~0ULL;
}

static inline u8 rights_of(struct space *s, u64 va)
{
	unsigned order;
	phys_t pa;
	u8 rights;

	return space_lookup(s, uaddr(va), &pa, &order, &rights) ? rights : 0;
}

static inline unsigned order_of(struct space *s, u64 va)
{
	unsigned order;
	phys_t pa;
	u8 rights;

	return space_lookup(s, uaddr(va), &pa, &order, &rights) ? order : 0;
}

static inline u64 *entry(struct space *s, u64 va)
{
	unsigned order;

	return pt_walk(s->root, va, &order);
}

#endif
