/* SPDX-License-Identifier: MIT */
/* Server side of the virtual console protocol: text in both directions, one interrupt for input. */
#ifndef VCON_VCON_H
#define VCON_VCON_H

#include <l4/sys/vcon.h>
#include "server/server.h"
#include "vcon/pin.h"

struct vcon;

/* What a kind of console does. Called with the message already copied: system calls are allowed. */
struct vcon_actions {
	/* Text from the client. */
	void (*write)(struct vcon *vcon, const char *text, size_t count);
	/*
	 * Input for the client: up to count bytes. Returns how many; *flags =
	 * L4_VCON_READ_STAT_DONE if none are left, L4_VCON_READ_STAT_BREAK. NULL: reading is
	 * -L4_ENOSYS.
	 */
	size_t (*read)(struct vcon *vcon, char *out, size_t count, l4_umword_t *flags);
};

/* Part of each console object. */
struct vcon {
	struct server_object object;
	const struct vcon_actions *actions;
	l4_vcon_attr_t attributes;
	struct pin pin;
};

/* Handlers of L4_PROTO_LOG and L4_PROTO_IRQ for objects that begin with a struct vcon. */
long vcon_handle(struct server_object *object, struct server_request *request);
long vcon_handle_icu(struct server_object *object, struct server_request *request);

/* Both as the interfaces of a class. */
#define VCON_INTERFACES                                             \
	{ L4_PROTO_LOG, "N2L44VconE", vcon_handle, NULL, 0 },       \
	{                                                           \
		L4_PROTO_IRQ, "N2L43IcuE", vcon_handle_icu, NULL, 0 \
	}

#endif
