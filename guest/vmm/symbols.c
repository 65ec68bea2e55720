/* SPDX-License-Identifier: MIT */
/* Names of a kernel's addresses. */
#include "vmm/symbols.h"

#include <stdio.h>
#include <string.h>

enum { DISTANCE_MAX = 1 << 20, DIGITS = 16 };

struct symbol {
	uint64_t address;
	const char *name;
	size_t bytes;
};

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A line without its end: 16 digits, space, letter, space, name. */
static bool read_line(const char *line, size_t bytes, struct symbol *s)
{
	if (bytes < DIGITS + 4 || line[DIGITS] != ' ' || line[DIGITS + 2] != ' ')
		return false;
	s->address = 0;
	for (unsigned i = 0; i < DIGITS; i++) {
		int d = digit(line[i]);

		if (d < 0)
			return false;
		s->address = s->address << 4 | (unsigned)d;
	}
	s->name = line + DIGITS + 3;
	s->bytes = bytes - DIGITS - 3;
	return true;
}

bool symbols_find(const char *text, size_t bytes, uint64_t address, char *to, size_t room)
{
	const char *end = text + bytes, *next;
	struct symbol best = { 0 }, s;

	for (const char *line = text; line < end; line = next + 1) {
		next = memchr(line, '\n', (size_t)(end - line));
		next = next ? next : end;
		if (!read_line(line, (size_t)(next - line), &s) || s.address > address)
			continue;
		if (address - s.address < DISTANCE_MAX && (!best.name || s.address > best.address))
			best = s;
	}
	if (!best.name)
		return false;
	snprintf(to, room, "%.*s+0x%lx", (int)(best.bytes < 100 ? best.bytes : 100), best.name,
		 address - best.address);
	return true;
}
