/* SPDX-License-Identifier: MIT */
/*
 * What of a client's text may go to a terminal that shows others' lines, too: text, tabs, and
 * escape sequences for colour (ESC [ numbers m). All other sequences and control characters could
 * move the cursor, change the terminal, or make it answer. Pure.
 */
#ifndef CONS_ESCAPE_H
#define CONS_ESCAPE_H

enum { ESCAPE_MAX = 32 };

/* Where in a text the filter is. All zeros at the beginning, and again for each line. */
struct escape {
	unsigned count; /* of bytes in sequence */
	char sequence[ESCAPE_MAX];
	char kind; /* of the sequence: 0, ESC (kind unknown), '[', ']' (a text of its own), ' ' */
};

/*
 * The next byte: *out becomes what may be written now, so many bytes as are returned. They are
 * valid until the next call.
 */
unsigned escape_filter(struct escape *e, char byte, const char **out);

#endif
