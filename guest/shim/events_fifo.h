/* SPDX-License-Identifier: MIT */
/*
 * Event channels, FIFO format. Each port has a word in an array of the guest's; a pending port that
 * is not masked is linked to the end of a queue, of which each vCPU has one a priority. The guest
 * takes ports from the front, without a lock: the bit "linked" of the last port's word says whether
 * that is still in its queue. Those who link ports take a lock.
 */
#ifndef GUEST_SHIM_EVENTS_FIFO_H
#define GUEST_SHIM_EVENTS_FIFO_H

#include <stdbool.h>

#include "guest/start.h"
#include "xen/event.h"
#include "xen/shared_info.h"

struct events;

enum { FIFO_PAGES = XEN_EVENT_PORTS / XEN_FIFO_PAGE_WORDS };

struct fifo_queues {
	struct xen_fifo_control *control; /* the guest's; NULL: not told yet */
	uint32_t tail[XEN_FIFO_QUEUES];	  /* last port that was linked; 0: none */
};

struct events_fifo {
	bool on; /* the guest has chosen this format */
	uint32_t lock;
	unsigned pages;
	uint32_t *words[FIFO_PAGES];
	struct fifo_queues queues[GUEST_VCPUS_MAX];
};

/* Make a port pending; true if it was not. Without a word for it that is done when there is one. */
bool fifo_raise(struct events *e, uint32_t port);

/* Is the port pending, masked or not? */
bool fifo_pending(const struct events *e, uint32_t port);

/* It is not pending any more. / The guest unmasks it, or it has got another vCPU. */
void fifo_clear(struct events *e, uint32_t port);
void fifo_unmask(struct events *e, uint32_t port);
void fifo_show(struct events *e, uint32_t port);

/* Operations init_control (the first one chooses the format), expand_array, set_priority. */
int fifo_init_control(struct events *e, void *argument);
int fifo_expand_array(struct events *e, void *argument);
int fifo_set_priority(struct events *e, void *argument);

/* Back to the two-level format. */
void fifo_leave(struct events *e);

#endif
