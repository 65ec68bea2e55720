/* SPDX-License-Identifier: MIT */
/* Walk of guest page tables: what a processor would do, and what it would refuse. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>

#include "shim/walk.h"
#include "unit/xen/tables.h"

enum { ROOT = 1, L3, L2, L1, PAGE, OTHER };

#define ADDRESS 0x00007f1234567000UL
#define KERNEL	0xffff888000003000UL
#define NX	PTE_NOEXEC

static struct tables tables;
static struct guest_memory memory;

static uint64_t *leaf(void)
{
	return &tables.frames[L1][table_index(ADDRESS, 1)];
}

static int build(void **state)
{
	static const unsigned way[] = { L1, L2, L3, ROOT };

	(void)state;
	memset(&tables, 0, sizeof(tables));
	memory = tables_memory(&tables);
	for (unsigned level = 2; level <= 4; level++)
		tables_set(&tables, way[level - 1], table_index(ADDRESS, level), way[level - 2],
			   PTE_PRESENT | PTE_WRITE | PTE_USER);
	*leaf() = (uint64_t)PAGE << PAGE_SHIFT | PTE_PRESENT | PTE_WRITE | PTE_USER;
	return 0;
}

static unsigned fault_of(uint64_t address, unsigned access)
{
	struct walk w;

	assert_int_equal(WALK_FAULT, walk(&memory, ROOT, address, access, &w));
	return w.error;
}

static void a_read_finds_the_page_and_sets_accessed_everywhere(void **state)
{
	static const unsigned way[] = { L1, L2, L3, ROOT };
	struct walk w;

	(void)state;
	assert_int_equal(WALK_OK, walk(&memory, ROOT, ADDRESS + 0x123, WALK_USER, &w));
	assert_int_equal(PAGE, w.frame);
	assert_int_equal(WALK_R | WALK_X, w.rights);
	assert_true(w.user);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(way[i], w.tables[i]);
		assert_true(tables.frames[way[i]][table_index(ADDRESS, i + 1)] & PTE_ACCESSED);
	}
	assert_false(*leaf() & PTE_DIRTY);
}

static void writing_is_allowed_when_dirty_is_set(void **state)
{
	struct walk w;

	(void)state;
	assert_int_equal(WALK_OK, walk(&memory, ROOT, ADDRESS, WALK_USER | WALK_WRITE, &w));
	assert_int_equal(WALK_R | WALK_W | WALK_X, w.rights);
	assert_true(*leaf() & PTE_DIRTY);
	assert_int_equal(WALK_OK, walk(&memory, ROOT, ADDRESS, 0, &w));
	assert_int_equal(WALK_R | WALK_W | WALK_X, w.rights);
}

static void rights_are_the_product_over_the_levels(void **state)
{
	static const unsigned way[] = { L1, L2, L3, ROOT };

	for (unsigned level = 1; level <= 4; level++) {
		uint64_t *entry = &tables.frames[way[level - 1]][table_index(ADDRESS, level)];
		struct walk w;

		build(state);
		*entry &= ~PTE_WRITE;
		assert_int_equal(WALK_PRESENT | WALK_WRITE, fault_of(ADDRESS, WALK_WRITE));
		build(state);
		*entry |= NX;
		assert_int_equal(WALK_PRESENT | WALK_FETCH | WALK_USER,
				 fault_of(ADDRESS, WALK_FETCH | WALK_USER));
		assert_int_equal(WALK_OK, walk(&memory, ROOT, ADDRESS, WALK_WRITE, &w));
		assert_int_equal(WALK_R | WALK_W, w.rights);
		build(state);
		*entry &= ~PTE_USER;
		assert_int_equal(WALK_PRESENT | WALK_USER, fault_of(ADDRESS, WALK_USER));
		assert_int_equal(WALK_OK, walk(&memory, ROOT, ADDRESS, WALK_FETCH, &w));
		assert_false(w.user);
	}
}

static void a_fault_leaves_no_trace(void **state)
{
	struct tables before;

	(void)state;
	*leaf() &= ~PTE_WRITE;
	before = tables;
	fault_of(ADDRESS, WALK_WRITE);
	fault_of(ADDRESS + PAGE_BYTES, 0);
	assert_memory_equal(&before, &tables, sizeof(tables));
}

static void what_is_not_there_faults_as_not_present(void **state)
{
	static const unsigned way[] = { L1, L2, L3, ROOT };

	for (unsigned level = 1; level <= 4; level++) {
		build(state);
		tables.frames[way[level - 1]][table_index(ADDRESS, level)] &= ~PTE_PRESENT;
		assert_int_equal(WALK_USER | WALK_FETCH, fault_of(ADDRESS, WALK_USER | WALK_FETCH));
	}
}

static void frames_beyond_memory_and_large_pages_are_reserved(void **state)
{
	static const unsigned way[] = { L1, L2, L3, ROOT };
	const unsigned reserved = WALK_PRESENT | WALK_RESERVED;
	struct walk w;

	for (unsigned level = 1; level <= 4; level++) {
		uint64_t *entry = &tables.frames[way[level - 1]][table_index(ADDRESS, level)];

		build(state);
		*entry = (uint64_t)TABLES_FRAMES << PAGE_SHIFT | UPPER;
		assert_int_equal(reserved, fault_of(ADDRESS, 0));
		*entry = PTE_FRAME_MASK | UPPER;
		assert_int_equal(reserved | WALK_WRITE, fault_of(ADDRESS, WALK_WRITE));
		build(state);
		*entry |= PTE_LARGE;
		if (level > 1)
			assert_int_equal(reserved, fault_of(ADDRESS, 0));
		else
			assert_int_equal(WALK_OK, walk(&memory, ROOT, ADDRESS, 0, &w));
	}
	assert_int_equal(WALK_FAULT, walk(&memory, TABLES_FRAMES, ADDRESS, 0, &w));
	assert_int_equal(reserved, w.error);
}

static void software_bits_of_an_entry_mean_nothing(void **state)
{
	struct walk w;

	(void)state;
	*leaf() |= 0x7ff0000000000e00UL;
	assert_int_equal(WALK_OK, walk(&memory, ROOT, ADDRESS, 0, &w));
	assert_int_equal(PAGE, w.frame);
}

static void the_hole_and_addresses_that_are_none_are_not_translated(void **state)
{
	struct walk w;

	(void)state;
	for (unsigned slot = 256; slot < 272; slot++)
		tables_set(&tables, ROOT, slot, ROOT, UPPER);
	assert_int_equal(0, fault_of(0xffff800000000000UL, 0));
	assert_int_equal(WALK_USER, fault_of(0xffff87ffffffffffUL, WALK_USER));
	assert_int_equal(WALK_NOT_CANONICAL, walk(&memory, ROOT, 0x800000000000UL, 0, &w));
	assert_int_equal(WALK_NOT_CANONICAL, walk(&memory, ROOT, 0xffff7fffffffffffUL, 0, &w));
}

static void a_table_that_is_its_own_entry_is_walked_like_any_other(void **state)
{
	const uint64_t address = 0xffffff7fbfdfe000UL; /* index 510 at all levels */
	struct walk w;

	(void)state;
	tables_set(&tables, ROOT, 510, ROOT, UPPER);
	assert_int_equal(WALK_OK, walk(&memory, ROOT, canonical(address), WALK_WRITE, &w));
	assert_int_equal(ROOT, w.frame);
	assert_int_equal(WALK_R | WALK_W | WALK_X, w.rights);
}

