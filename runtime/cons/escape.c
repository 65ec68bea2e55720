/* SPDX-License-Identifier: MIT */
/* Escape sequences in the lines of clients. */
#include "escape.h"

#include <stdbool.h>
#include <string.h>

enum { BELL = 7, ESCAPE = 27, DELETE = 127 };

static void begin(struct escape *e)
{
	e->kind = ESCAPE;
	e->sequence[0] = ESCAPE;
	e->count = 1;
}

/* The byte behind ESC. */
static void set_kind(struct escape *e, char byte)
{
	if (byte == '[')
		e->kind = '[';
	else if (byte && strchr("]PX^_", byte))
		e->kind = ']';
	else if (byte >= ' ' && byte <= '/')
		e->kind = ' '; /* intermediate bytes, then a last one */
	else
		e->kind = 0;
}

static bool is_final(char byte)
{
	return byte >= '@' && byte <= '~';
}

/* One more byte of ESC [ ...; true: it was the last, and the sequence is for colour. */
static bool ends_colour(struct escape *e, char byte)
{
	if (e->count < ESCAPE_MAX)
		e->sequence[e->count] = byte;
	e->count++;
	if (byte < ' ' || byte > '~')
		e->kind = 0;
	if (!e->kind || !is_final(byte))
		return false;
	e->kind = 0;
	return byte == 'm' && e->count <= ESCAPE_MAX &&
	       strspn(e->sequence + 2, "0123456789;:") == e->count - 3;
}

static void in_sequence(struct escape *e, char byte)
{
	switch (e->kind) {
	case ESCAPE:
		e->sequence[e->count++] = byte;
		set_kind(e, byte);
		break;
	case ']':
		if (byte == BELL)
			e->kind = 0;
		break;
	default:
		if (byte < ' ' || byte > '/')
			e->kind = 0;
	}
}

static bool is_text(char byte)
{
	return byte == '\t' || ((unsigned char)byte >= ' ' && byte != DELETE);
}

unsigned escape_filter(struct escape *e, char byte, const char **out)
{
	*out = e->sequence;
	if (byte == ESCAPE) { /* ends what is not complete, too */
		begin(e);
	} else if (e->kind == '[') {
		return ends_colour(e, byte) ? e->count : 0;
	} else if (e->kind) {
		in_sequence(e, byte);
	} else if (is_text(byte)) {
		e->sequence[0] = byte;
		return 1;
	}
	return 0;
}
