/* SPDX-License-Identifier: MIT */
/* Paravirtual interface: event channel operations and their arguments. */
#ifndef GUEST_XEN_EVENT_H
#define GUEST_XEN_EVENT_H

#include "types.h"

enum xen_event_op {
	XEN_EVENT_BIND_INTERDOMAIN = 0,
	XEN_EVENT_BIND_VIRQ = 1,
	XEN_EVENT_BIND_PIRQ = 2,
	XEN_EVENT_CLOSE = 3,
	XEN_EVENT_SEND = 4,
	XEN_EVENT_STATUS = 5,
	XEN_EVENT_ALLOC_UNBOUND = 6,
	XEN_EVENT_BIND_IPI = 7,
	XEN_EVENT_BIND_VCPU = 8,
	XEN_EVENT_UNMASK = 9,
	XEN_EVENT_RESET = 10,
	XEN_EVENT_INIT_CONTROL = 11,
	XEN_EVENT_EXPAND_ARRAY = 12,
	XEN_EVENT_SET_PRIORITY = 13
};

enum xen_event_status {
	XEN_EVENT_CLOSED = 0,
	XEN_EVENT_UNBOUND = 1,
	XEN_EVENT_INTERDOMAIN = 2,
	XEN_EVENT_PIRQ = 3,
	XEN_EVENT_VIRQ = 4,
	XEN_EVENT_IPI = 5
};

enum xen_virq { XEN_VIRQ_TIMER = 0, XEN_VIRQ_DEBUG = 1, XEN_VIRQ_XENPMU = 13, XEN_VIRQS = 24 };

struct xen_event_bind_interdomain {
	uint16_t remote_domain;
	uint16_t pad;
	uint32_t remote_port;
	uint32_t local_port; /* out */
};

struct xen_event_bind_virq {
	uint32_t virq;
	uint32_t vcpu;
	uint32_t port; /* out */
};

struct xen_event_port { /* close, send, unmask */
	uint32_t port;
};

struct xen_event_query {
	uint16_t domain;
	uint16_t pad0;
	uint32_t port;
	uint32_t status; /* out: xen_event_status, and what follows */
	uint32_t vcpu;
	union {
		struct {
			uint16_t domain;
			uint16_t pad;
			uint32_t port; /* interdomain only */
		} remote;
		uint32_t virq;
	};
};

struct xen_event_alloc_unbound {
	uint16_t domain;
	uint16_t remote_domain;
	uint32_t port; /* out */
};

struct xen_event_bind_ipi {
	uint32_t vcpu;
	uint32_t port; /* out */
};

struct xen_event_bind_vcpu {
	uint32_t port;
	uint32_t vcpu;
};

struct xen_event_reset {
	uint16_t domain;
};

/* FIFO format. A port's word: bits, and in the lower ones the next port of its queue. */
enum {
	XEN_FIFO_PENDING = 31,
	XEN_FIFO_MASKED = 30,
	XEN_FIFO_LINKED = 29,
	XEN_FIFO_BUSY = 28,
	XEN_FIFO_LINK_BITS = 17,
	XEN_FIFO_QUEUES = 16,  /* priorities: 0 is the highest */
	XEN_FIFO_PRIORITY = 7, /* of a port that is not told otherwise */
	XEN_FIFO_PAGE_BYTES = 4096,
	XEN_FIFO_PAGE_WORDS = XEN_FIFO_PAGE_BYTES / 4
};

struct xen_fifo_control {
	uint32_t ready; /* bit: queue that has become not empty */
	uint32_t reserved;
	uint32_t head[XEN_FIFO_QUEUES];
};

struct xen_event_init_control {
	uint64_t control_frame;
	uint32_t offset; /* of the control block in it, bytes */
	uint32_t vcpu;
	uint8_t link_bits; /* out */
	uint8_t pad[7];
};

struct xen_event_expand_array {
	uint64_t array_frame;
};

struct xen_event_set_priority {
	uint32_t port;
	uint32_t priority;
};

XEN_AT(xen_fifo_control, head, 8);
XEN_SIZE(xen_fifo_control, 72);
XEN_AT(xen_event_init_control, vcpu, 12);
XEN_AT(xen_event_init_control, link_bits, 16);
XEN_SIZE(xen_event_init_control, 24);
XEN_SIZE(xen_event_expand_array, 8);
XEN_SIZE(xen_event_set_priority, 8);

XEN_AT(xen_event_bind_interdomain, remote_port, 4);
XEN_AT(xen_event_bind_interdomain, local_port, 8);
XEN_SIZE(xen_event_bind_interdomain, 12);
XEN_AT(xen_event_bind_virq, port, 8);
XEN_SIZE(xen_event_bind_virq, 12);
XEN_AT(xen_event_query, port, 4);
XEN_AT(xen_event_query, status, 8);
XEN_AT(xen_event_query, vcpu, 12);
XEN_AT(xen_event_query, remote.port, 20);
XEN_AT(xen_event_query, virq, 16);
XEN_SIZE(xen_event_query, 24);
XEN_AT(xen_event_alloc_unbound, port, 4);
XEN_SIZE(xen_event_alloc_unbound, 8);
XEN_SIZE(xen_event_bind_ipi, 8);
XEN_SIZE(xen_event_bind_vcpu, 8);

#endif
