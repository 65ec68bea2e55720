/* SPDX-License-Identifier: MIT */
/* What a terminal shows: lines of clients with tag and colour, or one client as it is. */
#include "console.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TAG_COLUMNS = 8, PRINT_MAX = 256 };

struct mux *console_add_mux(struct console *console, const char *name)
{
	struct mux *mux = &console->muxes[console->mux_count];

	if (console->mux_count == CLIENT_MUXES)
		return NULL;
	*mux = (struct mux){ .console = console, .index = console->mux_count++ };
	snprintf(mux->name, sizeof(mux->name), "%s", name);
	return mux;
}

/* --- Bytes --- */

static void send(struct mux *mux)
{
	if (mux->gathered)
		mux->console->effects->write(mux, mux->gather, mux->gathered);
	mux->gathered = 0;
}

void mux_put(struct mux *mux, const char *bytes, size_t count)
{
	while (count) {
		size_t part = MUX_GATHER - mux->gathered;

		if (part > count)
			part = count;
		memcpy(mux->gather + mux->gathered, bytes, part);
		mux->gathered += (unsigned)part;
		bytes += part;
		count -= part;
		if (mux->gathered == MUX_GATHER)
			send(mux);
	}
}

bool mux_put_filtered(struct mux *mux, struct escape *escape, const char *bytes, size_t count)
{
	bool coloured = false;

	for (size_t i = 0; i < count; i++) {
		const char *out;
		unsigned n = escape_filter(escape, bytes[i], &out);

		coloured |= n > 1;
		mux_put(mux, out, n);
	}
	return coloured;
}

static void put_text(struct mux *mux, const char *text)
{
	mux_put(mux, text, strlen(text));
}

void mux_print(struct mux *mux, const char *format, ...)
{
	char text[PRINT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put_text(mux, text);
}

void mux_flush(struct mux *mux)
{
	if (!mux->connected && mux->prompt_wanted && !mux->prompt_visible) {
		mux_own_line(mux);
		mux_print(mux, "%s> ", mux->name);
		put_text(mux, mux->prompt.line);
		mux->prompt_visible = true;
	}
	send(mux);
}

static void hide_prompt(struct mux *mux)
{
	if (mux->prompt_visible)
		put_text(mux, "\r\033[K");
	mux->prompt_visible = false;
}

void mux_own_line(struct mux *mux)
{
	hide_prompt(mux);
	if (mux->open)
		put_text(mux, "\r\n");
	mux->open = NULL;
}

/* --- Lines with a tag --- */

static struct client_view *view_of(const struct mux *mux, struct client *client)
{
	return &client->views[mux->index];
}

static void put_colour(struct mux *mux, unsigned colour)
{
	if (!colour)
		put_text(mux, "\033[0m");
	else
		mux_print(mux, "\033[%s3%um", colour & VCON_BRIGHT ? "01;" : "", colour & 7);
}

/* The text of a line; the filter takes CR and NL away. */
static void put_line(struct mux *mux, struct client *client, uint64_t from, uint64_t to)
{
	for (;;) {
		size_t count;
		const char *text = ring_at(&client->output, &from, to, &count);

		if (!count)
			return;
		mux_put_filtered(mux, &view_of(mux, client)->escape, text, count);
		from += count;
	}
}

static void put_piece(struct mux *mux, struct client *client, uint64_t to, bool complete)
{
	struct client_view *view = view_of(mux, client);

	if (mux->open != client)
		mux_own_line(mux);
	hide_prompt(mux);
	put_colour(mux, client->colour);
	if (mux->open != client)
		mux_print(mux, "%-*.*s%s", TAG_COLUMNS, TAG_COLUMNS, client->name,
			  view->in_line ? ": " : "| ");
	put_line(mux, client, view->position, to);
	put_text(mux, complete ? "\033[0m\r\n" : "\033[0m");
	mux->open = complete ? NULL : client;
	if (complete)
		view->escape = (struct escape){ 0 };
	view->in_line = !complete;
	view->position = to;
}

static bool ends_line(const struct client *client, uint64_t end)
{
	return end > client->output.begin &&
	       client->output.bytes[(end - 1) % client->output.size] == '\n';
}

static void show_lines(struct mux *mux, struct client *client, bool force)
{
	struct client_view *view = view_of(mux, client);

	while (view->position < client->output.end) {
		uint64_t end = ring_line_end(&client->output, view->position);
		bool complete = ends_line(client, end);

		if (!complete && !force)
			return;
		put_piece(mux, client, end, complete);
	}
}

/* --- The connected client --- */

static void show_plain(struct mux *mux, struct client *client)
{
	struct client_view *view = view_of(mux, client);
	uint64_t begin = view->position;

	if (view->position == client->output.end)
		return;
	if (mux->open != client)
		mux_own_line(mux);
	for (;;) {
		size_t count;
		const char *text =
		    ring_at(&client->output, &view->position, client->output.end, &count);

		if (!count)
			break;
		mux_put(mux, text, count);
		view->position += count;
	}
	if (view->position != begin)
		mux->open = client->line_begins ? NULL : client;
	view->in_line = mux->open != NULL;
	view->escape = (struct escape){ 0 };
}

void mux_show(struct mux *mux, struct client *client, bool force)
{
	struct client_view *view = view_of(mux, client);

	if (mux->connected == client) {
		show_plain(mux, client);
	} else if (view->shown) {
		show_lines(mux, client, force);
	} else {
		view->position = client->output.end;
		view->in_line = !client->line_begins;
	}
}

/* --- Changes --- */

void mux_connect(struct mux *mux, struct client *client)
{
	mux_own_line(mux);
	mux->connected = client;
	mux->escape = false;
	if (client) {
		mux_print(mux, "------------- Connecting to '%s' -------------\r\n", client->name);
		view_of(mux, client)->position = ring_last_lines(&client->output, CONNECT_LINES);
		show_plain(mux, client);
	}
	mux_flush(mux);
}

void mux_set_shown(struct mux *mux, struct client *client, bool shown)
{
	struct client_view *view = view_of(mux, client);

	if (view->shown == shown)
		return;
	view->shown = shown;
	view->escape = (struct escape){ 0 };
	if (mux->connected != client)
		view->position = client->output.end;
}
