/* SPDX-License-Identifier: MIT */
/* Control from outside: what a machine is doing, and stopping it. */
#include <stdio.h>
#include <string.h>
#include <l4/re/env.h>
#include <l4/sys/err.h>
#include <l4/sys/irq.h>
#include <l4/sys/kip.h>
#include <l4/zwinger/view.h>

#include "guest/control.h"
#include "shim/own.h"
#include "vmm/guest.h"

static struct guest *guest_of(struct server_object *object)
{
	return (struct guest *)((char *)object - offsetof(struct guest, control));
}

struct own *guest_own(const struct guest *g, unsigned vcpu)
{
	return (struct own *)(g->own.address + g->own_at.vcpus + vcpu * GUEST_VCPU_BYTES);
}

/* --- Showing --- */

static void add_view(l4_cap_idx_t view, struct control_state *s)
{
	l4_zw_view_info_t info;

	if (l4_error(l4_zw_view_info(view, &info)) < 0)
		return;
	s->view_bytes += info.pages_used * L4_PAGESIZE;
	s->view_drops += info.forced_drops;
}

static long get_state(struct guest *g, struct server_request *request)
{
	struct control_state s = {
		.state = g->state == GUEST_PAUSED ? CONTROL_PAUSED : CONTROL_RUNS,
		.vcpus = g->options->vcpus,
		.priority = g->options->priority,
		.memory = g->ram.bytes - g->balloon.freed * BALLOON_FRAMES * L4_PAGESIZE,
		.overhead = g->own.bytes,
		.views = g->views,
		.starts = g->starts,
		.uptime = l4_kip_clock(l4re_kip()) - g->started,
		.console_bytes = g->tail.end
	};

	strcpy(s.name, g->options->name);
	add_view(g->kernel_view, &s);
	for (unsigned i = 0; i < g->views; i++)
		add_view(g->process_views[i], &s);
	wire_put_struct(&request->out, &s, sizeof(s), sizeof(uint64_t));
	return 0;
}

static void put_registers(const l4_vcpu_regs_t *r, struct control_vcpu *v)
{
	v->rip = r->ip;
	v->cs = r->cs;
	v->rflags = r->flags;
	v->rsp = r->sp;
	v->ss = r->ss;
	v->rax = r->ax;
	v->rbx = r->bx;
	v->rcx = r->cx;
	v->rdx = r->dx;
	v->rsi = r->si;
	v->rdi = r->di;
	v->rbp = r->bp;
	v->r8 = r->r8;
	v->r9 = r->r9;
	v->r10 = r->r10;
	v->r11 = r->r11;
	v->r12 = r->r12;
	v->r13 = r->r13;
	v->r14 = r->r14;
	v->r15 = r->r15;
}

static void put_counters(const struct counters *c, struct control_vcpu *v)
{
	for (unsigned i = 0; i < sizeof(c->calls) / sizeof(*c->calls); i++)
		v->calls += c->calls[i];
	v->unknown_calls = c->unknown;
	v->faults = c->faults;
	v->fills = c->fills;
	v->bounced = c->bounced;
	v->emulated = c->emulated;
	v->switches = c->switches;
	v->upcalls = c->upcalls;
}

/* Number of the vCPU that a request is about; false: there is none. */
static bool get_number(const struct guest *g, struct server_request *request, unsigned *number)
{
	l4_umword_t n = wire_get_word(&request->in);

	*number = (unsigned)n;
	return !request->in.failed && n < g->options->vcpus;
}

static long get_vcpu(struct guest *g, struct server_request *request)
{
	struct control_vcpu v = { 0 };
	const struct own *o;
	unsigned number;

	if (!get_number(g, request, &number))
		return -L4_ERANGE;
	o = guest_own(g, number);
	v.run = o->v.run;
	v.stands = o->stands;
	v.root = o->v.root;
	v.kernel_rsp = o->v.kernel_rsp;
	put_registers(&o->stopped, &v);
	if (v.stands == CONTROL_IN_CALL && !debug_caller(g, number, &v.rip, &v.rsp))
		v.rip = v.rsp = 0;
	put_counters(&o->v.counters, &v);
	wire_put_struct(&request->out, &v, sizeof(v), sizeof(uint64_t));
	return 0;
}

