/* SPDX-License-Identifier: MIT */
/* Hypercalls for entries, debug registers, assists, multicalls, version, console, ports. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include <l4/zwinger/wellknown.h>

#include "unit/guest/machine.h"
#include "xen/hypercall.h"
#include "xen/memory.h"
#include "xen/mmu.h"
#include "xen/start_info.h"

enum { ARGS = FREE, MORE };

static struct xen_trap_info *traps(void)
{
	return at(ARGS);
}

static long set_traps(void)
{
	return CALL(XEN_CALL_SET_TRAP_TABLE, shown(ARGS));
}

static void traps_are_added_until_address_zero(void **state)
{
	const struct entry_point *vectors = vcpu_of(0)->traps.vectors;

	(void)state;
	traps()[0] = (struct xen_trap_info){ .vector = 3, .flags = 3, .address = 0x1000 };
	traps()[1] = (struct xen_trap_info){ .vector = 14, .flags = 4, .address = 0x2000 };
	traps()[3] = (struct xen_trap_info){ .vector = 13, .address = 0x3000 };
	assert_int_equal(0, set_traps());
	assert_int_equal(0x1000, vectors[3].address);
	assert_int_equal(3, vectors[3].flags);
	assert_int_equal(0x2000, vectors[14].address);
	assert_int_equal(0, vectors[13].address);
	memset(traps(), 0, PAGE_BYTES);
	assert_int_equal(0, set_traps());
	assert_int_equal(0x1000, vectors[3].address);
	assert_int_equal(0, CALL(XEN_CALL_SET_TRAP_TABLE, 0));
	assert_int_equal(0, vectors[3].address);
}

static void bad_traps_are_refused(void **state)
{
	(void)state;
	traps()[0] = (struct xen_trap_info){ .vector = 3, .address = 1UL << 47 };
	assert_int_equal(-XEN_EINVAL, set_traps());
	assert_int_equal(-XEN_EFAULT, CALL(XEN_CALL_SET_TRAP_TABLE, ABSENT));
}

static long callback(unsigned type, unsigned flags, uint64_t address)
{
	struct xen_callback_register *r = at(ARGS);

	*r = (struct xen_callback_register){ .type = type, .flags = flags, .address = address };
	return CALL(XEN_CALL_CALLBACK_OP, XEN_CALLBACK_REGISTER, shown(ARGS));
}

static void callbacks_are_registered(void **state)
{
	const struct entry_point *callbacks = vcpu_of(0)->traps.callbacks;

	(void)state;
	assert_int_equal(0, callback(XEN_CALLBACK_EVENT, 0, 0x1000));
	assert_int_equal(0, callback(XEN_CALLBACK_SYSCALL, XEN_CALLBACK_MASK_EVENTS, 0x2000));
	assert_int_equal(0x1000, callbacks[XEN_CALLBACK_EVENT].address);
	assert_int_equal(XEN_TRAP_MASK_EVENTS, callbacks[XEN_CALLBACK_SYSCALL].flags);
	assert_int_equal(-XEN_EINVAL, callback(XEN_CALLBACK_EVENT, 0, 1UL << 47));
	assert_int_equal(-XEN_EINVAL, callback(200, 0, 0x1000));
	assert_int_equal(-XEN_ENOSYS, callback(XEN_CALLBACK_NMI, 0, 0x1000));
	assert_int_equal(-XEN_EFAULT, CALL(XEN_CALL_CALLBACK_OP, XEN_CALLBACK_REGISTER, ABSENT));
	assert_int_equal(-XEN_ENOSYS, CALL(XEN_CALL_CALLBACK_OP, 2, shown(ARGS)));
}

/* Were the stack known, the short way of system calls would mask events as before. */
static void a_new_callback_forgets_kernel_stacks(void **state)
{
	const uint64_t top = KERNEL_ADDRESS + 0x4000;
	struct vcpu *v = vcpu_of(0);
	uint64_t stack[1];

	(void)state;
	*vcpu_kernel_stack(v, top) =
	    (struct kernel_stack){ top, stack + 1, v->machine->kernel_drops };
	vcpu_set_kernel_stack(v, top);
	assert_ptr_equal(stack + 1, v->stack_top);
	assert_int_equal(0, callback(XEN_CALLBACK_SYSCALL, 0, 0x3000));
	assert_null(v->stack_top);
	vcpu_set_kernel_stack(v, top);
	assert_null(v->stack_top);
}

