/* SPDX-License-Identifier: MIT */
/*
 * Event channel operations in any order, in both formats. Of a guest that keeps to the formats no
 * event is lost; one that writes anything to its words does no harm to the shim.
 */
#include <stdint.h>
#include <stdlib.h>

#include "unit/guest/channels.h"
#include "xen/types.h"

enum { VCPUS = 3, PORTS = 1100, STEP = 4, OPERATIONS = 16, ANY = 0x80, FEW = 7 };
enum { ARGUMENT_WORDS = 6, STEPS_A_RUN = 150 };

#define SPREAD 0x01010101U

/* Steps beside the operations, and how often some are more. */
enum { CONNECT = OPERATIONS, RAISE_VIRQ, MASK, CONTROL, EXPAND, TAKE, SCRIBBLE = TAKE + 3, RAISE };
enum { STEPS = RAISE + 9 };

static bool hostile;
static uint32_t seed;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

static bool has_word(uint32_t port)
{
	return port / XEN_FIFO_PAGE_WORDS < events.fifo.pages;
}

static uint32_t word(uint32_t port)
{
	return events.fifo.words[port / XEN_FIFO_PAGE_WORDS][port % XEN_FIFO_PAGE_WORDS];
}

/* --- What holds after each step --- */

/* A pending port that nothing masks is selected, and its vCPU was told. */
static void check_two_level(uint32_t port)
{
	unsigned vcpu = channels[port].vcpu;

	if (shared.mask[port / 64] >> (port % 64) & 1)
		return;
	check(infos[vcpu]->pending_sel >> (port / 64) & 1);
	check(infos[vcpu]->upcall_pending && kicks[vcpu]);
}

/* It is in a queue as soon as there is one. */
static void check_fifo(uint32_t port)
{
	if (has_word(port) && events.fifo.queues[channels[port].vcpu].control &&
	    !(word(port) & FIFO_BIT(XEN_FIFO_MASKED)))
		check(!!(word(port) & FIFO_BIT(XEN_FIFO_LINKED)));
}

static void check_ports(void)
{
	for (uint32_t port = 1; port < PORTS; port++) {
		const struct event_channel *c = &channels[port];

		check(c->status <= XEN_EVENT_IPI && c->status != XEN_EVENT_PIRQ);
		check(c->vcpu < VCPUS && c->virq < XEN_VIRQS && c->priority < XEN_FIFO_QUEUES);
		if (hostile || !events_pending(&events, port))
			continue;
		check(c->status != XEN_EVENT_CLOSED);
		if (events.fifo.on)
			check_fifo(port);
		else
			check_two_level(port);
	}
	check(!events.fifo.lock);
}

/* The guest has taken all that there was: nothing that it could take is left. */
static void check_taken(void)
{
	for (uint32_t port = 1; port < PORTS; port++)
		if (has_word(port) && events_pending(&events, port))
			check(word(port) & FIFO_BIT(XEN_FIFO_MASKED) ||
			      !events.fifo.queues[channels[port].vcpu].control);
}

/* --- Steps of the guest --- */

/* Its own frames, or any; the call that a guest makes twice is an error. */
static void control(const uint8_t *data)
{
	struct xen_event_init_control a = {
		data[1] % (FIFO_FRAMES + 1), data[2] * 4U, data[3], 0, { 0 }
	};

	if (hostile)
		events_call(&events, XEN_EVENT_INIT_CONTROL, &a);
	else
		fifo_control_call(data[1] % VCPUS);
}

static void expand(const uint8_t *data)
{
	uint64_t next = FIFO_ARRAY + events.fifo.pages;

	fifo_expand_call(hostile ? data[1] % (FIFO_FRAMES + 1) : next);
}

/* One of few, or one of all. */
static uint32_t port_of(const uint8_t *data)
{
	return *data & ANY ? (data[1] | (uint32_t)data[2] << 8) % PORTS : data[1] & FEW;
}

static void mask(const uint8_t *data)
{
	uint32_t port = port_of(data);

	if (!events.fifo.on)
		shared.mask[port / 64] |= 1UL << (port % 64);
	else if (has_word(port))
		*fifo_word(port) |= FIFO_BIT(XEN_FIFO_MASKED);
}

static void take_all(void)
{
	for (unsigned vcpu = 0; events.fifo.on && !hostile && vcpu < VCPUS; vcpu++)
		while (events.fifo.queues[vcpu].control && fifo_take(vcpu))
			;
	if (events.fifo.on && !hostile)
		check_taken();
}

/* Anything to a word of an array page or of a control block. */
static void scribble(const uint8_t *data)
{
	uint32_t at = data[1] | (uint32_t)data[2] << 8;

	if (hostile)
		frames[at % FIFO_FRAMES][at / FIFO_FRAMES % XEN_FIFO_PAGE_WORDS] = data[3] * SPREAD;
}

/* A guest that keeps to the format chooses its frames, and clears them when the format is over. */
static void operate(unsigned op, const uint8_t *data)
{
	bool was_on = events.fifo.on;
	uint32_t argument[ARGUMENT_WORDS] = { 0 };

	if (!hostile && (op == XEN_EVENT_INIT_CONTROL || op == XEN_EVENT_EXPAND_ARRAY))
		return;
	for (unsigned i = 0; i < ARGUMENT_WORDS; i++)
		argument[i] = *data & ANY ? data[1 + i % 3] * SPREAD : data[1 + i % 3] & FEW;
	if (!events_argument_bytes(op))
		check(events_call(&events, op, argument) < 0);
	else
		check(events_call(&events, op, argument) <= 0);
	if (was_on && !events.fifo.on)
		channels_forget_fifo();
}

static void step(const uint8_t *data)
{
	unsigned what = (*data & ~ANY) % STEPS;

	if (what < OPERATIONS)
		operate(what, data);
	else if (what == CONNECT)
		events_connect(&events, port_of(data), 1, data[2]);
	else if (what >= RAISE)
		events_raise(&events, port_of(data));
	else if (what == RAISE_VIRQ)
		events_raise_virq(&events, data[1] % VCPUS, data[2] & FEW);
	else if (what == MASK)
		mask(data);
	else if (what == CONTROL)
		control(data);
	else if (what == EXPAND)
		expand(data);
	else if (what >= SCRIBBLE)
		scribble(data);
	else
		take_all();
}

/* A step of the input; behind its end, of what follows from it, so that short ones get far, too. */
static void next_step(const uint8_t **data, size_t *size, uint8_t *to)
{
	for (unsigned i = 0; i < STEP; i++) {
		seed = seed * 1664525 + 1013904223;
		to[i] = *size ? **data : seed >> 24;
		seed = *size ? seed ^ to[i] : seed;
		*data += !!*size;
		*size -= !!*size;
	}
}

/* The first byte: which kind of guest, and if it begins in the FIFO format. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t bytes[STEP], kind = size ? *data : 0;

	channels_start(VCPUS, PORTS);
	hostile = kind & 1;
	seed = 1;
	for (unsigned vcpu = 0; kind & 2 && vcpu < VCPUS; vcpu++)
		check(!fifo_control_call(vcpu));
	if (kind & 2)
		check(!fifo_expand_call(FIFO_ARRAY));
	for (unsigned i = 0; i < STEPS_A_RUN; i++) {
		next_step(&data, &size, bytes);
		step(bytes);
		check_ports();
	}
	take_all();
	return 0;
}
