/* SPDX-License-Identifier: MIT */
/* A debugger at a machine. */
#include "vmm/debug.h"

#include <stdio.h>
#include <string.h>
#include <l4/re/env.h>
#include <l4/sys/err.h>
#include <l4/sys/icu.h>
#include <l4/sys/irq.h>
#include <l4/sys/vcon.h>
#include <l4/zwinger/wellknown.h>

#include "shim/own.h"
#include "shim/walk.h"
#include "vmm/gdb_extended.h"
#include "vmm/guest.h"

enum { INPUT_PIN = 0, VECTOR_DB = 1, VECTOR_BP = 3, INT3 = 0xcc, IN_GUEST = 1, IN_CALL = 2 };

#define SHIM_BYTES (1UL << 30)
#define ALL	   UINT32_MAX

/*
 * What the shim pushes for a hypercall: words above its guest_rsp, and words below the start of its
 * stack for calls.
 */
enum { PUSHED_RCX, PUSHED_R11, PUSHED_RETURN, PUSHED_WORDS };
enum { CALL_RBX = 1, CALL_R8 = 4, CALL_R10, CALL_RDX, CALL_RSI, CALL_RDI, CALL_R9 = 2 };

static uint32_t bit(unsigned thread)
{
	return 1U << thread;
}

/* --- Memory --- */

static uint8_t *memory_at(void *context, unsigned thread, uint64_t address)
{
	const struct guest *g = context;
	struct guest_memory memory = { g->ram.address, g->ram_frames };
	uint64_t root = guest_own(g, thread)->v.root;
	struct walk w;

	if (walk(&memory, root, address, 0, &w) != WALK_OK)
		return NULL;
	return g->ram.address + (w.frame << L4_PAGESHIFT) + address % L4_PAGESIZE;
}

/* A word of guest memory in one page; NULL: there is none. */
static uint64_t *word_at(struct guest *g, unsigned thread, uint64_t address)
{
	return address % sizeof(uint64_t) ? NULL : (uint64_t *)memory_at(g, thread, address);
}

/* --- Registers --- */

static void put(struct gdb_registers *r, unsigned number, uint64_t value)
{
	r->values[number] = value;
	r->known[number] = true;
}

/* Where the registers are that the protocol and a context share. */
static l4_umword_t *place_of(l4_vcpu_regs_t *c, unsigned number)
{
	l4_umword_t *const places[] = { &c->ax,	 &c->bx,  &c->cx,  &c->dx,  &c->si,  &c->di,
					&c->bp,	 &c->sp,  &c->r8,  &c->r9,  &c->r10, &c->r11,
					&c->r12, &c->r13, &c->r14, &c->r15, &c->ip,  &c->flags };

	return number < sizeof(places) / sizeof(*places) ? places[number] : NULL;
}

static void get_context(const struct own *o, struct gdb_registers *r)
{
	l4_vcpu_regs_t c = o->stopped;

	for (unsigned i = 0; i <= GDB_EFLAGS; i++)
		put(r, i, *place_of(&c, i));
	put(r, GDB_CS, (uint16_t)c.cs);
	put(r, GDB_SS, (uint16_t)c.ss);
	put(r, GDB_FS_BASE, c.fs_base);
	put(r, GDB_GS_BASE, c.gs_base);
}

