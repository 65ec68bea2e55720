/* SPDX-License-Identifier: MIT */
/* Tracking of tables: what is dropped when, and what a page fault fills. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "shim/fill.h"
#include "unit/xen/tables.h"

enum { BASES = 3, PROCESS = 1, OTHER = 2 };
enum { ROOT = 1, L3, L2, L1, PAGE, SECOND, KERNEL_L3, KERNEL_L2, KERNEL_L1 };

#define ADDRESS	 0x0000123400005000UL
#define DIRECT	 0xffff888000000000UL /* kernel address of frame 0 */
#define LARGE	 (1UL << 21)
#define NO_WRITE (LEAF & ~PTE_WRITE)

static struct tables tables;
static struct guest_memory memory;
static struct track_frame frames[TABLES_FRAMES];
static struct track_base bases[BASES];
static struct {
	unsigned drops, ends, base, protects;
	uint64_t start, bytes, protected;
	unsigned shows;
	struct walk_page shown;
	uint64_t *change; /* what another CPU sets to 0 just before the protection */
} seen;

static void drop(void *context, unsigned base, uint64_t start, uint64_t bytes)
{
	(void)context;
	seen.drops++;
	seen.base = base;
	seen.start = start;
	seen.bytes = bytes;
}

static void end_writing(void *context, unsigned base, uint64_t start, uint64_t bytes)
{
	drop(context, base, start, bytes);
	seen.drops--;
	seen.ends++;
}

static void protect(void *context, uint64_t frame)
{
	(void)context;
	seen.protects++;
	seen.protected = frame;
	if (seen.change)
		*seen.change = 0;
}

static void show(void *context, unsigned base, const struct walk_page *page)
{
	(void)context;
	seen.shows++;
	seen.base = base;
	seen.shown = *page;
}

static const struct track_effects effects = { drop, end_writing, protect, show };
static struct track tracker = { .frames = frames,
				.bases = bases,
				.frame_count = TABLES_FRAMES,
				.base_count = BASES,
				.effects = &effects };

static void link_tables(uint64_t address, unsigned l3, unsigned l2, unsigned l1)
{
	tables_set(&tables, ROOT, table_index(address, 4), l3, UPPER);
	tables_set(&tables, l3, table_index(address, 3), l2, UPPER);
	tables_set(&tables, l2, table_index(address, 2), l1, UPPER);
}

static int build(void **state)
{
	(void)state;
	memset(&tables, 0, sizeof(tables));
	memset(&seen, 0, sizeof(seen));
	memory = tables_memory(&tables);
	track_init(&tracker);
	link_tables(ADDRESS, L3, L2, L1);
	link_tables(DIRECT, KERNEL_L3, KERNEL_L2, KERNEL_L1);
	tables_set(&tables, L1, table_index(ADDRESS, 1), PAGE, LEAF);
	for (unsigned i = 0; i < TABLES_FRAMES; i++)
		tables_set(&tables, KERNEL_L1, i, i, LEAF & ~PTE_USER);
	return 0;
}

static enum walk_result fill(unsigned base, uint64_t address, unsigned access, struct fill *f)
{
	return fill_prepare(&memory, &tracker, base, ROOT, address, access, f);
}

static void read_page(void)
{
	struct fill f;

	assert_int_equal(WALK_OK, fill(PROCESS, ADDRESS, WALK_USER, &f));
	assert_int_equal(PAGE, f.pages[0].frame);
}

static void check_drop(unsigned count, unsigned base, uint64_t start, uint64_t bytes)
{
	assert_int_equal(count, seen.drops);
	assert_int_equal(base, seen.base);
	assert_int_equal(start, seen.start);
	assert_int_equal(bytes, seen.bytes);
}

static void a_table_that_is_read_becomes_protected_once(void **state)
{
	(void)state;
	assert_true(track_may_write(&tracker, L1));
	read_page();
	assert_int_equal(1, seen.protects);
	assert_int_equal(L1, seen.protected);
	assert_false(track_may_write(&tracker, L1));
	read_page();
	assert_int_equal(1, seen.protects);
}

static void a_change_before_the_protection_is_not_missed(void **state)
{
	struct fill f;

	(void)state;
	seen.change = &tables.frames[L1][table_index(ADDRESS, 1)];
	assert_int_equal(WALK_FAULT, fill(PROCESS, ADDRESS, WALK_USER, &f));
	assert_int_equal(WALK_USER, f.error);
}

