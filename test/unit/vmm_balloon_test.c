/* SPDX-License-Identifier: MIT */
/* Frames that a guest gives back: each goes once, a large page when all of it is gone. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <l4/sys/err.h>
#include "vmm/balloon.h"

enum { FRAMES = 3 * BALLOON_FRAMES };

static unsigned freed, given;
static uint64_t last;
static long result;

static void free_page(void *context, uint64_t first)
{
	(void)context;
	freed++;
	last = first;
}

static long give(void *context, uint64_t first)
{
	(void)context;
	given++;
	last = first;
	return result;
}

static const struct balloon_effects effects = { free_page, give };
static struct balloon balloon;

static int setup(void **state)
{
	(void)state;
	freed = given = 0;
	result = 0;
	balloon = (struct balloon){ .frames = FRAMES, .effects = &effects };
	assert_true(balloon_init(&balloon));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	balloon_end(&balloon);
	return 0;
}

typedef long change(struct balloon *b, const struct balloon_extents *e);

static long change_list(change *c, const uint64_t *first, unsigned count, unsigned order)
{
	return c(&balloon, &(struct balloon_extents){ first, count, order });
}

static long change_one(change *c, uint64_t first, unsigned order)
{
	return change_list(c, &first, 1, order);
}

static void a_large_page_is_free_when_all_of_it_is_gone(void **state)
{
	uint64_t frames[BALLOON_FRAMES];

	(void)state;
	for (unsigned i = 0; i < BALLOON_FRAMES; i++)
		frames[i] = 2 * BALLOON_FRAMES - 1 - i;
	assert_int_equal(change_list(balloon_release, frames + 1, BALLOON_FRAMES - 1, 0),
			 BALLOON_FRAMES - 1);
	assert_int_equal(change_list(balloon_release, frames + 5, 10, 0), 10); /* gone already */
	assert_int_equal(freed, 0);
	assert_false(balloon_is_free(&balloon, BALLOON_FRAMES));
	frames[1] = 2 * BALLOON_FRAMES;
	change_list(balloon_release, frames, 2, 0);
	assert_int_equal(freed, 1);
	assert_true(balloon_is_free(&balloon, BALLOON_FRAMES + 77));
	assert_false(balloon_is_free(&balloon, 2 * BALLOON_FRAMES));
	assert_int_equal(last, BALLOON_FRAMES);
	assert_int_equal(balloon.freed, 1);
	change_one(balloon_release, BALLOON_FRAMES, BALLOON_ORDER);
	assert_int_equal(freed, 1);
}

static void a_frame_twice_in_a_list_counts_once(void **state)
{
	uint64_t frames[BALLOON_FRAMES];

	(void)state;
	for (unsigned i = 0; i < BALLOON_FRAMES; i++)
		frames[i] = i ? i : 7;
	assert_int_equal(change_list(balloon_release, frames, BALLOON_FRAMES, 0), BALLOON_FRAMES);
	assert_int_equal(freed, 0);
	assert_int_equal(change_one(balloon_release, 0, 0), 1);
	assert_int_equal(freed, 1);
	frames[0] = frames[1] = 9;
	assert_int_equal(change_list(balloon_populate, frames, 2, 0), 2);
	assert_int_equal(given, 1);
	change_one(balloon_release, 9, 0);
	assert_int_equal(freed, 2);
}

static void memory_comes_back_with_the_first_frame(void **state)
{
	(void)state;
	change_one(balloon_release, 0, BALLOON_ORDER);
	assert_int_equal(change_one(balloon_populate, 4, 1), 1);
	assert_int_equal(given, 1);
	assert_int_equal(last, 0);
	assert_int_equal(balloon.freed, 0);
	assert_false(balloon_is_free(&balloon, 0));
	assert_int_equal(change_one(balloon_populate, 0, BALLOON_ORDER), 1);
	assert_int_equal(given, 1);
	change_one(balloon_release, 0, BALLOON_ORDER);
	assert_int_equal(freed, 2);
}

static void frames_that_were_not_gone_are_there(void **state)
{
	static const uint64_t all[] = { 0, BALLOON_FRAMES, 2 * BALLOON_FRAMES };

	(void)state;
	assert_int_equal(change_list(balloon_populate, all, 3, BALLOON_ORDER), 3);
	assert_int_equal(given, 0);
}

static void without_memory_frames_stay_gone(void **state)
{
	static const uint64_t frames[] = { BALLOON_FRAMES, BALLOON_FRAMES + 8, 0, 8 };

	(void)state;
	change_one(balloon_release, 0, BALLOON_ORDER);
	result = -L4_ENOMEM;
	assert_int_equal(change_one(balloon_populate, 0, 3), -L4_ENOMEM);
	assert_int_equal(change_list(balloon_populate, frames, 4, 3), 2);
	assert_int_equal(balloon.freed, 1);
	result = 0;
	assert_int_equal(change_one(balloon_populate, 0, 3), 1);
	assert_int_equal(given, 3);
	assert_int_equal(balloon.freed, 0);
}

static void a_list_with_a_frame_that_is_none_changes_nothing(void **state)
{
	static const struct {
		uint64_t first[3];
		unsigned order;
		long error;
	} bad[] = {
		{ { 0, BALLOON_FRAMES, 3 * BALLOON_FRAMES }, 9, -L4_ERANGE },
		{ { 0, BALLOON_FRAMES, 1UL << 63 }, 9, -L4_ERANGE },
		{ { 0, BALLOON_FRAMES, BALLOON_FRAMES + 1 }, 9, -L4_EINVAL },
		{ { 0, 1, UINT64_MAX }, 0, -L4_ERANGE },
		{ { 0, 0, 0 }, 10, -L4_EINVAL },
		{ { 0, 0, 0 }, 64, -L4_EINVAL },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(change_list(balloon_release, bad[i].first, 3, bad[i].order),
				 bad[i].error);
		assert_int_equal(change_list(balloon_populate, bad[i].first, 3, bad[i].order),
				 bad[i].error);
	}
	assert_int_equal(freed + given, 0);
	assert_int_equal(change_list(balloon_release, bad[0].first, 0, 0), 0);
	assert_int_equal(change_list(balloon_populate, bad[0].first, 0, 0), 0);
	assert_int_equal(change_one(balloon_release, FRAMES - 1, 0), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_large_page_is_free_when_all_of_it_is_gone),
		TEST(memory_comes_back_with_the_first_frame),
		TEST(frames_that_were_not_gone_are_there),
		TEST(without_memory_frames_stay_gone),
		TEST(a_frame_twice_in_a_list_counts_once),
		TEST(a_list_with_a_frame_that_is_none_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
