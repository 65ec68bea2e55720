/* SPDX-License-Identifier: MIT */
/* Entries of a vCPU to its handler: what happened, and who has to know. */
#include <l4/zwinger/wellknown.h>

#include "shim/emulate.h"
#include "shim/frame.h"
#include "shim/host.h"
#include "shim/segments.h"
#include "shim/space.h"
#include "shim/spoof.h"
#include "xen/hypercall.h"

enum {
	VECTOR_DB = 1,
	VECTOR_BP = 3,
	VECTOR_UD = 6,
	VECTOR_PF = 14,
	ERROR_IDT = 2, /* the fault is about a gate: `int` */
	INT_BYTES = 2,
	SYSCALL_BYTES = 2,
	UD_BYTES = 2,
	OPCODE_INT = 0xcd,
	OPCODE_SYSENTER = 0x340f
};

static bool is_at(const l4_vcpu_regs_t *r, const char *place)
{
	return r->ip == (uint64_t)place;
}

static bool is_between(const l4_vcpu_regs_t *r, const char *start, const char *end)
{
	return r->ip > (uint64_t)start && r->ip < (uint64_t)end;
}

/* --- Page faults --- */

static void bounce(struct own *o, unsigned error)
{
	o->v.info->cr2 = o->state->r.pfa;
	o->v.counters.bounced++;
	context_raise(o, VECTOR_PF, error);
}

/* The shim accesses memory for the guest, and its tables do not allow that. */
static void end_copy(struct own *o)
{
	l4_vcpu_regs_t *r = &o->state->r;

	if (!is_at(r, copy_words) && !is_at(r, copy_bytes))
		crash(o, "page fault in the shim");
	r->ip = (uint64_t)copy_failed;
}

/* A fault of the kernel, or of the shim in a hypercall, at the alias of memory that it has not used
 * yet: vmm gives it when the handler, whose faults go there, reads it. */
static bool touch_alias(struct own *o)
{
	const struct guest_memory *memory = &o->v.machine->memory;
	uint64_t address = o->state->r.pfa;

	if (context_is_user(o) || address - (uint64_t)memory->base >= memory->frames << PAGE_SHIFT)
		return false;
	(void)*(volatile uint8_t *)address;
	return true;
}

/* True: the context goes on as it is. */
static bool page_fault(struct own *o)
{
	l4_vcpu_regs_t *r = &o->state->r;
	unsigned access = (r->err & (WALK_WRITE | WALK_FETCH)), error;
	enum walk_result result;

	if (touch_alias(o))
		return true;
	if (context_is_user(o))
		access |= WALK_USER;
	o->v.counters.faults++;
	result = space_fault(&o->v, r->pfa, access, &error);
	if (result == WALK_OK || result == WALK_AGAIN)
		return true;
	if (context_is_closed(o)) {
		end_copy(o);
		return true;
	}
	bounce(o, error);
	return false;
}

/* --- Exceptions --- */

/* Where the instruction of the context lies: code of a local segment may have a base. */
static uint64_t code_address(struct own *o)
{
	const l4_vcpu_regs_t *r = &o->state->r;
	uint64_t descriptor = 0;

	if (!(r->cs & SELECTOR_LOCAL))
		return r->ip;
	context_read(o, &descriptor, o->v.ldt_base + (r->cs & SELECTOR_ENTRY), sizeof(descriptor));
	return (uint32_t)(descriptor_base(descriptor) + r->ip);
}

/* `int` of user mode, which has no gate in the processor. */
static bool software_interrupt(struct own *o)
{
	l4_vcpu_regs_t *r = &o->state->r;
	uint8_t bytes[INT_BYTES];
	uint32_t error;

	if (!(r->err & ERROR_IDT) ||
	    context_read(o, bytes, code_address(o), INT_BYTES) != INT_BYTES ||
	    bytes[0] != OPCODE_INT)
		return false;
	if (!traps_may_int(&o->v.traps, bytes[1], &error)) {
		context_raise(o, VECTOR_GP, error);
		return true;
	}
	r->ip += INT_BYTES;
	context_enter(o, &o->v.traps.vectors[bytes[1]], false);
	return true;
}

static bool is_wide(uint64_t cs)
{
	return cs != XEN_CS32 && cs != L4_ZW_USER_CS32 && !(cs & SELECTOR_LOCAL);
}

/* `sysenter` of 32-bit code, for which the processor is given no place to go: the way of the 32-bit
 * vdso on processors of Intel. Where it comes from is Linux's knowledge. */
static bool sysenter(struct own *o)
{
	const struct entry_point *point = &o->v.traps.callbacks[XEN_CALLBACK_SYSENTER];
	l4_vcpu_regs_t *r = &o->state->r;
	uint16_t opcode;

	if (r->err || is_wide(r->cs) || !point->address ||
	    context_read(o, &opcode, code_address(o), sizeof(opcode)) != sizeof(opcode) ||
	    opcode != OPCODE_SYSENTER)
		return false;
	r->ip = 0;
	r->sp = 0;
	context_enter(o, point, false);
	return true;
}