/* In a hypercall: what the shim has pushed on the guest's stack and on its own. */
static void get_caller(struct guest *g, unsigned thread, struct gdb_registers *r)
{
	const struct own *o = guest_own(g, thread);
	const uint64_t *own = (const uint64_t *)((const char *)o + OWN_CALL_STACK);
	const uint64_t *pushed[PUSHED_WORDS];

	put(r, GDB_RBX, own[-CALL_RBX]);
	put(r, GDB_R8, own[-CALL_R8]);
	put(r, GDB_R8 + 1, own[-CALL_R9]);
	put(r, GDB_R8 + 2, own[-CALL_R10]);
	put(r, GDB_RDX, own[-CALL_RDX]);
	put(r, GDB_RSI, own[-CALL_RSI]);
	put(r, GDB_RDI, own[-CALL_RDI]);
	for (unsigned i = 0; i < PUSHED_WORDS; i++) {
		pushed[i] = word_at(g, thread, o->guest_rsp + i * sizeof(uint64_t));
		if (!pushed[i])
			return;
	}
	put(r, GDB_RCX, *pushed[PUSHED_RCX]);
	put(r, GDB_R8 + 3, *pushed[PUSHED_R11]);
	put(r, GDB_RIP, *pushed[PUSHED_RETURN]);
	put(r, GDB_RSP, o->guest_rsp + PUSHED_WORDS * sizeof(uint64_t));
}

static void get_registers(void *context, unsigned thread, struct gdb_registers *r)
{
	struct guest *g = context;
	const struct own *o = guest_own(g, thread);

	if (o->stands == IN_GUEST)
		get_context(o, r);
	else if (o->stands == IN_CALL)
		get_caller(g, thread, r);
	if (o->stands)
		extended_get(&o->extended, r);
}

/* Extended state can always be changed, what a context has only if there is one. */
static bool can_set(const struct own *o, unsigned number)
{
	return o->stands &&
	       (extended_has(number) || (o->stands == IN_GUEST && number <= GDB_EFLAGS));
}

/* All that are known, or none: the others must have the value already. */
static bool set_registers(void *context, unsigned thread, const struct gdb_registers *r)
{
	struct own *o = guest_own(context, thread);
	struct gdb_registers now = { 0 };

	get_registers(context, thread, &now);
	for (unsigned i = 0; i < GDB_REGISTERS; i++)
		if (r->known[i] &&
		    (!now.known[i] || (!can_set(o, i) && r->values[i] != now.values[i])))
			return false;
	for (unsigned i = 0; i <= GDB_EFLAGS && o->stands == IN_GUEST; i++)
		if (r->known[i])
			*place_of(&o->stopped, i) = (l4_umword_t)r->values[i];
	extended_set(&o->extended, r);
	return true;
}

bool debug_caller(struct guest *g, unsigned vcpu, uint64_t *rip, uint64_t *rsp)
{
	struct gdb_registers r = { 0 };

	get_caller(g, vcpu, &r);
	*rip = (uint64_t)r.values[GDB_RIP];
	*rsp = (uint64_t)r.values[GDB_RSP];
	return r.known[GDB_RIP];
}

void debug_caller_text(struct guest *g, unsigned vcpu, char *to, size_t room)
{
	static const struct {
		unsigned number;
		const char *name;
	} shown[] = { { GDB_RIP, "rip" },    { GDB_RSP, "rsp" },   { GDB_RBX, "rbx" },
		      { GDB_RCX, "rcx" },    { GDB_RDX, "rdx" },   { GDB_RSI, "rsi" },
		      { GDB_RDI, "rdi" },    { GDB_R8, "r8" },	   { GDB_R8 + 1, "r9" },
		      { GDB_R8 + 2, "r10" }, { GDB_R8 + 3, "r11" } };
	struct gdb_registers r = { 0 };
	size_t used = 0;

	get_caller(g, vcpu, &r);
	*to = 0;
	for (unsigned i = 0; i < sizeof(shown) / sizeof(*shown) && used < room; i++)
		if (r.known[shown[i].number])
			used += (size_t)snprintf(to + used, room - used, " %s %lx", shown[i].name,
						 (uint64_t)r.values[shown[i].number]);
}

/* --- Breakpoints of the processor --- */

/* Addresses that the microkernel lets a guest watch. */
static bool is_watchable(uint64_t address)
{
	uint64_t top = address >> 47;

	if (top && top != UINT64_MAX >> 47)
		return false;
	return address < L4_ZW_KERNEL_START || address >= L4_ZW_SHIM_AREA_END;
}

