/* SPDX-License-Identifier: MIT */
/* Views of a guest's address spaces: what they show after faults, changes, switches, flushes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "shim/drops.h"
#include "unit/guest/views.h"

/* --- Faults --- */

static void a_fault_shows_the_page_and_its_neighbours(void **state)
{
	(void)state;
	switch_to(0, 0);
	access_page(0, USER + 5 * 4096, WALK_USER | WALK_WRITE);
	assert_shows(0, USER + 5 * 4096, DATA + 5, WALK_R | WALK_W);
	assert_true(*user_entry(0, USER + 5 * 4096) & PTE_DIRTY);
	for (unsigned i = 0; i < 16; i++)
		assert_true(!seen(0, USER + i * 4096) ||
			    seen(0, USER + i * 4096)->frame == DATA + i);
	assert_int_equal(1, told.fills);
}

static void mark_group(uint64_t distance)
{
	for (unsigned i = 0; i < 16; i++)
		*user_entry(0, USER + i * 4096) =
		    to_frame(DATA + i + distance, WRITABLE | PTE_ACCESSED | PTE_DIRTY);
}

static void a_group_in_one_piece_takes_two_entries(void **state)
{
	(void)state;
	mark_group(8);
	switch_to(0, 0);
	access_page(0, USER + 9 * 4096, WALK_USER);
	assert_int_equal(2, told.entries);
	for (unsigned i = 0; i < 16; i++)
		assert_shows(0, USER + i * 4096, DATA + i + 8, WALK_R | WALK_W);
}

static void pages_that_are_not_one_piece_are_shown_one_by_one(void **state)
{
	(void)state;
	mark_group(3); /* not aligned */
	switch_to(0, 0);
	access_page(0, USER, WALK_USER);
	assert_int_equal(16, told.entries);
	views_start(NULL);
	mark_group(0);
	*user_entry(0, USER + 7 * 4096) = to_frame(DATA + 40, WRITABLE | PTE_ACCESSED | PTE_DIRTY);
	switch_to(0, 0);
	access_page(0, USER, WALK_USER);
	assert_shows(0, USER + 7 * 4096, DATA + 40, WALK_R | WALK_W);
	assert_shows(0, USER + 8 * 4096, DATA + 8, WALK_R | WALK_W);
	views_start(NULL);
	mark_group(0);
	*user_entry(0, USER + 7 * 4096) &= ~PTE_WRITE;
	switch_to(0, 0);
	access_page(0, USER, WALK_USER);
	assert_false(seen(0, USER + 7 * 4096)->rights & WALK_W);
	assert_shows(0, USER + 8 * 4096, DATA + 8, WALK_R | WALK_W);
}

static void the_guests_own_faults_are_told(void **state)
{
	(void)state;
	switch_to(0, 0);
	*user_entry(0, USER) = 0;
	assert_int_equal(WALK_USER, fault(0, USER, WALK_USER));
	*user_entry(0, USER + 4096) = to_frame(DATA, PTE_PRESENT | PTE_USER);
	assert_int_equal(WALK_USER | WALK_WRITE | WALK_PRESENT,
			 fault(0, USER + 4096, WALK_USER | WALK_WRITE));
	assert_int_equal(WALK_USER | WALK_PRESENT, fault(0, DIRECT + DATA * 4096UL, WALK_USER));
	assert_null(seen(0, USER));
	assert_int_equal(0, machine.lock);
}

static void memory_that_is_not_there_yet_is_asked_for(void **state)
{
	(void)state;
	mark_group(0);
	switch_to(0, 0);
	told.refusals = 2; /* the group, and its pages one by one */
	access_page(0, USER, WALK_USER);
	assert_shows(0, USER, DATA, WALK_R);
	assert_true(told.fills > 2);
}

static void memory_that_was_given_back_is_a_fault(void **state)
{
	(void)state;
	switch_to(0, 0);
	tracked[DATA].released = 1;
	told.refusals = 1; /* it is not asked for once more */
	assert_int_equal(WALK_USER | WALK_PRESENT | WALK_RESERVED, fault(0, USER, WALK_USER));
}

