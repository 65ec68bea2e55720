/* SPDX-License-Identifier: MIT */
/*
 * A client of the console: what it has written, what has been typed for it, and how each
 * multiplexer shows it. Pure: no system calls.
 */
#ifndef CONS_CLIENT_H
#define CONS_CLIENT_H

#include <stdbool.h>
#include "escape.h"
#include "vcon/create.h"
#include "vcon/ring.h"

enum {
	CLIENT_MUXES = 4,
	CLIENT_INPUT_MAX = 16384, /* what is pasted while a program works */
	CLIENT_NAME_MAX = VCON_TAG_MAX + 12,
	CLIENT_BUFFER_DEFAULT = 40960,
	CLIENT_BUFFER_MIN = 512,
	CLIENT_BUFFER_MAX = 16 << 20,
	CLIENT_LINE_WAIT_DEFAULT = 50
};

/* What can be chosen for a client. */
struct client_options {
	bool show; /* its lines appear on every multiplexer */
	bool keep; /* what it wrote stays when it has gone */
	bool line_buffering;
	bool timestamp;
	unsigned line_wait_ms; /* an unfinished line appears after that time */
	size_t buffer_bytes;
	char key; /* Ctrl-E and this key connect to it; 0: none */
};

/* A client on one multiplexer. */
struct client_view {
	uint64_t position; /* of its output: everything before has been shown */
	bool shown;
	bool in_line;	      /* its last line there is not finished */
	struct escape escape; /* in that line */
};

/* Attributes as of L4_vcon_i_flags, L4_vcon_o_flags, L4_vcon_l_flags. */
struct client_attributes {
	unsigned long input, output, local;
};

struct client {
	struct client *next;
	char name[CLIENT_NAME_MAX + 1]; /* tag, with a number if another has the same */
	unsigned colour;
	bool gone; /* the program has ended; kept to be read */
	struct client_options options;
	struct client_attributes attributes;

	struct ring output;   /* as it goes to a terminal */
	bool line_begins;     /* the next byte of output is the first of a line */
	uint64_t deadline_ms; /* an unfinished line waits until then; 0: none does */
	struct client_view views[CLIENT_MUXES];

	char input[CLIENT_INPUT_MAX]; /* ring */
	unsigned input_head, input_count;
	unsigned line_count; /* with L4_VCON_ICANON: the last of input_count are not yet a line */
	bool was_break;
};

/* The attributes of a new client: CR becomes NL, NL becomes CR NL, echo. */
struct client_attributes client_default_attributes(void);

/* True if the option (`show`, `key=C`, ...) is one and its value is right; then it is applied. */
bool client_option(struct client_options *options, const char *text);

/* Append output; stamp is put before each line ("" for none). */
void client_output(struct client *client, const char *text, size_t count, const char *stamp);

/*
 * A key for the client: mapped, echoed, edited as its attributes say. True if the client has input
 * to read now that it had not. What does not fit is lost.
 */
bool client_type(struct client *client, char key, const char *stamp);

/* Input that the client can read: up to count bytes. */
size_t client_read(struct client *client, char *out, size_t count);

/* How many bytes it can read. */
unsigned client_readable(const struct client *client);

#endif
