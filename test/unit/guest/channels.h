/* SPDX-License-Identifier: MIT */
/*
 * Event channels for tests: the memory of a guest, effects that are written down, and a guest that
 * takes events in the FIFO format as that has it.
 */
#ifndef TEST_UNIT_GUEST_CHANNELS_H
#define TEST_UNIT_GUEST_CHANNELS_H

#include "shim/events.h"

enum { CHANNEL_VCPUS_MAX = 3, CHANNEL_PORTS_MAX = 3000 };

/* Frames of the guest for the FIFO format: control blocks of vCPUs, pages of the array. */
enum { FIFO_CONTROL = 0, FIFO_ARRAY = CHANNEL_VCPUS_MAX, FIFO_FRAMES = FIFO_ARRAY + 4 };
enum { FIFO_OFFSET = 64 };

#define FIFO_BIT(n) (1U << (n))
#define FIFO_LINKS  (FIFO_BIT(XEN_FIFO_LINK_BITS) - 1)

extern struct xen_shared_info shared;
extern struct xen_vcpu_info *infos[CHANNEL_VCPUS_MAX];
extern struct event_channel channels[CHANNEL_PORTS_MAX];
extern bool polling[CHANNEL_VCPUS_MAX];
extern unsigned kicks[CHANNEL_VCPUS_MAX], notified_domain, notified_port;
extern uint32_t frames[FIFO_FRAMES][XEN_FIFO_PAGE_WORDS];
extern struct events events;

/* All as at the start, in the two-level format. At most CHANNEL_VCPUS_MAX, CHANNEL_PORTS_MAX. */
void channels_start(unsigned vcpus, unsigned ports);

/* After a reset the guest begins the FIFO format with clear frames. */
void channels_forget_fifo(void);

/* An operation on a port; the result. */
int port_call(unsigned op, uint32_t port);

/* init_control and expand_array of a vCPU and of a frame; the result. */
int fifo_control_call(unsigned vcpu);
int fifo_expand_call(uint64_t frame);

static inline struct xen_fifo_control *fifo_control(unsigned vcpu)
{
	return (struct xen_fifo_control *)((char *)frames[FIFO_CONTROL + vcpu] + FIFO_OFFSET);
}

static inline uint32_t *fifo_word(uint32_t port)
{
	return &frames[FIFO_ARRAY + port / XEN_FIFO_PAGE_WORDS][port % XEN_FIFO_PAGE_WORDS];
}

/* The guest takes the next event of a vCPU, the most urgent first, and makes it not pending; 0:
 * there is none. While others send, too. */
uint32_t fifo_take(unsigned vcpu);

#endif
