/* SPDX-License-Identifier: MIT */
/* What a guest's kernel is told from outside, by its store: what it has, and that it is to end. */
#include <stdio.h>
#include <l4/sys/err.h>
#include <l4/sys/irq.h>

#include "vmm/guest.h"

/* Requests to the store between two looks at other messages. */
enum { REQUESTS_AT_ONCE = 32 };

#define END_NODE "control/shutdown"

static bool open_cpus(struct guest *g)
{
	char path[40];

	for (unsigned i = 0; i < g->options->vcpus; i++) {
		snprintf(path, sizeof(path), "cpu/%u/availability", i);
		if (!store_set(&g->store, path, "online"))
			return false;
	}
	return true;
}

bool life_open(struct guest *g)
{
	char memory[24];

	g->store = (struct store){ 0 };
	snprintf(memory, sizeof(memory), "%lu", g->options->memory >> 10);
	return store_set(&g->store, "name", g->options->name) &&
	       store_set(&g->store, "domid", "1") && store_set(&g->store, "device", "") &&
	       store_set(&g->store, "memory/static-max", memory) &&
	       store_set(&g->store, END_NODE, "") && open_cpus(g);
}

static struct xen_store_ring *ring_of(const struct guest *g)
{
	return (struct xen_store_ring *)(g->ram.address + g->plan.store.first * L4_PAGESIZE);
}

void life_serve(struct guest *g)
{
	unsigned result = store_serve(&g->store, ring_of(g), REQUESTS_AT_ONCE);

	if (result & STORE_NOTIFY)
		l4_irq_trigger(g->store_event);
	if (result & STORE_MORE)
		l4_irq_trigger(g->notify.cap);
}

long life_ask(struct guest *g, const char *what)
{
	if (!store_watched(&g->store, END_NODE))
		return -L4_ENODEV;
	if (!store_set(&g->store, END_NODE, what))
		return -L4_EBUSY;
	life_serve(g);
	return 0;
}