static void neighbours_are_those_that_need_no_change(void **state)
{
	unsigned self = table_index(ADDRESS, 1), first = self & ~7U;
	struct walk_page pages[8];
	uint64_t *l1 = tables.frames[L1];
	struct walk w;

	(void)state;
	for (unsigned i = first; i < first + 8; i++)
		if (i != self)
			l1[i] = (uint64_t)OTHER << PAGE_SHIFT | LEAF;
	l1[first] &= ~PTE_ACCESSED;
	l1[first + 1] &= ~PTE_DIRTY;
	l1[first + 2] &= ~PTE_USER;
	l1[first + 3] &= ~PTE_PRESENT;
	l1[first + 4] |= (uint64_t)TABLES_FRAMES << PAGE_SHIFT;
	l1[first + 5] |= NX;
	l1[first + 8] = l1[first + 6];
	assert_int_equal(WALK_OK, walk(&memory, ROOT, ADDRESS, WALK_USER, &w));
	assert_int_equal(7, self - first);
	assert_int_equal(3, walk_neighbours(&memory, &w, ADDRESS, 3, pages, 8));
	assert_int_equal(ADDRESS - 6 * PAGE_BYTES, pages[0].address);
	assert_int_equal(WALK_R | WALK_X, pages[0].rights);
	assert_int_equal(ADDRESS - 2 * PAGE_BYTES, pages[1].address);
	assert_int_equal(WALK_R | WALK_W, pages[1].rights);
	assert_int_equal(ADDRESS - PAGE_BYTES, pages[2].address);
	assert_int_equal(OTHER, pages[2].frame);
	assert_int_equal(2, walk_neighbours(&memory, &w, ADDRESS, 3, pages, 2));
	assert_int_equal(0, walk_neighbours(&memory, &w, ADDRESS, 0, pages, 8));
}

