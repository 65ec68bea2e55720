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

static void a_large_page_is_free_when_all_of_it_is_gone(void **state)
{
	(void)state;
	balloon_release(&balloon, BALLOON_FRAMES, BALLOON_FRAMES - 1);
	balloon_release(&balloon, BALLOON_FRAMES + 5, 10); /* gone already */
	assert_int_equal(freed, 0);
	assert_false(balloon_is_free(&balloon, BALLOON_FRAMES));
	balloon_release(&balloon, 2 * BALLOON_FRAMES - 1, 2);
	assert_int_equal(freed, 1);
	assert_true(balloon_is_free(&balloon, BALLOON_FRAMES + 77));
	assert_false(balloon_is_free(&balloon, 2 * BALLOON_FRAMES));
	assert_int_equal(last, BALLOON_FRAMES);
	assert_int_equal(balloon.freed, 1);
	balloon_release(&balloon, BALLOON_FRAMES, BALLOON_FRAMES);
	assert_int_equal(freed, 1);
}

static void memory_comes_back_with_the_first_frame(void **state)
{
	(void)state;
	balloon_release(&balloon, 0, BALLOON_FRAMES);
	assert_int_equal(balloon_populate(&balloon, 5, 2), 0);
	assert_int_equal(given, 1);
	assert_int_equal(last, 0);
	assert_int_equal(balloon.freed, 0);
	assert_false(balloon_is_free(&balloon, 0));
	assert_int_equal(balloon_populate(&balloon, 0, BALLOON_FRAMES), 0);
	assert_int_equal(given, 1);
	balloon_release(&balloon, 0, BALLOON_FRAMES);
	assert_int_equal(freed, 2);
}

static void frames_that_were_not_gone_are_there(void **state)
{
	(void)state;
	assert_int_equal(balloon_populate(&balloon, 0, FRAMES), 0);
	assert_int_equal(given, 0);
}

static void without_memory_frames_stay_gone(void **state)
{
	(void)state;
	balloon_release(&balloon, 0, BALLOON_FRAMES);
	result = -L4_ENOMEM;
	assert_int_equal(balloon_populate(&balloon, 0, 8), -L4_ENOMEM);
	assert_int_equal(balloon.freed, 1);
	result = 0;
	assert_int_equal(balloon_populate(&balloon, 0, 8), 0);
	assert_int_equal(given, 2);
}

static void frames_that_are_none_change_nothing(void **state)
{
	(void)state;
	assert_int_equal(balloon_release(&balloon, FRAMES - 1, 2), -L4_ERANGE);
	assert_int_equal(balloon_release(&balloon, UINT64_MAX, 2), -L4_ERANGE);
	assert_int_equal(balloon_populate(&balloon, 1, UINT64_MAX), -L4_ERANGE);
	assert_int_equal(freed + given, 0);
	assert_int_equal(balloon_release(&balloon, FRAMES - 1, 1), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_large_page_is_free_when_all_of_it_is_gone),
		TEST(memory_comes_back_with_the_first_frame),
		TEST(frames_that_were_not_gone_are_there),
		TEST(without_memory_frames_stay_gone),
		TEST(frames_that_are_none_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