static void a_switch_drops_nothing_while_all_tables_are_true(void **state)
{
	(void)state;
	read_page();
	track_flush(&tracker, PROCESS);
	track_flush_page(&tracker, PROCESS, ADDRESS);
	assert_int_equal(0, seen.drops);
	assert_false(track_may_write(&tracker, L1));
}

static void a_written_table_is_dropped_at_the_next_switch_only(void **state)
{
	(void)state;
	read_page();
	track_write(&tracker, L1);
	assert_true(track_may_write(&tracker, L1));
	assert_int_equal(0, seen.drops);
	track_flush(&tracker, OTHER);
	assert_int_equal(0, seen.drops);
	track_flush_page(&tracker, PROCESS, ADDRESS + 1);
	check_drop(1, PROCESS, ADDRESS, PAGE_BYTES);
	track_flush(&tracker, PROCESS);
	check_drop(2, PROCESS, ADDRESS & ~(LARGE - 1), LARGE);
	track_flush(&tracker, PROCESS);
	assert_int_equal(2, seen.drops);
}

static void many_written_tables_cost_one_drop(void **state)
{
	static struct track_frame many[64];
	struct track t = { .frames = many,
			   .bases = bases,
			   .frame_count = 64,
			   .base_count = BASES,
			   .effects = &effects };

	(void)state;
	track_init(&t);
	for (unsigned i = 0; i < 64; i++) {
		assert_true(track_cover(&t, PROCESS, i * LARGE, 1, i));
		track_write(&t, i);
	}
	track_flush(&t, PROCESS);
	check_drop(1, PROCESS, 0, 0);
	for (unsigned i = 0; i < 64; i++)
		assert_true(track_cover(&t, PROCESS, i * LARGE, 1, i));
}

static void the_kernel_writes_to_its_read_only_tables(void **state)
{
	struct fill f;

	(void)state;
	tables_set(&tables, KERNEL_L1, L1, L1, NO_WRITE & ~PTE_USER);
	tables_set(&tables, KERNEL_L1, PAGE, PAGE, NO_WRITE & ~PTE_USER);
	read_page();
	assert_int_equal(WALK_OK, fill(TRACK_KERNEL, DIRECT + L1 * PAGE_BYTES, WALK_WRITE, &f));
	assert_true(f.pages[0].rights & WALK_W);
	assert_true(track_may_write(&tracker, L1));
	assert_int_equal(WALK_FAULT,
			 fill(TRACK_KERNEL, DIRECT + PAGE * PAGE_BYTES, WALK_WRITE, &f));
	assert_int_equal(WALK_PRESENT | WALK_WRITE, f.error);
	track_pin(&tracker, PAGE, 1);
	assert_int_equal(WALK_OK, fill(TRACK_KERNEL, DIRECT + PAGE * PAGE_BYTES, WALK_WRITE, &f));
	track_pin(&tracker, PAGE, 0);
	assert_int_equal(WALK_FAULT,
			 fill(TRACK_KERNEL, DIRECT + PAGE * PAGE_BYTES, WALK_WRITE, &f));
}

static void neighbours_do_not_unprotect_a_table(void **state)
{
	struct fill f;

	(void)state;
	read_page();
	assert_int_equal(WALK_OK, fill(TRACK_KERNEL, DIRECT + PAGE * PAGE_BYTES, WALK_WRITE, &f));
	assert_int_equal(16, f.count);
	for (unsigned i = 0; i < f.count; i++)
		assert_int_equal(f.pages[i].frame != L1 && f.pages[i].frame != KERNEL_L1,
				 !!(f.pages[i].rights & WALK_W));
	assert_false(track_may_write(&tracker, L1));
}

static void a_hypercall_drops_what_it_takes_away(void **state)
{
	uint64_t entry = (uint64_t)PAGE << PAGE_SHIFT | LEAF;
	unsigned index = table_index(ADDRESS, 1);

	(void)state;
	track_changed(&tracker, L1, index, entry, 0);
	assert_int_equal(0, seen.drops);
	read_page();
	track_changed(&tracker, L1, index, entry & ~PTE_WRITE, entry);
	track_changed(&tracker, L1, index, 0, entry);
	assert_int_equal(0, seen.drops);
	track_changed(&tracker, L1, index, entry, entry & ~PTE_USER);
	check_drop(1, PROCESS, ADDRESS, PAGE_BYTES);
	track_changed(&tracker, L2, table_index(ADDRESS, 2), UPPER, 0);
	check_drop(2, PROCESS, ADDRESS & ~(LARGE - 1), LARGE);
	track_changed(&tracker, ROOT, table_index(ADDRESS, 4), UPPER, 0);
	check_drop(3, PROCESS, 0x0000120000000000UL, 1UL << 39);
	track_changed(&tracker, ROOT, table_index(DIRECT, 4), UPPER, 0);
	check_drop(4, TRACK_KERNEL, DIRECT, 1UL << 39);
}