static void user_mode_sees_no_page_of_the_kernel(void **state)
{
	(void)state;
	*user_entry(0, USER) = to_frame(DATA, PTE_PRESENT | PTE_WRITE);
	switch_to(0, 0);
	access_page(0, USER, 0);
	assert_shows(0, USER, DATA, WALK_R);
	assert_true(vcpu_of(0)->kernel_pages);
	assert_true(owns[0].slow_exit);
	space_drop_kernel_pages(vcpu_of(0));
	assert_null(seen(0, USER));
	assert_false(vcpu_of(0)->kernel_pages);
}

static void pages_of_user_mode_need_no_dropping(void **state)
{
	(void)state;
	switch_to(0, 0);
	access_page(0, USER, 0);
	assert_false(vcpu_of(0)->kernel_pages);
	assert_false(owns[0].slow_exit);
}

/* --- Entries that hypercalls set --- */

static void the_entry_that_a_fault_waits_for_is_shown(void **state)
{
	(void)state;
	*user_entry(0, USER) = *user_entry(0, USER + 4096) = 0;
	switch_to(0, 0);
	fault(0, USER, WALK_USER | WALK_WRITE);
	set_user_entry(0, USER + 4096, to_frame(DATA + 1, WRITABLE));
	assert_int_equal(0, told.fills);
	set_user_entry(0, USER, to_frame(DATA, WRITABLE));
	assert_shows(0, USER, DATA, WALK_R | WALK_W);
	assert_int_equal(0, vcpu_of(0)->told.waits);
}

static void an_answer_that_does_not_allow_the_access_shows_nothing(void **state)
{
	(void)state;
	*user_entry(0, USER) = 0;
	switch_to(0, 0);
	fault(0, USER, WALK_USER | WALK_WRITE);
	set_user_entry(0, USER, to_frame(DATA, PTE_USER)); /* not present: it goes on waiting */
	assert_null(seen(0, USER));
	set_user_entry(0, USER, to_frame(DATA, WRITABLE));
	assert_shows(0, USER, DATA, WALK_R | WALK_W);
	*user_entry(0, USER + 16 * 4096) = 0;
	fault(0, USER + 16 * 4096, WALK_USER | WALK_WRITE);
	set_user_entry(0, USER + 16 * 4096, to_frame(DATA, PTE_PRESENT | PTE_USER));
	assert_true(!seen(0, USER + 16 * 4096) || !(seen(0, USER + 16 * 4096)->rights & WALK_W));
}

/* The table of level 1 comes by a hypercall, too, after the fault. */
static void the_answer_may_need_a_new_table(void **state)
{
	const uint64_t address = USER + (1UL << 21), table = DATA + 60;

	(void)state;
	switch_to(0, 0);
	fault(0, address, WALK_USER);
	assert_true(space_set_entry(
	    &machine, physical(&memory.words[table_of(0, 2)][table_index(address, 2)]),
	    to_frame(table, UPPER), false));
	assert_null(seen(0, address));
	assert_true(space_set_entry(&machine, physical(&memory.words[table][0]),
				    to_frame(DATA + 3, WRITABLE), false));
	assert_shows(0, address, DATA + 3, WALK_R);
}

/* The answer is for an address space that is loaded no more. */
static void a_switch_forgets_the_fault(void **state)
{
	(void)state;
	*user_entry(0, USER) = 0;
	switch_to(0, 0);
	fault(0, USER, WALK_USER);
	switch_to(0, 1);
	set_user_entry(0, USER, to_frame(DATA, WRITABLE));
	assert_null(seen(0, USER));
}

