/* SPDX-License-Identifier: MIT */
/* A console whose screen is a string, for its unit tests. One multiplexer; clients are shown. */
#ifndef TEST_UNIT_CONSOLE_FIXTURE_H
#define TEST_UNIT_CONSOLE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <l4/sys/vcon.h>
#include "console.h"

static struct console console;
static char screen[65536];
static size_t screen_count;
static unsigned wakes, disconnects, destroyed;
static uint64_t now;

static inline void write_screen(struct mux *mux, const char *bytes, size_t count)
{
	(void)mux;
	assert_true(screen_count + count < sizeof(screen));
	memcpy(screen + screen_count, bytes, count);
	screen_count += count;
	screen[screen_count] = 0;
}

static inline void wake(struct client *client)
{
	(void)client;
	wakes++;
}

static inline void disconnect(struct client *client)
{
	(void)client;
	disconnects++;
}

static inline void destroy(struct client *client)
{
	destroyed++;
	free(client->output.bytes);
	free(client);
}

static inline void stamp(char *out)
{
	strcpy(out, "[2024-02-29 01:02:03] ");
}

static inline uint64_t now_ms(void)
{
	return now;
}

static const struct console_effects effects = { write_screen, wake,  disconnect,
						destroy,      stamp, now_ms };

static inline int setup(void **state)
{
	(void)state;
	console_init(&console, &effects);
	console.defaults.show = true;
	console_add_mux(&console, "cons");
	screen_count = wakes = disconnects = destroyed = 0;
	*screen = 0;
	now = 1000;
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	while (console.clients)
		console_drop(&console, console.clients);
	return 0;
}

static inline struct client *add(const char *tag)
{
	struct client *c = calloc(1, sizeof(*c));

	c->options = console.defaults;
	c->colour = VCON_WHITE;
	c->output = ring_init(malloc(c->options.buffer_bytes), c->options.buffer_bytes);
	console_add_client(&console, c, tag);
	return c;
}

static inline void say(struct client *c, const char *text)
{
	console_write(&console, c, text, strlen(text));
}

static inline void type(const char *keys)
{
	mux_input(&console.muxes[0], keys, strlen(keys));
}

static inline void forget(void)
{
	screen_count = 0;
	*screen = 0;
}

/* The screen since the last time. */
static inline void shows(const char *want)
{
	assert_string_equal(screen, want);
	forget();
}

static inline void shows_somewhere(const char *want)
{
	if (!strstr(screen, want))
		fail_msg("'%s' not in '%s'", want, screen);
	forget();
}

static inline void reads(struct client *c, const char *want)
{
	char got[CLIENT_INPUT_MAX + 1];

	got[client_read(c, got, CLIENT_INPUT_MAX)] = 0;
	assert_string_equal(got, want);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