static void only_writing_ends_where_no_more_is_lost(void **state)
{
	const uint64_t entry = (uint64_t)PAGE << PAGE_SHIFT | LEAF | PTE_DIRTY;
	const uint64_t less[] = { entry & ~PTE_WRITE, entry & ~PTE_DIRTY,
				  entry & ~(PTE_WRITE | PTE_DIRTY) };

	(void)state;
	read_page();
	for (unsigned i = 0; i < sizeof(less) / sizeof(less[0]); i++) {
		track_changed(&tracker, L1, table_index(ADDRESS, 1), entry, less[i]);
		assert_int_equal(i + 1, seen.ends);
		assert_int_equal(PROCESS, seen.base);
		assert_int_equal(ADDRESS, seen.start);
		assert_int_equal(PAGE_BYTES, seen.bytes);
	}
	assert_int_equal(0, seen.drops);
	track_changed(&tracker, L2, table_index(ADDRESS, 2), UPPER, UPPER & ~PTE_WRITE);
	check_drop(1, PROCESS, ADDRESS & ~(LARGE - 1), LARGE);
}

static void a_table_in_two_places_is_dropped_in_both_a_third_pushes_one_out(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++)
		track_cover(&tracker, TRACK_KERNEL, DIRECT + i * LARGE, 1, L1);
	track_changed(&tracker, L1, 3, LEAF, 0);
	check_drop(2, TRACK_KERNEL, DIRECT + 3 * PAGE_BYTES, PAGE_BYTES);
	track_cover(&tracker, TRACK_KERNEL, DIRECT + 2 * LARGE, 1, L1);
	check_drop(3, TRACK_KERNEL, DIRECT, LARGE);
}

static void another_use_of_a_frame_ends_the_first(void **state)
{
	(void)state;
	read_page();
	assert_true(track_cover(&tracker, OTHER, 0, 1, L1));
	check_drop(1, PROCESS, ADDRESS & ~(LARGE - 1), LARGE);
	track_cover(&tracker, OTHER, 0, 2, L1);
	check_drop(2, OTHER, 0, LARGE);
	track_pin(&tracker, L1, 0);
	check_drop(3, OTHER, 0, 1UL << 30);
}

static void a_released_view_knows_no_tables(void **state)
{
	(void)state;
	read_page();
	track_cover(&tracker, PROCESS, ADDRESS + LARGE, 1, SECOND);
	track_write(&tracker, SECOND);
	track_release(&tracker, PROCESS);
	check_drop(1, PROCESS, 0, 0);
	assert_true(track_may_write(&tracker, L1));
	track_changed(&tracker, L2, 0, UPPER, 0);
	track_flush(&tracker, PROCESS);
	assert_int_equal(1, seen.drops);
}

/* What a hypercall does to the entry of level 2. */
static void change_upper(unsigned l1, uint64_t flags)
{
	uint64_t *entry = &tables.frames[L2][table_index(ADDRESS, 2)], old = *entry;

	tables_set(&tables, L2, table_index(ADDRESS, 2), l1, flags);
	track_changed(&tracker, L2, table_index(ADDRESS, 2), old, *entry);
}

static void the_way_to_a_table_is_known_until_one_above_changes(void **state)
{
	struct fill f;

	(void)state;
	assert_null(track_way(&tracker, PROCESS, ADDRESS));
	read_page();
	assert_int_equal(L1, track_way(&tracker, PROCESS, ADDRESS)->table);
	assert_null(track_way(&tracker, OTHER, ADDRESS));
	assert_null(track_way(&tracker, PROCESS, ADDRESS + LARGE));
	assert_non_null(track_way(&tracker, PROCESS, ADDRESS + LARGE / 2));
	change_upper(SECOND, UPPER);
	assert_int_equal(WALK_FAULT, fill(PROCESS, ADDRESS, WALK_USER, &f));
	change_upper(L1, UPPER);
	read_page();
	change_upper(L1, UPPER & ~PTE_WRITE);
	assert_int_equal(WALK_FAULT, fill(PROCESS, ADDRESS, WALK_WRITE | WALK_USER, &f));
	change_upper(L1, UPPER);
	assert_int_equal(WALK_OK, fill(PROCESS, ADDRESS, WALK_WRITE | WALK_USER, &f));
	track_release(&tracker, PROCESS);
	assert_null(track_way(&tracker, PROCESS, ADDRESS));
}

