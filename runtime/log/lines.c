/* SPDX-License-Identifier: MIT */
/* Lines of the memory log. */
#include "lines.h"

#include <stdio.h>

static void finish(struct line *l, uint64_t now, void (*emit)(const char *text, size_t count))
{
	char out[LINE_MAX];
	unsigned long ms = now / 1000;
	int count = snprintf(out, sizeof(out), "[%5lu.%03lu] %-8s| %.*s\n", ms / 1000, ms % 1000,
			     l->tag, (int)l->count, l->text);

	l->count = 0;
	emit(out, (size_t)count);
}

void line_put(struct line *l, const char *text, size_t count, uint64_t now,
	      void (*emit)(const char *text, size_t count))
{
	for (size_t i = 0; i < count; i++) {
		if (text[i] == '\n' || l->count == LINE_TEXT_MAX)
			finish(l, now, emit);
		if (text[i] && text[i] != '\n' && text[i] != '\r')
			l->text[l->count++] = text[i];
	}
}

void line_end(struct line *l, uint64_t now, void (*emit)(const char *text, size_t count))
{
	if (l->count)
		finish(l, now, emit);
}