static void wait_for_events(struct own *o)
{
	const struct xen_vcpu_info *info = o->v.info;

	while (!info->upcall_pending)
		host_wait(&o->v, 0);
}

/* An instruction that the guest's kernel is promised to have. True: it was carried out. */
static bool privileged(struct own *o)
{
	l4_vcpu_regs_t *r = &o->state->r;
	struct vcpu *v = &o->v;
	uint8_t bytes[INSTRUCTION_BYTES_MAX];
	uint64_t gs_user = r->gs_base;
	unsigned count = context_read(o, bytes, r->ip, sizeof(bytes));
	enum emulate_result result;

	v->gs_user = gs_user;
	r->fs_base = v->fs_base = host_fs_base(v);
	r->gs_base = o->state->arch_state.host_gs_base;
	result = emulate(v, r, bytes, count);
	o->state->arch_state.host_gs_base = v->gs_kernel;
	r->gs_base = v->gs_user;
	if (result == EMULATE_HALT)
		wait_for_events(o);
	return result != EMULATE_REFUSED;
}

static bool is_flat(const struct own *o)
{
	uint32_t ds, es;

	__asm__ volatile("mov %%ds, %0; mov %%es, %1" : "=r"(ds), "=r"(es));
	return ds == L4_ZW_USER_DS && es == L4_ZW_USER_DS && o->state->r.ss == L4_ZW_USER_DS;
}

static struct spoof_caller caller_of(struct own *o)
{
	const struct guest_memory *memory = &o->v.machine->memory;
	const l4_vcpu_regs_t *r = &o->state->r;
	unsigned entries = o->v.gdt_entries < TABLE_ENTRIES ? o->v.gdt_entries : TABLE_ENTRIES;

	return (struct spoof_caller){
		.wide = is_wide(r->cs),
		.flat = is_flat(o),
		.ldt = o->v.ldt_entries != 0,
		.fs_base = host_fs_base(&o->v),
		.gs_base = context_is_user(o) ? r->gs_base : o->state->arch_state.host_gs_base,
		.kernel = !context_is_user(o),
		.gdt_base = (uint64_t)memory->base + (o->v.gdt_frame << PAGE_SHIFT),
		.gdt_limit = (uint16_t)(entries * 8 - 1)
	};
}

/* An instruction that would read the processor's tables: it is answered, or executed again, or ends
 * with a page fault at its operand. */
static bool answer(struct own *o)
{
	l4_vcpu_regs_t *r = &o->state->r;
	const struct spoof_caller p = caller_of(o);
	uint8_t bytes[INSTRUCTION_BYTES_MAX];
	unsigned error, count = context_read(o, bytes, r->ip, sizeof(bytes));
	enum walk_result result = WALK_OK;
	struct spoof_store s;

	if (r->err || r->cs & SELECTOR_LOCAL || !spoof(&p, r, bytes, count, &s))
		return false;
	if (s.bytes)
		result = context_write(o, s.address, s.data, s.bytes, &error);
	if (result == WALK_OK)
		r->ip = s.behind;
	else if (result == WALK_FAULT)
		bounce(o, error);
	return true;
}

/* The context goes on behind the hypercall or entry that events came in: what the shim has left to
 * do is done here, so that whoever looks at it in a pause finds the guest. */
static void finish_pending(struct own *o)
{
	l4_vcpu_regs_t *r = &o->state->r;
	uint64_t stack[3]; /* as call_pending finds it: rcx, r11, where to */

	if (is_at(r, jump_pending)) {
		r->ip = r->cx;
	} else if (context_read(o, stack, r->sp, sizeof(stack)) == sizeof(stack)) {
		r->cx = stack[0];
		r->r11 = stack[1];
		r->ip = stack[2];
		r->sp += sizeof(stack);
	} else {
		r->ip += UD_BYTES;
	}
}

/* An undefined instruction of the shim: events came while it was closed. */
static bool shim_trap(struct own *o)
{
	l4_vcpu_regs_t *r = &o->state->r;
	struct xen_iret_frame f = { .flags = 0 };

	if (is_at(r, call_pending) || is_at(r, jump_pending)) {
		finish_pending(o);
		own_drain(o);
		return true;
	}
	if (!is_at(r, iret_pending))
		return false;
	context_read(o, &f.rcx, r->sp, 8);
	context_read(o, &f.rax, r->sp + 8, 8);
	if (context_read(o, &f.rip, r->sp + 16, 40) != 40)
		crash(o, "no frame to return to");
	r->cx = f.rcx;
	r->ax = f.rax;
	r->ip = f.rip;
	r->flags = f.rflags;
	r->sp = f.rsp;
	return true;
}

/* True: the context goes on as it is. Break points that the shim hits, when it works for the guest,
 * are lost. */