static void an_entry_that_is_not_there_is_found_by_a_known_way(void **state)
{
	const uint64_t next = ADDRESS + PAGE_BYTES;
	uint64_t slot = 0;

	(void)state;
	assert_false(fill_is_absent(&memory, &tracker, PROCESS, next, &slot));
	read_page();
	assert_true(fill_is_absent(&memory, &tracker, PROCESS, next, &slot));
	assert_int_equal(L1 * PAGE_BYTES + 8 * table_index(next, 1), slot);
	assert_false(fill_is_absent(&memory, &tracker, PROCESS, ADDRESS, &slot));
	assert_false(fill_is_absent(&memory, &tracker, OTHER, next, &slot));
	change_upper(SECOND, UPPER);
	assert_false(fill_is_absent(&memory, &tracker, PROCESS, next, &slot));
}

static void a_fault_says_which_entry_it_needs(void **state)
{
	struct fill f;

	(void)state;
	assert_int_equal(WALK_FAULT, fill(PROCESS, ADDRESS + PAGE_BYTES, WALK_USER, &f));
	assert_int_equal(L1 * PAGE_BYTES + 8 * table_index(ADDRESS + PAGE_BYTES, 1), f.slot);
	assert_int_equal(WALK_FAULT, fill(PROCESS, ADDRESS + LARGE, WALK_USER, &f));
	assert_int_equal(0, f.slot);
}

/* A hypercall replaces the entry of ADDRESS. */
static void change_entry(uint64_t new)
{
	uint64_t *entry = &tables.frames[L1][table_index(ADDRESS, 1)], old = *entry;

	*entry = new;
	fill_changed(&memory, &tracker, L1, table_index(ADDRESS, 1), old, new);
}

static void check_shown(unsigned count, unsigned base, uint64_t frame, unsigned rights)
{
	assert_int_equal(count, seen.shows);
	assert_int_equal(base, seen.base);
	assert_int_equal(ADDRESS, seen.shown.address);
	assert_int_equal(frame, seen.shown.frame);
	assert_int_equal(rights, seen.shown.rights);
	assert_int_equal(0, seen.drops);
}

#define WRITTEN ((uint64_t)PAGE << PAGE_SHIFT | LEAF | PTE_ACCESSED | PTE_DIRTY)

static void an_entry_that_may_be_in_use_is_shown_when_it_becomes_writable(void **state)
{
	(void)state;
	tables.frames[L1][table_index(ADDRESS, 1)] = WRITTEN & ~PTE_WRITE;
	change_entry(WRITTEN);
	change_entry(WRITTEN & ~PTE_WRITE);
	assert_int_equal(0, seen.shows);
	read_page();
	change_entry(WRITTEN);
	check_shown(1, PROCESS, PAGE, WALK_R | WALK_W | WALK_X);
}

static void a_table_is_not_shown_writable(void **state)
{
	const uint64_t entry = (WRITTEN & ~PTE_FRAME_MASK) | L1 << PAGE_SHIFT;

	(void)state;
	tables.frames[L1][table_index(ADDRESS, 1)] = entry & ~PTE_WRITE;
	assert_int_equal(WALK_OK, fill(PROCESS, ADDRESS, WALK_USER, &(struct fill){ .count = 0 }));
	change_entry(entry);
	check_shown(1, PROCESS, L1, WALK_R | WALK_X);
}

static void an_entry_is_dropped_if_it_loses_anything(void **state)
{
	const uint64_t other = (WRITTEN & ~PTE_FRAME_MASK) | SECOND << PAGE_SHIFT;
	const uint64_t others[] = { 0, WRITTEN & ~PTE_ACCESSED, WRITTEN & ~PTE_USER,
				    WRITTEN | PTE_FRAME_MASK, other };

	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		build(state);
		tables.frames[L1][table_index(ADDRESS, 1)] = WRITTEN & ~PTE_WRITE;
		read_page();
		change_entry(others[i]);
		check_drop(1, PROCESS, ADDRESS, PAGE_BYTES);
		assert_int_equal(0, seen.shows);
	}
}

