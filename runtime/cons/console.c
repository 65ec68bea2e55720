/* SPDX-License-Identifier: MIT */
/* The clients of the console. */
#include "console.h"

#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 512 };

void console_init(struct console *console, const struct console_effects *effects)
{
	*console = (struct console){
		.effects = effects,
		.default_name = "<noname>",
		.defaults = { .line_buffering = true,
			      .line_wait_ms = CLIENT_LINE_WAIT_DEFAULT,
			      .buffer_bytes = CLIENT_BUFFER_DEFAULT },
	};
}

static struct client *find_exactly(const struct console *console, const char *name)
{
	struct client *c = console->clients;

	while (c && strcmp(c->name, name) != 0)
		c = c->next;
	return c;
}

struct client *console_find(const struct console *console, const char *name)
{
	struct client *found = find_exactly(console, name);
	size_t length = strlen(name);

	if (found || !length)
		return found;
	for (struct client *c = console->clients; c; c = c->next) {
		if (strncmp(c->name, name, length) != 0)
			continue;
		if (found)
			return NULL;
		found = c;
	}
	return found;
}

static void set_name(const struct console *console, struct client *client, const char *tag)
{
	if (!*tag)
		tag = console->default_name;
	snprintf(client->name, sizeof(client->name), "%.*s", VCON_TAG_MAX, tag);
	for (unsigned i = 1; find_exactly(console, client->name); i++)
		snprintf(client->name, sizeof(client->name), "%.*s:%u", VCON_TAG_MAX, tag, i);
}

void console_add_client(struct console *console, struct client *client, const char *tag)
{
	struct client **last = &console->clients;

	set_name(console, client, tag);
	client->attributes = client_default_attributes();
	client->line_begins = true;
	while (*last)
		last = &(*last)->next;
	*last = client;
	for (unsigned i = 0; i < console->mux_count; i++)
		client->views[i].shown = client->options.show;
	if (console->auto_connect && !strcmp(console->auto_connect, client->name) &&
	    console->mux_count)
		mux_connect(&console->muxes[0], client);
}

void console_drop(struct console *console, struct client *client)
{
	struct client **at = &console->clients;

	for (unsigned i = 0; i < console->mux_count; i++) {
		if (console->muxes[i].open == client) {
			mux_own_line(&console->muxes[i]);
			mux_flush(&console->muxes[i]);
		}
	}
	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	console->effects->destroy(client);
}

static void tell_gone(struct mux *mux, struct client *client)
{
	mux_show(mux, client, true);
	if (mux->connected == client) {
		mux_own_line(mux);
		mux_print(mux, "------------- '%s' has gone -------------\r\n", client->name);
		mux_connect(mux, NULL);
	}
	mux_flush(mux);
}

void console_client_gone(struct console *console, struct client *client)
{
	for (unsigned i = 0; i < console->mux_count; i++)
		tell_gone(&console->muxes[i], client);
	client->gone = true;
	client->deadline_ms = 0;
	if (!client->options.keep)
		console_drop(console, client);
}

/* --- Output --- */

static void stamp(const struct console *console, const struct client *client, char *out)
{
	*out = 0;
	if (client->options.timestamp)
		console->effects->stamp(out);
}

/* Bytes of the line that is not finished. */
static size_t unfinished(const struct client *client)
{
	return client->line_begins ? 0 : client->output.end - ring_last_lines(&client->output, 1);
}

static bool waits(const struct client *client)
{
	return client->options.line_buffering && client->options.line_wait_ms &&
	       unfinished(client) && unfinished(client) < LINE_MAX_BYTES;
}

static void show(struct console *console, struct client *client, bool force)
{
	for (unsigned i = 0; i < console->mux_count; i++) {
		mux_show(&console->muxes[i], client, force);
		mux_flush(&console->muxes[i]);
	}
}

static void show_new(struct console *console, struct client *client)
{
	bool wait = waits(client);

	show(console, client, !wait);
	if (!wait)
		client->deadline_ms = 0;
	else if (!client->deadline_ms)
		client->deadline_ms = console->effects->now_ms() + client->options.line_wait_ms;
}

void console_write(struct console *console, struct client *client, const char *text, size_t count)
{
	/* A short ring must not overrun before it is shown: each byte can become a line with its
	 * time. */
	size_t most = client->output.size / CONSOLE_STAMP_MAX;
	char time[CONSOLE_STAMP_MAX];

	stamp(console, client, time);
	while (count) {
		size_t part = count < most ? count : most;

		client_output(client, text, part, time);
		show_new(console, client);
		text += part;
		count -= part;
	}
}

void console_tick(struct console *console)
{
	uint64_t now = console->effects->now_ms();

	for (struct client *c = console->clients; c; c = c->next) {
		if (!c->deadline_ms || c->deadline_ms > now)
			continue;
		c->deadline_ms = 0;
		show(console, c, true);
	}
}

uint64_t console_deadline(const struct console *console)
{
	uint64_t first = 0;

	for (const struct client *c = console->clients; c; c = c->next)
		if (c->deadline_ms && (!first || c->deadline_ms < first))
			first = c->deadline_ms;
	return first;
}

/* --- Input --- */

void console_type(struct console *console, struct client *client, char key)
{
	char time[CONSOLE_STAMP_MAX];
	uint64_t before = client->output.end;
	bool wake;

	stamp(console, client, time);
	wake = client_type(client, key, time);
	if (client->output.end != before)
		show_new(console, client);
	if (wake)
		console->effects->wake(client);
}

void console_break(struct console *console, struct client *client)
{
	client->was_break = true;
	console->effects->wake(client);
}
