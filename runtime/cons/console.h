/* SPDX-License-Identifier: MIT */
/*
 * The console: clients and the multiplexers (one a terminal) that show them.
 *
 * A multiplexer is either at its prompt, where all lines of shown clients appear with tag and
 * colour, but without what could disturb others' (escape.h), or connected to one client, whose
 * output appears as it is and which gets all keys but the escape key. Output never waits: a client
 * that is not shown fills its ring, a terminal gets everything at once. Pure: effects go through
 * struct console_effects.
 */
#ifndef CONS_CONSOLE_H
#define CONS_CONSOLE_H

#include "client.h"
#include "prompt.h"

enum { MUX_GATHER = 480, MUX_NAME_MAX = 15, CONSOLE_STAMP_MAX = 32, CONNECT_LINES = 20 };

struct mux;

/* What the console does to the world. */
struct console_effects {
	/* Bytes for a terminal. */
	void (*write)(struct mux *mux, const char *bytes, size_t count);
	/* The client has input to read. */
	void (*wake)(struct client *client);
	/* Take its channel away from the client. */
	void (*disconnect)(struct client *client);
	/* Free a client that is in no list any more. */
	void (*destroy)(struct client *client);
	/* Date and time for a line, "[...] ", into CONSOLE_STAMP_MAX bytes. */
	void (*stamp)(char *out);
	/* Milliseconds, ever growing. */
	uint64_t (*now_ms)(void);
};

/* A terminal. */
struct mux {
	struct console *console;
	unsigned index;
	char name[MUX_NAME_MAX + 1];
	struct client *connected;  /* NULL: at the prompt */
	const struct client *open; /* whose unfinished line the cursor is in; NULL: column 0 */
	struct prompt prompt;
	bool prompt_wanted;  /* somebody has typed */
	bool prompt_visible; /* the cursor is in it */
	bool escape;	     /* the next key is a command */
	char gather[MUX_GATHER];
	unsigned gathered;
};

struct console {
	const struct console_effects *effects;
	struct client_options defaults;
	const char *default_name; /* for clients without tag */
	const char *auto_connect; /* name of the client to connect to, or NULL */
	struct client *clients;	  /* in order of their creation */
	struct mux muxes[CLIENT_MUXES];
	unsigned mux_count;
};

/* --- console.c: clients --- */

void console_init(struct console *console, const struct console_effects *effects);

/*
 * Put a client in: options, colour and output (a ring) are set, the name becomes the tag, with a
 * number if another has it.
 */
void console_add_client(struct console *console, struct client *client, const char *tag);

/* The client's program has gone: the client is destroyed, or kept to be read. */
void console_client_gone(struct console *console, struct client *client);

/* Remove a client and destroy it. Its channel must be gone. */
void console_drop(struct console *console, struct client *client);

/* The client writes. */
void console_write(struct console *console, struct client *client, const char *text, size_t count);

/* Show unfinished lines that have waited long enough. */
void console_tick(struct console *console);

/* When the next of them has: in milliseconds as of now_ms; 0: none waits. */
uint64_t console_deadline(const struct console *console);

/* The client with that name, or the only one whose name begins so; NULL: none, or several. */
struct client *console_find(const struct console *console, const char *name);

/* A key for a client, or (break) a break. */
void console_type(struct console *console, struct client *client, char key);
void console_break(struct console *console, struct client *client);

/* --- mux.c: what a terminal shows --- */

/* A new terminal; NULL: there are CLIENT_MUXES already. */
struct mux *console_add_mux(struct console *console, const char *name);

/* Bytes and formatted text as they are; mux_flush() when all is said. */
void mux_put(struct mux *mux, const char *bytes, size_t count);
void mux_print(struct mux *mux, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Text of a client for a screen with other lines: as it is but for what escape.h keeps back. True
 * if there was a colour in it, which the caller ends.
 */
bool mux_put_filtered(struct mux *mux, struct escape *escape, const char *bytes, size_t count);

/* Send what is gathered; draw the prompt again if it is wanted. */
void mux_flush(struct mux *mux);

/* Begin a line of the console's own: the cursor goes to column 0, the prompt disappears. */
void mux_own_line(struct mux *mux);

/* Show what a client has written since; force: unfinished lines too. */
void mux_show(struct mux *mux, struct client *client, bool force);

/* Connect to a client, with its last lines; NULL: back to the prompt. */
void mux_connect(struct mux *mux, struct client *client);

/* Show a client's lines or not. */
void mux_set_shown(struct mux *mux, struct client *client, bool shown);

/* --- keys.c: what is typed --- */

/* Bytes from a terminal; a break. */
void mux_input(struct mux *mux, const char *bytes, size_t count);
void mux_break(struct mux *mux);

/* --- command.c --- */

/* Run a line of the prompt. */
void mux_command(struct mux *mux, const char *line);

/*
 * What can be added to the last word of a line: as much as all commands (first word) or clients
 * (others) that begin with it have in common; "" if nothing.
 */
void mux_complete(struct mux *mux, const char *line, char *rest, size_t size);

#endif