static void an_entry_is_not_shown_if_the_way_to_it_is_not_known(void **state)
{
	(void)state;
	tables.frames[L1][table_index(ADDRESS, 1)] = WRITTEN & ~PTE_WRITE;
	read_page();
	track_changed(&tracker, L2, 0, UPPER, UPPER | PTE_NOEXEC);
	change_entry(WRITTEN);
	assert_int_equal(0, seen.shows);
}

static void flush_page(uint64_t address)
{
	fill_flush_page(&memory, &tracker, PROCESS, address + 1);
}

static void a_flush_shows_what_the_tables_say_now(void **state)
{
	(void)state;
	tables.frames[L1][table_index(ADDRESS, 1)] = WRITTEN;
	read_page();
	flush_page(ADDRESS);
	assert_int_equal(0, seen.shows);
	track_write(&tracker, L1);
	tables.frames[L1][table_index(ADDRESS, 1)] = WRITTEN & ~PTE_WRITE;
	flush_page(ADDRESS);
	check_shown(1, PROCESS, PAGE, WALK_R | WALK_X);
	tables.frames[L1][table_index(ADDRESS, 1)] = WRITTEN & ~PTE_ACCESSED;
	flush_page(ADDRESS);
	check_drop(1, PROCESS, ADDRESS, PAGE_BYTES);
	tables.frames[L1][table_index(ADDRESS, 1)] = 0;
	flush_page(ADDRESS);
	check_drop(2, PROCESS, ADDRESS, PAGE_BYTES);
	flush_page(ADDRESS + LARGE);
	check_drop(3, PROCESS, ADDRESS + LARGE, PAGE_BYTES);
	assert_int_equal(1, seen.shows);
}

static void a_flush_shows_nothing_of_a_table_that_is_not_tracked(void **state)
{
	(void)state;
	tables.frames[L1][table_index(ADDRESS, 1)] = WRITTEN;
	read_page();
	track_write(&tracker, L1);
	track_flush(&tracker, PROCESS);
	assert_non_null(track_way(&tracker, PROCESS, ADDRESS));
	assert_true(track_cover(&tracker, PROCESS, ADDRESS + LARGE, 1, SECOND));
	track_write(&tracker, SECOND);
	flush_page(ADDRESS);
	assert_int_equal(0, seen.shows);
}

static void a_flush_leaves_true_tables_alone_beside_old_ones(void **state)
{
	(void)state;
	read_page();
	assert_true(track_cover(&tracker, PROCESS, ADDRESS + LARGE, 1, SECOND));
	track_write(&tracker, SECOND);
	flush_page(ADDRESS);
	assert_int_equal(0, seen.drops + seen.shows);
	flush_page(ADDRESS + LARGE);
	check_drop(1, PROCESS, ADDRESS + LARGE, PAGE_BYTES);
}

static void what_becomes_writable_in_a_table_stored_to_waits_for_the_flush(void **state)
{
	(void)state;
	tables.frames[L1][table_index(ADDRESS, 1)] = WRITTEN & ~PTE_WRITE;
	read_page();
	track_write(&tracker, L1);
	change_entry(WRITTEN);
	assert_int_equal(0, seen.shows);
	flush_page(ADDRESS);
	check_shown(1, PROCESS, PAGE, WALK_R | WALK_W | WALK_X);
}

static void a_change_of_one_space_leaves_the_ways_of_others_known(void **state)
{
	struct fill f;

	(void)state;
	read_page();
	assert_int_equal(WALK_OK, fill(TRACK_KERNEL, DIRECT, 0, &f));
	track_changed(&tracker, L2, table_index(ADDRESS, 2), UPPER, 0);
	assert_null(track_way(&tracker, PROCESS, ADDRESS));
	assert_non_null(track_way(&tracker, TRACK_KERNEL, DIRECT));
	read_page();
	track_changed(&tracker, ROOT, table_index(DIRECT, 4), UPPER, 0);
	assert_non_null(track_way(&tracker, PROCESS, ADDRESS));
	assert_null(track_way(&tracker, TRACK_KERNEL, DIRECT));
}

