/* SPDX-License-Identifier: MIT */
/* Views of a guest's kernel show memory in one piece as large pages. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "shim/drops.h"
#include "unit/guest/views.h"

/* Where the direct map has the frames of LARGE_L1; another place of the same half. */
#define PLACE	    (DIRECT + LARGE * 4096UL)
#define OTHER_PLACE 0xffff888040000000UL

static uint64_t *const table = memory.words[LARGE_L1];

static void link_at(uint64_t address)
{
	memory.words[DIRECT_L3][table_index(address, 3)] = to_frame(DIRECT_L2, UPPER);
	memory.words[DIRECT_L2][table_index(address, 2)] = to_frame(LARGE_L1, UPPER);
	switch_to(0, 0);
}

/* Of an access to a page in the middle. */
static unsigned entries_of(unsigned access)
{
	access_page(0, PLACE + 300 * 4096UL, access);
	return told.entries;
}

static bool all_shown(unsigned rights)
{
	for (unsigned i = 0; i < TABLE_ENTRIES; i++) {
		const struct shown *s = seen(0, PLACE + i * 4096UL);

		if (!s || s->frame != LARGE + i || s->rights != rights)
			return false;
	}
	return true;
}

static void a_table_in_one_piece_is_one_page(void **state)
{
	(void)state;
	link_at(PLACE);
	assert_int_equal(1, entries_of(0));
	assert_true(all_shown(WALK_R | WALK_W | WALK_X));
	assert_int_equal(1, told.fills);
}

static void it_has_the_rights_that_all_have(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TABLE_ENTRIES; i++)
		table[i] = (table[i] & ~(PTE_WRITE | PTE_DIRTY)) | PTE_NOEXEC;
	link_at(PLACE);
	assert_int_equal(1, entries_of(0));
	assert_true(all_shown(WALK_R));
}

/* One entry is different: of the whole table, a group is shown. */
static void check_refused(unsigned index, uint64_t entry)
{
	views_start(NULL);
	table[index] = entry;
	link_at(PLACE);
	entries_of(0);
	assert_false(seen(0, PLACE + 100 * 4096UL));
	assert_true(seen(0, PLACE + 300 * 4096UL));
}

static void one_entry_that_differs_is_enough_against_it(void **state)
{
	const uint64_t usual = PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY;

	(void)state;
	check_refused(0, 0);
	check_refused(511, to_frame(LARGE + 511, usual & ~PTE_WRITE));
	check_refused(5, to_frame(LARGE + 5, usual & ~PTE_ACCESSED));
	check_refused(7, to_frame(LARGE + 7, usual & ~PTE_DIRTY));
	check_refused(9, to_frame(LARGE + 8, usual));
	check_refused(11, to_frame(LARGE + 11, usual | PTE_NOEXEC));
}

static void frames_must_begin_where_a_large_page_does(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TABLE_ENTRIES; i++)
		table[i] = to_frame(DATA + 64 + i, PTE_PRESENT | PTE_ACCESSED);
	link_at(PLACE);
	entries_of(0);
	assert_false(seen(0, PLACE + 100 * 4096UL));
	assert_shows(0, PLACE + 300 * 4096UL, DATA + 64 + 300, WALK_R);
}

static void a_frame_that_is_a_true_table_forbids_it(void **state)
{
	struct track *t = &machine.track;

	(void)state;
	switch_to(0, 0);
	track_cover(t, TRACK_KERNEL, OTHER_PLACE, 1, LARGE + 40);
	link_at(PLACE);
	entries_of(0);
	assert_false(seen(0, PLACE + 100 * 4096UL));
}

static void a_frame_that_becomes_a_table_is_not_writable(void **state)
{
	(void)state;
	link_at(PLACE);
	entries_of(WALK_WRITE);
	assert_true(is_writable(LARGE + 40));
	assert_true(is_writable(LARGE + 511));
	track_cover(&machine.track, TRACK_KERNEL, OTHER_PLACE, 1, LARGE + 40);
	track_cover(&machine.track, TRACK_KERNEL, OTHER_PLACE + (1UL << 21), 1, LARGE + 511);
	assert_false(is_writable(LARGE + 40));
	assert_false(is_writable(LARGE + 511));
}

static void another_place_of_writable_memory_is_shown_in_groups(void **state)
{
	(void)state;
	link_at(PLACE);
	link_at(OTHER_PLACE);
	access_page(0, OTHER_PLACE + 300 * 4096UL, 0);
	assert_false(seen(0, OTHER_PLACE + 100 * 4096UL));
	assert_shows(0, OTHER_PLACE + 300 * 4096UL, LARGE + 300, WALK_R | WALK_W);
}

static void a_table_that_was_in_use_is_shown_in_groups(void **state)
{
	(void)state;
	table[3] &= ~PTE_ACCESSED;
	link_at(PLACE);
	entries_of(0);
	table[3] |= PTE_ACCESSED;
	access_page(0, PLACE + 100 * 4096UL, 0);
	assert_false(seen(0, PLACE + 200 * 4096UL));
}

static void memory_that_is_no_large_page_is_shown_in_groups(void **state)
{
	(void)state;
	link_at(PLACE);
	told.refusals = 1;
	assert_int_equal(2, entries_of(0));
	assert_false(seen(0, PLACE + 100 * 4096UL));
	assert_shows(0, PLACE + 300 * 4096UL, LARGE + 300, WALK_R | WALK_W);
}

static void processes_have_no_large_pages(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TABLE_ENTRIES; i++)
		*user_entry(0, i * 4096UL) =
		    to_frame(LARGE + i, WRITABLE | PTE_ACCESSED | PTE_DIRTY);
	switch_to(0, 0);
	access_page(0, USER + 300 * 4096UL, WALK_USER);
	assert_false(seen(0, USER + 100 * 4096UL));
}

#define TEST(name) cmocka_unit_test_setup(name, views_start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_table_in_one_piece_is_one_page),
		TEST(it_has_the_rights_that_all_have),
		TEST(one_entry_that_differs_is_enough_against_it),
		TEST(frames_must_begin_where_a_large_page_does),
		TEST(a_frame_that_is_a_true_table_forbids_it),
		TEST(a_frame_that_becomes_a_table_is_not_writable),
		TEST(another_place_of_writable_memory_is_shown_in_groups),
		TEST(a_table_that_was_in_use_is_shown_in_groups),
		TEST(memory_that_is_no_large_page_is_shown_in_groups),
		TEST(processes_have_no_large_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