/* As DR7 has it. */
static uint32_t kind_of(const struct gdb_hardware *h)
{
	static const uint8_t lengths[] = { [1] = 0, [2] = 1, [4] = 3, [8] = 2 };
	static const uint8_t when[] = { [GDB_EXECUTED] = 0, [GDB_WRITTEN] = 1, [GDB_ACCESSED] = 3 };

	return when[h->type] | (uint32_t)lengths[h->bytes] << 2;
}

static bool watch(void *context, const struct gdb_hardware *breakpoints)
{
	struct guest *g = context;

	for (unsigned i = 0; i < GDB_HARDWARE; i++)
		if (breakpoints[i].used && !is_watchable(breakpoints[i].address))
			return false;
	for (unsigned i = 0; i < GDB_HARDWARE; i++) {
		struct guest_breakpoint *b = &g->start->breakpoints[i];

		b->used = breakpoints[i].used;
		b->address = breakpoints[i].address;
		b->kind = b->used ? kind_of(&breakpoints[i]) : 0;
	}
	__atomic_add_fetch(&g->start->breakpoints_version, 1, __ATOMIC_RELEASE);
	return true;
}

/* --- Standing still --- */

static bool is_up(void *context, unsigned thread)
{
	return guest_own(context, thread)->v.run == VCPU_UP;
}

static unsigned count_threads(void *context)
{
	return ((const struct guest *)context)->options->vcpus;
}

/* Whether a vCPU makes a step decides which breakpoints it has. */
static void apply(struct guest *g)
{
	__atomic_store_n(&g->start->stepping, g->debug.stepping, __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&g->start->breakpoints_version, 1, __ATOMIC_SEQ_CST);
	guest_hold(g);
}

static void lift_landing(struct debug *d)
{
	if (d->landing && *d->landing == INT3)
		*d->landing = d->original;
	d->landing = NULL;
}

static void stop_for(struct guest *g, const struct gdb_stop *stop)
{
	struct debug *d = &g->debug;

	lift_landing(d);
	if (!d->stopping)
		d->stop = *stop;
	d->stopping = true;
	d->stepping = 0;
	d->paused = ALL;
	apply(g);
	debug_look(g);
}

/* Steps that were not made, because another vCPU has stopped all. */
static void end_steps(struct guest *g)
{
	for (unsigned i = 0; i < g->options->vcpus; i++) {
		struct own *o = guest_own(g, i);

		if (!(g->debug.trapping & bit(i)) || o->stands != IN_GUEST)
			continue;
		o->stopped.flags &= ~(l4_umword_t)FLAG_TRAP;
		g->debug.trapping &= ~bit(i);
	}
}

void debug_look(struct guest *g)
{
	struct debug *d = &g->debug;

	if (!d->stopping)
		return;
	for (unsigned i = 0; i < g->options->vcpus; i++)
		if (is_up(g, i) && !guest_own(g, i)->stands)
			return;
	d->stopping = false;
	end_steps(g);
	gdb_stopped(&d->gdb, &d->stop);
}

/* The first one that is up. */
static void stop_all(void *context)
{
	struct guest *g = context;
	struct gdb_stop stop = { .signal = GDB_SIGINT };

	while (stop.thread + 1 < g->options->vcpus && !is_up(g, stop.thread))
		stop.thread++;
	g->start->debugged = 1;
	stop_for(g, &stop);
}

/* --- Going on --- */

/* An int3 where a hypercall returns to. */
static void land(struct guest *g, unsigned thread, uint64_t address)
{
	struct debug *d = &g->debug;
	uint8_t *place = memory_at(g, thread, address);

	lift_landing(d);
	if (!place || *place == INT3)
		return;
	d->landing = place;
	d->original = *place;
	*place = INT3;
}

