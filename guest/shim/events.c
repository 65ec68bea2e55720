/* SPDX-License-Identifier: MIT */
/* Event channels: operations, and the two-level format. */
#include "shim/events.h"
#include "xen/types.h"

static bool set_bit(uint64_t *words, uint32_t bit)
{
	uint64_t mask = 1UL << (bit % 64);

	return __atomic_fetch_or(&words[bit / 64], mask, __ATOMIC_SEQ_CST) & mask;
}

static void clear_bit(uint64_t *words, uint32_t bit)
{
	__atomic_fetch_and(&words[bit / 64], ~(1UL << (bit % 64)), __ATOMIC_SEQ_CST);
}

static bool test_bit(const uint64_t *words, uint32_t bit)
{
	return __atomic_load_n(&words[bit / 64], __ATOMIC_SEQ_CST) >> (bit % 64) & 1;
}

static void kick(struct events *e, unsigned vcpu)
{
	e->effects->kick(e->context, vcpu);
}

void events_mark(struct events *e, unsigned vcpu)
{
	if (!__atomic_exchange_n(&e->infos[vcpu]->upcall_pending, 1, __ATOMIC_SEQ_CST))
		kick(e, vcpu);
}

/* A pending port that is not masked reaches its vCPU. */
static void select_two_level(struct events *e, uint32_t port)
{
	unsigned vcpu = e->channels[port].vcpu;

	if (!test_bit(e->shared->mask, port) && !set_bit(&e->infos[vcpu]->pending_sel, port / 64))
		events_mark(e, vcpu);
}

/* Make a port pending; true if it was not. */
static bool set_pending(struct events *e, uint32_t port)
{
	if (e->fifo.on)
		return fifo_raise(e, port);
	if (set_bit(e->shared->pending, port))
		return false;
	select_two_level(e, port);
	return true;
}

static void clear_pending(struct events *e, uint32_t port)
{
	if (e->fifo.on)
		fifo_clear(e, port);
	else
		clear_bit(e->shared->pending, port);
}

/* The port's vCPU or mask has changed. */
static void select_port(struct events *e, uint32_t port)
{
	if (e->fifo.on)
		fifo_show(e, port);
	else if (test_bit(e->shared->pending, port))
		select_two_level(e, port);
}

static struct event_channel *channel(const struct events *e, uint32_t port)
{
	if (!port || port >= e->ports || e->channels[port].status == XEN_EVENT_CLOSED)
		return NULL;
	return &e->channels[port];
}

void events_raise(struct events *e, uint32_t port)
{
	if (!channel(e, port) || !set_pending(e, port))
		return;
	for (unsigned vcpu = 0; vcpu < e->vcpus; vcpu++)
		if (e->polling[vcpu])
			kick(e, vcpu);
}

/* The lowest free port, made one of this kind; 0 if there is none. */
static uint32_t bind(struct events *e, struct event_channel kind)
{
	for (uint32_t port = 1; port < e->ports; port++) {
		if (e->channels[port].status != XEN_EVENT_CLOSED)
			continue;
		kind.priority = XEN_FIFO_PRIORITY;
		kind.moved = true;
		e->channels[port] = kind;
		clear_pending(e, port);
		return port;
	}
	return 0;
}

static int bound(uint32_t port, uint32_t *result)
{
	if (!port)
		return -XEN_ENOSPC;
	*result = port;
	return 0;
}

static uint32_t port_of_virq(const struct events *e, unsigned vcpu, unsigned virq)
{
	for (uint32_t port = 1; port < e->ports; port++) {
		const struct event_channel *c = &e->channels[port];

		if (c->status == XEN_EVENT_VIRQ && c->vcpu == vcpu && c->virq == virq)
			return port;
	}
	return 0;
}

void events_raise_virq(struct events *e, unsigned vcpu, unsigned virq)
{
	events_raise(e, port_of_virq(e, vcpu, virq));
}

static int bind_virq(struct events *e, void *argument)
{
	struct xen_event_bind_virq *a = argument;

	if (a->virq >= XEN_VIRQS)
		return -XEN_EINVAL;
	if (a->vcpu >= e->vcpus)
		return -XEN_ENOENT;
	if (port_of_virq(e, a->vcpu, a->virq))
		return -XEN_EEXIST;
	return bound(bind(e, (struct event_channel){ .status = XEN_EVENT_VIRQ,
						     .virq = a->virq,
						     .vcpu = a->vcpu }),
		     &a->port);
}

static int bind_ipi(struct events *e, void *argument)
{
	struct xen_event_bind_ipi *a = argument;

	if (a->vcpu >= e->vcpus)
		return -XEN_ENOENT;
	return bound(bind(e, (struct event_channel){ .status = XEN_EVENT_IPI, .vcpu = a->vcpu }),
		     &a->port);
}

static int alloc_unbound(struct events *e, void *argument)
{
	struct xen_event_alloc_unbound *a = argument;

	if (a->domain != XEN_DOMAIN_SELF)
		return -XEN_EPERM;
	return bound(bind(e, (struct event_channel){ .status = XEN_EVENT_UNBOUND,
						     .remote_domain = a->remote_domain }),
		     &a->port);
}

static int close_port(struct events *e, void *argument)
{
	struct xen_event_port *a = argument;
	struct event_channel *c = channel(e, a->port);

	if (!c)
		return -XEN_EINVAL;
	*c = (struct event_channel){ .status = XEN_EVENT_CLOSED };
	clear_pending(e, a->port);
	return 0;
}

