/* SPDX-License-Identifier: MIT */
/*
 * The console of a guest: a ring in its memory, and what it wrote last. Pure. The guest can write
 * anything into the ring at any time; indices that make no sense lose text, nothing else.
 */
#ifndef VMM_CONSOLE_H
#define VMM_CONSOLE_H

#include <stddef.h>
#include "xen/ring.h"

enum { CONSOLE_TAIL_BYTES = 4096 };

/* The last bytes of all output. */
struct console_tail {
	char text[CONSOLE_TAIL_BYTES];
	size_t end; /* bytes ever written */
};

/* Take output of the guest: up to room bytes. Returns how many. */
size_t console_take(struct xen_console_ring *ring, char *out, size_t room);

/* Bytes of input that there is room for; none if the guest's indices are wrong. */
size_t console_room(const struct xen_console_ring *ring);

/* Put input for the guest; returns how many of the bytes there was room for. */
size_t console_put(struct xen_console_ring *ring, const char *text, size_t bytes);

void console_tail_add(struct console_tail *tail, const char *text, size_t bytes);

/* Copy the last whole lines, at most `lines` and room - 1 bytes, and a 0. Returns the bytes. */
size_t console_tail_lines(const struct console_tail *tail, unsigned lines, char *out, size_t room);

#endif