static void what_an_entry_takes_away_is_dropped(void **state)
{
	(void)state;
	switch_to(0, 0);
	access_page(0, USER, WALK_USER | WALK_WRITE);
	access_page(0, USER + 64 * 1024, WALK_USER | WALK_WRITE);
	set_user_entry(0, USER, 0);
	assert_null(seen(0, USER));
	assert_shows(0, USER + 64 * 1024, DATA + 16, WALK_W);
	set_user_entry(0, USER + 64 * 1024, to_frame(DATA + 16, PTE_PRESENT | PTE_USER));
	assert_true(!seen(0, USER + 64 * 1024) || !(seen(0, USER + 64 * 1024)->rights & WALK_W));
}

static void marks_are_kept_if_so_wanted(void **state)
{
	uint64_t *entry = user_entry(0, USER);
	const uint64_t marks = PTE_ACCESSED | PTE_DIRTY;

	(void)state;
	switch_to(0, 0);
	*entry |= marks;
	assert_true(space_set_entry(&machine, physical(entry), to_frame(DATA + 1, WRITABLE), true));
	assert_int_equal(to_frame(DATA + 1, WRITABLE | marks), *entry);
	assert_true(
	    space_set_entry(&machine, physical(entry), to_frame(DATA + 1, WRITABLE), false));
	assert_int_equal(to_frame(DATA + 1, WRITABLE), *entry);
}

static void there_are_no_entries_beyond_memory(void **state)
{
	(void)state;
	assert_false(space_set_entry(&machine, FRAMES * 4096UL, 1, false));
	assert_false(space_set_entry(&machine, 4, 1, false));
	assert_false(space_set_entry(&machine, ~7UL, 1, false));
	assert_int_equal(0, machine.lock);
}

static void a_batch_is_told_at_its_end(void **state)
{
	(void)state;
	switch_to(0, 0);
	for (unsigned i = 0; i < 4; i++)
		access_page(0, USER + i * 4096, WALK_USER | WALK_WRITE);
	told.drops = 0;
	space_begin(vcpu_of(0));
	for (unsigned i = 0; i < 4; i++)
		assert_true(
		    space_set_entry(&machine, physical(user_entry(0, USER + i * 4096)), 0, false));
	assert_int_equal(0, told.drops);
	assert_int_equal(1, machine.lock);
	space_end(vcpu_of(0));
	assert_int_equal(0, machine.lock);
	drops_settle(vcpu_of(0));
	assert_int_equal(1, told.drops);
	for (unsigned i = 0; i < 4; i++)
		assert_null(seen(0, USER + i * 4096));
}

/* --- Tables that the kernel could write to --- */

static void a_table_cannot_be_written_unseen(void **state)
{
	uint64_t table = table_of(0, 1);

	(void)state;
	switch_to(0, 1);
	access_page(0, DIRECT + table * 4096, WALK_WRITE);
	access_page(0, IMAGE + table * 4096, WALK_WRITE);
	memory.words[DIRECT_L1][table_index(OTHER, 1)] = to_frame(table, PTE_PRESENT | PTE_WRITE);
	access_page(0, OTHER, WALK_WRITE);
	assert_true(is_writable(table));
	switch_to(0, 0);
	access_page(0, USER, WALK_USER);
	assert_false(is_writable(table));
}

/* Another vCPU may be about to drop such an entry. */
static void a_table_is_read_when_all_drops_are_done(void **state)
{
	(void)state;
	switch_to(0, 1);
	access_page(0, DIRECT + table_of(0, 1) * 4096, WALK_WRITE);
	switch_to(0, 0);
	vcpu_of(1)->telling = 1;
	access_page(0, USER, WALK_USER);
	assert_int_equal(2, vcpu_of(1)->telling);
}

static void drops_of_the_kernels_half_are_counted(void **state)
{
	uint64_t before;

	(void)state;
	switch_to(0, 0);
	access_page(0, DIRECT + DATA * 4096UL, WALK_WRITE);
	access_page(0, USER, WALK_USER);
	before = machine.kernel_drops;
	set_user_entry(0, USER, 0);
	assert_int_equal(before, machine.kernel_drops);
	assert_true(space_set_entry(&machine, physical(&memory.words[DIRECT_L1][DATA]), 0, false));
	assert_true(machine.kernel_drops > before);
}

