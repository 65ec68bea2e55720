/* SPDX-License-Identifier: MIT */
/* Promises of the pure parts of moe: regions, names, log lines, CPU sets, options, module names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "moe/cpu_mask.h"
#include "moe/log_format.h"
#include "moe/modules.h"
#include "moe/names.h"
#include "moe/options.h"
#include "moe/region.h"
#include "moe/text.h"

enum { REGIONS = 300 };

/* --- Regions --- */

/* Depth of the tree, checked: order, and no path twice as long as another in an AA tree. */
static unsigned depth(const struct region *r)
{
	unsigned left, right;

	if (!r)
		return 0;
	assert_true(!r->left || r->left->start < r->start);
	assert_true(!r->right || r->right->start > r->start);
	left = depth(r->left);
	right = depth(r->right);
	return 1 + (left > right ? left : right);
}

static void random_regions_are_found_in_a_shallow_tree(void **state)
{
	static struct region r[REGIONS];
	struct region_tree t = { 0 };
	bool in[REGIONS] = { false };

	(void)state;
	srand(2);
	for (unsigned round = 0; round < 20000; round++) {
		unsigned n = (unsigned)rand() % REGIONS;

		if (in[n]) {
			region_remove(&t, &r[n]);
		} else {
			r[n] = (struct region){ .start = n * 100, .end = n * 100 + 49 };
			region_insert(&t, &r[n]);
		}
		in[n] = !in[n];
		if (round % 500)
			continue;
		assert_in_range(depth(t.root), 0, 18);
		for (unsigned k = 0; k < REGIONS; k++) {
			assert_ptr_equal(region_find(&t, k * 100 + 49), in[k] ? &r[k] : NULL);
			assert_null(region_find(&t, k * 100 + 50));
		}
	}
}

static void regions_are_listed_in_order(void **state)
{
	struct region r[5];
	static const unsigned order[] = { 3, 0, 4, 1, 2 };
	struct region_tree t = { 0 };
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		struct region *x = &r[order[i]];

		*x = (struct region){ .start = order[i] * 10, .end = order[i] * 10 + 5 };
		region_insert(&t, x);
	}
	for (const struct region *x = t.first; x; x = x->next)
		assert_ptr_equal(x, &r[n++]);
	assert_int_equal(n, 5);
	assert_ptr_equal(region_from(&t, 0), &r[0]);
	assert_ptr_equal(region_from(&t, 6), &r[1]);
	assert_null(region_from(&t, 46));
	assert_true(region_overlaps(&t, 6, 10));
	assert_false(region_overlaps(&t, 6, 9));
}

static void a_gap_avoids_both_trees(void **state)
{
	struct region a = { .start = 0x1000, .end = 0x2fff },
		      b = { .start = 0x4000, .end = 0x4fff };
	struct region last = { .start = ~0UL - 0xfff, .end = ~0UL };
	struct region_tree ta = { 0 }, tb = { 0 };
	uint64_t at;

	(void)state;
	region_insert(&ta, &a);
	region_insert(&tb, &b);
	assert_true(region_find_gap(&ta, &tb, 0x1000, 0xffff, 0x1000, 12, &at));
	assert_int_equal(at, 0x3000);
	assert_true(region_find_gap(&ta, &tb, 0x1000, 0xffff, 0x2000, 12, &at));
	assert_int_equal(at, 0x5000);
	assert_true(region_find_gap(&ta, NULL, 0x1000, 0xffff, 0x2000, 12, &at));
	assert_int_equal(at, 0x3000);
	assert_true(region_find_gap(&ta, &tb, 0x1000, 0xffff, 0x1000, 15, &at));
	assert_int_equal(at, 0x8000);
	assert_false(region_find_gap(&ta, &tb, 0x1000, 0x5fff, 0x2000, 12, &at));
	region_insert(&ta, &last);
	assert_false(region_find_gap(&ta, &tb, ~0UL - 0x1fff, ~0UL, 0x2000, 12, &at));
}

/* --- Names --- */

