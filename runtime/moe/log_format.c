/* SPDX-License-Identifier: MIT */
/* Tags and colours of log lines. */
#include <string.h>
#include "log_format.h"
#include "text.h"

enum { BRIGHT = 8, COLOUR = 7, LINE_BYTES = LOG_WRITE_MAX + 128 };

static void add_colour(struct text *t, const struct log_source *s)
{
	if (!s->colour)
		text_add(t, "\033[0m");
	else
		text_add(t, "\033[%s3%um", s->colour & BRIGHT ? "01;" : "", s->colour & COLOUR);
}

/* The tag, unless this source's own line goes on where it was left. */
static void add_tag(const struct log_console *c, struct text *t, const struct log_source *s)
{
	size_t length = strlen(s->tag);

	if (c->last == s && s->in_line)
		return;
	text_add_bytes(t, s->tag, length < LOG_TAG_COLUMNS ? length : LOG_TAG_COLUMNS);
	text_add_bytes(t, "        ", length < LOG_TAG_COLUMNS ? LOG_TAG_COLUMNS - length : 0);
	text_add(t, "%s", s->in_line ? ": " : "| ");
}

/* One piece without newline; end: a newline follows it. */
static void write_piece(struct log_console *c, struct log_source *s, const char *text, size_t count,
			bool end)
{
	char line[LINE_BYTES];
	struct text t = text_init(line, sizeof(line));

	if (c->last && c->last != s)
		text_add(&t, "\n");
	add_colour(&t, s);
	add_tag(c, &t, s);
	text_add_bytes(&t, text, count);
	if (end)
		text_add(&t, "\033[0m\n");
	else if (s->colour)
		text_add(&t, "\033[0m");
	s->in_line = !end;
	c->last = end ? NULL : s;
	c->write(line, t.length);
}

void log_format(struct log_console *console, struct log_source *source, const char *text,
		size_t count)
{
	count = strnlen(text, count < LOG_WRITE_MAX ? count : LOG_WRITE_MAX);
	while (count) {
		const char *newline = memchr(text, '\n', count);
		size_t piece = newline ? (size_t)(newline - text) : count;

		write_piece(console, source, text, piece, newline);
		piece += newline != NULL;
		text += piece;
		count -= piece;
	}
}

void log_forget(struct log_console *console, const struct log_source *source)
{
	if (console->last != source)
		return;
	console->write("\n", 1);
	console->last = NULL;
}

unsigned log_colour(const char *name)
{
	static const char letters[] = "nrgybmcw";
	char lower = *name | ' ';
	const char *at = *name ? strchr(letters, lower) : NULL;

	if (!at)
		return 0;
	return (unsigned)(at - letters) | (*name == lower ? 0 : BRIGHT);
}