static void what_is_dropped_is_not_dropped_again(void **state)
{
	uint64_t table = table_of(0, 1), before;

	(void)state;
	switch_to(0, 1);
	access_page(0, DIRECT + table * 4096, WALK_WRITE);
	access_page(0, IMAGE + table * 4096, WALK_WRITE);
	assert_true(space_set_entry(&machine, physical(&memory.words[DIRECT_L1][table]), 0, false));
	assert_true(space_set_entry(&machine, physical(&memory.words[IMAGE_L1][table]), 0, false));
	drops_settle(vcpu_of(0));
	assert_false(is_writable(table));
	switch_to(0, 0);
	before = machine.kernel_drops;
	access_page(0, USER, WALK_USER);
	assert_int_equal(before, machine.kernel_drops);
}

/* Linux makes tables read-only for its own sake, and counts on stores all the same. */
static void a_pinned_table_can_be_written(void **state)
{
	const uint64_t address = DIRECT + (DATA + 5) * 4096UL;

	(void)state;
	switch_to(0, 0);
	memory.words[DIRECT_L1][DATA + 5] &= ~PTE_WRITE;
	assert_int_equal(WALK_PRESENT | WALK_WRITE, fault(0, address, WALK_WRITE));
	space_pin(&machine, DATA + 5, 1);
	access_page(0, address, WALK_WRITE);
	assert_true(is_writable(DATA + 5));
}

static void one_alias_takes_the_place_of_another(void **state)
{
	uint64_t table = table_of(0, 1);

	(void)state;
	switch_to(0, 1);
	for (unsigned i = 0; i < 3; i++) {
		memory.words[DIRECT_L1][table_index(OTHER, 1) + i] =
		    to_frame(table, PTE_PRESENT | PTE_WRITE);
		access_page(0, OTHER + i * 4096, WALK_WRITE);
		assert_shows(0, OTHER + i * 4096, table, WALK_W);
	}
	switch_to(0, 0);
	access_page(0, USER, WALK_USER);
	assert_false(is_writable(table));
}

/* The kernel writes to it directly: views show the old entry until the next flush, and not after.
 */
static void what_the_kernel_changes_is_gone_after_a_flush(void **state)
{
	(void)state;
	switch_to(0, 0);
	access_page(0, USER, WALK_USER);
	access_page(0, DIRECT + table_of(0, 1) * 4096, WALK_WRITE);
	*user_entry(0, USER) = to_frame(DATA + 50, WRITABLE);
	assert_shows(0, USER, DATA, WALK_R);
	space_flush(vcpu_of(0));
	drops_settle(vcpu_of(0));
	assert_null(seen(0, USER));
	access_page(0, USER, WALK_USER);
	assert_shows(0, USER, DATA + 50, WALK_R);
}

static void make_unsynced(unsigned id, unsigned process)
{
	switch_to(id, process);
	access_page(id, USER, WALK_USER);
	access_page(id, DIRECT + table_of(process, 1) * 4096, WALK_WRITE);
}

static void a_switch_is_a_flush(void **state)
{
	(void)state;
	make_unsynced(0, 0);
	*user_entry(0, USER) = to_frame(DATA + 50, WRITABLE);
	switch_to(0, 0);
	assert_null(seen(0, USER));
	access_page(0, USER, WALK_USER);
	access_page(0, DIRECT + table_of(0, 1) * 4096, WALK_WRITE);
	switch_to(0, 1);
	*user_entry(0, USER) = to_frame(DATA + 51, WRITABLE);
	switch_to(0, 0);
	assert_null(seen(0, USER));
}

static void make_kernel_unsynced(void)
{
	switch_to(0, 0);
	access_page(0, DIRECT + DATA * 4096UL, 0);
	access_page(0, IMAGE + DIRECT_L1 * 4096UL, WALK_WRITE);
}

