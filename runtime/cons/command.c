/* SPDX-License-Identifier: MIT */
/* The commands of the prompt. */
#include "console.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 16, LINES_DEFAULT = 20, GREP_LINE_MAX = 512 };

struct words {
	unsigned count;
	const char *word[WORDS_MAX];
};

struct command {
	const char *name, *other_name;
	unsigned least, most; /* words behind the name */
	void (*run)(struct mux *mux, const struct words *words);
	const char *arguments, *help;
};

/* The client of a name; NULL and a message if there is none. */
static struct client *client_named(struct mux *mux, const char *name)
{
	struct client *c = console_find(mux->console, name);

	if (!c)
		mux_print(mux, "No client '%s', or several begin so.\r\n", name);
	return c;
}

/* Run an action for each client that is named. */
static void for_each_named(struct mux *mux, const struct words *words,
			   void (*action)(struct mux *mux, struct client *client))
{
	for (unsigned i = 1; i < words->count; i++) {
		struct client *c = client_named(mux, words->word[i]);

		if (c)
			action(mux, c);
	}
}

/* --- Lists --- */

static void run_list(struct mux *mux, const struct words *words)
{
	(void)words;
	mux_print(mux, "%-20s %-6s %-4s %-4s %10s %6s\r\n", "NAME", "STATE", "KEEP", "KEY",
		  "OUTPUT", "INPUT");
	for (struct client *c = mux->console->clients; c; c = c->next) {
		const char *state = c->views[mux->index].shown ? "shown" : "hidden";

		mux_print(
		    mux, "%-20s %-6s %-4s %-4c %10llu %6u\r\n", c->name, c->gone ? "gone" : state,
		    c->options.keep ? "yes" : "no", c->options.key ? c->options.key : '-',
		    (unsigned long long)(c->output.end - c->output.begin), client_readable(c));
	}
}

static void print_info(struct mux *mux, struct client *c)
{
	mux_print(mux, "%s: colour %u, buffer %zu bytes, written %llu bytes\r\n", c->name,
		  c->colour, c->output.size, (unsigned long long)c->output.end);
	mux_print(mux, "  line buffering %s (%u ms), timestamp %s, keep %s\r\n",
		  c->options.line_buffering ? "on" : "off", c->options.line_wait_ms,
		  c->options.timestamp ? "on" : "off", c->options.keep ? "on" : "off");
	mux_print(mux, "  attributes (octal): input %lo, output %lo, local %lo\r\n",
		  c->attributes.input, c->attributes.output, c->attributes.local);
}

static void run_info(struct mux *mux, const struct words *words)
{
	unsigned clients = 0;

	for (const struct client *c = mux->console->clients; c; c = c->next)
		clients++;
	if (words->count == 1)
		mux_print(mux, "%s: terminal %u of %u, %u clients\r\n", mux->name, mux->index + 1,
			  mux->console->mux_count, clients);
	for_each_named(mux, words, print_info);
}

/* --- What was written --- */

/* A line of old text, without its end. */
static void print_line(struct mux *mux, const struct client *client, uint64_t from, uint64_t to)
{
	struct escape escape = { 0 };
	bool coloured = false;

	for (;;) {
		size_t count;
		const char *text = ring_at(&client->output, &from, to, &count);

		if (!count)
			break;
		coloured |= mux_put_filtered(mux, &escape, text, count);
		from += count;
	}
	mux_print(mux, "%s\r\n", coloured ? "\033[0m" : "");
}

static void print_from(struct mux *mux, const struct client *client, uint64_t from)
{
	const struct ring *r = &client->output;

	if (from < r->begin)
		from = r->begin;
	while (from < r->end) {
		uint64_t next = ring_line_end(r, from);

		print_line(mux, client, from, next);
		from = next;
	}
}

static void print_all(struct mux *mux, struct client *client)
{
	print_from(mux, client, client->output.begin);
}

static void run_cat(struct mux *mux, const struct words *words)
{
	for_each_named(mux, words, print_all);
}

static void run_tail(struct mux *mux, const struct words *words)
{
	struct client *c = client_named(mux, words->word[1]);
	unsigned long lines = LINES_DEFAULT;

	if (words->count > 2)
		lines = strtoul(words->word[2], NULL, 10);
	if (c && lines)
		print_from(mux, c, ring_last_lines(&c->output, (unsigned)lines));
}

/* The text of a line without its end, or its beginning if it is long; `line` has GREP_LINE_MAX
 * bytes. */