/* What the place has that a breakpoint of the processor for writing is about; 0: not there. */
static uint64_t watched_value(struct guest *g, unsigned thread, const struct gdb_hardware *h)
{
	const uint8_t *place = memory_at(g, thread, h->address);
	uint64_t value = 0;

	if (place && h->used && h->type == GDB_WRITTEN)
		memcpy(&value, place, h->bytes);
	return value;
}

static void begin_step(struct guest *g, unsigned thread)
{
	struct own *o = guest_own(g, thread);
	struct gdb_registers r = { 0 };

	for (unsigned i = 0; i < GDB_HARDWARE; i++)
		g->debug.watched[i] = watched_value(g, thread, &g->debug.gdb.hardware[i]);
	g->debug.stepping |= bit(thread);
	if (o->stands == IN_GUEST) {
		o->stopped.flags |= FLAG_TRAP;
		g->debug.trapping |= bit(thread);
		return;
	}
	get_registers(g, thread, &r);
	if (r.known[GDB_RIP])
		land(g, thread, (uint64_t)r.values[GDB_RIP]);
}

static void run(void *context, const uint8_t *actions)
{
	struct guest *g = context;

	for (unsigned i = 0; i < g->options->vcpus; i++) {
		if (actions[i] == GDB_STEP)
			begin_step(g, i);
		if (actions[i] != GDB_STAY)
			g->debug.paused &= ~bit(i);
	}
	apply(g);
}

static void leave(void *context, bool killed)
{
	struct guest *g = context;
	struct debug *d = &g->debug;

	lift_landing(d);
	g->start->debugged = 0;
	d->stopping = false;
	d->paused = d->stepping = 0;
	apply(g);
	if (killed)
		guest_end(g, GUEST_KILLED);
}

/* --- Exceptions --- */

/* The step has led to the shim. */
static void step_into_shim(struct guest *g, unsigned thread)
{
	l4_vcpu_regs_t *c = &guest_own(g, thread)->stopped;
	uint64_t *flags = word_at(g, thread, c->sp + 2 * sizeof(uint64_t));
	const uint64_t *back = word_at(g, thread, c->sp);

	if (c->ip == GUEST_SHIM_IRET && flags) {
		*flags |= FLAG_TRAP;
		g->debug.trapping |= bit(thread);
	} else if (back) {
		land(g, thread, *back);
	}
}

/* The processor does not say what a step has written: one that changes a watched place is a hit. */
static void step_done(struct guest *g, struct gdb_stop *stop)
{
	for (unsigned i = 0; i < GDB_HARDWARE; i++) {
		const struct gdb_hardware *h = &g->debug.gdb.hardware[i];

		if (stop->at_breakpoint || watched_value(g, stop->thread, h) == g->debug.watched[i])
			continue;
		stop->at_breakpoint = true;
		stop->type = h->type;
		stop->address = h->address;
	}
	stop_for(g, stop);
}

/* A trap flag that nobody waits for any more is of the debugger's making, too. */
static long trap_step(struct guest *g, unsigned thread)
{
	struct debug *d = &g->debug;
	l4_vcpu_regs_t *c = &guest_own(g, thread)->stopped;
	struct gdb_stop stop = { .thread = thread, .signal = GDB_SIGTRAP };
	bool trapping = d->trapping & bit(thread);

	d->trapping &= ~bit(thread);
	if (!trapping && !(d->stepping & bit(thread)))
		return 0;
	c->flags &= ~(l4_umword_t)FLAG_TRAP;
	if (!(d->stepping & bit(thread)))
		return 1;
	if (c->ip - GUEST_SHIM < SHIM_BYTES)
		step_into_shim(g, thread);
	else
		step_done(g, &stop);
	return 1;
}

