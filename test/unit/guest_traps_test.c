/* SPDX-License-Identifier: MIT */
/* Frames of entry and return, trap table, clock and run states of a guest. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "shim/time.h"
#include "shim/traps.h"

static const struct interrupted user = {
	.rip = 0x401000,
	.rflags = 0x246 | FLAG_TRAP | FLAG_ALIGN | FLAG_DIRECTION,
	.rsp = 0x7ffe0008,
	.rcx = 0xcc,
	.r11 = 0x11,
	.cs = 0x33,
	.ss = 0x2b,
	.user = true,
};

static void an_entry_from_user_mode_begins_at_the_kernel_stack(void **state)
{
	const uint64_t words[] = { 0xcc, 0x11, 0x401000, 0x33, user.rflags, 0x7ffe0008, 0x2b };
	struct upcall u;

	(void)state;
	upcall_build(&user, 0xffffc90000004000UL, &u);
	assert_int_equal(7, u.count);
	assert_memory_equal(words, u.words, sizeof(words));
	assert_int_equal(0xffffc90000004000UL - 56, u.rsp);
	assert_int_equal(0x246 | FLAG_DIRECTION, u.rflags);
}

static void an_entry_from_the_kernel_goes_on_with_its_stack(void **state)
{
	struct interrupted i = user;
	struct upcall u;

	(void)state;
	i.user = false;
	i.cs = XEN_CS64;
	i.rsp = 0xffffc90000003ff8UL;
	i.masked = true;
	i.with_error = true;
	i.error = 2;
	upcall_build(&i, 0, &u);
	assert_int_equal(8, u.count);
	assert_int_equal(2, u.words[2]);
	assert_int_equal(1UL << 32 | 0xe030, u.words[4]);
	assert_false(u.words[5] & FLAG_INTERRUPT);
	assert_int_equal(0xffffc90000003ff8UL, u.words[6]);
	assert_int_equal(0xffffc90000003ff0UL - 64, u.rsp);
}

static void a_system_call_clears_the_direction_a_failsafe_has_selectors(void **state)
{
	struct interrupted i = user;
	struct upcall u;

	(void)state;
	i.syscall = true;
	upcall_build(&i, 64, &u);
	assert_false(u.rflags & FLAG_DIRECTION);
	i.failsafe = true;
	memcpy(i.data, (uint16_t[]){ 1, 2, 3, 4 }, sizeof(i.data));
	upcall_build(&i, 4096, &u);
	assert_int_equal(11, u.count);
	assert_int_equal(1, u.words[2]);
	assert_int_equal(4, u.words[5]);
	assert_int_equal(0x401000, u.words[6]);
	i.with_error = true;
	upcall_build(&i, 4096, &u);
	assert_int_equal(UPCALL_WORDS_MAX, u.count);
}

static void iret_gives_back_what_an_entry_saved(void **state)
{
	struct xen_iret_frame f = { .rip = 1, .rsp = 2, .rax = 3, .rcx = 4, .r11 = 5 };
	struct guest_return r;

	(void)state;
	f.cs = 0xe030;
	f.rflags = ~0UL & ~FLAG_INTERRUPT;
	iret_decode(&f, &r);
	assert_false(r.user);
	assert_true(r.masked);
	assert_int_equal(XEN_CS64, r.cs);
	assert_int_equal(3, r.ss);
	assert_true(r.rflags & FLAG_INTERRUPT);
	assert_false(r.rflags & (FLAG_IOPL | FLAG_VM));
	assert_int_equal(0, r.rflags >> 22);
	f.cs = 0x23;
	f.rflags = FLAG_INTERRUPT;
	iret_decode(&f, &r);
	assert_true(r.user);
	assert_false(r.masked);
	assert_int_equal(FLAG_INTERRUPT | 2, r.rflags);
	assert_int_equal(4, r.rcx);
	assert_int_equal(5, r.r11);
}

static void user_mode_may_call_gates_that_say_so(void **state)
{
	static struct xen_trap_info table[XEN_TRAPS];
	static struct traps t;
	uint32_t error;

	(void)state;
	table[7] = (struct xen_trap_info){ 0x80, 3, 0x10, 0, 0x1000 };
	table[14] = (struct xen_trap_info){ 14, XEN_TRAP_MASK_EVENTS, 0x10, 0, 0x2000 };
	traps_set_all(&t, table);
	assert_true(traps_may_int(&t, 0x80, &error));
	assert_false(traps_may_int(&t, 14, &error));
	assert_int_equal(14 * 8 + 2, error);
	assert_false(traps_may_int(&t, 7, &error));
	assert_int_equal(XEN_TRAP_MASK_EVENTS, t.vectors[14].flags);
	assert_true(traps_has_error(8) && traps_has_error(14) && traps_has_error(17));
	assert_false(traps_has_error(3) || traps_has_error(16) || traps_has_error(0x80));
}

static void callbacks_of_known_types_are_kept(void **state)
{
	static struct traps t;
	struct xen_callback_register r = { .type = XEN_CALLBACK_EVENT, .address = 0x1000 };

	(void)state;
	assert_int_equal(0, traps_register(&t, &r));
	assert_int_equal(0x1000, t.callbacks[XEN_CALLBACK_EVENT].address);
	assert_int_equal(XEN_TRAP_MASK_EVENTS, t.callbacks[XEN_CALLBACK_EVENT].flags);
	r.type = XEN_CALLBACK_SYSCALL;
	assert_int_equal(0, traps_register(&t, &r));
	assert_int_equal(0, t.callbacks[XEN_CALLBACK_SYSCALL].flags);
	assert_int_equal(0, traps_unregister(&t, XEN_CALLBACK_SYSCALL));
	assert_int_equal(0, t.callbacks[XEN_CALLBACK_SYSCALL].address);
	r.type = 6;
	assert_int_equal(-XEN_EINVAL, traps_register(&t, &r));
	r.type = 65535;
	assert_int_equal(-XEN_EINVAL, traps_register(&t, &r));
	r.type = XEN_CALLBACK_NMI;
	assert_int_equal(-XEN_ENOSYS, traps_register(&t, &r));
}

static void a_second_of_ticks_is_a_second(void **state)
{
	static const uint32_t rates[] = { 1000,	   250000,  999999,  1000000, 1000001,
					  2000000, 2000001, 2893202, 3999999, 4294967295U };

	(void)state;
	for (unsigned i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		struct tsc_scale s = tsc_scale(rates[i]);
		uint64_t ns = tsc_to_ns(s, 1000UL * rates[i]);

		assert_in_range(ns, 999999990, 1000000000);
		assert_true(s.mul >= 1U << 31);
	}
}

static void a_published_clock_has_an_even_version(void **state)
{
	struct xen_time_info info = { .version = 7 };
	static struct xen_shared_info shared;

	(void)state;
	time_publish(&info, tsc_scale(1000000), 5, 6, true);
	assert_int_equal(8, info.version);
	assert_int_equal(5, info.tsc_timestamp);
	assert_int_equal(6, info.system_time);
	assert_int_equal(XEN_TIME_TSC_STABLE, info.flags);
	time_publish_wall(&shared, 0x100000002UL, 3);
	assert_int_equal(2, shared.wall_version);
	assert_int_equal(2, shared.wall_sec);
	assert_int_equal(1, shared.wall_sec_hi);
	assert_int_equal(3, shared.wall_nsec);
}

static void times_in_states_add_up(void **state)
{
	struct xen_runstate_info info = { .state = XEN_RUNNING, .entry_time = 100 };

	(void)state;
	runstate_change(&info, XEN_BLOCKED, 150, 0, true);
	runstate_change(&info, XEN_RUNNABLE, 180, 0, true);
	runstate_change(&info, XEN_RUNNING, 170, 0, false);
	assert_int_equal(50, info.time[XEN_RUNNING]);
	assert_int_equal(30, info.time[XEN_BLOCKED]);
	assert_int_equal(0, info.time[XEN_RUNNABLE]);
	assert_int_equal(170, info.entry_time);
	info.state = 77; /* the guest's own memory */
	runstate_change(&info, XEN_RUNNING, 200, 0, true);
	assert_int_equal(XEN_RUNNING, info.state);
}