static void names_are_found_until_removed(void **state)
{
	static struct name name[100];
	static char text[100][8];
	struct names n = { 0 };
	unsigned count = 0;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		struct text t = text_init(text[i], 8);

		text_add(&t, "n%u", i);
		name[i] = (struct name){ .text = text[i], .length = t.length };
		names_insert(&n, &name[i]);
	}
	for (const struct name *at = NULL; (at = names_next(&n, at));)
		count++;
	assert_int_equal(count, 100);
	for (unsigned i = 0; i < 100; i += 2)
		names_remove(&n, &name[i]);
	for (unsigned i = 0; i < 100; i++)
		assert_ptr_equal(names_find(&n, text[i], strlen(text[i])), i % 2 ? &name[i] : NULL);
	assert_null(names_find(&n, "n", 1));
	assert_null(names_find(&n, "", 0));
}

static void a_path_is_cut_at_its_first_slash(void **state)
{
	size_t first, rest;

	(void)state;
	assert_null(names_split("abc", 3, &first, &rest));
	assert_int_equal(first, 3);
	assert_string_equal(names_split("ab/c/d", 6, &first, &rest), "c/d");
	assert_int_equal(first, 2);
	assert_int_equal(rest, 3);
	assert_null(names_split("ab/", 3, &first, &rest));
	assert_int_equal(first, 2);
	assert_int_equal(rest, 0);
	assert_null(names_split("", 0, &first, &rest));
	assert_int_equal(first, 0);
	assert_true(names_valid("x", 1));
	assert_false(names_valid("", 0));
	assert_false(names_valid("a/b", 3));
	assert_false(names_valid("x", NAMES_LENGTH_MAX + 1));
}

/* --- Log --- */

static char output[8192];
static size_t output_length;

static void collect(const char *bytes, size_t count)
{
	memcpy(output + output_length, bytes, count);
	output_length += count;
	output[output_length] = 0;
}

static struct log_console console;

static void say(struct log_source *s, const char *text)
{
	log_format(&console, s, text, strlen(text));
}

static int log_setup(void **state)
{
	(void)state;
	console = (struct log_console){ .write = collect };
	output_length = 0;
	return 0;
}

static void a_line_has_tag_and_colour(void **state)
{
	struct log_source s = { .tag = "hello-1", .colour = 1 };

	(void)state;
	say(&s, "Hello World!\n");
	assert_string_equal(output, "\033[31mhello-1 | Hello World!\033[0m\n");
}

static void a_line_in_two_writes_is_one_line(void **state)
{
	struct log_source s = { .tag = "hello-1", .colour = 1 };

	(void)state;
	say(&s, "abc");
	say(&s, "def\n");
	assert_string_equal(output, "\033[31mhello-1 | abc\033[0m\033[31mdef\033[0m\n");
}

static void an_interrupted_line_goes_on_with_its_tag(void **state)
{
	struct log_source a = { .tag = "a", .colour = 10 }, b = { .tag = "longer-than-8" };

	(void)state;
	say(&a, "one");
	say(&b, "two\n");
	say(&a, "three\n");
	assert_string_equal(output, "\033[01;32ma       | one\033[0m\n"
				    "\033[0mlonger-t| two\033[0m\n"
				    "\033[01;32ma       : three\033[0m\n");
}

static void text_ends_at_a_nul_and_at_the_limit(void **state)
{
	static char big[3000];
	struct log_source s = { .tag = "a", .colour = 7 };

	(void)state;
	log_format(&console, &s, "ab\0cd", 5);
	assert_non_null(strstr(output, "| ab\033[0m"));
	assert_null(strstr(output, "cd"));
	memset(big, 'x', sizeof(big));
	output_length = 0;
	log_format(&console, &s, big, sizeof(big));
	assert_in_range(output_length, LOG_WRITE_MAX, LOG_WRITE_MAX + 64);
}

static void colours_have_letters(void **state)
{
	(void)state;
	assert_int_equal(log_colour("red"), 1);
	assert_int_equal(log_colour("Green"), 10);
	assert_int_equal(log_colour("w"), 7);
	assert_int_equal(log_colour("N"), 8);
	assert_int_equal(log_colour("?"), 0);
	assert_int_equal(log_colour(""), 0);
}

/* --- CPU sets --- */

