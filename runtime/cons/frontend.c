/* SPDX-License-Identifier: MIT */
/* Terminals: output to consoles of others, input from them at their interrupt. */
#include "frontend.h"

#include <l4/sys/err.h>
#include <l4/sys/icu.h>
#include <l4/sys/vcon.h>

enum { INPUT_PIN = 0 };

struct frontend {
	struct server_object object; /* the interrupt of its input */
	struct mux *mux;
	l4_cap_idx_t vcon;
	bool adds_return; /* it puts CR before NL itself */
	bool held_return; /* a CR that came last is not written yet */
};

static struct frontend frontends[FRONTENDS_MAX];
static unsigned frontend_count;

/* --- Output --- */

struct chunk {
	const struct frontend *frontend;
	char bytes[L4_VCON_WRITE_SIZE];
	unsigned count;
};

static void chunk_send(struct chunk *c)
{
	if (c->count)
		l4_vcon_write(c->frontend->vcon, c->bytes, c->count);
	c->count = 0;
}

static void chunk_put(struct chunk *c, char byte)
{
	c->bytes[c->count++] = byte;
	if (c->count == sizeof(c->bytes))
		chunk_send(c);
}

/* One CR before NL is the terminal's own, if it adds one. */
static void put(struct frontend *f, struct chunk *c, char byte)
{
	if (f->held_return && byte != '\n')
		chunk_put(c, '\r');
	f->held_return = f->adds_return && byte == '\r';
	if (!f->held_return)
		chunk_put(c, byte);
}

void frontend_write(struct mux *mux, const char *bytes, size_t count)
{
	for (unsigned i = 0; i < frontend_count; i++) {
		struct chunk chunk = { .frontend = &frontends[i] };

		if (frontends[i].mux != mux)
			continue;
		for (size_t k = 0; k < count; k++)
			put(&frontends[i], &chunk, bytes[k]);
		chunk_send(&chunk);
	}
}

/* --- Input --- */

static void input_came(struct server_object *object)
{
	struct frontend *f = (struct frontend *)object;
	char bytes[L4_VCON_READ_SIZE];
	int result, count;

	do {
		result = l4_vcon_read_with_flags(f->vcon, bytes, sizeof(bytes));
		if (result < 0)
			return;
		count = result & L4_VCON_READ_SIZE_MASK;
		if (result & L4_VCON_READ_STAT_BREAK)
			mux_break(f->mux);
		mux_input(f->mux, bytes,
			  (size_t)count < sizeof(bytes) ? (size_t)count : sizeof(bytes));
	} while ((size_t)count > sizeof(bytes));
}

static void released(struct server_object *object)
{
	(void)object;
}

static const struct server_class class = { .released = released, .interrupt = input_came };

/* Bytes as they are in both directions; what the terminal does nevertheless is asked for. */
static void set_raw(struct frontend *f)
{
	l4_vcon_attr_t raw;

	l4_vcon_set_attr_raw(&raw);
	l4_vcon_set_attr(f->vcon, &raw);
	f->adds_return =
	    l4_error(l4_vcon_get_attr(f->vcon, &raw)) < 0 || raw.o_flags & L4_VCON_ONLCR;
}

long frontend_add(struct server *server, struct mux *mux, l4_cap_idx_t vcon)
{
	struct frontend *f = &frontends[frontend_count];
	long error;

	if (frontend_count == FRONTENDS_MAX)
		return -L4_ENOMEM;
	*f = (struct frontend){ .object.class = &class, .mux = mux, .vcon = vcon };
	error = server_bind_irq(server, &f->object);
	if (error < 0)
		return error;
	set_raw(f);
	frontend_count++;
	if (l4_error(l4_icu_bind(vcon, INPUT_PIN, f->object.cap)) < 0)
		server_unpublish(server, &f->object);
	else
		input_came(&f->object);
	return 0;
}
