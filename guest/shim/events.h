/* SPDX-License-Identifier: MIT */
/*
 * Event channels of a guest, in the two-level format, or in that of events_fifo.h if the guest has
 * chosen it. Two levels: a port is pending in a bitmap of the shared page; if
 * it is not masked, its word is selected in the vCPU's info, and the info says that something is
 * pending. Each of the three steps is taken by who changes the bit from 0 to 1, so that several
 * senders and the guest can work at the same time.
 *
 * Binding and closing are serialised by the caller. Sending needs no lock.
 */
#ifndef GUEST_SHIM_EVENTS_H
#define GUEST_SHIM_EVENTS_H

#include <stdbool.h>

#include "shim/events_fifo.h"
#include "xen/event.h"
#include "xen/shared_info.h"

struct event_channel {
	uint8_t status; /* enum xen_event_status */
	uint8_t virq;
	uint16_t vcpu;
	uint16_t remote_domain;
	uint8_t priority; /* FIFO format only, as the rest: */
	bool early : 1;	  /* pending, but there is no word for it yet */
	bool moved : 1;	  /* to another queue since it was last linked */
	uint32_t remote_port;
};

struct events_effects {
	/* The vCPU has to look at its events soon. */
	void (*kick)(void *context, unsigned vcpu);
	/* The guest notifies the other end of an interdomain port. */
	void (*notify)(void *context, unsigned domain, uint32_t remote_port);
	/* A frame of the guest's RAM, readable and writable; NULL if it has none of that number. */
	void *(*page)(void *context, uint64_t frame);
	/* Somebody else holds the lock of the queues for a short time. */
	void (*relax)(void *context);
};

/* The caller fills in everything; channels start as 0, infos and polling have one entry a vCPU. */
struct events {
	struct xen_shared_info *shared;
	struct xen_vcpu_info **infos;
	bool *polling; /* vCPU waits for pending ports, masked or not */
	unsigned vcpus;
	struct event_channel *channels; /* by port; 0 is none */
	unsigned ports;			/* at most XEN_EVENT_PORTS */
	const struct events_effects *effects;
	void *context;
	struct events_fifo fifo; /* 0 at the start */
};

/* Bytes that the argument of an operation has (xen/event.h); 0: there is no such operation. */
unsigned events_argument_bytes(unsigned op);

/*
 * One operation of the guest with a copy of its argument, which is changed where the interface has
 * outputs; 0 or -XEN_E*. An error changes nothing. What only a back end does is -XEN_ENOSYS.
 */
int events_call(struct events *e, unsigned op, void *argument);

/* Bind a port that the start info names to a port of another domain; 0 or -XEN_E*. */
int events_connect(struct events *e, uint32_t port, unsigned domain, uint32_t remote_port);

/* Make a port pending: another end sent to it. Ports that are closed are ignored. */
void events_raise(struct events *e, uint32_t port);

/* Raise a virtual interrupt of a vCPU, if it is bound. */
void events_raise_virq(struct events *e, unsigned vcpu, unsigned virq);

/* The vCPU's info says that something is pending. For both formats. */
void events_mark(struct events *e, unsigned vcpu);

/* Is the port pending, masked or not? False for a number that is none. */
bool events_pending(const struct events *e, uint32_t port);

/* Must the event callback of the vCPU be entered? */
bool events_deliverable(const struct events *e, unsigned vcpu);

/* A vCPU's info has moved to a new place (contents copied): look at everything once more. */
void events_info_moved(struct events *e, unsigned vcpu);

#endif