static void cpus_are_those_of_both_sets(void **state)
{
	const unsigned long mask[2] = { 0xf0, 1 };
	unsigned first;

	(void)state;
	assert_int_equal(cpu_mask_intersect(mask, 2, 0, 0xff, &first), 0xf);
	assert_int_equal(first, 4);
	assert_int_equal(cpu_mask_intersect(mask, 2, 0, 0x0f, &first), 0);
	assert_int_equal(cpu_mask_intersect(mask, 2, 5, 1, &first), 1);
	assert_int_equal(first, 5);
	assert_int_equal(cpu_mask_intersect(mask, 2, 2UL << 24, 2, &first), 0xf); /* CPUs 4 to 7 */
	assert_int_equal(first, 4);
	assert_int_equal(cpu_mask_intersect(mask, 2, 64, 1, &first), 1);
	assert_int_equal(first, 64);
	/* As l4_sched_param() has it: one bit for all CPUs. */
	assert_int_equal(cpu_mask_intersect(mask, 2, 0xffUL << 24, 1, &first),
			 cpu_mask_window(mask, 2, 4));
	assert_int_equal(first, 4);
	assert_int_equal(cpu_mask_intersect(mask, 2, 0xffUL << 24, 2, &first), 0);
	assert_int_equal(cpu_mask_window(mask, 2, 60), 0x10);
}

/* --- Options, modules --- */

static void options_are_read_up_to_the_arguments(void **state)
{
	char *argv[] = {
		"moe", "--init=rom/x", "--debug=warn|boot", "--ldr-flags=pre_alloc+pinned_segs",
		"a",   "--init=rom/y"
	};
	char *with_end[] = { "moe", "--", "--init=rom/y" };
	char *wrong[] = { "moe", "--what" };
	struct options o;

	(void)state;
	options_parse(&o, 6, argv);
	assert_string_equal(o.init, "rom/x");
	assert_int_equal(o.debug, 6);
	assert_int_equal(o.loader_flags, 5);
	assert_int_equal(o.argc, 3);
	assert_string_equal(o.argv[0], "rom/x");
	assert_string_equal(o.argv[2], "--init=rom/y");
	options_parse(&o, 3, with_end);
	assert_string_equal(o.init, "rom/ned");
	assert_string_equal(o.argv[1], "--init=rom/y");
	assert_null(o.unknown);
	options_parse(&o, 2, wrong);
	assert_string_equal(o.unknown, "--what");
}

static void a_module_is_named_by_the_end_of_its_path(void **state)
{
	size_t length;
	bool writable;

	(void)state;
	assert_memory_equal(module_name("build/rom/ned a b", &length, &writable), "ned", 3);
	assert_int_equal(length, 3);
	assert_false(writable);
	assert_memory_equal(module_name(" disk x :rw", &length, &writable), "disk", 4);
	assert_int_equal(length, 4);
	assert_true(writable);
	module_name("file:rw", &length, &writable);
	assert_int_equal(length, 7);
	assert_false(writable);
}

static void text_is_cut_at_its_room(void **state)
{
	char to[16];
	struct text t = text_init(to, sizeof(to));

	(void)state;
	text_add(&t, "%04x %s %d%%", 0xabU, "yes", -5);
	assert_string_equal(to, "00ab yes -5%");
	text_add(&t, "%lu", ~0UL);
	assert_string_equal(to, "00ab yes -5%184");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_regions_are_found_in_a_shallow_tree),
		cmocka_unit_test(regions_are_listed_in_order),
		cmocka_unit_test(a_gap_avoids_both_trees),
		cmocka_unit_test(names_are_found_until_removed),
		cmocka_unit_test(a_path_is_cut_at_its_first_slash),
		cmocka_unit_test_setup(a_line_has_tag_and_colour, log_setup),
		cmocka_unit_test_setup(a_line_in_two_writes_is_one_line, log_setup),
		cmocka_unit_test_setup(an_interrupted_line_goes_on_with_its_tag, log_setup),
		cmocka_unit_test_setup(text_ends_at_a_nul_and_at_the_limit, log_setup),
		cmocka_unit_test(colours_have_letters),
		cmocka_unit_test(cpus_are_those_of_both_sets),
		cmocka_unit_test(options_are_read_up_to_the_arguments),
		cmocka_unit_test(a_module_is_named_by_the_end_of_its_path),
		cmocka_unit_test(text_is_cut_at_its_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
