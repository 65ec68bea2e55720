/* SPDX-License-Identifier: MIT */
/* Promises of the utility library: bits, ranges, command lines, lists, texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>
#include <l4/re/event_enums.h>
#include <l4/util/atomic.h>
#include <l4/util/base64.h>
#include <l4/util/bitops.h>
#include <l4/util/keymap.h>
#include <l4/util/kprintf.h>
#include <l4/util/list_alloc.h>
#include <l4/util/parse_cmd.h>
#include <l4/util/printf_helpers.h>
#include <l4/util/sll.h>
#include <l4/util/spin.h>
#include <l4/util/splitlog2.h>

int l4_kprintf(const char *fmt, ...)
{
	(void)fmt;
	return 0;
}

static void atomic_operations_return_what_they_say(void **state)
{
	l4_uint8_t b = 250;
	l4_uint16_t h = 5;
	l4_umword_t w = 7;

	(void)state;
	assert_int_equal(l4util_add8_res(&b, 10), 4);
	assert_int_equal(l4util_sub16_res(&h, 6), 0xffff);
	assert_int_equal(l4util_dec16_res(&h), 0xfffe);
	assert_int_equal(l4util_xchg(&w, 9), 7);
	assert_int_equal(l4util_cmpxchg(&w, 8, 1), 0);
	assert_int_equal(w, 9);
	assert_int_equal(l4util_cmpxchg(&w, 9, 1), 1);
	assert_int_equal(w, 1);
}

static void bits_are_found_and_changed_across_words(void **state)
{
	l4_umword_t words[3] = { 0 };

	(void)state;
	assert_int_equal(l4util_find_first_set_bit(words, 192), 192);
	assert_int_equal(l4util_bts(130, words), 0);
	assert_int_equal(l4util_bts(130, words), 1);
	assert_int_equal(words[2], 4);
	assert_int_equal(l4util_find_first_set_bit(words, 192), 130);
	assert_int_equal(l4util_btc(130, words), 1);
	assert_int_equal(l4util_test_bit(130, words), 0);
	words[0] = ~0UL;
	assert_int_equal(l4util_find_first_zero_bit(words, 192), 64);
}

static void scans_and_powers_are_exact_at_the_edges(void **state)
{
	(void)state;
	assert_int_equal(l4util_bsr(0), -1);
	assert_int_equal(l4util_bsf(0), -1);
	assert_int_equal(l4util_bsr(~0UL), 63);
	assert_int_equal(l4util_next_power2(0), 1);
	assert_int_equal(l4util_next_power2(1), 1);
	assert_int_equal(l4util_next_power2(64), 64);
	assert_int_equal(l4util_next_power2(65), 128);
}

static l4_addr_t pieces_end;
static unsigned pieces;

static long piece(l4_addr_t s, l4_addr_t e, int order)
{
	assert_int_equal(s, pieces_end);
	assert_int_equal(e - s, (1UL << order) - 1);
	assert_int_equal(s & (e - s), 0);
	pieces_end = e + 1;
	return ++pieces == 100;
}

static void ranges_are_split_without_gap_up_to_the_last_address(void **state)
{
	(void)state;
	pieces_end = 3;
	pieces = 0;
	assert_int_equal(l4util_splitlog2_hdl(3, 0x1234, piece), 0);
	assert_int_equal(pieces_end, 0x1235);
	pieces_end = ~0xffUL;
	assert_int_equal(l4util_splitlog2_hdl(~0xffUL, ~0UL, piece), 0);
	assert_int_equal(pieces_end, 0);
	pieces_end = 0;
	assert_int_equal(l4util_splitlog2_hdl(0, ~0UL >> 1, piece), 0);
	assert_int_equal(l4util_splitlog2_hdl(5, 4, piece), -L4_EINVAL);
}

/* --- Command lines --- */

static int number, on, verbose, fn_val, fn_number;
static const char *text;

static void fn(int val, const char *t, int n)
{
	(void)t;
	fn_val = val;
	fn_number = n;
}

static int parse(int *argc, const char ***argv)
{
	union {
		parse_cmd_fn_arg_t fn;
		void *object;
	} call = { .fn = fn };

	number = on = verbose = fn_val = fn_number = 0;
	return parse_cmdline(argc, argv, 'n', "number", "a number", PARSE_CMD_INT, 0, &number, 's',
			     "switch", "a switch", PARSE_CMD_SWITCH, 7, &on, 't', "text", "a text",
			     PARSE_CMD_STRING, "default", &text, 'v', NULL, "more words",
			     PARSE_CMD_INC, 1, &verbose, ' ', "call", "a call", PARSE_CMD_FN_ARG, 3,
			     call.object, 0);
}

