/* SPDX-License-Identifier: MIT */
/* Event channels of a guest for tests, see channels.h. */
#include <string.h>

#include "unit/guest/channels.h"

struct xen_shared_info shared;
struct xen_vcpu_info *infos[CHANNEL_VCPUS_MAX];
struct event_channel channels[CHANNEL_PORTS_MAX];
bool polling[CHANNEL_VCPUS_MAX];
unsigned kicks[CHANNEL_VCPUS_MAX], notified_domain, notified_port;
_Alignas(4096) uint32_t frames[FIFO_FRAMES][XEN_FIFO_PAGE_WORDS];
struct events events;

static uint32_t heads[CHANNEL_VCPUS_MAX][XEN_FIFO_QUEUES], ready[CHANNEL_VCPUS_MAX];

/* --- Effects --- */

static void kick(void *context, unsigned vcpu)
{
	(void)context;
	__atomic_fetch_add(&kicks[vcpu], 1, __ATOMIC_SEQ_CST);
}

static void notify(void *context, unsigned domain, uint32_t port)
{
	(void)context;
	notified_domain = domain;
	notified_port = port;
}

static void *page(void *context, uint64_t frame)
{
	(void)context;
	return frame < FIFO_FRAMES ? frames[frame] : NULL;
}

static void relax(void *context)
{
	(void)context;
}

static const struct events_effects effects = { kick, notify, page, relax };

void channels_forget_fifo(void)
{
	memset(frames, 0, sizeof(frames));
	memset(heads, 0, sizeof(heads));
	memset(ready, 0, sizeof(ready));
}

void channels_start(unsigned vcpus, unsigned ports)
{
	memset(&shared, 0, sizeof(shared));
	memset(channels, 0, sizeof(channels));
	memset(polling, 0, sizeof(polling));
	memset(kicks, 0, sizeof(kicks));
	channels_forget_fifo();
	for (unsigned i = 0; i < vcpus; i++)
		infos[i] = &shared.vcpu_info[i];
	events = (struct events){ .shared = &shared,
				  .infos = infos,
				  .polling = polling,
				  .vcpus = vcpus,
				  .channels = channels,
				  .ports = ports,
				  .effects = &effects };
}

/* --- Calls --- */

int port_call(unsigned op, uint32_t port)
{
	return events_call(&events, op, &(struct xen_event_port){ port });
}

int fifo_control_call(unsigned vcpu)
{
	struct xen_event_init_control a = { .control_frame = FIFO_CONTROL + vcpu,
					    .offset = FIFO_OFFSET,
					    .vcpu = vcpu };
	int result = events_call(&events, XEN_EVENT_INIT_CONTROL, &a);

	return result || a.link_bits == XEN_FIFO_LINK_BITS ? result : -1;
}

int fifo_expand_call(uint64_t frame)
{
	return events_call(&events, XEN_EVENT_EXPAND_ARRAY,
			   &(struct xen_event_expand_array){ frame });
}

/* --- The guest --- */

/* Take the link out of a port's word: it is in no queue any more. */
static uint32_t unlink_port(uint32_t port)
{
	uint32_t *word = fifo_word(port), old = __atomic_load_n(word, __ATOMIC_SEQ_CST);

	while (!__atomic_compare_exchange_n(word, &old,
					    old & ~(FIFO_LINKS | FIFO_BIT(XEN_FIFO_LINKED)), false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
	return old & FIFO_LINKS;
}

/* The next port of a queue that is not empty. */
static uint32_t next_of(unsigned vcpu, unsigned queue)
{
	uint32_t port = heads[vcpu][queue];

	if (!port)
		port = __atomic_load_n(&fifo_control(vcpu)->head[queue], __ATOMIC_SEQ_CST);
	heads[vcpu][queue] = unlink_port(port);
	return port;
}

uint32_t fifo_take(unsigned vcpu)
{
	const uint32_t masked = FIFO_BIT(XEN_FIFO_MASKED), pending = FIFO_BIT(XEN_FIFO_PENDING);

	for (;;) {
		uint32_t queue, port;

		ready[vcpu] |= __atomic_exchange_n(&fifo_control(vcpu)->ready, 0, __ATOMIC_SEQ_CST);
		if (!ready[vcpu])
			return 0;
		queue = (uint32_t)__builtin_ctz(ready[vcpu]);
		port = next_of(vcpu, queue);
		if (!heads[vcpu][queue])
			ready[vcpu] &= ~FIFO_BIT(queue);
		if (__atomic_load_n(fifo_word(port), __ATOMIC_SEQ_CST) & masked)
			continue;
		if (__atomic_fetch_and(fifo_word(port), ~pending, __ATOMIC_SEQ_CST) & pending)
			return port;
	}
}