static void read_line(const struct client *client, uint64_t from, uint64_t to, char *line)
{
	size_t most = to - from < GREP_LINE_MAX - 1 ? to - from : GREP_LINE_MAX - 1;
	size_t count = ring_read(&client->output, &from, line, most);

	while (count && (line[count - 1] == '\n' || line[count - 1] == '\r'))
		count--;
	line[count] = 0;
}

static void grep_client(struct mux *mux, const struct client *client, const char *text)
{
	uint64_t end;

	for (uint64_t at = client->output.begin; at < client->output.end; at = end) {
		char line[GREP_LINE_MAX];

		end = ring_line_end(&client->output, at);
		read_line(client, at, end, line);
		if (!strstr(line, text))
			continue;
		mux_print(mux, "%s: ", client->name);
		print_line(mux, client, at, end);
	}
}

static void run_grep(struct mux *mux, const struct words *words)
{
	if (words->count == 2)
		for (struct client *c = mux->console->clients; c; c = c->next)
			grep_client(mux, c, words->word[1]);
	for (unsigned i = 2; i < words->count; i++) {
		struct client *c = client_named(mux, words->word[i]);

		if (c)
			grep_client(mux, c, words->word[1]);
	}
}

static void clear(struct mux *mux, struct client *client)
{
	(void)mux;
	ring_clear(&client->output);
}

static void run_clear(struct mux *mux, const struct words *words)
{
	for_each_named(mux, words, clear);
}

/* --- What is shown --- */

static void show(struct mux *mux, struct client *client)
{
	mux_set_shown(mux, client, true);
}

static void hide(struct mux *mux, struct client *client)
{
	mux_set_shown(mux, client, false);
}

static void run_show(struct mux *mux, const struct words *words)
{
	for_each_named(mux, words, show);
}

static void run_hide(struct mux *mux, const struct words *words)
{
	for_each_named(mux, words, hide);
}

static void run_show_all(struct mux *mux, const struct words *words)
{
	(void)words;
	for (struct client *c = mux->console->clients; c; c = c->next)
		mux_set_shown(mux, c, true);
}

static void run_hide_all(struct mux *mux, const struct words *words)
{
	(void)words;
	for (struct client *c = mux->console->clients; c; c = c->next)
		mux_set_shown(mux, c, false);
}

static void run_connect(struct mux *mux, const struct words *words)
{
	struct client *c = client_named(mux, words->word[1]);

	if (!c)
		return;
	if (c->gone)
		mux_print(mux, "'%s' has gone; `cat` shows what it wrote.\r\n", c->name);
	else
		mux_connect(mux, c);
}

/* --- Options of a client --- */

static void change_keep(struct mux *mux, struct client *c)
{
	c->options.keep = !c->options.keep;
	mux_print(mux, "%s: keep %s\r\n", c->name, c->options.keep ? "on" : "off");
}

static void run_keep(struct mux *mux, const struct words *words)
{
	for_each_named(mux, words, change_keep);
}

static void change_timestamp(struct mux *mux, struct client *c)
{
	c->options.timestamp = !c->options.timestamp;
	mux_print(mux, "%s: timestamp %s\r\n", c->name, c->options.timestamp ? "on" : "off");
}

static void run_timestamp(struct mux *mux, const struct words *words)
{
	for_each_named(mux, words, change_timestamp);
}

static void run_key(struct mux *mux, const struct words *words)
{
	struct client *c = client_named(mux, words->word[1]);
	const char *key = words->count > 2 ? words->word[2] : "";

	if (!c)
		return;
	if (*key && key[1])
		mux_print(mux, "A key is one character.\r\n");
	else
		c->options.key = *key;
}

/* --- The end of a client --- */

static void kick(struct mux *mux, struct client *c)
{
	if (c->gone) {
		mux_print(mux, "'%s' has gone already; `drop` removes it.\r\n", c->name);
		return;
	}
	mux->console->effects->disconnect(c);
	console_client_gone(mux->console, c);
}

static void run_kick(struct mux *mux, const struct words *words)
{
	for_each_named(mux, words, kick);
}

static void drop(struct mux *mux, struct client *c)
{
	if (c->gone)
		console_drop(mux->console, c);
	else
		mux_print(mux, "'%s' is still there; `kick` takes its console away.\r\n", c->name);
}

static void run_drop(struct mux *mux, const struct words *words)
{
	for_each_named(mux, words, drop);
}

/* --- The table --- */

static void run_help(struct mux *mux, const struct words *words);

enum { ANY = WORDS_MAX - 1 };

