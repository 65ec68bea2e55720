/* SPDX-License-Identifier: MIT */
/* The factory that clients create their consoles at. */
#ifndef CONS_SERVICE_H
#define CONS_SERVICE_H

#include "console.h"
#include "server/server.h"

/* Serve the gate as factory of consoles; clients of it are in `console`. 0, or an error. */
long service_open(struct server *server, struct console *console, l4_cap_idx_t gate);

/* Effects on clients, for struct console_effects. */
void service_wake(struct client *client);
void service_disconnect(struct client *client);
void service_destroy(struct client *client);

#endif