static void the_kernels_half_is_flushed_too(void **state)
{
	(void)state;
	make_kernel_unsynced();
	space_flush(vcpu_of(0));
	drops_settle(vcpu_of(0));
	assert_null(seen(0, DIRECT + DATA * 4096UL));
	make_kernel_unsynced();
	space_flush_page(vcpu_of(0), DIRECT + DATA * 4096UL);
	drops_settle(vcpu_of(0));
	assert_null(seen(0, DIRECT + DATA * 4096UL));
}

static void one_page_can_be_flushed(void **state)
{
	(void)state;
	switch_to(0, 0);
	access_page(0, USER, WALK_USER);
	access_page(0, USER + 20 * 4096, WALK_USER);
	access_page(0, DIRECT + table_of(0, 1) * 4096, WALK_WRITE);
	*user_entry(0, USER) = 0;
	space_flush_page(vcpu_of(0), USER);
	drops_settle(vcpu_of(0));
	assert_null(seen(0, USER));
	assert_non_null(seen(0, USER + 20 * 4096));
}

static void a_mask_flushes_its_vcpus_only(void **state)
{
	(void)state;
	make_unsynced(0, 0);
	make_unsynced(1, 1);
	*user_entry(0, USER) = *user_entry(1, USER) = 0;
	space_flush_page_mask(&machine, 1 << 1, USER);
	drops_settle(vcpu_of(1));
	assert_non_null(seen(0, USER));
	assert_null(seen(1, USER));
	*user_entry(1, USER) = to_frame(DATA, WRITABLE);
	access_page(1, USER, WALK_USER);
	access_page(1, DIRECT + table_of(1, 1) * 4096, WALK_WRITE);
	space_flush_mask(&machine, 1 << 1);
	drops_settle(vcpu_of(1));
	assert_non_null(seen(0, USER));
	assert_null(seen(1, USER));
	space_flush_mask(&machine, 3);
	drops_settle(vcpu_of(1));
	assert_null(seen(0, USER));
}

/* --- Views of address spaces --- */

static void a_view_is_kept_for_its_tables(void **state)
{
	unsigned base;

	(void)state;
	switch_to(0, 0);
	base = vcpu_of(0)->base;
	assert_int_equal(start.process_views[base - 1], own_ext(&owns[0])->process_view);
	access_page(0, USER, WALK_USER);
	owns[0].finish = 0;
	switch_to(0, 1);
	assert_int_not_equal(base, vcpu_of(0)->base);
	assert_int_equal(start.process_views[vcpu_of(0)->base - 1],
			 own_ext(&owns[0])->process_view);
	assert_true(owns[0].finish);
	assert_null(seen(0, USER));
	switch_to(0, 0);
	assert_int_equal(base, vcpu_of(0)->base);
	assert_shows(0, USER, DATA, WALK_R);
}

static void the_view_that_was_used_longest_ago_is_taken(void **state)
{
	unsigned bases[4];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		switch_to(0, i);
		access_page(0, USER, WALK_USER);
		bases[i] = vcpu_of(0)->base;
	}
	switch_to(0, 0);
	switch_to(0, 3);
	assert_int_equal(bases[1], vcpu_of(0)->base);
	assert_null(seen(0, USER));
	switch_to(0, 2);
	assert_int_equal(bases[2], vcpu_of(0)->base);
	switch_to(0, 1);
	assert_int_equal(bases[0], vcpu_of(0)->base);
	assert_null(seen(0, USER));
}

static void a_view_in_use_is_not_taken(void **state)
{
	unsigned base;

	(void)state;
	switch_to(1, 0);
	base = vcpu_of(1)->base;
	access_page(1, USER, WALK_USER);
	for (unsigned i = 1; i < 6; i++) {
		switch_to(0, i);
		assert_int_not_equal(base, vcpu_of(0)->base);
	}
	assert_shows(1, USER, DATA, WALK_R);
	switch_to(0, 0);
	assert_int_equal(base, vcpu_of(0)->base);
}

