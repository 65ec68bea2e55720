/* SPDX-License-Identifier: MIT */
/*
 * What vmm serves: requests and faults of the guest, its console ring, the terminal. Nothing that
 * comes from the guest is trusted; a request that makes no sense is an error to the shim.
 */
#include <stdio.h>
#include <string.h>
#include <l4/re/env.h>
#include <l4/sys/err.h>
#include <l4/sys/icu.h>
#include <l4/sys/irq.h>
#include <l4/sys/vcon.h>

#include "guest/requests.h"
#include "vmm/guest.h"
#include "xen/sched.h"

enum { INPUT_PIN = 0, FRAMES_AT_ONCE = 1 << GUEST_ORDER_MAX };

/* --- Console --- */

static void write_terminal(const struct guest *g, const char *text, size_t bytes)
{
	while (bytes) {
		unsigned part = bytes < L4_VCON_WRITE_SIZE ? (unsigned)bytes : L4_VCON_WRITE_SIZE;

		l4_vcon_write(g->terminal, text, part);
		text += part;
		bytes -= part;
	}
}

/* A log makes its own line ends. */
static size_t drop_returns(char *to, const char *text, size_t bytes)
{
	size_t count = 0;

	for (size_t i = 0; i < bytes; i++)
		if (text[i] != '\r')
			to[count++] = text[i];
	return count;
}

void service_output(struct guest *g, const char *text, size_t bytes)
{
	char plain[XEN_CONSOLE_OUT_BYTES];

	console_tail_add(&g->tail, text, bytes);
	if (g->terminal_raw) {
		write_terminal(g, text, bytes);
		return;
	}
	bytes = drop_returns(plain, text, bytes < sizeof(plain) ? bytes : sizeof(plain));
	write_terminal(g, plain, bytes);
}

static struct xen_console_ring *ring_of(const struct guest *g)
{
	return (struct xen_console_ring *)(g->ram.address + g->plan.console.first * L4_PAGESIZE);
}

/* The guest has written, or read what there was and has room now. */
static void serve_ring(struct guest *g)
{
	char text[XEN_CONSOLE_OUT_BYTES];
	size_t count = console_take(ring_of(g), text, sizeof(text));

	if (count) {
		service_output(g, text, count);
		l4_irq_trigger(g->console_event);
	}
}

/* What the ring has no room for stays in the terminal. The guest notifies when it has read. */
static void serve_input(struct guest *g)
{
	char text[L4_VCON_READ_SIZE];
	size_t room, total = 0;
	int result = 0;

	do {
		room = console_room(ring_of(g));
		room = room < sizeof(text) ? room : sizeof(text);
		if (!room)
			break;
		result = l4_vcon_read(g->terminal, text, (unsigned)room);
		if (result > 0)
			total += console_put(ring_of(g), text,
					     (size_t)result < room ? (size_t)result : room);
	} while (result > (int)room);
	g->input_waits = !room;
	if (total)
		l4_irq_trigger(g->console_event);
}

static void notified(struct server_object *object)
{
	struct guest *g = (struct guest *)((char *)object - offsetof(struct guest, notify));

	serve_ring(g);
	if (g->input_waits)
		serve_input(g);
	life_serve(g);
	debug_look(g);
}

static void typed(struct server_object *object)
{
	serve_input((struct guest *)((char *)object - offsetof(struct guest, input)));
}

static void released(struct server_object *object)
{
	(void)object; /* part of the guest */
}

static const struct server_class notify_class = { .released = released, .interrupt = notified };
static const struct server_class input_class = { .released = released, .interrupt = typed };

/* A console takes bytes as they are if it is told to; a log makes lines of them. */
static bool set_raw(l4_cap_idx_t vcon)
{
	l4_vcon_attr_t raw;

	l4_vcon_set_attr_raw(&raw);
	if (l4_error(l4_vcon_set_attr(vcon, &raw)) < 0)
		return false;
	return l4_error(l4_vcon_get_attr(vcon, &raw)) >= 0 && !raw.o_flags;
}

