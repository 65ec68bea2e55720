/* SPDX-License-Identifier: MIT */
/* The table of hypercalls. */
#include "guest/outside.h"
#include "shim/calls.h"
#include "shim/drops.h"
#include "xen/hypercall.h"

static call_function *const functions[XEN_CALLS] = {
	[XEN_CALL_SET_TRAP_TABLE] = call_set_trap_table,
	[XEN_CALL_MMU_UPDATE] = call_mmu_update,
	[XEN_CALL_SET_GDT] = call_set_gdt,
	[XEN_CALL_STACK_SWITCH] = call_stack_switch,
	[XEN_CALL_FPU_TASKSWITCH] = call_fpu_taskswitch,
	[XEN_CALL_SET_DEBUGREG] = call_set_debugreg,
	[XEN_CALL_GET_DEBUGREG] = call_get_debugreg,
	[XEN_CALL_UPDATE_DESCRIPTOR] = call_update_descriptor,
	[XEN_CALL_MEMORY_OP] = call_memory_op,
	[XEN_CALL_MULTICALL] = call_multicall,
	[XEN_CALL_UPDATE_VA_MAPPING] = call_update_va_mapping,
	[XEN_CALL_SET_TIMER_OP] = call_set_timer_op,
	[XEN_CALL_XEN_VERSION] = call_xen_version,
	[XEN_CALL_CONSOLE_IO] = call_console_io,
	[XEN_CALL_GRANT_TABLE_OP] = call_grant_table_op,
	[XEN_CALL_VM_ASSIST] = call_vm_assist,
	[XEN_CALL_VCPU_OP] = call_vcpu_op,
	[XEN_CALL_SET_SEGMENT_BASE] = call_set_segment_base,
	[XEN_CALL_MMUEXT_OP] = call_mmuext_op,
	[XEN_CALL_SCHED_OP] = call_sched_op,
	[XEN_CALL_CALLBACK_OP] = call_callback_op,
	[XEN_CALL_EVENT_CHANNEL_OP] = call_event_channel_op,
	[XEN_CALL_PHYSDEV_OP] = call_physdev_op,
	[OUTSIDE_HYPERCALL] = call_outside,
};

static bool is_known(uint64_t number)
{
	return number < XEN_CALLS && functions[number];
}

static __attribute__((noinline)) long unknown(struct vcpu *v, uint64_t number)
{
	if (number < XEN_CALLS)
		v->counters.calls[number]++;
	v->counters.unknown++;
	return -XEN_ENOSYS;
}

static inline long carry_out(struct vcpu *v, uint64_t number, const uint64_t *args)
{
	long result;

	if (!is_known(number))
		return unknown(v, number);
	v->counters.calls[number]++;
	result = functions[number](v, args);
	if (result == -XEN_ENOSYS)
		v->counters.unknown++;
	return result;
}

long call_inner(struct vcpu *v, uint64_t number, const uint64_t *args)
{
	return carry_out(v, number, args);
}

static __attribute__((noinline)) long settle_first(struct vcpu *v, long result)
{
	const struct machine *m = v->machine;

	v->settle = false;
	if (m->vcpus > 1 || m->drops.count)
		drops_settle(v);
	return result;
}

long call(struct vcpu *v, uint64_t number, const uint64_t *args)
{
	long result = carry_out(v, number, args);

	return v->settle ? settle_first(v, result) : result;
}