static long unregister(unsigned type)
{
	*(struct xen_callback_unregister *)at(ARGS) = (struct xen_callback_unregister){ type, 0 };
	return CALL(XEN_CALL_CALLBACK_OP, XEN_CALLBACK_UNREGISTER, shown(ARGS));
}

static void callbacks_that_are_not_needed_can_go(void **state)
{
	const struct entry_point *callbacks = vcpu_of(0)->traps.callbacks;

	(void)state;
	assert_int_equal(0, callback(XEN_CALLBACK_SYSENTER, 0, 0x1000));
	assert_int_equal(0, callback(XEN_CALLBACK_EVENT, 0, 0x1000));
	assert_int_equal(0, unregister(XEN_CALLBACK_SYSENTER));
	assert_int_equal(0, callbacks[XEN_CALLBACK_SYSENTER].address);
	assert_int_equal(-XEN_EINVAL, unregister(XEN_CALLBACK_EVENT));
	assert_int_equal(-XEN_EINVAL, unregister(XEN_CALLBACK_FAILSAFE));
	assert_int_equal(-XEN_EINVAL, unregister(XEN_CALLBACK_SYSCALL));
	assert_int_equal(-XEN_EINVAL, unregister(99));
	assert_int_equal(0x1000, callbacks[XEN_CALLBACK_EVENT].address);
	assert_int_equal(-XEN_EFAULT, CALL(XEN_CALL_CALLBACK_OP, XEN_CALLBACK_UNREGISTER, ABSENT));
}

static void the_kernel_stack_is_the_one_of_the_last_switch(void **state)
{
	(void)state;
	assert_int_equal(0, CALL(XEN_CALL_STACK_SWITCH, 0x18, KERNEL_ADDRESS + 0x4000));
	assert_int_equal(1, told.tasks);
	assert_true(vcpu_of(0)->kernel_rsp == KERNEL_ADDRESS + 0x4000);
}

static void task_switched_is_remembered(void **state)
{
	(void)state;
	vcpu_of(0)->cr0 = 0x80050033;
	assert_int_equal(0, CALL(XEN_CALL_FPU_TASKSWITCH, 1));
	assert_int_equal(0x8005003b, vcpu_of(0)->cr0);
	assert_int_equal(0, CALL(XEN_CALL_FPU_TASKSWITCH, 0));
	assert_int_equal(0x80050033, vcpu_of(0)->cr0);
}

static long debug_after(unsigned n, uint64_t value)
{
	assert_int_equal(0, CALL(XEN_CALL_SET_DEBUGREG, n, value));
	return CALL(XEN_CALL_GET_DEBUGREG, n);
}

static void debug_registers_are_remembered(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 4; n++)
		assert_int_equal(0x1000 + n, debug_after(n, 0x1000 + n));
	assert_int_equal(0xffff4ff0, debug_after(6, 0x4000));
	assert_int_equal(0x401, debug_after(7, 0x2001));
}

static void debug_registers_are_loaded_when_one_is_enabled(void **state)
{
	(void)state;
	debug_after(0, 0x1000);
	assert_int_equal(0, told.debugs);
	debug_after(7, 0xd0001);
	assert_int_equal(1, told.debugs);
	assert_int_equal(0x1000, told.dr[0]);
	assert_int_equal(0xd0401, told.dr[7]);
	debug_after(1, 0x2000);
	assert_int_equal(2, told.debugs);
	assert_int_equal(0x2000, told.dr[1]);
	debug_after(6, 0);
	assert_int_equal(2, told.debugs);
	debug_after(7, 0);
	assert_int_equal(3, told.debugs);
	assert_int_equal(0x400, told.dr[7]);
	debug_after(1, 0x3000);
	assert_int_equal(3, told.debugs);
}

