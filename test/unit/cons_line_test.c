/* SPDX-License-Identifier: MIT */
/* Promises of the console: line discipline, line editor, options of clients. */
#include "console_fixture.h"

/* --- Line discipline --- */

static void output_is_processed_as_the_attributes_say(void **state)
{
	static const struct {
		unsigned long flags;
		const char *want;
	} cases[] = {
		{ 0, "a\r\nb\nc\r" },
		{ L4_VCON_ONLCR, "a\r\r\nb\r\nc\r" },
		{ L4_VCON_ONLCR | L4_VCON_ONLRET, "a\r\nb\r\nc" },
		{ L4_VCON_OCRNL, "a\n\nb\nc\n" },
		{ L4_VCON_ONLRET, "a\nb\nc" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct client *c = add("c");

		c->attributes.output = cases[i].flags;
		mux_connect(&console.muxes[0], c);
		forget();
		say(c, "a\r\nb\nc\r");
		shows(cases[i].want);
	}
}

static void input_is_processed_as_the_attributes_say(void **state)
{
	static const struct {
		unsigned long flags;
		const char *want;
	} cases[] = { { 0, "a\rb\n" },
		      { L4_VCON_ICRNL, "a\nb\n" },
		      { L4_VCON_IGNCR, "ab\n" },
		      { L4_VCON_INLCR, "a\rb\r" } };

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct client *c = add("c");

		c->attributes.input = cases[i].flags;
		for (const char *key = "a\rb\n"; *key; key++)
			console_type(&console, c, *key);
		reads(c, cases[i].want);
	}
}

static void lines_are_edited_before_the_client_gets_them(void **state)
{
	struct client *c = add("c");

	(void)state;
	c->attributes.local |= L4_VCON_ICANON;
	mux_connect(&console.muxes[0], c);
	forget();
	type("ax\177b\001");
	shows("ax\b \bb^A");
	assert_int_equal(wakes, 0);
	reads(c, "");
	type("\025ok\r");
	shows("\b \b\b \b\b \bok\r\n");
	reads(c, "ok\n");
	type("end\004");
	reads(c, "end");
}

static void without_echo_nothing_is_shown(void **state)
{
	struct client *c = add("c");

	(void)state;
	c->attributes.local = 0;
	mux_connect(&console.muxes[0], c);
	forget();
	type("password\r");
	shows("");
	reads(c, "password\n");
}

static void what_is_typed_too_much_is_lost(void **state)
{
	struct client *c = add("c");
	char got[CLIENT_INPUT_MAX];

	(void)state;
	for (unsigned i = 0; i < CLIENT_INPUT_MAX; i++)
		assert_true(client_type(c, (char)('a' + i % 26), ""));
	assert_false(client_type(c, '!', ""));
	assert_int_equal(client_read(c, got, CLIENT_INPUT_MAX - 12), CLIENT_INPUT_MAX - 12);
	assert_true(client_type(c, '?', ""));
	assert_int_equal(client_read(c, got, sizeof(got)), 13);
	assert_int_equal(got[12], '?');
	c->attributes.local = L4_VCON_ICANON;
	for (unsigned i = 0; i < 2 * CLIENT_INPUT_MAX; i++)
		client_type(c, 'x', "");
	assert_true(client_type(c, '\n', ""));
	assert_int_equal(client_readable(c), CLIENT_INPUT_MAX);
}

/* --- The line of the prompt, options --- */

static void the_line_is_edited_and_remembered(void **state)
{
	struct prompt p = { 0 };
	char line[PROMPT_LINE_MAX + 1];

	(void)state;
	for (const char *key = "abd\177c"; *key; key++)
		assert_int_equal(prompt_key(&p, *key),
				 *key == '\177' ? PROMPT_ERASED : PROMPT_APPENDED);
	assert_int_equal(prompt_key(&p, '\r'), PROMPT_ENTERED);
	prompt_take(&p, line);
	assert_string_equal(line, "abc");
	prompt_append(&p, "second");
	prompt_take(&p, line);
	for (const char *key = "\033[A\033[A\033[A"; *key; key++)
		prompt_key(&p, *key);
	assert_string_equal(p.line, "abc");
	prompt_key(&p, 14);
	assert_string_equal(p.line, "second");
	for (const char *key = "\033[3~\033[B"; *key; key++)
		prompt_key(&p, *key);
	assert_string_equal(p.line, "");
	for (unsigned i = 0; i < 2 * PROMPT_LINE_MAX; i++)
		prompt_key(&p, 'x');
	assert_int_equal(strlen(p.line), PROMPT_LINE_MAX);
	assert_int_equal(prompt_key(&p, 3), PROMPT_ABANDONED);
	assert_string_equal(p.line, "");
}

static void wrong_options_are_refused(void **state)
{
	static const char *const wrong[] = {
		"",	  "sho",       "bufsz=511",	     "bufsz=16777217",
		"bufsz=", "bufsz=12x", "bufsz=-600",	     "key=",
		"key=ab", "key= ",     "line-buffered-ms=x", "show=1"
	};
	static const char *const right[] = { "show",
					     "hide",
					     "keep",
					     "no-keep",
					     "line-buffering",
					     "no-line-buffering",
					     "timestamp",
					     "no-timestamp",
					     "key=c",
					     "bufsz=512",
					     "line-buffered-ms=0" };
	struct client_options o = console.defaults, before = o;

	(void)state;
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_false(client_option(&o, wrong[i]));
		assert_memory_equal(&o, &before, sizeof(o));
	}
	for (unsigned i = 0; i < sizeof(right) / sizeof(*right); i++)
		assert_true(client_option(&o, right[i]));
	assert_int_equal(o.buffer_bytes, 512);
	assert_int_equal(o.key, 'c');
	assert_false(o.show || o.keep || o.line_buffering || o.timestamp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(output_is_processed_as_the_attributes_say),
		T(input_is_processed_as_the_attributes_say),
		T(lines_are_edited_before_the_client_gets_them),
		T(without_echo_nothing_is_shown),
		T(what_is_typed_too_much_is_lost),
		T(the_line_is_edited_and_remembered),
		T(wrong_options_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
