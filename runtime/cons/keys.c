/* SPDX-License-Identifier: MIT */
/* What is typed on a terminal: to the prompt, to the connected client, or after the escape key. */
#include "console.h"

enum { ESCAPE_KEY = 5 /* Ctrl-E */, CTRL_C = 3, CTRL_Z = 26, ESCAPE = 27 };

static const char escape_help[] =
    "Ctrl-E and then:  .  back to the prompt     e  Ctrl-E itself   l  break\r\n"
    "                  c  Ctrl-C   z  Ctrl-Z     q  ESC\r\n"
    "                  h  hide other clients     s  show all clients\r\n"
    "                  the key of a client: connect to that one\r\n";

/* --- The prompt --- */

/* Draw the line again. */
static void redraw(struct mux *mux)
{
	mux_own_line(mux);
	mux_flush(mux);
}

static void enter(struct mux *mux)
{
	char line[PROMPT_LINE_MAX + 1];

	prompt_take(&mux->prompt, line);
	mux_put(mux, "\r\n", 2);
	mux->prompt_visible = false;
	mux_command(mux, line);
	mux_flush(mux);
}

static void complete(struct mux *mux)
{
	char rest[PROMPT_LINE_MAX + 1];

	mux_complete(mux, mux->prompt.line, rest, sizeof(rest));
	prompt_append(&mux->prompt, rest);
	redraw(mux);
}

static void prompt_typed(struct mux *mux, char key)
{
	mux->prompt_wanted = true;
	mux_flush(mux);
	switch (prompt_key(&mux->prompt, key)) {
	case PROMPT_APPENDED:
		mux_put(mux, &key, 1);
		mux_flush(mux);
		break;
	case PROMPT_ERASED:
		mux_put(mux, "\b \b", 3);
		mux_flush(mux);
		break;
	case PROMPT_CHANGED:
		redraw(mux);
		break;
	case PROMPT_COMPLETE:
		complete(mux);
		break;
	case PROMPT_ABANDONED:
		mux_put(mux, "^C\r\n", 4);
		mux->prompt_visible = false;
		mux_flush(mux);
		break;
	case PROMPT_ENTERED:
		enter(mux);
		break;
	case PROMPT_NOTHING:
		break;
	}
}

/* --- Connected --- */

static void show_others(struct mux *mux, bool shown)
{
	for (struct client *c = mux->console->clients; c; c = c->next)
		if (shown || c != mux->connected)
			mux_set_shown(mux, c, shown);
}

static struct client *client_with_key(const struct console *console, char key)
{
	struct client *c = console->clients;

	while (c && (c->options.key != key || c->gone))
		c = c->next;
	return c;
}

static void show_escapes(struct mux *mux)
{
	mux_own_line(mux);
	mux_put(mux, escape_help, sizeof(escape_help) - 1);
	mux_flush(mux);
}

static void type(struct mux *mux, char key)
{
	console_type(mux->console, mux->connected, key);
}

/* A client's key comes first, but the way back to the prompt and the escape key itself remain. */
static void escape_typed(struct mux *mux, char key)
{
	struct client *client = client_with_key(mux->console, key);

	if (client && key != '.' && key != 'e') {
		mux_connect(mux, client);
		return;
	}
	switch (key) {
	case '.':
		mux->prompt_wanted = true;
		mux_connect(mux, NULL);
		break;
	case 'e':
		type(mux, ESCAPE_KEY);
		break;
	case 'c':
		type(mux, CTRL_C);
		break;
	case 'z':
		type(mux, CTRL_Z);
		break;
	case 'q':
		type(mux, ESCAPE);
		break;
	case 'l':
		mux_break(mux);
		break;
	case 'h':
	case 's':
		show_others(mux, key == 's');
		break;
	default:
		show_escapes(mux);
	}
}

static void key_typed(struct mux *mux, char key)
{
	bool escape = mux->escape;

	if (!mux->connected) {
		prompt_typed(mux, key);
		return;
	}
	mux->escape = !escape && key == ESCAPE_KEY;
	if (escape)
		escape_typed(mux, key);
	else if (!mux->escape)
		type(mux, key);
}

void mux_input(struct mux *mux, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		key_typed(mux, bytes[i]);
}

void mux_break(struct mux *mux)
{
	if (mux->connected)
		console_break(mux->console, mux->connected);
}
