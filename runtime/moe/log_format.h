/* SPDX-License-Identifier: MIT */
/*
 * The form of log lines: each client's output has its tag and colour, and a line that another
 * client interrupts is continued with the tag again. Pure: writes through a function.
 */
#ifndef MOE_LOG_FORMAT_H
#define MOE_LOG_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

enum { LOG_TAG_MAX = 32, LOG_TAG_COLUMNS = 8, LOG_WRITE_MAX = 1024, LOG_WHITE = 7 };

struct log_source {
	char tag[LOG_TAG_MAX + 1];
	unsigned colour; /* 0: none; bits 0..2 colour, 8: bright */
	bool in_line;	 /* its last line is not finished */
};

/* The one console that all write to. */
struct log_console {
	const struct log_source *last; /* who wrote last; NULL: nobody, or a line is finished */
	void (*write)(const char *bytes, size_t count);
};

/* Write text (up to a NUL, LOG_WRITE_MAX bytes at most) of a source. */
void log_format(struct log_console *console, struct log_source *source, const char *text,
		size_t count);

/* The source goes: what it left open is no longer its line. */
void log_forget(struct log_console *console, const struct log_source *source);

/* Colour number of a name: n r g y b m c w by the first letter, capital: bright; else 0. */
unsigned log_colour(const char *name);

#endif