static long get_calls(struct guest *g, struct server_request *request)
{
	uint64_t calls[CONTROL_CALLS_MAX];
	unsigned number;

	if (!get_number(g, request, &number))
		return -L4_ERANGE;
	memcpy(calls, guest_own(g, number)->v.counters.calls, sizeof(calls));
	wire_put_struct(&request->out, calls, sizeof(calls), sizeof(uint64_t));
	return 0;
}

static long get_symbol(struct guest *g, struct server_request *request)
{
	uint64_t address = wire_get_word(&request->in);
	char text[CONTROL_TEXT_MAX] = { 0 };

	if (request->in.failed || !guest_symbol(g, address, text, sizeof(text)))
		return -L4_ENOENT;
	wire_put_struct(&request->out, text, sizeof(text), sizeof(uint64_t));
	return 0;
}

/* --- Changing --- */

void guest_hold(struct guest *g)
{
	uint32_t held = g->state == GUEST_PAUSED ? UINT32_MAX : g->debug.paused;

	__atomic_store_n(&g->start->paused, held, __ATOMIC_SEQ_CST);
	for (unsigned i = 0; i < g->options->vcpus; i++)
		l4_irq_trigger(g->vcpus[i].pause);
}

static long set_paused(struct guest *g, bool paused)
{
	g->state = paused ? GUEST_PAUSED : GUEST_RUNS;
	guest_hold(g);
	return 0;
}

static long shut_down(struct guest *g, l4_umword_t end)
{
	static const char *const words[CONTROL_ENDS] = { [CONTROL_POWEROFF] = "poweroff",
							 [CONTROL_REBOOT] = "reboot",
							 [CONTROL_HALT] = "halt" };

	return end < CONTROL_ENDS ? life_ask(g, words[end]) : -L4_EINVAL;
}

static long change(struct guest *g, l4_umword_t what, l4_umword_t argument)
{
	switch (what) {
	case CONTROL_PAUSE:
		return set_paused(g, true);
	case CONTROL_RESUME:
		return set_paused(g, false);
	case CONTROL_KILL:
		guest_end(g, GUEST_KILLED);
		return 0;
	case CONTROL_RESTART:
		guest_end(g, GUEST_RESTARTED);
		return 0;
	case CONTROL_SYSRQ:
		l4_irq_trigger(g->sysrq_event);
		return 0;
	case CONTROL_SHUTDOWN:
		return shut_down(g, argument);
	default:
		return -L4_ENOSYS;
	}
}

static long handle_control(struct server_object *object, struct server_request *request)
{
	static long (*const show[])(struct guest *, struct server_request *) = {
		[CONTROL_STATE] = get_state,
		[CONTROL_VCPU] = get_vcpu,
		[CONTROL_CALLS] = get_calls,
		[CONTROL_SYMBOL] = get_symbol,
	};
	struct guest *g = guest_of(object);
	l4_umword_t what = wire_get_word(&request->in);

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (what < sizeof(show) / sizeof(*show) && show[what])
		return show[what](g, request);
	if (!(request->rights & L4_CAP_FPAGE_W))
		return -L4_EPERM;
	return change(g, what, wire_get_word(&request->in));
}

static void released(struct server_object *object)
{
	(void)object; /* the channel is the scenario's */
}

static const struct server_interface interfaces[] = {
	{ CONTROL_PROTO, "N7Zwinger12GuestControlE", handle_control, NULL, 0 },
};
static const struct server_class class = { .interfaces = interfaces,
					   .interface_count = 1,
					   .released = released };

long control_open(struct guest *g, struct server *server)
{
	l4_cap_idx_t gate = l4re_env_get_cap("vmctl");
	long error;

	if (l4_is_invalid_cap(gate))
		return 0;
	g->control.class = &class;
	error = server_bind_gate(server, &g->control, gate);
	return error < 0 ? error : 0;
}