static const struct command commands[] = {
	{ "cat", "", 1, ANY, run_cat, "NAME...", "all that a client wrote and that is kept" },
	{ "clear", "", 1, ANY, run_clear, "NAME...", "forget what a client wrote" },
	{ "connect", "c", 1, 1, run_connect, "NAME", "type to a client; Ctrl-E . comes back" },
	{ "drop", "", 1, ANY, run_drop, "NAME...", "remove a client that has gone" },
	{ "grep", "", 1, ANY, run_grep, "TEXT [NAME...]",
	  "lines with the text, of all clients or these" },
	{ "help", "?", 0, 0, run_help, "", "this list" },
	{ "hide", "", 1, ANY, run_hide, "NAME...", "do not show a client's lines" },
	{ "hideall", "", 0, 0, run_hide_all, "", "show no client's lines" },
	{ "info", "", 0, ANY, run_info, "[NAME...]", "about this console, or clients" },
	{ "keep", "", 1, ANY, run_keep, "NAME...",
	  "keep what it wrote when it goes, or no longer" },
	{ "key", "", 1, 2, run_key, "NAME [KEY]", "Ctrl-E KEY connects to it; without KEY: none" },
	{ "kick", "", 1, ANY, run_kick, "NAME...", "take its console away from a client" },
	{ "list", "ls", 0, 0, run_list, "", "the clients" },
	{ "show", "", 1, ANY, run_show, "NAME...", "show a client's lines" },
	{ "showall", "", 0, 0, run_show_all, "", "show all clients' lines" },
	{ "tail", "", 1, 2, run_tail, "NAME [LINES]", "the last lines of a client (20)" },
	{ "timestamp", "", 1, ANY, run_timestamp, "NAME...",
	  "date and time before its lines, or no longer" },
};

enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

static void run_help(struct mux *mux, const struct words *words)
{
	(void)words;
	for (unsigned i = 0; i < COMMANDS; i++)
		mux_print(mux, "%-9s %-2s %-14s %s\r\n", commands[i].name, commands[i].other_name,
			  commands[i].arguments, commands[i].help);
	mux_print(mux, "The beginning of a client's name is enough; Tab completes it.\r\n");
}

static const struct command *find(const char *name)
{
	for (unsigned i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, name) || !strcmp(commands[i].other_name, name))
			return &commands[i];
	return NULL;
}

/* Split in place. Words beyond WORDS_MAX are an error: false. */
static bool split(char *line, struct words *words)
{
	char *rest = NULL;

	words->count = 0;
	for (char *w = strtok_r(line, " ", &rest); w; w = strtok_r(NULL, " ", &rest)) {
		if (words->count == WORDS_MAX)
			return false;
		words->word[words->count++] = w;
	}
	return true;
}

void mux_command(struct mux *mux, const char *line)
{
	char copy[PROMPT_LINE_MAX + 1];
	const struct command *command;
	struct words words;

	strncpy(copy, line, PROMPT_LINE_MAX);
	copy[PROMPT_LINE_MAX] = 0;
	if (!split(copy, &words)) {
		mux_print(mux, "Too many words.\r\n");
		return;
	}
	if (!words.count)
		return;
	command = find(words.word[0]);
	if (!command)
		mux_print(mux, "No command '%s'; `help` lists them.\r\n", words.word[0]);
	else if (words.count - 1 < command->least || words.count - 1 > command->most)
		mux_print(mux, "Usage: %s %s\r\n", command->name, command->arguments);
	else
		command->run(mux, &words);
}

/* --- Completion --- */

/* The rest that the candidates have in common. */
struct candidates {
	const char *begin;
	size_t length;
	const char *rest; /* NULL: none yet */
	size_t common;
	unsigned count;
};

static void consider(struct candidates *c, const char *name)
{
	const char *rest = name + c->length;
	size_t same = 0;

	if (strncmp(name, c->begin, c->length) != 0)
		return;
	if (!c->count++) {
		c->rest = rest;
		c->common = strlen(rest);
		return;
	}
	while (same < c->common && rest[same] == c->rest[same])
		same++;
	c->common = same;
}

void mux_complete(struct mux *mux, const char *line, char *rest, size_t size)
{
	const char *space = strrchr(line, ' ');
	struct candidates c = { .begin = space ? space + 1 : line };

	c.length = strlen(c.begin);
	*rest = 0;
	if (space)
		for (struct client *client = mux->console->clients; client; client = client->next)
			consider(&c, client->name);
	else
		for (unsigned i = 0; i < COMMANDS; i++)
			consider(&c, commands[i].name);
	if (!c.count || c.common + 2 > size)
		return;
	memcpy(rest, c.rest, c.common);
	rest[c.common] = 0;
	if (c.count == 1)
		strcat(rest, " ");
}