static void ways_of_the_kernel_hold_when_a_process_appears_below_a_root(void **state)
{
	struct fill f;

	(void)state;
	assert_int_equal(WALK_OK, fill(TRACK_KERNEL, DIRECT, 0, &f));
	read_page();
	assert_non_null(track_way(&tracker, TRACK_KERNEL, DIRECT));
	track_changed(&tracker, ROOT, table_index(DIRECT, 4), UPPER, 0);
	assert_null(track_way(&tracker, TRACK_KERNEL, DIRECT));
	assert_int_equal(WALK_OK, fill(TRACK_KERNEL, DIRECT + PAGE_BYTES, 0, &f));
	track_release(&tracker, PROCESS);
	assert_null(track_way(&tracker, PROCESS, ADDRESS));
}

static void a_known_way_leads_to_a_table_that_is_protected_again(void **state)
{
	(void)state;
	read_page();
	track_write(&tracker, L1);
	track_flush(&tracker, PROCESS);
	assert_non_null(track_way(&tracker, PROCESS, ADDRESS));
	assert_true(track_may_write(&tracker, L1));
	read_page();
	assert_false(track_may_write(&tracker, L1));
	assert_int_equal(2, seen.protects);
	track_write(&tracker, L1);
	track_flush(&tracker, PROCESS);
	seen.change = &tables.frames[L1][table_index(ADDRESS, 1)];
	assert_int_equal(WALK_FAULT,
			 fill(PROCESS, ADDRESS, WALK_USER, &(struct fill){ .count = 0 }));
}

static void frames_that_are_none_are_ignored(void **state)
{
	(void)state;
	track_pin(&tracker, TABLES_FRAMES, 1);
	track_changed(&tracker, 1UL << 40, 0, LEAF, 0);
	track_write(&tracker, TABLES_FRAMES);
	assert_true(track_may_write(&tracker, TABLES_FRAMES));
	assert_false(track_is_table(&tracker, TABLES_FRAMES));
	assert_int_equal(0, seen.drops);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_table_that_is_read_becomes_protected_once, build),
		cmocka_unit_test_setup(a_change_before_the_protection_is_not_missed, build),
		cmocka_unit_test_setup(a_switch_drops_nothing_while_all_tables_are_true, build),
		cmocka_unit_test_setup(a_written_table_is_dropped_at_the_next_switch_only, build),
		cmocka_unit_test_setup(many_written_tables_cost_one_drop, build),
		cmocka_unit_test_setup(the_kernel_writes_to_its_read_only_tables, build),
		cmocka_unit_test_setup(neighbours_do_not_unprotect_a_table, build),
		cmocka_unit_test_setup(a_hypercall_drops_what_it_takes_away, build),
		cmocka_unit_test_setup(only_writing_ends_where_no_more_is_lost, build),
		cmocka_unit_test_setup(
		    a_table_in_two_places_is_dropped_in_both_a_third_pushes_one_out, build),
		cmocka_unit_test_setup(another_use_of_a_frame_ends_the_first, build),
		cmocka_unit_test_setup(a_released_view_knows_no_tables, build),
		cmocka_unit_test_setup(the_way_to_a_table_is_known_until_one_above_changes, build),
		cmocka_unit_test_setup(a_known_way_leads_to_a_table_that_is_protected_again, build),
		cmocka_unit_test_setup(an_entry_that_is_not_there_is_found_by_a_known_way, build),
		cmocka_unit_test_setup(a_fault_says_which_entry_it_needs, build),
		cmocka_unit_test_setup(
		    an_entry_that_may_be_in_use_is_shown_when_it_becomes_writable, build),
		cmocka_unit_test_setup(a_table_is_not_shown_writable, build),
		cmocka_unit_test_setup(an_entry_is_dropped_if_it_loses_anything, build),
		cmocka_unit_test_setup(an_entry_is_not_shown_if_the_way_to_it_is_not_known, build),
		cmocka_unit_test_setup(a_flush_shows_what_the_tables_say_now, build),
		cmocka_unit_test_setup(a_flush_shows_nothing_of_a_table_that_is_not_tracked, build),
		cmocka_unit_test_setup(a_flush_leaves_true_tables_alone_beside_old_ones, build),
		cmocka_unit_test_setup(
		    what_becomes_writable_in_a_table_stored_to_waits_for_the_flush, build),
		cmocka_unit_test_setup(a_change_of_one_space_leaves_the_ways_of_others_known,
				       build),
		cmocka_unit_test_setup(ways_of_the_kernel_hold_when_a_process_appears_below_a_root,
				       build),
		cmocka_unit_test_setup(frames_that_are_none_are_ignored, build),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
