/* SPDX-License-Identifier: MIT */
/* The start of a machine and of its vCPUs, in host mode. */
#include <l4/sys/segment.h>

#include "shim/calls.h"
#include "shim/drops.h"
#include "shim/host.h"
#include "shim/own.h"
#include "shim/policy.h"
#include "shim/runstate.h"
#include "shim/segments.h"
#include "shim/space.h"

enum { NS_PER_SECOND = 1000000000, FLAGS_START = 2 };

static struct machine machine;
static bool ready; /* machine is set up */

extern const char shim_start[], shim_end[];

/* --- The machine --- */

static void kick(void *context, unsigned vcpu)
{
	host_kick(context, vcpu);
}

static void notify(void *context, unsigned domain, uint32_t remote_port)
{
	(void)context, (void)domain, (void)remote_port;
	host_notify(&own_current()->v);
}

/* A frame that was given back has no memory. */
static void *page(void *context, uint64_t frame)
{
	struct machine *m = context;

	if (frame >= m->start->ram_frames || m->track.frames[frame].released)
		return NULL;
	return guest_table(&m->memory, frame);
}

static void relax(void *context)
{
	(void)context;
	host_yield(&own_current()->v);
}

static void init_events(struct machine *m)
{
	static const struct events_effects effects = {
		.kick = kick, .notify = notify, .page = page, .relax = relax
	};
	static struct xen_vcpu_info *infos[GUEST_VCPUS_MAX];
	static bool polling[GUEST_VCPUS_MAX];
	static struct event_channel channels[XEN_EVENT_PORTS];

	m->events = (struct events){ .shared = m->shared,
				     .infos = infos,
				     .polling = polling,
				     .vcpus = m->vcpus,
				     .channels = channels,
				     .ports = XEN_EVENT_PORTS,
				     .effects = &effects,
				     .context = m };
	for (unsigned i = 0; i < m->vcpus; i++)
		infos[i] = m->vcpu[i]->info;
	if (m->start->console_port)
		events_connect(&m->events, m->start->console_port, 0, 1);
	if (m->start->store_port)
		events_connect(&m->events, m->start->store_port, 0, 2);
}

static void init_clock(struct machine *m)
{
	uint64_t boot;

	m->scale = tsc_scale(m->start->tsc_khz);
	m->tsc_boot = processor_tsc();
	boot = m->start->boot_nanoseconds + tsc_to_ns(m->scale, m->tsc_boot);
	time_publish_wall(m->shared, m->start->boot_seconds + boot / NS_PER_SECOND,
			  boot % NS_PER_SECOND);
}

static void init_vcpu(struct machine *m, unsigned id)
{
	struct vcpu *v = &own_of(id)->v;

	v->machine = m;
	v->id = id;
	v->info = &m->shared->vcpu_info[id];
	v->info->upcall_mask = 1;
	time_publish(&v->info->time, m->scale, m->tsc_boot, 0, true);
	v->times.state = XEN_OFFLINE;
	policy_reset(v);
	m->vcpu[id] = v;
}

static void init_first(struct machine *m)
{
	struct vcpu *v = m->vcpu[0];

	v->root = m->start->root;
	v->kernel_rsp = m->start->stack;
	v->start = (struct xen_user_regs){ .rip = m->start->entry,
					   .rsp = m->start->stack,
					   .rsi = m->start->start_info };
	v->run = VCPU_UP;
}

static void init_machine(struct machine *m)
{
	m->start = (const struct guest_start *)GUEST_START;
	m->memory = (struct guest_memory){ (void *)GUEST_RAM, m->start->frames };
	m->shared = (struct xen_shared_info *)(GUEST_RAM + (m->start->shared_frame << PAGE_SHIFT));
	m->vcpus = m->start->vcpus;
	m->null_clears_base = processor_null_clears_base();
	init_clock(m);
	for (unsigned i = 0; i < m->vcpus; i++)
		init_vcpu(m, i);
	init_events(m);
	space_init(m);
	init_first(m);
	__atomic_store_n(&ready, true, __ATOMIC_SEQ_CST);
}

/* --- A vCPU --- */

static void init_state(struct own *o, const struct guest_start_vcpu *s)
{
	uint64_t number = descriptor_of_number(o->v.id);
	l4_zw_vcpu_ext_t *e = own_ext(o);

	l4_zw_thread_vcpu_control_ext_u(s->thread, s->state, o->utcb);
	fiasco_gdt_set(s->thread, &number, sizeof(number), 0, o->utcb);
	o->state->user_data[0] = (l4_umword_t)o;
	o->state->entry_ip = (l4_umword_t)handler_entry;
	o->state->entry_sp = (l4_umword_t)o + GUEST_VCPU_BYTES;
	e->flags = L4_ZW_VCPU_EXT_F_FIXED_STACK | L4_ZW_VCPU_EXT_F_KEEP_VIEWS;
	e->shim_start = (l4_umword_t)shim_start;
	e->shim_end = (l4_umword_t)shim_end;
	e->syscall_entry = (l4_umword_t)short_entry;
	e->syscall_exit = (l4_umword_t)short_exit;
	e->return_exit = (l4_umword_t)return_exit;
	e->kernel_view = o->v.machine->start->kernel_view;
}

static void load_registers(l4_vcpu_regs_t *r, const struct xen_user_regs *s)
{
	r->r15 = s->r15;
	r->r14 = s->r14;
	r->r13 = s->r13;
	r->r12 = s->r12;
	r->r11 = s->r11;
	r->r10 = s->r10;
	r->r9 = s->r9;
	r->r8 = s->r8;
	r->di = s->rdi;
	r->si = s->rsi;
	r->bp = s->rbp;
	r->bx = s->rbx;
	r->dx = s->rdx;
	r->cx = s->rcx;
	r->ax = s->rax;
	r->ip = s->rip;
	r->sp = s->rsp;
	r->flags = FLAGS_START | FLAG_INTERRUPT;
	r->cs = XEN_CS64;
	r->ss = XEN_SS;
}

/* As vmm started it, or as another vCPU has said. */
static void load_context(struct own *o)
{
	struct vcpu *v = &o->v;

	load_registers(&o->state->r, &v->start);
	o->state->arch_state.host_gs_base = v->gs_kernel;
	o->state->r.gs_base = v->gs_user;
	host_segment_base(v, XEN_SEGMENT_FS);
	host_debug(v);
	space_switch(v, v->root);
	drops_settle(v);
}

void own_start(struct own *o)
{
	unsigned id = ((uint64_t)o - GUEST_VCPU) / GUEST_VCPU_BYTES;
	const struct guest_start_vcpu *s = &((const struct guest_start *)GUEST_START)->vcpu[id];

	o->state = (l4_vcpu_state_t *)s->state;
	o->utcb = (l4_utcb_t *)s->utcb;
	if (id == 0)
		init_machine(&machine);
	while (!__atomic_load_n(&ready, __ATOMIC_SEQ_CST))
		l4_ipc_receive(L4_INVALID_CAP, o->utcb,
			       l4_timeout(L4_IPC_TIMEOUT_0, l4_timeout_from_us(1000)));
	init_state(o, s);
	vcpu_park(&o->v);
	load_context(o);
	runstate_start(&o->v);
	o->finish = 0;
	go_resume(o, OWN_OPEN);
}
