/* SPDX-License-Identifier: MIT */
/* Promises of the console: what a terminal shows, keys and commands. */
#include "console_fixture.h"

#define TAG(name) "\033[37m" name

/* --- Lines of shown clients --- */

static void a_line_has_tag_and_colour(void **state)
{
	struct client *c = add("hello");

	(void)state;
	say(c, "Hello World!\n");
	shows(TAG("hello   | Hello World!\033[0m\r\n"));
	c->colour = 1 | VCON_BRIGHT;
	say(c, "again\r\n\n");
	shows("\033[01;31mhello   | again\033[0m\r\n\033[01;31mhello   | \033[0m\r\n");
	c->colour = 0;
	say(c, "plain\n");
	shows("\033[0mhello   | plain\033[0m\r\n");
}

static void a_long_tag_is_cut_to_its_columns(void **state)
{
	(void)state;
	say(add("a-long-name"), "x\n");
	shows(TAG("a-long-n| x\033[0m\r\n"));
}

static void an_unfinished_line_waits_for_its_end_but_not_for_ever(void **state)
{
	struct client *c = add("c");

	(void)state;
	say(c, "one");
	shows("");
	say(c, " line\ntwo");
	shows(TAG("c       | one line\033[0m\r\n"));
	assert_int_equal(console_deadline(&console), now + CLIENT_LINE_WAIT_DEFAULT);
	now += CLIENT_LINE_WAIT_DEFAULT - 1;
	console_tick(&console);
	shows("");
	now++;
	console_tick(&console);
	shows(TAG("c       | two\033[0m"));
	assert_int_equal(console_deadline(&console), 0);
	say(c, " more\n");
	shows(TAG(" more\033[0m\r\n"));
}

static void a_line_that_another_interrupts_is_continued(void **state)
{
	struct client *a = add("a"), *b = add("b");

	(void)state;
	a->options.line_buffering = b->options.line_buffering = false;
	say(a, "begin");
	say(b, "other\n");
	say(a, "end\n");
	shows(TAG("a       | begin\033[0m\r\n") TAG("b       | other\033[0m\r\n")
		  TAG("a       : end\033[0m\r\n"));
}

static void a_line_longer_than_any_wait_is_shown(void **state)
{
	struct client *c = add("c");
	char text[700];

	(void)state;
	memset(text, 'x', sizeof(text));
	console_write(&console, c, text, sizeof(text));
	assert_true(screen_count >= 512);
}

static void only_colours_of_a_line_reach_the_terminal(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "\033[1;31mred\033[0m and \033[38:5:200mmore",
		  "\033[1;31mred\033[0m and \033[38:5:200mmore" },
		{ "a\tb \xc3\xa4", "a\tb \xc3\xa4" },
		{ "\033[2J\033[H\033[10;20Hclear\033[K", "clear" },
		{ "\033[?25l\033[6n\033[c\033[>4;1mx", "x" },
		{ "\033]0;title\007t\033]2;other\033\\u\033Pq\033\\v", "tuv" },
		{ "\033c\033(B\033#8\0337z", "z" },
		{ "bell\007back\b\b\v\f\016\177", "bellback" },
		{ "\033[31\033[32mg", "\033[32mg" },
		{ "\033[1111111111111111111111111111111111111111mlong", "long" },
		{ "cut\033[3", "cut" },
		{ "cut\033]never", "cut" },
		{ "\033[3$my", "y" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct client *c = add("c");
		char want[200];

		say(c, cases[i].text);
		say(c, "\nnext\n");
		snprintf(want, sizeof(want),
			 TAG("%-8s| %s\033[0m\r\n") TAG("%-8s| next\033[0m\r\n"), c->name,
			 cases[i].want, c->name);
		shows(want);
	}
}

static void a_sequence_in_two_pieces_is_one(void **state)
{
	struct client *c = add("c");

	(void)state;
	c->options.line_buffering = false;
	say(c, "a\033[3");
	shows(TAG("c       | a\033[0m"));
	say(c, "1mb\033[2");
	shows(TAG("\033[31mb\033[0m"));
	say(c, "Jc\n");
	shows(TAG("c\033[0m\r\n"));
}

static void a_connected_client_may_send_everything(void **state)
{
	struct client *c = add("editor");

	(void)state;
	mux_connect(&console.muxes[0], c);
	forget();
	say(c, "\033[2J\033[3;4Hx\007");
	shows("\033[2J\033[3;4Hx\007");
}

static void old_lines_are_shown_with_their_colours_only(void **state)
{
	struct client *c = add("c");

	(void)state;
	mux_set_shown(&console.muxes[0], c, false);
	say(c, "\033[2Jone\n\033[31mtwo\n");
	type("cat c\r");
	shows_somewhere("cat c\r\none\r\n\033[31mtwo\033[0m\r\ncons> ");
	type("grep one\r");
	shows_somewhere("grep one\r\nc: one\r\ncons> ");
}