static void lost_time_is_runnable_but_not_more_than_there_was(void **state)
{
	struct xen_runstate_info info = { .state = XEN_RUNNING, .entry_time = 100 };

	(void)state;
	runstate_change(&info, XEN_RUNNING, 200, 30, false);
	assert_int_equal(70, info.time[XEN_RUNNING]);
	assert_int_equal(30, info.time[XEN_RUNNABLE]);
	runstate_change(&info, XEN_BLOCKED, 250, 1000, false);
	assert_int_equal(70, info.time[XEN_RUNNING]);
	assert_int_equal(80, info.time[XEN_RUNNABLE]);
}

static void refused(uint64_t rip, uint16_t cs, uint16_t ss, uint32_t error)
{
	uint32_t told = ~0U;

	assert_false(traps_may_return(rip, cs, ss, &told));
	assert_int_equal(error, told);
}

static void what_a_processor_refuses_to_return_to_is_known(void **state)
{
	(void)state;
	refused(0x401000, 0x33, 0x33, 0x30);
	refused(0x401000, 0x23, 0x23, 0x20);
	refused(0x401000, 0x33, 0x3, 0);
	refused(0x401000, 0x33, 0x7b, 0x78);
	refused(0x401000, 0x2b, 0x2b, 0x28);
	refused(0x401000, 0x3, 0x7b, 0);
	refused(1UL << 47, 0x33, 0x2b, 0);
	refused(1UL << 63, XEN_CS64, 0x2b, 0);
}

static void to_all_else_it_returns(void **state)
{
	static const uint16_t codes[] = { 0x33, 0x23, XEN_CS64, XEN_CS32, 0xf };
	static const uint16_t stacks[] = { 0x2b, XEN_SS, 0xf, 0x63, 0x73 };
	uint32_t error;

	(void)state;
	for (unsigned c = 0; c < sizeof(codes) / sizeof(codes[0]); c++)
		for (unsigned s = 0; s < sizeof(stacks) / sizeof(stacks[0]); s++)
			assert_true(traps_may_return(0x401000, codes[c], stacks[s], &error));
	assert_true(traps_may_return((1UL << 47) - 1, 0x33, 0x2b, &error));
	assert_true(traps_may_return(0xffff800000000000, 0x33, 0x2b, &error));
	assert_true(traps_may_return(1UL << 47, 0x23, 0x2b, &error));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_from_user_mode_begins_at_the_kernel_stack),
		cmocka_unit_test(an_entry_from_the_kernel_goes_on_with_its_stack),
		cmocka_unit_test(a_system_call_clears_the_direction_a_failsafe_has_selectors),
		cmocka_unit_test(iret_gives_back_what_an_entry_saved),
		cmocka_unit_test(user_mode_may_call_gates_that_say_so),
		cmocka_unit_test(callbacks_of_known_types_are_kept),
		cmocka_unit_test(a_second_of_ticks_is_a_second),
		cmocka_unit_test(a_published_clock_has_an_even_version),
		cmocka_unit_test(times_in_states_add_up),
		cmocka_unit_test(lost_time_is_runnable_but_not_more_than_there_was),
		cmocka_unit_test(what_a_processor_refuses_to_return_to_is_known),
		cmocka_unit_test(to_all_else_it_returns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