static void tables_that_are_given_up_leave_nothing(void **state)
{
	(void)state;
	switch_to(0, 0);
	access_page(0, USER, WALK_USER);
	switch_to(0, 1);
	space_pin(&machine, table_of(0, 4), 0);
	drops_settle(vcpu_of(0));
	for (unsigned i = 1; i <= VIEWS; i++)
		assert_null(find_shown(i, USER));
	for (unsigned level = 1; level <= TABLE_LEVELS; level++)
		assert_int_equal(TRACK_NONE, tracked[table_of(0, level)].state);
	switch_to(0, 0);
	assert_null(seen(0, USER));
}

static void a_view_that_was_given_up_is_the_next_one(void **state)
{
	unsigned bases[3];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		switch_to(0, i);
		bases[i] = vcpu_of(0)->base;
	}
	space_pin(&machine, table_of(1, 4), 0);
	switch_to(0, 3);
	assert_int_equal(bases[1], vcpu_of(0)->base);
}

static void a_table_that_is_loaded_keeps_its_view(void **state)
{
	(void)state;
	switch_to(1, 0);
	run(0);
	space_pin(&machine, table_of(0, 4), 0);
	switch_to(0, 0);
	assert_int_equal(vcpu_of(1)->base, vcpu_of(0)->base);
}

/* --- Memory of the kernel's half, for the shim's own use --- */

static void an_alias_is_where_the_kernel_may_write(void **state)
{
	(void)state;
	switch_to(0, 0);
	assert_ptr_equal((char *)memory.words[DATA] + 24,
			 space_alias(vcpu_of(0), DIRECT + DATA * 4096UL + 24));
	assert_null(space_alias(vcpu_of(0), USER));
	memory.words[DIRECT_L1][DATA + 1] &= ~PTE_WRITE;
	assert_null(space_alias(vcpu_of(0), DIRECT + (DATA + 1) * 4096UL));
	assert_null(space_alias(vcpu_of(0), DIRECT + (1UL << 30)));
	assert_int_equal(0, machine.lock);
}

#define TEST(f) cmocka_unit_test_setup(f, views_start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_fault_shows_the_page_and_its_neighbours),
		TEST(a_group_in_one_piece_takes_two_entries),
		TEST(pages_that_are_not_one_piece_are_shown_one_by_one),
		TEST(the_guests_own_faults_are_told),
		TEST(memory_that_is_not_there_yet_is_asked_for),
		TEST(memory_that_was_given_back_is_a_fault),
		TEST(user_mode_sees_no_page_of_the_kernel),
		TEST(pages_of_user_mode_need_no_dropping),
		TEST(the_entry_that_a_fault_waits_for_is_shown),
		TEST(an_answer_that_does_not_allow_the_access_shows_nothing),
		TEST(a_switch_forgets_the_fault),
		TEST(what_an_entry_takes_away_is_dropped),
		TEST(marks_are_kept_if_so_wanted),
		TEST(there_are_no_entries_beyond_memory),
		TEST(a_batch_is_told_at_its_end),
		TEST(a_table_cannot_be_written_unseen),
		TEST(one_alias_takes_the_place_of_another),
		TEST(what_the_kernel_changes_is_gone_after_a_flush),
		TEST(one_page_can_be_flushed),
		TEST(a_mask_flushes_its_vcpus_only),
		TEST(a_view_is_kept_for_its_tables),
		TEST(the_view_that_was_used_longest_ago_is_taken),
		TEST(a_view_in_use_is_not_taken),
		TEST(tables_that_are_given_up_leave_nothing),
		TEST(the_answer_may_need_a_new_table),
		TEST(a_table_is_read_when_all_drops_are_done),
		TEST(drops_of_the_kernels_half_are_counted),
		TEST(what_is_dropped_is_not_dropped_again),
		TEST(a_pinned_table_can_be_written),
		TEST(a_switch_is_a_flush),
		TEST(the_kernels_half_is_flushed_too),
		TEST(a_view_that_was_given_up_is_the_next_one),
		TEST(a_table_that_is_loaded_keeps_its_view),
		TEST(an_alias_is_where_the_kernel_may_write),
	};

	return cmocka_run_group_tests_name("guest_space", tests, NULL, NULL);
}