static void open_terminal(struct guest *g)
{
	l4_cap_idx_t cons = l4re_env_get_cap("cons");

	g->terminal = l4_is_valid_cap(cons) ? cons : l4re_env()->log;
	g->terminal_raw = set_raw(g->terminal);
	if (l4_error(l4_icu_bind(g->terminal, INPUT_PIN, g->input.cap)) < 0)
		server_unpublish(g->server, &g->input);
}

/* --- Requests of the shim --- */

/* Bytes of a request, where they are in the message; NULL: not there. */
static const char *get_text(struct server_request *request, size_t bytes)
{
	return bytes <= GUEST_TEXT_MAX ? wire_get_bytes(&request->in, bytes) : NULL;
}

static long console_write(struct guest *g, struct server_request *request)
{
	size_t bytes = wire_get_word(&request->in);
	const char *text = get_text(request, bytes);
	char copy[GUEST_TEXT_MAX];

	if (!text)
		return -L4_EINVAL;
	memcpy(copy, text, bytes);
	service_output(g, copy, bytes);
	return 0;
}

static long shutdown_guest(struct guest *g, struct server_request *request)
{
	l4_umword_t reason = wire_get_word(&request->in), vcpu = wire_get_word(&request->in);

	if (request->in.failed || reason > XEN_SHUTDOWN_SOFT_RESET || vcpu >= g->options->vcpus)
		return -L4_EINVAL;
	serve_ring(g);
	if (reason == XEN_SHUTDOWN_CRASH || reason == XEN_SHUTDOWN_WATCHDOG)
		crash_call(g, (unsigned)vcpu,
			   reason == XEN_SHUTDOWN_CRASH ? "its kernel has given up"
							: "its watchdog");
	guest_end(g, (unsigned)reason);
	return -L4_ENOREPLY;
}

static long crash(struct guest *g, struct server_request *request)
{
	l4_umword_t vcpu = wire_get_word(&request->in);
	size_t bytes = wire_get_word(&request->in);
	const char *text = get_text(request, bytes);
	char why[GUEST_TEXT_MAX + 40];

	if (!text)
		return -L4_EINVAL;
	snprintf(why, sizeof(why), "vCPU %lu: %.*s", vcpu, (int)bytes, text);
	serve_ring(g);
	crash_report(g, why);
	guest_end(g, XEN_SHUTDOWN_CRASH);
	return -L4_ENOREPLY;
}

static long change_frames(struct guest *g, struct server_request *request,
			  long (*change)(struct balloon *b, const struct balloon_extents *e))
{
	l4_umword_t order = wire_get_word(&request->in), first[GUEST_EXTENTS_MAX];
	struct balloon_extents e = { .first = first };

	if (request->in.failed || order > GUEST_ORDER_MAX)
		return -L4_EINVAL;
	while (e.count < GUEST_EXTENTS_MAX &&
	       wire_has(&request->in, sizeof(*first), sizeof(*first)))
		first[e.count++] = wire_get_word(&request->in);
	e.order = (unsigned)order;
	if (e.count << order > FRAMES_AT_ONCE)
		return -L4_EINVAL;
	return change(&g->balloon, &e);
}

static long trap(struct guest *g, struct server_request *request)
{
	l4_umword_t vcpu = wire_get_word(&request->in), vector = wire_get_word(&request->in);
	l4_umword_t hits = wire_get_word(&request->in);

	return request->in.failed ? -L4_EMSGTOOSHORT : debug_trap(g, vcpu, vector, hits);
}

static long handle_request(struct server_object *object, struct server_request *request)
{
	struct guest *g = (struct guest *)((char *)object - offsetof(struct guest, requests));

	switch (wire_get_word(&request->in)) {
	case GUEST_CONSOLE_WRITE:
		return console_write(g, request);
	case GUEST_SHUTDOWN:
		return shutdown_guest(g, request);
	case GUEST_CRASH:
		return crash(g, request);
	case GUEST_RELEASE:
		return change_frames(g, request, balloon_release);
	case GUEST_TRAP:
		return trap(g, request);
	case GUEST_POPULATE:
		return change_frames(g, request, balloon_populate);
	default:
		return -L4_ENOSYS;
	}
}