static bool exception(struct own *o, unsigned vector)
{
	l4_vcpu_regs_t *r = &o->state->r;

	if ((vector == VECTOR_DB || vector == VECTOR_BP) && own_debug(o, vector))
		return true;
	if (context_is_user(o)) {
		if (vector == VECTOR_GP && (software_interrupt(o) || sysenter(o)))
			return false;
		if (vector == VECTOR_GP && answer(o))
			return true;
	} else {
		if (vector == VECTOR_UD && shim_trap(o))
			return true;
		if (vector == VECTOR_DB && context_is_closed(o)) {
			r->flags |= FLAG_RESUME;
			return true;
		}
		if (context_is_closed(o))
			crash(o, "exception in the shim");
		if ((vector == VECTOR_UD || vector == VECTOR_GP) && privileged(o))
			return true;
		if (vector == VECTOR_GP && answer(o))
			return true;
	}
	context_raise(o, vector, r->err);
	return false;
}

/* --- System calls --- */

static bool process_call(struct own *o)
{
	l4_vcpu_regs_t *r = &o->state->r;
	const struct entry_point *point =
	    &o->v.traps.callbacks[is_wide(r->cs) ? XEN_CALLBACK_SYSCALL : XEN_CALLBACK_SYSCALL32];

	if (!point->address) {
		context_raise(o, VECTOR_UD, 0);
		return false;
	}
	r->ip += SYSCALL_BYTES;
	r->cx = r->ip;
	r->r11 = r->flags;
	context_enter(o, point, true);
	return false;
}

/* A hypercall whose stub was not patched: to where a patched one would have gone. */
static bool trapped_call(struct own *o)
{
	l4_vcpu_regs_t *r = &o->state->r;

	if (context_is_closed(o))
		crash(o, "system call in the shim");
	r->cx = r->ip + SYSCALL_BYTES;
	r->ip = (uint64_t)(r->ax == XEN_CALL_IRET ? iret_trapped : call_trapped);
	return true;
}

/* --- All of them --- */

/* The entry of a short system call: the context is the process again, which is about to make it. */
static void take_back(struct own *o)
{
	const l4_zw_vcpu_ext_t *e = own_ext(o);
	l4_vcpu_regs_t *r = &o->state->r;

	r->ip = e->syscall_ip - SYSCALL_BYTES;
	r->sp = e->syscall_sp;
	r->flags = e->syscall_flags;
	r->cs = L4_ZW_USER_CS64;
	r->ss = L4_ZW_USER_DS;
	o->state->saved_state = OWN_USER;
}

/* What must be done in one piece starts again. */
static void restart(struct own *o)
{
	l4_vcpu_regs_t *r = &o->state->r;

	if (is_between(r, call_restart, call_restart_end))
		r->ip = (uint64_t)call_restart;
	if (is_between(r, iret_restart, iret_restart_end)) {
		r->ip = (uint64_t)iret_restart;
		o->v.info->upcall_mask = 1;
	}
	if (is_at(r, short_refused) && r->trapno == VECTOR_UD)
		r->trapno = L4_ZW_VCPU_TRAP_SYSCALL;
	if (is_at(r, short_refused) || is_at(r, short_entry) ||
	    is_between(r, short_entry, short_entry_end))
		take_back(o);
}

static bool handle(struct own *o)
{
	unsigned trap = o->state->r.trapno;

	switch (trap) {
	case L4_TRAP_IPC:
		own_event(o, o->state->i.label);
		own_drain(o);
		return true;
	case L4_ZW_VCPU_TRAP_TIMER:
		own_timer(o);
		own_drain(o);
		return true;
	case L4_ZW_VCPU_TRAP_SYSCALL:
		return context_is_user(o) ? process_call(o) : trapped_call(o);
	case VECTOR_PF:
		return page_fault(o);
	default:
		return exception(o, trap);
	}
}

void own_entered(struct own *o)
{
	if (o->handling)
		crash(o, "fault in the shim's handler");
	o->handling = true;
	if (!context_is_user(o))
		restart(o);
	context_leave(o, handle(o));
}

void own_call_left(struct own *o)
{
	o->handling = true;
	o->state->saved_state = OWN_OPEN;
	own_drain(o);
	context_leave(o, true);
}

/* To user mode, or not at once: what the frame says is in the state. */
void own_iret_left(struct own *o)
{
	const l4_vcpu_regs_t *r = &o->state->r;
	uint32_t error;
	bool can = traps_may_return(r->ip, (uint16_t)r->cs, (uint16_t)r->ss, &error);

	o->handling = true;
	o->state->saved_state = OWN_USER;
	o->v.info->upcall_mask = !(r->flags & FLAG_INTERRUPT);
	if (!can)
		context_raise(o, VECTOR_GP, error);
	own_drain(o);
	context_leave(o, can);
}

void own_resume_failed(struct own *o, long tag)
{
	o->state->r.err = tag;
	crash(o, "resume failed");
}
