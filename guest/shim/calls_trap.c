/* SPDX-License-Identifier: MIT */
/* Hypercalls for the ways into the guest's kernel, and what a processor has beside segments. */
#include "shim/access.h"
#include "shim/calls.h"
#include "shim/pte.h"
#include "xen/hypercall.h"

enum { CR0_TASK_SWITCHED = 1 << 3, DEBUG_STATUS = 6, DEBUG_CONTROL = 7 };

/* Bits of DR6 and DR7 that are always set; those of DR7 that are not the guest's. */
#define DEBUG_STATUS_SET     0xffff0ff0UL
#define DEBUG_CONTROL_SET    0x400UL
#define DEBUG_CONTROL_DETECT 0x2000UL

#define ASSISTS                                                                       \
	(1UL << XEN_ASSIST_WRITABLE_PAGETABLES | 1UL << XEN_ASSIST_PAE_EXTENDED_CR3 | \
	 1UL << XEN_ASSIST_RUNSTATE_UPDATE_FLAG)

/* The entries of a list take effect one by one, as the interface has it. */
static long set_traps(struct vcpu *v, uint64_t list)
{
	for (;; list += sizeof(struct xen_trap_info)) {
		struct xen_trap_info entry;

		if (!guest_read(v, &entry, list, sizeof(entry)))
			return -XEN_EFAULT;
		if (!entry.address)
			return 0;
		if (canonical(entry.address) != entry.address)
			return -XEN_EINVAL;
		traps_set(&v->traps, &entry);
	}
}

/* set_trap_table(list): 0 clears all */
long call_set_trap_table(struct vcpu *v, const uint64_t *args)
{
	if (args[0])
		return set_traps(v, args[0]);
	for (unsigned i = 0; i < XEN_TRAPS; i++)
		v->traps.vectors[i] = (struct entry_point){ 0 };
	return 0;
}

static long callback_register(struct vcpu *v, uint64_t at)
{
	struct xen_callback_register r;

	if (!guest_read(v, &r, at, sizeof(r)))
		return -XEN_EFAULT;
	if (canonical(r.address) != r.address)
		return -XEN_EINVAL;
	return traps_register(&v->traps, &r);
}

static long callback_unregister(struct vcpu *v, uint64_t at)
{
	struct xen_callback_unregister r;

	if (!guest_read(v, &r, at, sizeof(r)))
		return -XEN_EFAULT;
	if (r.type == XEN_CALLBACK_EVENT || r.type == XEN_CALLBACK_FAILSAFE ||
	    r.type == XEN_CALLBACK_SYSCALL)
		return -XEN_EINVAL;
	return traps_unregister(&v->traps, r.type);
}

/* callback_op(operation, argument) */
long call_callback_op(struct vcpu *v, const uint64_t *args)
{
	switch ((uint32_t)args[0]) {
	case XEN_CALLBACK_REGISTER:
		return callback_register(v, args[1]);
	case XEN_CALLBACK_UNREGISTER:
		return callback_unregister(v, args[1]);
	default:
		return -XEN_ENOSYS;
	}
}

/* stack_switch(ss, rsp): a bad stack is found out at the next entry */
long call_stack_switch(struct vcpu *v, const uint64_t *args)
{
	vcpu_set_kernel_stack(v, args[1]);
	return 0;
}

/* fpu_taskswitch(set): extended state is always usable, the bit is shown in CR0 */
long call_fpu_taskswitch(struct vcpu *v, const uint64_t *args)
{
	if (args[0])
		v->cr0 |= CR0_TASK_SWITCHED;
	else
		v->cr0 &= ~(uint64_t)CR0_TASK_SWITCHED;
	return 0;
}

static bool has_debugreg(uint32_t n)
{
	return n <= DEBUG_CONTROL && n != 4 && n != 5;
}

/* set_debugreg(register, value) */
long call_set_debugreg(struct vcpu *v, const uint64_t *args)
{
	uint32_t n = args[0];
	uint64_t value = args[1];

	if (!has_debugreg(n))
		return -XEN_EINVAL;
	if (n < 4 && canonical(value) != value)
		return -XEN_EINVAL;
	if (n >= DEBUG_STATUS && value >> 32)
		return -XEN_EINVAL;
	if (n == DEBUG_STATUS)
		value |= DEBUG_STATUS_SET;
	if (n == DEBUG_CONTROL)
		value = (value & ~DEBUG_CONTROL_DETECT) | DEBUG_CONTROL_SET;
	v->dr[n] = value;
	return 0;
}

/* get_debugreg(register) */
long call_get_debugreg(struct vcpu *v, const uint64_t *args)
{
	uint32_t n = args[0];

	return has_debugreg(n) ? (long)v->dr[n] : -XEN_EINVAL;
}

/* vm_assist(command, type) */
long call_vm_assist(struct vcpu *v, const uint64_t *args)
{
	uint32_t command = args[0], type = args[1];
	uint64_t bit = type < 64 ? 1UL << type : 0;

	if (command > XEN_ASSIST_DISABLE)
		return -XEN_ENOSYS;
	if (!(bit & ASSISTS))
		return -XEN_EINVAL;
	if (command == XEN_ASSIST_ENABLE)
		__atomic_fetch_or(&v->machine->assists, bit, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&v->machine->assists, ~bit, __ATOMIC_RELAXED);
	return 0;
}
