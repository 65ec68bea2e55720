/* SPDX-License-Identifier: MIT */
/* The start context of a vCPU. */
#include "shim/access.h"
#include "shim/calls.h"
#include "shim/lock.h"
#include "shim/pte.h"

enum { LDT_ENTRIES_MAX = 8192, GDT_ENTRIES_MAX = 7168 };

static bool is_canonical(uint64_t address)
{
	return canonical(address) == address;
}

static bool traps_valid(const struct xen_vcpu_context *c)
{
	for (unsigned i = 0; i < XEN_TRAPS; i++)
		if (!is_canonical(c->traps[i].address))
			return false;
	return true;
}

static bool addresses_valid(const struct xen_vcpu_context *c)
{
	return is_canonical(c->regs.rip) && is_canonical(c->event_callback) &&
	       is_canonical(c->failsafe_callback) && is_canonical(c->syscall_callback) &&
	       is_canonical(c->fs_base) && is_canonical(c->gs_base_kernel) &&
	       is_canonical(c->gs_base_user) && is_canonical(c->ldt_base);
}

static bool tables_valid(const struct vcpu *v, const struct xen_vcpu_context *c)
{
	uint64_t frames = v->machine->memory.frames;

	return c->cr[3] >> PAGE_SHIFT < frames && c->cr[1] >> PAGE_SHIFT < frames &&
	       c->gdt_entries <= GDT_ENTRIES_MAX && c->ldt_entries <= LDT_ENTRIES_MAX &&
	       c->ldt_base % PAGE_BYTES == 0 && (!c->gdt_entries || c->gdt_frames[0] < frames);
}

static void set_callback(struct vcpu *target, unsigned type, uint64_t address, bool mask)
{
	struct xen_callback_register r = { .type = type,
					   .flags = mask ? XEN_CALLBACK_MASK_EVENTS : 0,
					   .address = address };

	traps_register(&target->traps, &r);
}

static void set_entries(struct vcpu *target, const struct xen_vcpu_context *c)
{
	traps_set_all(&target->traps, c->traps);
	set_callback(target, XEN_CALLBACK_EVENT, c->event_callback, true);
	set_callback(target, XEN_CALLBACK_FAILSAFE, c->failsafe_callback,
		     c->flags & XEN_CONTEXT_FAILSAFE_MASKS);
	set_callback(target, XEN_CALLBACK_SYSCALL, c->syscall_callback,
		     c->flags & XEN_CONTEXT_SYSCALL_MASKS);
}

/* What the vCPU itself loads when it starts; nothing of this touches its hardware yet. */
static void set_context(struct vcpu *target, const struct xen_vcpu_context *c)
{
	set_entries(target, c);
	target->start = c->regs;
	target->kernel_rsp = c->kernel_sp;
	target->root = c->cr[3] >> PAGE_SHIFT;
	target->user_root = c->cr[1] >> PAGE_SHIFT;
	target->fs_base = c->fs_base;
	target->gs_kernel = c->gs_base_kernel;
	target->gs_user = c->gs_base_user;
	target->gdt_frame = c->gdt_frames[0];
	target->gdt_entries = c->gdt_entries;
	target->ldt_base = c->ldt_base;
	target->ldt_entries = c->ldt_entries;
	for (unsigned i = 0; i < sizeof(target->dr) / sizeof(target->dr[0]); i++)
		target->dr[i] = c->dr[i];
	if (!debug_valid(target->dr))
		target->dr[7] = 0;
}

/* Reading the context may fault, so it comes before the lock. */
long vcpu_initialise(struct vcpu *v, struct vcpu *target, uint64_t at)
{
	struct xen_vcpu_context context;
	long result = -XEN_EEXIST;

	if (!guest_read(v, &context, at, sizeof(context)))
		return -XEN_EFAULT;
	if (!traps_valid(&context) || !addresses_valid(&context) || !tables_valid(v, &context))
		return -XEN_EINVAL;
	lock_take(v, &v->machine->bindings);
	if (__atomic_load_n(&target->run, __ATOMIC_SEQ_CST) == VCPU_DOWN) {
		set_context(target, &context);
		__atomic_store_n(&target->run, VCPU_INITIALISED, __ATOMIC_SEQ_CST);
		result = 0;
	}
	lock_drop(&v->machine->bindings);
	return result;
}
