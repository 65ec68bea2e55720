/* SPDX-License-Identifier: MIT */
/* Promises of the page-table functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include "host.h"
#include "mm/kmem.h"
#include "x86_64/pagetable.h"

static void entries_keep_address_rights_and_cache_type(void **state)
{
	static const unsigned orders[] = { 12, 21, 30 };

	(void)state;
	host_reset();
	for (unsigned i = 0; i < 3; i++) {
		u64 pa = 0xabcde40000000ULL;

		for (u8 rights = 0; rights < 4; rights++) {
			for (unsigned cache = MAP_CACHE_UNCACHED; cache <= MAP_CACHE_WC; cache++) {
				u64 pte = pte_make(pa, orders[i], rights, (enum map_cache)cache);

				assert_int_equal(pte_address(pte, orders[i]), pa);
				assert_int_equal(pte_rights(pte), rights | MAP_R);
				assert_int_equal(pte_cache(pte, orders[i]), cache);
				assert_int_equal(pte & (PTE_PRESENT | PTE_USER),
						 PTE_PRESENT | PTE_USER);
				assert_int_equal(pte_is_table(pte),
						 orders[i] == 12 && cache != MAP_CACHE_WC);
			}
		}
	}
}

/* Intel SDM vol. 3, table 4-12 ff. and 11.12: index = PAT, PCD, PWT. */
static void cache_types_use_the_documented_pat_entries(void **state)
{
	(void)state;
	host_reset();
	assert_int_equal(pte_make(0, 12, MAP_W, MAP_CACHE_NORMAL), 0x8000000000000007);
	assert_int_equal(pte_make(0, 12, MAP_W, MAP_CACHE_UNCACHED), 0x800000000000001f);
	assert_int_equal(pte_make(0, 12, MAP_W, MAP_CACHE_WC), 0x800000000000008f);
	assert_int_equal(pte_make(0, 21, MAP_X, MAP_CACHE_WC), 0x108d);
	cpu_feat.nx = false;
	assert_int_equal(pte_make(0, 21, 0, MAP_CACHE_NORMAL), 0x85);
}

static void next_finds_each_leaf_in_order(void **state)
{
	static const struct {
		u64 va;
		unsigned order;
	} leaf[] = { { 0, 12 },
		     { 0x3000, 12 },
		     { 0x200000, 21 },
		     { 0x7fe00000, 12 },
		     { 0x80000000, 30 },
		     { 0x7fffffe00000, 21 },
		     { 0x7ffffffff000, 12 },
		     { 0xffff820000000000, 12 },
		     { 0xfffffffffffff000, 12 } };
	unsigned order, i = 0;
	u64 *root, va = 0, *e;
	struct space s;

	(void)state;
	host_reset();
	assert_int_equal(space_init(&s, &root_quota, true), 0);
	root = s.root;
	for (unsigned k = ARRAY_SIZE(leaf); k--;) {
		if (leaf[k].order == 12 && leaf[k].va == 0x7ffffffff000)
			continue;
		e = pt_make(root, leaf[k].va, leaf[k].order, &root_quota, &order);
		assert_non_null(e);
		assert_int_equal(order, leaf[k].order);
		*e = pte_make(0, leaf[k].order, MAP_R, MAP_CACHE_NORMAL);
		assert_ptr_equal(pt_walk(root, leaf[k].va, &order), e);
		assert_int_equal(order, leaf[k].order);
	}
	/* A smaller page below an existing leaf: the leaf is found. */
	e = pt_make(root, 0x7ffffffff000, 12, &root_quota, &order);
	assert_int_equal(order, 21);
	for (; (e = pt_next(root, &va, ~0ULL, &order)); i++) {
		if (leaf[i].va == 0x7ffffffff000)
			i++;
		assert_int_equal(va, leaf[i].va);
		assert_int_equal(order, leaf[i].order);
		va += 1ULL << order;
		if (!va)
			break;
	}
	assert_int_equal(i, ARRAY_SIZE(leaf) - 1);
	va = 0x80001000;
	assert_non_null(pt_next(root, &va, ~0ULL, &order));
	assert_int_equal(va, 0x80001000);
	va = 0x4000;
	assert_null(pt_next(root, &va, 0x1fffff, &order));
	/* Emptied groups are stepped over and forgotten. */
	*pt_walk(root, 0, &order) = 0;
	va = 0;
	assert_non_null(pt_next(root, &va, ~0ULL, &order));
	assert_int_equal(va, 0x3000);
	s.dying = true;
	assert_int_equal(space_destroy(&s), 0);
	space_free(&s);
	assert_int_equal(host_bytes, 0);
}

static void kernel_slots_are_copied(void **state)
{
	u64 *root;

	(void)state;
	host_reset();
	root = pt_root_create(&root_quota);
	for (unsigned i = 0; i < PT_ENTRIES; i++)
		assert_int_equal(root[i], i >= 256 && i <= 259 ? kernel_pml4_template[i] : 0);
	page_free(&root_quota, root, PT_TABLE_ORDER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_keep_address_rights_and_cache_type),
		cmocka_unit_test(cache_types_use_the_documented_pat_entries),
		cmocka_unit_test(kernel_slots_are_copied),
		cmocka_unit_test(next_finds_each_leaf_in_order),
	};

	return cmocka_run_group_tests_name("pagetable", tests, NULL, NULL);
}