static void debug_registers_that_cannot_be_loaded_stay_as_they_were(void **state)
{
	(void)state;
	debug_after(0, 0x1000);
	told.debug_error = -XEN_ENOMEM;
	assert_int_equal(-XEN_ENOMEM, CALL(XEN_CALL_SET_DEBUGREG, 7, 1));
	assert_int_equal(0, CALL(XEN_CALL_GET_DEBUGREG, 7));
}

static void break_points_for_others_are_refused(void **state)
{
	(void)state;
	assert_int_equal(-XEN_EPERM, CALL(XEN_CALL_SET_DEBUGREG, 0, L4_ZW_KERNEL_START));
	assert_int_equal(-XEN_EPERM, CALL(XEN_CALL_SET_DEBUGREG, 3, L4_ZW_SHIM_AREA_END - 1));
	assert_int_equal(0, CALL(XEN_CALL_SET_DEBUGREG, 3, L4_ZW_SHIM_AREA_END));
	assert_int_equal(-XEN_EPERM, CALL(XEN_CALL_SET_DEBUGREG, 7, 0x20001));
	assert_int_equal(-XEN_EINVAL, CALL(XEN_CALL_SET_DEBUGREG, 7, 0x40001));
	assert_int_equal(0, CALL(XEN_CALL_SET_DEBUGREG, 7, 0x60000));
	assert_int_equal(0, told.debugs);
}

static void bad_debug_registers_are_refused(void **state)
{
	static const uint64_t bad[] = { 4, 5, 8, UINT32_MAX };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(-XEN_EINVAL, CALL(XEN_CALL_SET_DEBUGREG, bad[i], 0));
		assert_int_equal(-XEN_EINVAL, CALL(XEN_CALL_GET_DEBUGREG, bad[i]));
	}
	assert_int_equal(-XEN_EINVAL, CALL(XEN_CALL_SET_DEBUGREG, 0, 1UL << 47));
	assert_int_equal(-XEN_EINVAL, CALL(XEN_CALL_SET_DEBUGREG, 7, 1UL << 32));
}

static void assists_are_switched(void **state)
{
	const uint64_t type = XEN_ASSIST_RUNSTATE_UPDATE_FLAG;

	(void)state;
	assert_int_equal(0, CALL(XEN_CALL_VM_ASSIST, XEN_ASSIST_ENABLE, type));
	assert_int_equal(1UL << type, machine.assists);
	assert_int_equal(0, CALL(XEN_CALL_VM_ASSIST, XEN_ASSIST_DISABLE, type));
	assert_int_equal(0, machine.assists);
	assert_int_equal(
	    0, CALL(XEN_CALL_VM_ASSIST, XEN_ASSIST_ENABLE, XEN_ASSIST_WRITABLE_PAGETABLES));
	assert_int_equal(-XEN_EINVAL, CALL(XEN_CALL_VM_ASSIST, XEN_ASSIST_ENABLE,
					   XEN_ASSIST_ARCHITECTURAL_IOPL));
	assert_int_equal(-XEN_EINVAL, CALL(XEN_CALL_VM_ASSIST, XEN_ASSIST_ENABLE, UINT32_MAX));
	assert_int_equal(-XEN_ENOSYS, CALL(XEN_CALL_VM_ASSIST, 2, type));
}