static const struct server_interface request_interfaces[] = {
	{ GUEST_PROTO, "N7Zwinger5GuestE", handle_request, NULL, 0 },
};
static const struct server_class request_class = { .interfaces = request_interfaces,
						   .interface_count = 1,
						   .released = released };

/* --- Faults of vCPUs --- */

/* RAM is given at the first access. All else that a vCPU cannot handle itself is the end of the
 * shim: refused page faults come back as exceptions, with all registers. */
static long handle_page_fault(struct server_object *object, struct server_request *request)
{
	struct guest_vcpu *v = (struct guest_vcpu *)object;
	l4_umword_t address = wire_get_word(&request->in);

	return memory_give(v->guest, address - GUEST_RAM) ? 0 : -L4_EFAULT;
}

static long handle_exception(struct server_object *object, struct server_request *request)
{
	struct guest_vcpu *v = (struct guest_vcpu *)object;
	l4_exc_regs_t regs = *(const l4_exc_regs_t *)l4_utcb_mr();

	if (l4_msgtag_words(request->tag) < L4_UTCB_EXCEPTION_REGS_SIZE)
		return -L4_EMSGTOOSHORT;
	serve_ring(v->guest);
	crash_exception(v, &regs);
	guest_end(v->guest, XEN_SHUTDOWN_CRASH);
	return -L4_ENOREPLY;
}

static const struct server_interface fault_interfaces[] = {
	{ L4_PROTO_PAGE_FAULT, "N7Zwinger9GuestPageE", handle_page_fault, NULL, 0 },
	{ L4_PROTO_EXCEPTION, "N7Zwinger9GuestTrapE", handle_exception, NULL, 0 },
};
static const struct server_class fault_class = { .interfaces = fault_interfaces,
						 .interface_count = 2,
						 .released = released };

/* --- Making and ending --- */

/* Gates live as long as their capabilities in the guest do, so these count. */
static long publish(struct guest *g, struct server_object *object, const struct server_class *class,
		    unsigned slot, l4_umword_t *start)
{
	long error;

	object->class = class;
	error = server_publish(g->server, object);
	if (error < 0)
		return error;
	if (start)
		*start = (l4_umword_t)slot << L4_CAP_SHIFT;
	return guest_give_counted(g, object->cap, slot, L4_CAP_FPAGE_RWS);
}

long service_faults(struct guest_vcpu *v)
{
	return publish(v->guest, &v->faults, &fault_class, SLOT_FAULTS + v->number, NULL);
}

static long bind(struct guest *g, struct server_object *object, const struct server_class *class)
{
	object->class = class;
	return server_bind_irq(g->server, object);
}

long service_create(struct guest *g)
{
	long error = bind(g, &g->notify, &notify_class);

	if (error >= 0)
		error = guest_give(g, g->notify.cap, SLOT_NOTIFY, L4_CAP_FPAGE_RWS);
	g->start->notify = (l4_umword_t)SLOT_NOTIFY << L4_CAP_SHIFT;
	if (error >= 0)
		error = publish(g, &g->requests, &request_class, SLOT_REQUESTS, &g->start->vmm);
	if (error >= 0)
		error = bind(g, &g->input, &input_class);
	if (error >= 0)
		open_terminal(g);
	if (error >= 0)
		error = debug_open(g);
	return error < 0 ? error : 0;
}

void service_destroy(struct guest *g)
{
	server_unpublish(g->server, &g->requests);
	server_unpublish(g->server, &g->notify);
	server_unpublish(g->server, &g->input);
	debug_close(g);
	for (unsigned i = 0; i < GUEST_VCPUS_MAX; i++)
		server_unpublish(g->server, &g->vcpus[i].faults);
}