static void options_of_all_forms_are_found_among_arguments(void **state)
{
	const char *line[] = { "prog", "one", "-vsn0x20", "two", "--text=hello", "-v", "--call",
			       "010",  "--",  "-v",	  NULL };
	const char **argv = line;
	int argc = 10;

	(void)state;
	assert_int_equal(parse(&argc, &argv), 0);
	assert_int_equal(number, 32);
	assert_int_equal(on, 7);
	assert_int_equal(verbose, 3);
	assert_string_equal(text, "hello");
	assert_int_equal(fn_val, 3);
	assert_int_equal(fn_number, 8);
	assert_int_equal(argc, 3);
	assert_string_equal(argv[0], "one");
	assert_string_equal(argv[1], "two");
	assert_string_equal(argv[2], "-v");
}

static int parse_one(const char *option)
{
	const char *line[] = { "prog", option, NULL };
	const char **argv = line;
	int argc = 2;

	return parse(&argc, &argv);
}

static void wrong_command_lines_are_told_apart(void **state)
{
	(void)state;
	assert_int_equal(parse_one("-x"), -3);
	assert_int_equal(parse_one("--unknown"), -3);
	assert_int_equal(parse_one("-n"), -3);
	assert_int_equal(parse_one("-nfive"), -3);
	assert_int_equal(parse_one("--switch=1"), -3);
	assert_int_equal(parse_one("--help"), -4);
	assert_int_equal(parse_one("-h"), -4);
	assert_int_equal(parse_one("-"), 0);
	assert_string_equal(text, "default");
}

static void wrong_descriptions_are_refused(void **state)
{
	const char *line[] = { "prog", NULL };
	const char **argv = line;
	int argc = 1;

	(void)state;
	assert_int_equal(parse_cmdline(&argc, &argv, 'h', "x", "", PARSE_CMD_INT, 0, &number, 0),
			 -1);
	assert_int_equal(parse_cmdline(&argc, &argv, ' ', NULL, "", PARSE_CMD_INT, 0, &number, 0),
			 -1);
	assert_int_equal(parse_cmdline(&argc, &argv, 'a', NULL, "", 77, 0, &number, 0), -1);
}

static void a_line_is_cut_at_its_delimiter(void **state)
{
	(void)state;
	assert_int_equal(parse_cmdline_extra("mod", "-n,12,rest", ',', 'n', "n", "", PARSE_CMD_INT,
					     0, &number, 0),
			 0);
	assert_int_equal(number, 12);
}

/* --- Allocation --- */

static void freed_blocks_grow_together_again(void **state)
{
	static char pool[4096] __attribute__((aligned(64)));
	l4la_free_t *list = NULL;
	char *block[4];

	(void)state;
	l4la_init(&list);
	l4la_free(&list, pool, sizeof(pool));
	for (unsigned i = 0; i < 4; i++) {
		block[i] = l4la_alloc(&list, 100, i == 2 ? 64 : 1);
		assert_non_null(block[i]);
		memset(block[i], (int)i, 100);
	}
	assert_int_equal((uintptr_t)block[2] % 64, 0);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(block[i][99], i);
	assert_null(l4la_alloc(&list, 4000, 1));
	l4la_free(&list, block[1], 100);
	l4la_free(&list, block[3], 100);
	l4la_free(&list, block[0], 100);
	l4la_free(&list, block[2], 100);
	assert_int_equal(l4la_avail(&list), sizeof(pool));
	assert_ptr_equal(list, pool);
	assert_null(list->next);
	assert_ptr_equal(l4la_alloc(&list, 4096, 1), pool);
	assert_null(list);
}

static void nodes_are_added_found_and_removed(void **state)
{
	slist_t *list = NULL, *node[3];

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		node[i] = list_new_entry(&node[i]);
	list = list_append(list, node[1]);
	list = list_append(list, node[2]);
	list = list_add(list, node[0]);
	assert_int_equal(list_elements(list), 3);
	for (int i = 0; i < 3; i++)
		assert_ptr_equal(list_get_at(list, i + 1), node[i]);
	assert_null(list_get_at(list, 4));
	list = list_remove(list, node[1]);
	list = list_remove(list, node[0]);
	assert_ptr_equal(list, node[2]);
	list = list_remove(list, node[2]);
	assert_true(list_is_empty(list));
}