static void a_multicall_gives_each_entry_its_result(void **state)
{
	struct xen_multicall_entry *e = at(ARGS);
	struct xen_mmuext_op *op = at(MORE);

	(void)state;
	op->cmd = XEN_MMUEXT_NEW_USER_BASEPTR;
	op->arg1 = 9;
	e[0] = (struct xen_multicall_entry){ XEN_CALL_MMUEXT_OP,
					     99,
					     { shown(MORE), 1, 0, XEN_DOMAIN_SELF } };
	e[1] = (struct xen_multicall_entry){ XEN_CALL_STACK_SWITCH, 99, { 0x18, 0x5000 } };
	e[2] = (struct xen_multicall_entry){ 63, 99, { 0 } };
	e[3] = (struct xen_multicall_entry){ XEN_CALL_XEN_VERSION, 99, { XEN_VERSION } };
	e[4] = (struct xen_multicall_entry){ XEN_CALL_MULTICALL, 99, { shown(ARGS), 1 } };
	e[5] = (struct xen_multicall_entry){ XEN_CALL_IRET, 99, { 0 } };
	assert_int_equal(0, CALL(XEN_CALL_MULTICALL, shown(ARGS), 6));
	assert_int_equal(0, e[0].result);
	assert_int_equal(0, e[1].result);
	assert_int_equal(-XEN_ENOSYS, e[2].result);
	assert_int_equal(0x40011, e[3].result);
	assert_int_equal(-XEN_EINVAL, e[4].result);
	assert_int_equal(-XEN_ENOSYS, e[5].result);
	assert_int_equal(9, vcpu_of(0)->user_root);
	assert_int_equal(0x5000, vcpu_of(0)->kernel_rsp);
}

/* Frames that are known to be what they are, flushes, and calls in one: 64 of each. */
static void events_are_seen_within_long_lists(void **state)
{
	enum { MANY = 2 * LOOK_EVERY, CONSOLE_BYTES = 600 };
	struct xen_multicall_entry *e = at(ARGS);
	struct xen_mmu_update *u = at(ARGS);
	struct xen_mmuext_op *op = at(ARGS);

	(void)state;
	for (unsigned i = 0; i < MANY; i++)
		e[i] = (struct xen_multicall_entry){ XEN_CALL_STACK_SWITCH, 0, { 0, 0x5000 } };
	assert_int_equal(0, CALL(XEN_CALL_MULTICALL, shown(ARGS), MANY));
	assert_int_equal(2, told.looks);
	for (unsigned i = 0; i < MANY; i++)
		u[i] = (struct xen_mmu_update){ FREE << 12 | XEN_MMU_MACHPHYS, FREE };
	assert_int_equal(0, CALL(XEN_CALL_MMU_UPDATE, shown(ARGS), MANY, 0, XEN_DOMAIN_SELF));
	assert_in_range(told.looks, 4, 6);
	told.looks = 0;
	for (unsigned i = 0; i < MANY; i++)
		op[i] = (struct xen_mmuext_op){ .cmd = XEN_MMUEXT_TLB_FLUSH_LOCAL };
	assert_int_equal(0, CALL(XEN_CALL_MMUEXT_OP, shown(ARGS), MANY, 0, XEN_DOMAIN_SELF));
	assert_int_equal(2, told.looks);
	assert_int_equal(0,
			 CALL(XEN_CALL_CONSOLE_IO, XEN_CONSOLE_WRITE, CONSOLE_BYTES, shown(MORE)));
	assert_int_equal(5, told.looks);
}

/* Pages from MORE on, which a view shows, become absent. */
static void drop_pages(unsigned count, uint64_t flush)
{
	const uint64_t tables[] = { L1, L2, L3, ROOT };
	struct xen_multicall_entry *e = at(ARGS);

	track_cover_all(&machine.track, TRACK_KERNEL, KERNEL_ADDRESS, tables);
	for (unsigned i = 0; i < count; i++) {
		guest.words[L1][MORE + i] |= PTE_PRESENT | PTE_ACCESSED;
		e[i] = (struct xen_multicall_entry){ XEN_CALL_UPDATE_VA_MAPPING,
						     99,
						     { shown(MORE + i), 0, flush } };
	}
	assert_int_equal(0, CALL(XEN_CALL_MULTICALL, shown(ARGS), count));
	assert_int_equal(0, e[count - 1].result);
}