static void a_hidden_client_is_kept_but_not_shown(void **state)
{
	struct client *c = add("quiet");

	(void)state;
	mux_set_shown(&console.muxes[0], c, false);
	say(c, "secret\n");
	shows("");
	mux_set_shown(&console.muxes[0], c, true);
	say(c, "public\n");
	shows(TAG("quiet   | public\033[0m\r\n"));
	type("cat quiet\r");
	shows_somewhere("secret\r\npublic\r\n");
}

static void lines_can_have_their_time(void **state)
{
	struct client *c = add("c");

	(void)state;
	c->options.timestamp = true;
	say(c, "one\ntwo\n");
	shows(TAG("c       | [2024-02-29 01:02:03] one\033[0m\r\n")
		  TAG("c       | [2024-02-29 01:02:03] two\033[0m\r\n"));
}

static void a_short_buffer_loses_nothing_that_is_shown(void **state)
{
	struct client *c;
	char line[16];

	(void)state;
	console.defaults.buffer_bytes = CLIENT_BUFFER_MIN;
	c = add("c");
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(line, sizeof(line), "%u\n", i);
		say(c, line);
	}
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(line, sizeof(line), "| %u\033", i);
		assert_non_null(strstr(screen, line));
	}
}

static void equal_tags_get_numbers(void **state)
{
	(void)state;
	add("x");
	assert_string_equal(add("x")->name, "x:1");
	assert_string_equal(add("x")->name, "x:2");
	assert_string_equal(add("")->name, "<noname>");
	assert_string_equal(console_find(&console, "x")->name, "x");
	assert_string_equal(console_find(&console, "<no")->name, "<noname>");
	assert_null(console_find(&console, "x:"));
	assert_null(console_find(&console, ""));
}

/* --- Connection --- */

static void a_connected_client_has_the_terminal_for_itself(void **state)
{
	struct client *c = add("c");

	(void)state;
	say(c, "before\nprompt> ");
	mux_connect(&console.muxes[0], c);
	shows_somewhere("------------- Connecting to 'c' -------------\r\nbefore\r\nprompt> ");
	say(c, "\033[1mbold\n");
	shows("\033[1mbold\r\n");
	type("hi\r");
	shows("hi\r\n");
	assert_int_equal(wakes, 3);
	reads(c, "hi\n");
}

static void another_shown_client_interrupts_it_with_whole_lines(void **state)
{
	struct client *c = add("c"), *other = add("other");

	(void)state;
	mux_connect(&console.muxes[0], c);
	say(c, "abc");
	forget();
	say(other, "x\n");
	say(c, "def\n");
	shows("\r\n" TAG("other   | x\033[0m\r\n") "def\r\n");
}

static void the_escape_key_leads_back_or_injects(void **state)
{
	struct client *c = add("c");

	(void)state;
	c->attributes = (struct client_attributes){ 0 };
	mux_connect(&console.muxes[0], c);
	type("a\005e\005c\005z\005q");
	reads(c, "a\005\003\032\033");
	type("\005l");
	assert_true(c->was_break);
	forget();
	type("\005?");
	shows_somewhere("back to the prompt");
	type("b\005.list\r");
	assert_null(console.muxes[0].connected);
	reads(c, "b");
	shows_somewhere("cons> list\r\nNAME ");
}

static void a_key_connects_to_its_client(void **state)
{
	struct client *a = add("a"), *b = add("b");

	(void)state;
	assert_true(client_option(&b->options, "key=b"));
	mux_connect(&console.muxes[0], a);
	type("\005b");
	assert_ptr_equal(console.muxes[0].connected, b);
	type("\005h");
	assert_false(a->views[0].shown);
	assert_true(b->views[0].shown);
	type("\005s");
	assert_true(a->views[0].shown);
	assert_true(client_option(&a->options, "key=s"));
	type("\005s");
	assert_ptr_equal(console.muxes[0].connected, a);
	assert_true(client_option(&b->options, "key=."));
	type("\005.");
	assert_null(console.muxes[0].connected);
}

static void the_awaited_client_is_connected_at_once(void **state)
{
	struct client *c;

	(void)state;
	console.auto_connect = "shell";
	add("other");
	assert_null(console.muxes[0].connected);
	c = add("shell");
	assert_ptr_equal(console.muxes[0].connected, c);
}

/* --- The prompt --- */

static void the_prompt_appears_at_the_first_key_and_stays_below_the_lines(void **state)
{
	struct client *c = add("c");

	(void)state;
	say(c, "x\n");
	shows(TAG("c       | x\033[0m\r\n"));
	type("lix\177");
	shows("cons> lix\b \b");
	say(c, "y\n");
	shows("\r\033[K" TAG("c       | y\033[0m\r\n") "cons> li");
	say(c, "long");
	now += CLIENT_LINE_WAIT_DEFAULT;
	console_tick(&console);
	shows("\r\033[K" TAG("c       | long\033[0m") "\r\ncons> li");
	say(c, "er\n");
	shows("\r\033[K" TAG("c       : er\033[0m\r\n") "cons> li");
}

