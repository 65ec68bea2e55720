/* SPDX-License-Identifier: MIT */
/*
 * An interrupt controller with one pin, number 0, by which a server tells its clients that
 * something has changed. Interrupt objects and semaphores can be bound to it. Being bound does not
 * keep them alive: they go with their owner.
 */
#ifndef VCON_PIN_H
#define VCON_PIN_H

#include "server/server.h"

enum { PIN_BOUND_MAX = 16 };

/* All zeros is a pin with nothing bound. */
struct pin {
	unsigned limit; /* objects that can be bound; 0 and 1: one, and a new one takes its place */
	unsigned count;
	l4_cap_idx_t bound[PIN_BOUND_MAX];
};

/*
 * Answer a message of L4_PROTO_IRQ: bind, unbind, info, set_mode; mask and unmask have no effect
 * and no answer. -L4_EINVAL: not pin 0, or no capability; -L4_ENOMEM: limit reached; -L4_ENOENT:
 * unbind of what is not bound; -L4_ENOSYS.
 */
long pin_handle(struct pin *pin, struct server_request *request);

/* Trigger what is bound; what is gone is dropped. Keeps the message registers. */
void pin_fire(struct pin *pin, struct server *server);

/* Unbind all. */
void pin_clear(struct pin *pin, struct server *server);

#endif
