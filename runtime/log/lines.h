/* SPDX-License-Identifier: MIT */
/* Lines of the memory log: time, tag, text; a line of one client is never mixed with another's. */
#ifndef LOG_LINES_H
#define LOG_LINES_H

#include <stdint.h>
#include "vcon/create.h"
#include "vcon/ring.h"

enum { LINE_TEXT_MAX = 240, LINE_MAX = LINE_TEXT_MAX + VCON_TAG_MAX + 32 };

/* The line that a client has begun. All zeros but the tag at first. */
struct line {
	char tag[VCON_TAG_MAX + 1];
	char text[LINE_TEXT_MAX];
	unsigned count;
};

/*
 * Append text of a client. Each line that is done (or too long) goes to `emit` as it is to be kept:
 * "[seconds.milliseconds] tag     | text\n". CR and NUL are dropped. now: microseconds.
 */
void line_put(struct line *line, const char *text, size_t count, uint64_t now,
	      void (*emit)(const char *text, size_t count));

/* The client goes: its unfinished line is done. */
void line_end(struct line *line, uint64_t now, void (*emit)(const char *text, size_t count));

#endif