static void neighbours_have_the_rights_of_the_levels_above(void **state)
{
	struct walk_page page;
	struct walk w;

	(void)state;
	leaf()[-1] = (uint64_t)OTHER << PAGE_SHIFT | LEAF;
	tables.frames[L2][table_index(ADDRESS, 2)] =
	    (uint64_t)L1 << PAGE_SHIFT | PTE_PRESENT | PTE_USER | NX;
	assert_int_equal(WALK_OK, walk(&memory, ROOT, ADDRESS, WALK_USER, &w));
	assert_int_equal(1, walk_neighbours(&memory, &w, ADDRESS, 3, &page, 1));
	assert_int_equal(WALK_R, page.rights);
}

static void *clear_and_set(void *stop)
{
	_Atomic(uint64_t) *entry = (void *)leaf();
	const uint64_t plain = (uint64_t)PAGE << PAGE_SHIFT | PTE_PRESENT | PTE_WRITE | PTE_USER;
	uintptr_t wrong = 0;

	while (!__atomic_load_n((int *)stop, __ATOMIC_RELAXED)) {
		*entry = 0;
		wrong += *entry != 0; /* a late mark would bring the old entry back */
		*entry = plain;
	}
	return (void *)wrong;
}

static void marks_never_undo_a_change_by_another_cpu(void **state)
{
	unsigned found = 0, absent = 0;
	pthread_t thread;
	void *wrong;
	int stop = 0;

	(void)state;
	assert_int_equal(0, pthread_create(&thread, NULL, clear_and_set, &stop));
	for (unsigned i = 0; i < 20000000 && (i < 100000 || !found || !absent); i++) {
		struct walk w;
		enum walk_result result = walk(&memory, ROOT, ADDRESS, WALK_WRITE, &w);

		found += result == WALK_OK;
		absent += result == WALK_FAULT;
		if (result == WALK_OK)
			assert_int_equal(PAGE, w.frame);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, &wrong);
	assert_null(wrong);
	assert_true(found && absent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_read_finds_the_page_and_sets_accessed_everywhere, build),
		cmocka_unit_test_setup(writing_is_allowed_when_dirty_is_set, build),
		cmocka_unit_test_setup(rights_are_the_product_over_the_levels, build),
		cmocka_unit_test_setup(a_fault_leaves_no_trace, build),
		cmocka_unit_test_setup(what_is_not_there_faults_as_not_present, build),
		cmocka_unit_test_setup(frames_beyond_memory_and_large_pages_are_reserved, build),
		cmocka_unit_test_setup(software_bits_of_an_entry_mean_nothing, build),
		cmocka_unit_test_setup(the_hole_and_addresses_that_are_none_are_not_translated,
				       build),
		cmocka_unit_test_setup(a_table_that_is_its_own_entry_is_walked_like_any_other,
				       build),
		cmocka_unit_test_setup(neighbours_are_those_that_need_no_change, build),
		cmocka_unit_test_setup(neighbours_have_the_rights_of_the_levels_above, build),
		cmocka_unit_test_setup(marks_never_undo_a_change_by_another_cpu, build),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