static void views_are_brought_up_to_date_once_a_call(void **state)
{
	(void)state;
	drop_pages(5, XEN_UVM_TLB_FLUSH | XEN_UVM_ALL);
	assert_int_equal(1, told.drops);
	assert_int_equal(0, CALL(XEN_CALL_STACK_SWITCH, 0x18, 0x5000));
	assert_int_equal(1, told.drops);
}

static void views_are_brought_up_to_date_when_the_guest_flushes(void **state)
{
	struct xen_mmuext_op *op = at(MORE + 10);

	(void)state;
	drop_pages(5, XEN_UVM_NONE);
	assert_int_equal(0, CALL(XEN_CALL_STACK_SWITCH, 0x18, 0x5000));
	assert_int_equal(0, told.drops);
	*op = (struct xen_mmuext_op){ .cmd = XEN_MMUEXT_INVLPG_LOCAL, .arg1 = 0x1000 };
	assert_int_equal(0,
			 CALL_BY(1, XEN_CALL_MMUEXT_OP, shown(MORE + 10), 1, 0, XEN_DOMAIN_SELF));
	assert_int_equal(1, told.drops);
}

static void views_are_brought_up_to_date_before_memory_goes(void **state)
{
	struct xen_memory_reservation *r = at(MORE + 10);

	(void)state;
	drop_pages(5, XEN_UVM_NONE);
	*r = (struct xen_memory_reservation){ .extents = shown(MORE + 11),
					      .nr_extents = 1,
					      .domain = XEN_DOMAIN_SELF };
	*(uint64_t *)at(MORE + 11) = MORE;
	assert_int_equal(
	    1, CALL(XEN_CALL_MEMORY_OP, XEN_MEMORY_DECREASE_RESERVATION, shown(MORE + 10)));
	assert_int_equal(1, told.drops);
}

static void a_multicall_ends_where_the_memory_ends(void **state)
{
	struct xen_multicall_entry *e = at(FRAMES - 1);

	(void)state;
	e[63] = (struct xen_multicall_entry){ XEN_CALL_STACK_SWITCH, 99, { 0x18, 0x5000 } };
	assert_int_equal(-XEN_EFAULT,
			 CALL(XEN_CALL_MULTICALL, shown(FRAMES - 1) + 63 * 64, UINT32_MAX));
	assert_int_equal(0, e[63].result);
	assert_int_equal(0, CALL(XEN_CALL_MULTICALL, ABSENT, 0));
	assert_int_equal(-XEN_EFAULT, CALL(XEN_CALL_MULTICALL, READ_ONLY, 1));
}

static void calls_are_counted(void **state)
{
	(void)state;
	assert_int_equal(0x40011, CALL(XEN_CALL_XEN_VERSION, XEN_VERSION));
	assert_int_equal(0x40011, CALL(XEN_CALL_XEN_VERSION, XEN_VERSION));
	assert_int_equal(2, vcpu_of(0)->counters.calls[XEN_CALL_XEN_VERSION]);
	assert_int_equal(-XEN_ENOSYS, CALL(XEN_CALL_PLATFORM_OP, 0));
	assert_int_equal(-XEN_ENOSYS, CALL(XEN_CALL_XENPMU_OP, 4));
	assert_int_equal(-XEN_ENOSYS, CALL(XEN_CALL_HVM_OP, 0));
	assert_int_equal(-XEN_ENOSYS, CALL(XEN_CALLS, 0));
	assert_int_equal(-XEN_ENOSYS, CALL(UINT64_MAX, 0));
	assert_int_equal(5, vcpu_of(0)->counters.unknown);
	assert_int_equal(1, vcpu_of(0)->counters.calls[XEN_CALL_PLATFORM_OP]);
}