/* --- Texts --- */

static void base64_is_that_of_the_rfc(void **state)
{
	static const char *const pairs[][2] = {
		{ "", "" },	   { "f", "Zg==" },	   { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "\xff\xfe", "//4=" }
	};

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		char *out;

		base64_encode(pairs[i][0], strlen(pairs[i][0]), &out);
		assert_string_equal(out, pairs[i][1]);
		free(out);
		base64_decode(pairs[i][1], strlen(pairs[i][1]), &out);
		assert_string_equal(out, pairs[i][0]);
		free(out);
	}
}

static void sizes_are_for_people(void **state)
{
	char buf[32];

	(void)state;
	l4util_human_readable_size(buf, sizeof(buf), 1023);
	assert_string_equal(buf, "1023 B");
	l4util_human_readable_size(buf, sizeof(buf), 1006738268);
	assert_string_equal(buf, "960.1 MiB");
	l4util_human_readable_size(buf, sizeof(buf), ~0ULL);
	assert_string_equal(buf, "16.0 EiB");
}

static void keys_have_their_characters(void **state)
{
	(void)state;
	assert_int_equal(l4util_map_event_to_keymap(L4RE_KEY_A, 1), 'A');
	assert_int_equal(l4util_map_event_to_keymap(L4RE_KEY_2, 1), '@');
	assert_int_equal(l4util_map_event_to_keymap(L4RE_KEY_F1, 0), 0);
	assert_int_equal(l4util_map_event_to_keymap(0xffffffff, 0), 0);
}

/* --- The wheel --- */

enum { SCREEN_BYTES = 80 * 25 * 2 };

/* The text screen at its address; the characters of each cell are even bytes. */
static char *screen_at(unsigned long address)
{
	char *screen = mmap((void *)address, 0x8000, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	assert_ptr_equal(screen, (void *)address);
	return screen;
}

static void the_wheel_turns_behind_its_text(void **state)
{
	char *vga = screen_at(0xb8000), *at = vga + 2 * (80 * 3 + 10);
	const char *turns = "|/-\\|/";

	(void)state;
	for (unsigned i = 0; turns[i]; i++) {
		l4_spin_text_vga(10, 3, "ok");
		assert_int_equal(at[0], 'o');
		assert_int_equal(at[2], 'k');
		assert_int_equal(at[4], turns[i]);
		at[0] = 'o';
	}
	at[0] = '?';
	l4_spin_text_vga(10, 3, "ok");
	assert_int_equal(at[0], '?'); /* the text is written once */
	memset(vga, 0, 0x8000);
	l4_spin_vga(79, 24);
	assert_int_equal(vga[SCREEN_BYTES - 2], '|');
	munmap(vga, 0x8000);
}

static void the_wheel_stays_on_the_screen(void **state)
{
	static const int wrong[][3] = { { -1, 0, 0 }, { 0, -1, 0 }, { 80, 0, 0 }, { 0, 25, 0 },
					{ 79, 0, 1 }, { 0, 0, -1 }, { 0, 0, 80 } };
	char *hercules = screen_at(0xb0000);
	char text[80] = "text";

	(void)state;
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		l4_spin_n_text(wrong[i][0], wrong[i][1], wrong[i][2], text);
	for (unsigned i = 0; i < 0x8000; i++)
		assert_int_equal(hercules[i], 0);
	l4_spin(0, 0);
	assert_int_equal(hercules[0], '|');
	munmap(hercules, 0x8000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(atomic_operations_return_what_they_say),
		cmocka_unit_test(bits_are_found_and_changed_across_words),
		cmocka_unit_test(scans_and_powers_are_exact_at_the_edges),
		cmocka_unit_test(ranges_are_split_without_gap_up_to_the_last_address),
		cmocka_unit_test(options_of_all_forms_are_found_among_arguments),
		cmocka_unit_test(wrong_command_lines_are_told_apart),
		cmocka_unit_test(wrong_descriptions_are_refused),
		cmocka_unit_test(a_line_is_cut_at_its_delimiter),
		cmocka_unit_test(freed_blocks_grow_together_again),
		cmocka_unit_test(nodes_are_added_found_and_removed),
		cmocka_unit_test(base64_is_that_of_the_rfc),
		cmocka_unit_test(sizes_are_for_people),
		cmocka_unit_test(keys_have_their_characters),
		cmocka_unit_test(the_wheel_turns_behind_its_text),
		cmocka_unit_test(the_wheel_stays_on_the_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
