/* SPDX-License-Identifier: MIT */
/* Words of an option line: "-name" and "-name=value", separated by blanks. The last one counts. */
#include "core/print.h"
#include "core/string.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* Value part of the word at w if the word is -name or -name=value, else NULL. */
static const char *word_value(const char *w, const char *name, size_t len)
{
	if (w[0] != '-' || strncmp(w + 1, name, len) != 0)
		return NULL;
	w += 1 + len;
	if (*w == '=')
		return w + 1;
	return !*w || is_blank(*w) ? w : NULL;
}

static void copy_word(char *buf, size_t n, const char *w)
{
	size_t i = 0;

	for (; i + 1 < n && w[i] && !is_blank(w[i]); i++)
		buf[i] = w[i];
	if (n)
		buf[i] = '\0';
}

bool option_get(const char *cmdline, const char *name, char *buf, size_t n)
{
	size_t len = strlen(name);
	bool found = false;

	for (const char *p = cmdline; *p;) {
		while (is_blank(*p))
			p++;
		const char *value = *p ? word_value(p, name, len) : NULL;

		if (value) {
			copy_word(buf, n, value);
			found = true;
		}
		while (*p && !is_blank(*p))
			p++;
	}
	return found;
}