/* Breakpoints of the processor, bit: one. */
static long trap_hardware(struct guest *g, unsigned thread, unsigned hits)
{
	struct debug *d = &g->debug;
	const struct gdb_hardware *first = &d->gdb.hardware[__builtin_ctz(hits)];
	struct gdb_stop stop = { .thread = thread,
				 .signal = GDB_SIGTRAP,
				 .at_breakpoint = true,
				 .type = first->type,
				 .address = first->address };

	if (!first->used)
		return 0;
	if (d->trapping & bit(thread))
		guest_own(g, thread)->stopped.flags &= ~(l4_umword_t)FLAG_TRAP;
	d->trapping &= ~bit(thread);
	stop_for(g, &stop);
	return 1;
}

static long trap_break(struct guest *g, unsigned thread)
{
	struct debug *d = &g->debug;
	l4_vcpu_regs_t *c = &guest_own(g, thread)->stopped;
	bool ours = gdb_breaks_at(&d->gdb, thread, c->ip - 1);
	struct gdb_stop stop = { .thread = thread, .signal = GDB_SIGTRAP, .at_breakpoint = ours };

	if (!ours && (!d->landing || memory_at(g, thread, c->ip - 1) != d->landing))
		return 0;
	c->ip--;
	c->flags &= ~(l4_umword_t)FLAG_TRAP;
	d->trapping &= ~bit(thread);
	if (ours)
		stop_for(g, &stop);
	else
		step_done(g, &stop);
	return 1;
}

long debug_trap(struct guest *g, uint64_t vcpu, uint64_t vector, uint64_t hits)
{
	if (vcpu >= g->options->vcpus || (vector != VECTOR_DB && vector != VECTOR_BP) ||
	    hits >> GUEST_BREAKPOINTS)
		return -L4_EINVAL;
	if (vector == VECTOR_BP)
		return trap_break(g, (unsigned)vcpu);
	return hits ? trap_hardware(g, (unsigned)vcpu, (unsigned)hits)
		    : trap_step(g, (unsigned)vcpu);
}

/* --- The line --- */

static void send(void *context, const char *bytes, size_t count)
{
	const struct guest *g = context;

	while (count) {
		unsigned part = count < L4_VCON_WRITE_SIZE ? (unsigned)count : L4_VCON_WRITE_SIZE;

		l4_vcon_write(g->debug.line, bytes, part);
		bytes += part;
		count -= part;
	}
}

static void received(struct server_object *object)
{
	struct debug *d = (struct debug *)((char *)object - offsetof(struct debug, input));
	char bytes[L4_VCON_READ_SIZE];
	int result;

	do {
		result = l4_vcon_read(d->line, bytes, sizeof(bytes));
		if (result > 0)
			gdb_input(&d->gdb, bytes,
				  (size_t)result < sizeof(bytes) ? (size_t)result : sizeof(bytes));
	} while (result > (int)sizeof(bytes));
}

static void released(struct server_object *object)
{
	(void)object; /* part of the guest */
}

static const struct server_class input_class = { .released = released, .interrupt = received };

long debug_open(struct guest *g)
{
	static const struct gdb_target target = { send,		 count_threads, is_up,
						  get_registers, set_registers, memory_at,
						  watch,	 stop_all,	run,
						  leave };
	struct debug *d = &g->debug;
	long error;

	memset(d, 0, sizeof(*d));
	d->gdb.target = &target;
	d->gdb.context = g;
	d->line = l4re_env_get_cap("gdb");
	if (l4_is_invalid_cap(d->line))
		return 0;
	d->input.class = &input_class;
	error = server_bind_irq(g->server, &d->input);
	if (error >= 0)
		error = l4_error(l4_icu_bind(d->line, INPUT_PIN, d->input.cap));
	return error < 0 ? error : 0;
}

void debug_close(struct guest *g)
{
	struct debug *d = &g->debug;

	if (!d->gdb.target || l4_is_invalid_cap(d->line))
		return;
	d->landing = NULL;
	gdb_ended(&d->gdb);
	server_unpublish(g->server, &d->input);
}
