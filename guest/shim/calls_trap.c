/* SPDX-License-Identifier: MIT */
/* Hypercalls for the ways into the guest's kernel, and what a processor has beside segments. */
#include <l4/zwinger/wellknown.h>

#include "shim/access.h"
#include "shim/calls.h"
#include "shim/host.h"
#include "shim/pte.h"
#include "xen/hypercall.h"

enum {
	CR0_TASK_SWITCHED = 1 << 3,
	BREAKPOINTS = 4,
	BREAK_PORT = 2,
	DEBUG_STATUS = 6,
	DEBUG_CONTROL = 7
};

/* Bits of DR6 and DR7 that are always set; those of DR7 that are not the guest's. */
#define DEBUG_STATUS_SET     0xffff0ff0UL
#define DEBUG_CONTROL_SET    0x400UL
#define DEBUG_CONTROL_DETECT 0x2000UL
#define DEBUG_CONTROL_ENABLE 0xffUL

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
		host_look(v);
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
	vcpu_forget_kernel_stacks(v); /* those of system calls that mask events */
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
	host_new_task(v);
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

/* What a guest leaves to the hypervisor is no place for its break points. */
static long check_address(uint64_t value)
{
	if (canonical(value) != value)
		return -XEN_EINVAL;
	return value >= L4_ZW_KERNEL_START && value < L4_ZW_SHIM_AREA_END ? -XEN_EPERM : 0;
}

/* Not for ports; more than one byte only of data. */
static long check_control(uint64_t value)
{
	for (unsigned i = 0; i < BREAKPOINTS; i++) {
		unsigned kind = value >> (16 + 4 * i) & 15;

		if (!(value >> 2 * i & 3))
			continue;
		if ((kind & 3) == BREAK_PORT)
			return -XEN_EPERM;
		if (kind && !(kind & 3))
			return -XEN_EINVAL;
	}
	return 0;
}

static long check_debugreg(uint32_t n, uint64_t value)
{
	if (!has_debugreg(n) || (n >= DEBUG_STATUS && value >> 32))
		return -XEN_EINVAL;
	if (n < BREAKPOINTS)
		return check_address(value);
	return n == DEBUG_CONTROL ? check_control(value) : 0;
}

bool debug_valid(const uint64_t *dr)
{
	for (unsigned i = 0; i < BREAKPOINTS; i++)
		if (check_address(dr[i]))
			return false;
	return !check_debugreg(DEBUG_CONTROL, dr[DEBUG_CONTROL]);
}

/* The processor is told when one is, or was, enabled. */
static long change_debugreg(struct vcpu *v, uint32_t n, uint64_t value)
{
	uint64_t old = v->dr[n], enabled = v->dr[DEBUG_CONTROL];
	long result = 0;

	v->dr[n] = value;
	enabled |= v->dr[DEBUG_CONTROL];
	if (n != DEBUG_STATUS && enabled & DEBUG_CONTROL_ENABLE)
		result = host_debug(v);
	if (result)
		v->dr[n] = old;
	return result;
}

/* set_debugreg(register, value) */
long call_set_debugreg(struct vcpu *v, const uint64_t *args)
{
	uint32_t n = args[0];
	uint64_t value = args[1];
	long result = check_debugreg(n, value);

	if (result)
		return result;
	if (n == DEBUG_STATUS)
		value |= DEBUG_STATUS_SET;
	if (n == DEBUG_CONTROL)
		value = (value & ~DEBUG_CONTROL_DETECT) | DEBUG_CONTROL_SET;
	return change_debugreg(v, n, value);
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
