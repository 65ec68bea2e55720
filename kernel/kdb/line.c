/* SPDX-License-Identifier: MIT */
/* Command lines of the debugger. */
#include "kdb/line.h"
#include "core/string.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

unsigned kdb_split(char *line, char *word[KDB_WORDS])
{
	unsigned n = 0;

	for (char *p = line; n < KDB_WORDS; n++) {
		while (is_blank(*p))
			*p++ = '\0';
		if (!*p)
			break;
		word[n] = p;
		while (*p && !is_blank(*p))
			p++;
		if (*p)
			*p++ = '\0';
	}
	return n;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

bool kdb_number(const char *s, u64 *v)
{
	int base = 10;
	u64 sum = 0;

	if (s[0] == '0' && (s[1] | 32) == 'x') {
		base = 16;
		s += 2;
	}
	if (!*s)
		return false;
	for (; *s; s++) {
		if (digit(*s) >= base || __builtin_mul_overflow(sum, (u64)base, &sum) ||
		    __builtin_add_overflow(sum, (u64)digit(*s), &sum))
			return false;
	}
	*v = sum;
	return true;
}

int kdb_match(const char *s, const char *(*name)(unsigned i))
{
	int prefix = -1;

	for (unsigned i = 0; name(i); i++) {
		if (strcmp(name(i), s) == 0)
			return (int)i;
		if (prefix < 0 && strncmp(name(i), s, strlen(s)) == 0)
			prefix = (int)i;
	}
	return prefix;
}

size_t kdb_first_command(const char *text, size_t n, char *buf, size_t size)
{
	size_t i = 0, fill = 0;

	for (; i < n && text[i] && text[i] != ';'; i++)
		if (fill + 1 < size)
			buf[fill++] = text[i];
	buf[fill] = '\0';
	return i < n ? i + 1 : n;
}
