/* SPDX-License-Identifier: MIT */
/* The command-line words that the boot stage understands itself (32 and 64 bit). */
#include <stddef.h>

#include <l4/sys/err.h>
#include "options.h"

#define PORT_LAST 0xfff8

static int is_word_end(char c)
{
	return c == 0 || c == ' ';
}

/* If @word starts with @prefix, what follows it; else NULL. */
static const char *after_prefix(const char *word, const char *prefix)
{
	while (*prefix)
		if (*word++ != *prefix++)
			return NULL;
	return word;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int hex_port(const char *value)
{
	const char *digits = after_prefix(value, "0x");
	int port = 0;

	value = digits ? digits : value;
	if (is_word_end(*value))
		return -L4_EINVAL;
	for (; !is_word_end(*value); value++) {
		int digit = hex_digit(*value);

		if (digit < 0 || port > PORT_LAST >> 4)
			return -L4_EINVAL;
		port = port << 4 | digit;
	}
	return port < PORT_LAST ? port : -L4_EINVAL;
}

static int named_port(const char *value)
{
	static const int ports[] = { SERIAL_COM1, 0x2f8, 0x3e8, 0x2e8 };
	const char *digit = after_prefix(value, "com");

	if (digit && *digit >= '1' && *digit <= '4' && is_word_end(digit[1]))
		return ports[*digit - '1'];
	return hex_port(value);
}

int option_serial_port(const char *cmdline)
{
	int port = SERIAL_COM1;

	while (cmdline && *cmdline) {
		const char *value = after_prefix(cmdline, "-serial=");
		const char *none = after_prefix(cmdline, "-noserial");

		if (value)
			port = named_port(value);
		else if (none && is_word_end(*none))
			port = 0;
		while (!is_word_end(*cmdline))
			cmdline++;
		while (*cmdline == ' ')
			cmdline++;
	}
	return port;
}