static long version(unsigned op)
{
	memset(at(ARGS), 0x5a, PAGE_BYTES);
	return CALL(XEN_CALL_XEN_VERSION, op, shown(ARGS));
}

static void the_version_has_its_texts(void **state)
{
	(void)state;
	assert_int_equal(0, version(XEN_VERSION_EXTRA));
	assert_string_equal(".0", at(ARGS));
	assert_int_equal(0x5a, ((char *)at(ARGS))[16]);
	assert_int_equal(0, version(XEN_VERSION_CAPABILITIES));
	assert_string_equal("xen-3.0-x86_64 ", at(ARGS));
	assert_int_equal(0, version(XEN_VERSION_CHANGESET));
	assert_int_equal(0, version(XEN_VERSION_COMMANDLINE));
	assert_string_equal("<denied>", at(ARGS));
	assert_int_equal(0, version(XEN_VERSION_GUEST_HANDLE));
	assert_int_equal(0, ((char *)at(ARGS))[15]);
	assert_int_equal(0, version(XEN_VERSION_COMPILE_INFO));
	assert_int_equal(0, ((char *)at(ARGS))[143]);
	assert_int_equal(0x5a, ((char *)at(ARGS))[144]);
}

static void the_version_has_its_numbers(void **state)
{
	(void)state;
	assert_int_equal(0, version(XEN_VERSION_PLATFORM_PARAMETERS));
	assert_true(*(uint64_t *)at(ARGS) == XEN_HOLE_START);
	assert_int_equal(4096, version(XEN_VERSION_PAGESIZE));
	assert_int_equal(-XEN_ENODATA, version(XEN_VERSION_BUILD_ID));
	assert_int_equal(-XEN_ENOSYS, version(11));
	for (unsigned op = XEN_VERSION_EXTRA; op <= XEN_VERSION_COMMANDLINE; op++)
		if (op != XEN_VERSION_PAGESIZE)
			assert_int_equal(-XEN_EFAULT, CALL(XEN_CALL_XEN_VERSION, op, ABSENT));
}

static void the_features_that_linux_needs_are_there(void **state)
{
	struct xen_feature_info *info = at(ARGS);

	(void)state;
	*info = (struct xen_feature_info){ 0, 0 };
	assert_int_equal(0, CALL(XEN_CALL_XEN_VERSION, XEN_VERSION_GET_FEATURES, shown(ARGS)));
	assert_int_equal(0xa0, info->submap);
	*info = (struct xen_feature_info){ 1, 7 };
	assert_int_equal(0, CALL(XEN_CALL_XEN_VERSION, XEN_VERSION_GET_FEATURES, shown(ARGS)));
	assert_int_equal(0, info->submap);
}

static void text_reaches_the_console(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 600; i++)
		((char *)at(ARGS))[i] = 'a' + i % 26;
	assert_int_equal(0, CALL(XEN_CALL_CONSOLE_IO, XEN_CONSOLE_WRITE, 600, shown(ARGS)));
	assert_int_equal(600, told.text_bytes);
	assert_memory_equal(at(ARGS), told.text, 600);
	assert_int_equal(-XEN_EFAULT, CALL(XEN_CALL_CONSOLE_IO, XEN_CONSOLE_WRITE, 1, ABSENT));
	assert_int_equal(-XEN_EPERM, CALL(XEN_CALL_CONSOLE_IO, XEN_CONSOLE_READ, 1, shown(ARGS)));
	assert_int_equal(-XEN_ENOSYS, CALL(XEN_CALL_CONSOLE_IO, 2, 1, shown(ARGS)));
}

