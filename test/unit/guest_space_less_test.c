/* SPDX-License-Identifier: MIT */
/* What the guest's tables do not allow any more, by hypercall or by a store and a flush of the
 * page, goes from views, and no more than that. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "shim/drops.h"
#include "unit/guest/views.h"

/* Linux's own entries for its tables, and what mprotect closes. */
static void what_cannot_be_written_any_more_can_be_read_without_a_fault(void **state)
{
	uint64_t entry = to_frame(DATA, WRITABLE | PTE_ACCESSED | PTE_DIRTY);

	(void)state;
	switch_to(0, 0);
	*user_entry(0, USER) = entry;
	access_page(0, USER, WALK_USER | WALK_WRITE);
	assert_shows(0, USER, DATA, WALK_R | WALK_W);
	set_user_entry(0, USER, entry & ~(uint64_t)PTE_WRITE);
	drops_settle(vcpu_of(0));
	assert_shows(0, USER, DATA, WALK_R);
	assert_int_equal(0, seen(0, USER)->rights & WALK_W);
}

/* The kernel stores an entry to its table, and flushes the page. */
static void store_and_flush(uint64_t frame, unsigned refusals)
{
	access_page(0, DIRECT + table_of(0, 1) * 4096, WALK_WRITE);
	told.refusals = refusals;
	*user_entry(0, USER) = to_frame(frame, WRITABLE | PTE_ACCESSED);
	space_flush_page(vcpu_of(0), USER);
	drops_settle(vcpu_of(0));
}

static void a_flushed_page_shows_what_the_table_says_then(void **state)
{
	(void)state;
	switch_to(0, 0);
	access_page(0, USER, WALK_USER);
	store_and_flush(DATA + 7, 0);
	assert_shows(0, USER, DATA + 7, WALK_R);
	store_and_flush(DATA + 8, 1);
	assert_null(seen(0, USER));
}

static void a_page_is_only_dropped_if_others_have_the_view(void **state)
{
	(void)state;
	switch_to(1, 0);
	switch_to(0, 0);
	access_page(0, USER, WALK_USER);
	store_and_flush(DATA + 7, 0);
	assert_null(seen(0, USER));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_cannot_be_written_any_more_can_be_read_without_a_fault,
				       views_start),
		cmocka_unit_test_setup(a_flushed_page_shows_what_the_table_says_then, views_start),
		cmocka_unit_test_setup(a_page_is_only_dropped_if_others_have_the_view, views_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
