/* SPDX-License-Identifier: MIT */
/* Paravirtual interface: the rings of console and store, one page each. Indices run freely. */
#ifndef GUEST_XEN_RING_H
#define GUEST_XEN_RING_H

#include "types.h"

enum {
	XEN_CONSOLE_IN_BYTES = 1024,
	XEN_CONSOLE_OUT_BYTES = 2048,
	XEN_STORE_RING_BYTES = 1024,
	XEN_STORE_PAYLOAD_MAX = 4096
};

struct xen_console_ring {
	char in[XEN_CONSOLE_IN_BYTES];
	char out[XEN_CONSOLE_OUT_BYTES];
	uint32_t in_cons, in_prod;
	uint32_t out_cons, out_prod;
};

XEN_AT(xen_console_ring, out, 1024);
XEN_AT(xen_console_ring, in_cons, 3072);
XEN_AT(xen_console_ring, out_prod, 3084);

struct xen_store_ring {
	char request[XEN_STORE_RING_BYTES];
	char response[XEN_STORE_RING_BYTES];
	uint32_t request_cons, request_prod;
	uint32_t response_cons, response_prod;
	uint32_t server_features;
	uint32_t connection;
	uint32_t error;
};

XEN_AT(xen_store_ring, response, 1024);
XEN_AT(xen_store_ring, request_cons, 2048);
XEN_AT(xen_store_ring, response_prod, 2060);
XEN_AT(xen_store_ring, server_features, 2064);
XEN_AT(xen_store_ring, connection, 2068);

struct xen_store_message {
	uint32_t type;
	uint32_t request_id;
	uint32_t transaction_id;
	uint32_t bytes; /* that follow */
};

XEN_SIZE(xen_store_message, 16);

enum xen_store_type {
	XEN_STORE_DIRECTORY = 1,
	XEN_STORE_READ = 2,
	XEN_STORE_GET_PERMS = 3,
	XEN_STORE_WATCH = 4,
	XEN_STORE_UNWATCH = 5,
	XEN_STORE_TRANSACTION_START = 6,
	XEN_STORE_TRANSACTION_END = 7,
	XEN_STORE_WRITE = 11,
	XEN_STORE_MKDIR = 12,
	XEN_STORE_RM = 13,
	XEN_STORE_SET_PERMS = 14,
	XEN_STORE_WATCH_EVENT = 15,
	XEN_STORE_ERROR = 16,
	XEN_STORE_RESET_WATCHES = 21
};

#endif