static void tab_completes_commands_and_names(void **state)
{
	char rest[PROMPT_LINE_MAX + 1];

	(void)state;
	add("server-one");
	add("server-two");
	mux_complete(&console.muxes[0], "gr", rest, sizeof(rest));
	assert_string_equal(rest, "ep ");
	mux_complete(&console.muxes[0], "h", rest, sizeof(rest));
	assert_string_equal(rest, "");
	mux_complete(&console.muxes[0], "cat s", rest, sizeof(rest));
	assert_string_equal(rest, "erver-");
	mux_complete(&console.muxes[0], "cat server-t", rest, sizeof(rest));
	assert_string_equal(rest, "wo ");
	mux_complete(&console.muxes[0], "cat x", rest, sizeof(rest));
	assert_string_equal(rest, "");
}

static void commands_say_what_is_wrong(void **state)
{
	(void)state;
	type("nonsense\r");
	shows_somewhere("No command 'nonsense'");
	type("cat\r");
	shows_somewhere("Usage: cat NAME...");
	type("cat nobody\r");
	shows_somewhere("No client 'nobody'");
	type("c a b\r");
	shows_somewhere("Usage: connect NAME");
	type("cat 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\r");
	shows_somewhere("Too many words.");
	type("drop\r");
	type("help\r");
	shows_somewhere("timestamp");
}

static void old_lines_can_be_read_and_searched(void **state)
{
	struct client *a = add("a"), *b = add("b");

	(void)state;
	mux_set_shown(&console.muxes[0], a, false);
	mux_set_shown(&console.muxes[0], b, false);
	say(a, "one\ntwo\nthree\n");
	say(b, "two and more");
	type("tail a 2\r");
	shows_somewhere("tail a 2\r\ntwo\r\nthree\r\ncons> ");
	type("grep two\r");
	shows_somewhere("grep two\r\na: two\r\nb: two and more\r\ncons> ");
	type("grep two b\r");
	shows_somewhere("grep two b\r\nb: two and more\r\ncons> ");
	type("clear a\r");
	forget();
	type("cat a\r");
	shows_somewhere("cat a\r\ncons> ");
}

static void options_are_changed_by_commands(void **state)
{
	struct client *c = add("c");

	(void)state;
	type("hide c\r");
	assert_false(c->views[0].shown);
	type("showall\r");
	assert_true(c->views[0].shown);
	type("hideall\r");
	assert_false(c->views[0].shown);
	type("show c\r");
	assert_true(c->views[0].shown);
	type("keep c\r");
	assert_true(c->options.keep);
	type("timestamp c\r");
	assert_true(c->options.timestamp);
	type("key c k\r");
	assert_int_equal(c->options.key, 'k');
	forget();
	type("ls\r");
	shows_somewhere("c                    shown  yes  k             0      0");
	type("key c\r");
	assert_int_equal(c->options.key, 0);
	type("c c\r");
	assert_ptr_equal(console.muxes[0].connected, c);
}

/* --- The end --- */

static void a_client_that_goes_is_destroyed_or_kept(void **state)
{
	struct client *a = add("a"), *b = add("b");

	(void)state;
	say(a, "last words");
	mux_connect(&console.muxes[0], a);
	console_client_gone(&console, a);
	shows_somewhere("'a' has gone");
	assert_null(console.muxes[0].connected);
	assert_int_equal(destroyed, 1);
	b->options.keep = true;
	say(b, "last words");
	console_client_gone(&console, b);
	assert_int_equal(destroyed, 1);
	shows_somewhere("last words");
	type("c b\r");
	shows_somewhere("'b' has gone");
	type("cat b\r");
	shows_somewhere("last words\r\n");
	type("kick b\r");
	shows_somewhere("has gone already");
	type("drop b\r");
	assert_int_equal(destroyed, 2);
	assert_null(console.clients);
}

static void a_kicked_client_loses_its_channel(void **state)
{
	(void)state;
	add("a");
	type("drop a\r");
	assert_int_equal(destroyed, 0);
	type("kick a\r");
	assert_int_equal(disconnects, 1);
	assert_int_equal(destroyed, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_line_has_tag_and_colour),
		T(a_long_tag_is_cut_to_its_columns),
		T(an_unfinished_line_waits_for_its_end_but_not_for_ever),
		T(a_line_that_another_interrupts_is_continued),
		T(a_line_longer_than_any_wait_is_shown),
		T(only_colours_of_a_line_reach_the_terminal),
		T(a_sequence_in_two_pieces_is_one),
		T(a_connected_client_may_send_everything),
		T(old_lines_are_shown_with_their_colours_only),
		T(a_hidden_client_is_kept_but_not_shown),
		T(lines_can_have_their_time),
		T(a_short_buffer_loses_nothing_that_is_shown),
		T(equal_tags_get_numbers),
		T(a_connected_client_has_the_terminal_for_itself),
		T(another_shown_client_interrupts_it_with_whole_lines),
		T(the_escape_key_leads_back_or_injects),
		T(a_key_connects_to_its_client),
		T(the_awaited_client_is_connected_at_once),
		T(the_prompt_appears_at_the_first_key_and_stays_below_the_lines),
		T(tab_completes_commands_and_names),
		T(commands_say_what_is_wrong),
		T(old_lines_can_be_read_and_searched),
		T(options_are_changed_by_commands),
		T(a_client_that_goes_is_destroyed_or_kept),
		T(a_kicked_client_loses_its_channel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
