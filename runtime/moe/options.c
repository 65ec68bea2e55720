/* SPDX-License-Identifier: MIT */
/* Options of moe. */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include "options.h"

struct bit_name {
	const char *name;
	unsigned bits;
};

static const struct bit_name debug_names[] = {
	{ "info", 1 },	    { "nfo", 1 },    { "warn", 2 },	     { "boot", 4 },
	{ "server", 0x10 }, { "svr", 0x10 }, { "exceptions", 0x20 }, { "exc", 0x20 },
	{ "loader", 0x80 }, { "ldr", 0x80 }, { "ns", 0x400 },	     { "all", ~0U },
	{ NULL, 0 },
};

static const struct bit_name loader_names[] = {
	{ "pre_alloc", 1 },
	{ "all_segs_cow", 2 },
	{ "pinned_segs", 4 },
	{ NULL, 0 },
};

/* Names separated by ',', '|' or '+'. */
static unsigned parse_bits(const char *text, const struct bit_name *names)
{
	unsigned bits = 0;

	while (*text) {
		size_t length = strcspn(text, ",|+");

		for (const struct bit_name *n = names; n->name; n++)
			if (strlen(n->name) == length && memcmp(n->name, text, length) == 0)
				bits |= n->bits;
		text += length;
		text += *text != 0;
	}
	return bits;
}

/* The value of an option if word is that one, else NULL. */
static const char *value_of(const char *word, const char *option)
{
	size_t length = strlen(option);

	return strncmp(word, option, length) == 0 ? word + length : NULL;
}

static void parse_option(struct options *o, const char *word)
{
	const char *value;

	if ((value = value_of(word, "--init=")))
		o->init = value;
	else if ((value = value_of(word, "--debug=")))
		o->debug = parse_bits(value, debug_names);
	else if ((value = value_of(word, "--l4re-dbg=")))
		o->l4re_debug = parse_bits(value, debug_names);
	else if ((value = value_of(word, "--ldr-flags=")))
		o->loader_flags = parse_bits(value, loader_names);
	else if (!o->unknown)
		o->unknown = word;
}

void options_parse(struct options *o, int argc, char *const *argv)
{
	bool arguments = false;

	*o = (struct options){ .init = "rom/ned", .debug = 1 | 2, .argc = 1 };
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];

		if (!arguments && strcmp(word, "--") == 0) {
			arguments = true;
		} else if (!arguments && *word == '-') {
			parse_option(o, word);
		} else {
			arguments = true;
			if (o->argc < OPTIONS_ARGS)
				o->argv[o->argc++] = word;
		}
	}
	o->argv[0] = o->init;
}
