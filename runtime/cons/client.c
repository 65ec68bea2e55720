/* SPDX-License-Identifier: MIT */
/* A client of the console: options, output processing, line discipline. */
#include "client.h"

#include <stdlib.h>
#include <string.h>
#include <l4/sys/vcon.h>

enum { BACKSPACE = '\b', DELETE = 127, END_OF_INPUT = 4, KILL_LINE = 21, LINE_WAIT_MAX = 60000 };

struct client_attributes client_default_attributes(void)
{
	return (struct client_attributes){ .input = L4_VCON_ICRNL,
					   .output = L4_VCON_ONLRET | L4_VCON_ONLCR,
					   .local = L4_VCON_ECHO };
}

/* --- Options --- */

/* The number behind a name, from least to most. */
static bool number_option(const char *text, const char *name, unsigned long least,
			  unsigned long most, unsigned long *value)
{
	size_t length = strlen(name);
	char *end;

	if (strncmp(text, name, length) || text[length] < '0' || text[length] > '9')
		return false;
	*value = strtoul(text + length, &end, 10);
	return !*end && *value >= least && *value <= most;
}

static bool value_option(struct client_options *o, const char *text)
{
	unsigned long value;

	if (number_option(text, "line-buffered-ms=", 0, LINE_WAIT_MAX, &value))
		o->line_wait_ms = (unsigned)value;
	else if (number_option(text, "bufsz=", CLIENT_BUFFER_MIN, CLIENT_BUFFER_MAX, &value))
		o->buffer_bytes = value;
	else if (!strncmp(text, "key=", 4) && text[4] > ' ' && !text[5])
		o->key = text[4];
	else
		return false;
	return true;
}

bool client_option(struct client_options *o, const char *text)
{
	const struct {
		const char *name;
		bool *field;
		bool value;
	} flags[] = {
		{ "show", &o->show, true },
		{ "hide", &o->show, false },
		{ "keep", &o->keep, true },
		{ "no-keep", &o->keep, false },
		{ "line-buffering", &o->line_buffering, true },
		{ "no-line-buffering", &o->line_buffering, false },
		{ "timestamp", &o->timestamp, true },
		{ "no-timestamp", &o->timestamp, false },
	};

	for (unsigned i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (!strcmp(text, flags[i].name)) {
			*flags[i].field = flags[i].value;
			return true;
		}
	return value_option(o, text);
}

/* --- Output --- */

/* One byte as the attributes want it: at most two for the terminal. */
static unsigned convert(unsigned long flags, char c, char *out)
{
	unsigned count = 0;

	if (c == '\r' && flags & L4_VCON_OCRNL)
		c = '\n';
	if (c == '\r' && flags & L4_VCON_ONLRET)
		return 0;
	if (c == '\n' && flags & L4_VCON_ONLCR)
		out[count++] = '\r';
	out[count++] = c;
	return count;
}

void client_output(struct client *client, const char *text, size_t count, const char *stamp)
{
	for (size_t i = 0; i < count; i++) {
		char out[2];
		unsigned n = convert(client->attributes.output, text[i], out);

		if (!n)
			continue;
		if (client->line_begins && *stamp)
			ring_put(&client->output, stamp, strlen(stamp));
		ring_put(&client->output, out, n);
		client->line_begins = out[n - 1] == '\n';
	}
}

/* --- Input --- */

unsigned client_readable(const struct client *client)
{
	return client->input_count - client->line_count;
}

size_t client_read(struct client *client, char *out, size_t count)
{
	size_t n = client_readable(client) < count ? client_readable(client) : count;

	for (size_t i = 0; i < n; i++)
		out[i] = client->input[(client->input_head + i) % CLIENT_INPUT_MAX];
	client->input_head = (client->input_head + (unsigned)n) % CLIENT_INPUT_MAX;
	client->input_count -= (unsigned)n;
	return n;
}

static void echo(struct client *client, const char *text, size_t count, const char *stamp)
{
	if (client->attributes.local & L4_VCON_ECHO)
		client_output(client, text, count, stamp);
}

/* Control characters are shown as ^X. */
static void echo_key(struct client *client, char c, const char *stamp)
{
	char control[2] = { '^', (char)(c + '@') };

	if ((unsigned char)c >= ' ' ? c != DELETE : c == '\n' || c == '\t' || c == '\r')
		echo(client, &c, 1, stamp);
	else if (c != DELETE)
		echo(client, control, 2, stamp);
}

static bool put(struct client *client, char c)
{
	if (client->input_count == CLIENT_INPUT_MAX)
		return false;
	client->input[(client->input_head + client->input_count++) % CLIENT_INPUT_MAX] = c;
	return true;
}

static void take_back(struct client *client, unsigned count, const char *stamp)
{
	for (; count && client->line_count; count--) {
		client->input_count--;
		client->line_count--;
		echo(client, "\b \b", 3, stamp);
	}
}

/* Input by lines. The last place is kept for the end of the line. */
static bool edit(struct client *client, char c, const char *stamp)
{
	if (c == BACKSPACE || c == DELETE) {
		take_back(client, 1, stamp);
	} else if (c == KILL_LINE) {
		take_back(client, client->line_count, stamp);
	} else if (c == END_OF_INPUT) {
		client->line_count = 0;
	} else if (c == '\n') {
		echo_key(client, c, stamp);
		put(client, c);
		client->line_count = 0;
	} else if (client->input_count < CLIENT_INPUT_MAX - 1) {
		echo_key(client, c, stamp);
		put(client, c);
		client->line_count++;
	}
	return client_readable(client);
}

bool client_type(struct client *client, char key, const char *stamp)
{
	unsigned long flags = client->attributes.input;

	if (key == '\n' && flags & L4_VCON_INLCR)
		key = '\r';
	if (key == '\r' && flags & L4_VCON_IGNCR)
		return false;
	if (key == '\r' && flags & L4_VCON_ICRNL)
		key = '\n';
	if (client->attributes.local & L4_VCON_ICANON)
		return edit(client, key, stamp);
	client->line_count = 0;
	if (!put(client, key))
		return false;
	echo_key(client, key, stamp);
	return true;
}