/* All ports are closed, those of the console and the store too. */
static int reset(struct events *e, void *argument)
{
	struct xen_event_reset *a = argument;

	if (a->domain != XEN_DOMAIN_SELF)
		return -XEN_EPERM;
	for (uint32_t port = 1; port < e->ports; port++)
		close_port(e, &(struct xen_event_port){ port });
	if (e->fifo.on)
		fifo_leave(e);
	return 0;
}

static int send(struct events *e, void *argument)
{
	struct xen_event_port *a = argument;
	struct event_channel *c = channel(e, a->port);

	if (!c || c->status == XEN_EVENT_VIRQ)
		return -XEN_EINVAL;
	if (c->status == XEN_EVENT_IPI)
		events_raise(e, a->port);
	if (c->status == XEN_EVENT_INTERDOMAIN)
		e->effects->notify(e->context, c->remote_domain, c->remote_port);
	return 0;
}

static int status(struct events *e, void *argument)
{
	struct xen_event_query *a = argument;
	const struct event_channel *c = channel(e, a->port);

	if (a->domain != XEN_DOMAIN_SELF)
		return -XEN_EPERM;
	if (!a->port || a->port >= e->ports)
		return -XEN_EINVAL;
	a->status = c ? c->status : XEN_EVENT_CLOSED;
	a->vcpu = c ? c->vcpu : 0;
	a->remote.domain = c ? c->remote_domain : 0;
	a->remote.pad = 0;
	a->remote.port = c ? c->remote_port : 0;
	if (c && c->status == XEN_EVENT_VIRQ)
		a->virq = c->virq;
	return 0;
}

/* What is pending already is shown to the new vCPU; the old one may find nothing. */
static int bind_vcpu(struct events *e, void *argument)
{
	struct xen_event_bind_vcpu *a = argument;
	struct event_channel *c = channel(e, a->port);

	if (a->vcpu >= e->vcpus)
		return -XEN_ENOENT;
	if (!c || c->status == XEN_EVENT_IPI)
		return -XEN_EINVAL;
	c->moved |= c->vcpu != a->vcpu;
	c->vcpu = a->vcpu;
	select_port(e, a->port);
	return 0;
}

static int unmask(struct events *e, void *argument)
{
	struct xen_event_port *a = argument;

	if (!channel(e, a->port))
		return -XEN_EINVAL;
	if (e->fifo.on) {
		fifo_unmask(e, a->port);
		return 0;
	}
	clear_bit(e->shared->mask, a->port);
	select_port(e, a->port);
	return 0;
}

static const struct {
	int (*handle)(struct events *e, void *argument);
	unsigned bytes;
} operations[] = {
	[XEN_EVENT_BIND_VIRQ] = { bind_virq, sizeof(struct xen_event_bind_virq) },
	[XEN_EVENT_CLOSE] = { close_port, sizeof(struct xen_event_port) },
	[XEN_EVENT_SEND] = { send, sizeof(struct xen_event_port) },
	[XEN_EVENT_STATUS] = { status, sizeof(struct xen_event_query) },
	[XEN_EVENT_ALLOC_UNBOUND] = { alloc_unbound, sizeof(struct xen_event_alloc_unbound) },
	[XEN_EVENT_BIND_IPI] = { bind_ipi, sizeof(struct xen_event_bind_ipi) },
	[XEN_EVENT_BIND_VCPU] = { bind_vcpu, sizeof(struct xen_event_bind_vcpu) },
	[XEN_EVENT_UNMASK] = { unmask, sizeof(struct xen_event_port) },
	[XEN_EVENT_RESET] = { reset, sizeof(struct xen_event_reset) },
	[XEN_EVENT_INIT_CONTROL] = { fifo_init_control, sizeof(struct xen_event_init_control) },
	[XEN_EVENT_EXPAND_ARRAY] = { fifo_expand_array, sizeof(struct xen_event_expand_array) },
	[XEN_EVENT_SET_PRIORITY] = { fifo_set_priority, sizeof(struct xen_event_set_priority) },
};

unsigned events_argument_bytes(unsigned op)
{
	return op < sizeof(operations) / sizeof(operations[0]) ? operations[op].bytes : 0;
}

int events_call(struct events *e, unsigned op, void *argument)
{
	if (!events_argument_bytes(op))
		return -XEN_ENOSYS;
	return operations[op].handle(e, argument);
}

int events_connect(struct events *e, uint32_t port, unsigned domain, uint32_t remote_port)
{
	if (!port || port >= e->ports)
		return -XEN_EINVAL;
	if (e->channels[port].status != XEN_EVENT_CLOSED &&
	    e->channels[port].status != XEN_EVENT_UNBOUND)
		return -XEN_EEXIST;
	e->channels[port].status = XEN_EVENT_INTERDOMAIN;
	e->channels[port].remote_domain = domain;
	e->channels[port].remote_port = remote_port;
	return 0;
}

bool events_pending(const struct events *e, uint32_t port)
{
	if (port >= e->ports)
		return false;
	return e->fifo.on ? fifo_pending(e, port) : test_bit(e->shared->pending, port);
}

bool events_deliverable(const struct events *e, unsigned vcpu)
{
	const struct xen_vcpu_info *info = e->infos[vcpu];

	return __atomic_load_n(&info->upcall_pending, __ATOMIC_SEQ_CST) &&
	       !__atomic_load_n(&info->upcall_mask, __ATOMIC_SEQ_CST);
}

void events_info_moved(struct events *e, unsigned vcpu)
{
	__atomic_store_n(&e->infos[vcpu]->pending_sel, ~0UL, __ATOMIC_SEQ_CST);
	__atomic_store_n(&e->infos[vcpu]->upcall_pending, 1, __ATOMIC_SEQ_CST);
	kick(e, vcpu);
}
