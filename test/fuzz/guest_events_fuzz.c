/* SPDX-License-Identifier: MIT */
/* Event channel operations of a hostile guest: no port is lost, no state is impossible. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shim/events.h"

enum { VCPUS = 3, PORTS = 200, STEP = 25 };

static struct xen_shared_info shared;
static struct xen_vcpu_info *infos[VCPUS];
static struct event_channel channels[PORTS];
static bool polling[VCPUS], kicked[VCPUS];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

static void kick(void *context, unsigned vcpu)
{
	(void)context;
	check(vcpu < VCPUS);
	kicked[vcpu] = true;
}

static void notify(void *context, unsigned domain, uint32_t remote_port)
{
	(void)context;
	check(domain == 1 && remote_port < 256);
}

static void *page(void *context, uint64_t frame)
{
	(void)context, (void)frame;
	return NULL;
}

static void relax(void *context)
{
	(void)context;
}

static const struct events_effects effects = { kick, notify, page, relax };
static struct events events = { .shared = &shared,
				.infos = infos,
				.polling = polling,
				.vcpus = VCPUS,
				.channels = channels,
				.ports = PORTS,
				.effects = &effects };

/* A pending port that nothing masks is selected, and its vCPU was told. */
static void check_ports(void)
{
	for (unsigned port = 1; port < PORTS; port++) {
		const struct event_channel *c = &channels[port];

		check(c->status <= XEN_EVENT_IPI && c->status != XEN_EVENT_PIRQ);
		check(c->vcpu < VCPUS && c->virq < XEN_VIRQS);
		if (!events_pending(&events, port) || shared.mask[port / 64] >> (port % 64) & 1)
			continue;
		check(c->status != XEN_EVENT_CLOSED);
		check(infos[c->vcpu]->pending_sel >> (port / 64) & 1);
		check(infos[c->vcpu]->upcall_pending && kicked[c->vcpu]);
	}
}

static void step(const uint8_t *data)
{
	unsigned op = data[0] % 20;
	uint8_t argument[24];

	memcpy(argument, data + 1, sizeof(argument));
	if (events_argument_bytes(op))
		check(events_call(&events, op, argument) <= 0);
	else if (op == 16)
		events_connect(&events, data[1], 1, data[2]);
	else if (op == 17)
		events_raise(&events, data[1]);
	else if (op == 18)
		events_raise_virq(&events, data[1] % VCPUS, data[2]);
	else if (op == 19)
		shared.mask[data[1] % 4] |= 1UL << (data[2] % 64);
	else
		check(events_call(&events, op, argument) < 0);
}

/* An operation and its argument at a time. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	memset(&shared, 0, sizeof(shared));
	memset(channels, 0, sizeof(channels));
	memset(kicked, 0, sizeof(kicked));
	for (unsigned i = 0; i < VCPUS; i++)
		infos[i] = &shared.vcpu_info[i];
	for (; size >= STEP; data += STEP, size -= STEP) {
		step(data);
		check_ports();
	}
	return 0;
}
