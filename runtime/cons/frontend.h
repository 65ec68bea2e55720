/* SPDX-License-Identifier: MIT */
/* Terminals: consoles of others that multiplexers write to and get their input from. */
#ifndef CONS_FRONTEND_H
#define CONS_FRONTEND_H

#include "console.h"
#include "server/server.h"

enum { FRONTENDS_MAX = 8 };

/*
 * Make a console (capability) a terminal of a multiplexer. One without input is good for output.
 * Returns 0 or -L4_ENOMEM (too many, or the kernel has no memory for an interrupt).
 */
long frontend_add(struct server *server, struct mux *mux, l4_cap_idx_t vcon);

/* Write to all terminals of a multiplexer. */
void frontend_write(struct mux *mux, const char *bytes, size_t count);

#endif