static void ports_are_never_granted(void **state)
{
	(void)state;
	((struct xen_physdev_set_iopl *)at(ARGS))->iopl = 1;
	assert_int_equal(0, CALL(XEN_CALL_PHYSDEV_OP, XEN_PHYSDEV_SET_IOPL, shown(ARGS)));
	assert_int_equal(1, vcpu_of(0)->iopl);
	((struct xen_physdev_set_iopl *)at(ARGS))->iopl = 4;
	assert_int_equal(-XEN_EINVAL, CALL(XEN_CALL_PHYSDEV_OP, XEN_PHYSDEV_SET_IOPL, shown(ARGS)));
	assert_int_equal(-XEN_EFAULT, CALL(XEN_CALL_PHYSDEV_OP, XEN_PHYSDEV_SET_IOPL, ABSENT));
	*(struct xen_physdev_set_iobitmap *)at(ARGS) =
	    (struct xen_physdev_set_iobitmap){ .ports = 65536 };
	assert_int_equal(0, CALL(XEN_CALL_PHYSDEV_OP, XEN_PHYSDEV_SET_IOBITMAP, shown(ARGS)));
	((struct xen_physdev_set_iobitmap *)at(ARGS))->ports++;
	assert_int_equal(-XEN_EINVAL,
			 CALL(XEN_CALL_PHYSDEV_OP, XEN_PHYSDEV_SET_IOBITMAP, shown(ARGS)));
	assert_int_equal(-XEN_EFAULT, CALL(XEN_CALL_PHYSDEV_OP, XEN_PHYSDEV_SET_IOBITMAP, ABSENT));
	assert_int_equal(-XEN_ENOSYS, CALL(XEN_CALL_PHYSDEV_OP, XEN_PHYSDEV_EOI, shown(ARGS)));
	assert_int_equal(-XEN_ENOSYS,
			 CALL(XEN_CALL_PHYSDEV_OP, XEN_PHYSDEV_PIRQ_EOI_FRAME_V2, shown(ARGS)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(traps_are_added_until_address_zero, machine_start),
		cmocka_unit_test_setup(bad_traps_are_refused, machine_start),
		cmocka_unit_test_setup(callbacks_are_registered, machine_start),
		cmocka_unit_test_setup(a_new_callback_forgets_kernel_stacks, machine_start),
		cmocka_unit_test_setup(callbacks_that_are_not_needed_can_go, machine_start),
		cmocka_unit_test_setup(the_kernel_stack_is_the_one_of_the_last_switch,
				       machine_start),
		cmocka_unit_test_setup(task_switched_is_remembered, machine_start),
		cmocka_unit_test_setup(debug_registers_are_remembered, machine_start),
		cmocka_unit_test_setup(bad_debug_registers_are_refused, machine_start),
		cmocka_unit_test_setup(debug_registers_are_loaded_when_one_is_enabled,
				       machine_start),
		cmocka_unit_test_setup(debug_registers_that_cannot_be_loaded_stay_as_they_were,
				       machine_start),
		cmocka_unit_test_setup(break_points_for_others_are_refused, machine_start),
		cmocka_unit_test_setup(assists_are_switched, machine_start),
		cmocka_unit_test_setup(a_multicall_gives_each_entry_its_result, machine_start),
		cmocka_unit_test_setup(events_are_seen_within_long_lists, machine_start),
		cmocka_unit_test_setup(views_are_brought_up_to_date_once_a_call, machine_start),
		cmocka_unit_test_setup(views_are_brought_up_to_date_when_the_guest_flushes,
				       machine_start),
		cmocka_unit_test_setup(views_are_brought_up_to_date_before_memory_goes,
				       machine_start),
		cmocka_unit_test_setup(a_multicall_ends_where_the_memory_ends, machine_start),
		cmocka_unit_test_setup(calls_are_counted, machine_start),
		cmocka_unit_test_setup(the_version_has_its_texts, machine_start),
		cmocka_unit_test_setup(the_version_has_its_numbers, machine_start),
		cmocka_unit_test_setup(the_features_that_linux_needs_are_there, machine_start),
		cmocka_unit_test_setup(text_reaches_the_console, machine_start),
		cmocka_unit_test_setup(ports_are_never_granted, machine_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
