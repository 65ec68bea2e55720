/* SPDX-License-Identifier: MIT */
/* Hypercalls for vCPUs: start, up and down, timers, run states, their places in memory. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "shim/runstate.h"
#include "shim/timers.h"
#include "unit/guest/machine.h"
#include "xen/hypercall.h"
#include "xen/sched.h"
#include "xen/vcpu.h"

enum { ARGS = FREE, CONTEXT, CONTEXT2, AREA, AREA2, INFO, USER_ROOT };

#define VCPU(op, id, arg) CALL(XEN_CALL_VCPU_OP, (op), (id), (arg))

static struct xen_vcpu_context *context(void)
{
	return at(CONTEXT);
}

static long initialise(unsigned id)
{
	return VCPU(XEN_VCPU_INITIALISE, id, shown(CONTEXT));
}

static int start(void **state)
{
	struct xen_vcpu_context *c;

	machine_start(state);
	c = context();
	c->flags = XEN_CONTEXT_IN_KERNEL | XEN_CONTEXT_SYSCALL_MASKS;
	c->regs.rip = KERNEL_ADDRESS;
	c->regs.rsp = KERNEL_ADDRESS + 0x1000;
	c->traps[14] = (struct xen_trap_info){ .vector = 14, .address = KERNEL_ADDRESS + 14 };
	c->gdt_frames[0] = 7;
	c->gdt_entries = 16;
	c->kernel_sp = KERNEL_ADDRESS + 0x2000;
	c->ldt_base = KERNEL_ADDRESS + 0x3000;
	c->ldt_entries = 9;
	c->cr[3] = ROOT << 12;
	c->cr[1] = USER_ROOT << 12;
	c->dr[7] = 0x400;
	c->event_callback = KERNEL_ADDRESS + 1;
	c->failsafe_callback = KERNEL_ADDRESS + 2;
	c->syscall_callback = KERNEL_ADDRESS + 3;
	c->gs_base_kernel = KERNEL_ADDRESS + 4;
	c->fs_base = 5;
	c->gs_base_user = 6;
	return 0;
}

static void a_context_says_how_a_vcpu_starts(void **state)
{
	const struct vcpu *v = vcpu_of(1);

	(void)state;
	assert_int_equal(0, initialise(1));
	assert_int_equal(VCPU_INITIALISED, v->run);
	assert_true(v->start.rip == KERNEL_ADDRESS && v->start.rsp == KERNEL_ADDRESS + 0x1000);
	assert_true(v->kernel_rsp == KERNEL_ADDRESS + 0x2000);
	assert_true(v->traps.vectors[14].address == KERNEL_ADDRESS + 14);
	assert_true(v->traps.callbacks[XEN_CALLBACK_EVENT].address == KERNEL_ADDRESS + 1);
	assert_int_equal(XEN_TRAP_MASK_EVENTS, v->traps.callbacks[XEN_CALLBACK_EVENT].flags);
	assert_int_equal(0, v->traps.callbacks[XEN_CALLBACK_FAILSAFE].flags);
	assert_int_equal(XEN_TRAP_MASK_EVENTS, v->traps.callbacks[XEN_CALLBACK_SYSCALL].flags);
	assert_int_equal(ROOT, v->root);
	assert_int_equal(USER_ROOT, v->user_root);
	assert_true(v->ldt_base == KERNEL_ADDRESS + 0x3000);
	assert_int_equal(9, v->ldt_entries);
	assert_int_equal(7, v->gdt_frame);
	assert_int_equal(16, v->gdt_entries);
	assert_int_equal(0x400, v->dr[7]);
	assert_int_equal(5, v->fs_base);
	assert_int_equal(6, v->gs_user);
	assert_true(v->gs_kernel == KERNEL_ADDRESS + 4);
}

static void the_entry_for_faults_of_selectors_masks_events_if_so_wanted(void **state)
{
	const struct traps *t = &vcpu_of(1)->traps;

	(void)state;
	context()->flags = XEN_CONTEXT_IN_KERNEL | XEN_CONTEXT_FAILSAFE_MASKS;
	assert_int_equal(0, initialise(1));
	assert_int_equal(XEN_TRAP_MASK_EVENTS, t->callbacks[XEN_CALLBACK_FAILSAFE].flags);
	assert_int_equal(0, t->callbacks[XEN_CALLBACK_SYSCALL].flags);
}

static void debug_registers_that_cannot_be_had_are_off(void **state)
{
	struct xen_vcpu_context *c = context();
	const struct vcpu *v = vcpu_of(1);

	(void)state;
	c->dr[1] = 1UL << 47;
	c->dr[7] = 0x404;
	assert_int_equal(0, initialise(1));
	assert_int_equal(0, v->dr[7]);
}

static void a_vcpu_is_initialised_once(void **state)
{
	(void)state;
	assert_int_equal(0, initialise(1));
	assert_int_equal(-XEN_EEXIST, initialise(1));
	assert_int_equal(-XEN_EEXIST, initialise(0));
	assert_int_equal(-XEN_ENOENT, initialise(VCPUS));
	assert_int_equal(-XEN_EFAULT, VCPU(XEN_VCPU_INITIALISE, 2, ABSENT));
}

static void refused(uint64_t *field, uint64_t value)
{
	uint64_t old = *field;

	*field = value;
	assert_int_equal(-XEN_EINVAL, initialise(1));
	*field = old;
	assert_int_equal(VCPU_DOWN, vcpu_of(1)->run);
}

static void a_context_with_a_bad_field_is_refused(void **state)
{
	struct xen_vcpu_context *c = context();
	const uint64_t bad = 1UL << 47;

	(void)state;
	refused(&c->regs.rip, bad);
	refused(&c->event_callback, bad);
	refused(&c->failsafe_callback, bad);
	refused(&c->syscall_callback, bad);
	refused(&c->fs_base, bad);
	refused(&c->gs_base_kernel, bad);
	refused(&c->gs_base_user, bad);
	refused(&c->ldt_base, bad);
	refused(&c->ldt_base, 8);
	refused(&c->ldt_entries, 8193);
	refused(&c->gdt_entries, 7169);
	refused(&c->gdt_frames[0], FRAMES);
	refused(&c->cr[3], (uint64_t)FRAMES << 12);
	refused(&c->cr[1], (uint64_t)FRAMES << 12);
	refused(&c->traps[255].address, bad);
	assert_int_equal(0, initialise(1));
}

static void probes_for_vcpus_are_answered(void **state)
{
	(void)state;
	assert_int_equal(1, VCPU(XEN_VCPU_IS_UP, 0, 0));
	assert_int_equal(0, VCPU(XEN_VCPU_IS_UP, 1, 0));
	for (unsigned id = VCPUS; id < 8192; id++)
		assert_int_equal(-XEN_ENOENT, VCPU(XEN_VCPU_IS_UP, id, 0));
	assert_int_equal(-XEN_ENOENT, VCPU(XEN_VCPU_UP, UINT32_MAX, 0));
}

static void up_starts_what_is_initialised(void **state)
{
	(void)state;
	assert_int_equal(-XEN_EINVAL, VCPU(XEN_VCPU_UP, 1, 0));
	assert_int_equal(0, initialise(1));
	assert_int_equal(0, VCPU(XEN_VCPU_IS_UP, 1, 0));
	assert_int_equal(0, VCPU(XEN_VCPU_UP, 1, 0));
	assert_int_equal(1, VCPU(XEN_VCPU_IS_UP, 1, 0));
	assert_int_equal(1, told.kicks[1]);
	assert_int_equal(0, VCPU(XEN_VCPU_UP, 1, 0));
	assert_int_equal(1, told.kicks[1]);
}

static void bring_up_again(struct vcpu *v)
{
	assert_int_equal(VCPU_INITIALISED, v->run);
	assert_int_equal(XEN_OFFLINE, v->times.state);
	told.now += 500;
	if (told.waits == 3)
		assert_int_equal(0, VCPU(XEN_VCPU_UP, v->id, 0));
}

static void a_vcpu_that_went_down_goes_on_when_it_is_up_again(void **state)
{
	struct vcpu *v = vcpu_of(1);

	(void)state;
	assert_int_equal(0, initialise(1));
	assert_int_equal(0, VCPU(XEN_VCPU_UP, 1, 0));
	runstate_enter(v, XEN_RUNNING);
	told.meanwhile = bring_up_again;
	assert_int_equal(0, CALL_BY(1, XEN_CALL_VCPU_OP, XEN_VCPU_DOWN, 1));
	assert_int_equal(3, told.waits);
	assert_int_equal(VCPU_UP, v->run);
	assert_int_equal(XEN_RUNNING, v->times.state);
	assert_int_equal(2500, v->times.time[XEN_OFFLINE]);
	assert_int_equal(-1, told.shutdown);
}

static void another_vcpu_can_be_taken_down(void **state)
{
	(void)state;
	assert_int_equal(0, initialise(1));
	assert_int_equal(0, VCPU(XEN_VCPU_UP, 1, 0));
	assert_int_equal(0, VCPU(XEN_VCPU_DOWN, 1, 0));
	assert_int_equal(0, VCPU(XEN_VCPU_IS_UP, 1, 0));
	assert_int_equal(2, told.kicks[1]);
	assert_int_equal(0, VCPU(XEN_VCPU_DOWN, 2, 0));
	assert_int_equal(VCPU_DOWN, vcpu_of(2)->run);
}

static void bring_up_self(struct vcpu *v)
{
	v->run = VCPU_UP;
}

static void the_last_vcpu_that_goes_down_ends_the_machine(void **state)
{
	(void)state;
	told.meanwhile = bring_up_self;
	assert_int_equal(0, VCPU(XEN_VCPU_DOWN, 0, 0));
	assert_int_equal(XEN_SHUTDOWN_POWEROFF, told.shutdown);
}

static void a_machine_goes_on_while_any_vcpu_is_up(void **state)
{
	unsigned last = VCPUS - 1;

	(void)state;
	assert_int_equal(0, initialise(last));
	assert_int_equal(0, VCPU(XEN_VCPU_UP, last, 0));
	told.meanwhile = bring_up_self;
	assert_int_equal(0, VCPU(XEN_VCPU_DOWN, 0, 0));
	assert_int_equal(-1, told.shutdown);
}

static void a_vcpu_that_is_up_does_not_park(void **state)
{
	(void)state;
	vcpu_park(vcpu_of(0));
	assert_int_equal(0, told.waits);
}

static long place_info(unsigned id, uint64_t frame, uint32_t offset)
{
	struct xen_vcpu_register_info *r = at(ARGS);

	*r = (struct xen_vcpu_register_info){ .frame = frame, .offset = offset };
	return VCPU(XEN_VCPU_REGISTER_INFO, id, shown(ARGS));
}

static void an_info_moves_with_its_contents(void **state)
{
	struct vcpu *v = vcpu_of(1);
	struct xen_vcpu_info *place = (void *)((char *)at(INFO) + 128);

	(void)state;
	v->info->cr2 = 0x1234;
	assert_int_equal(0, place_info(1, INFO, 128));
	assert_ptr_equal(place, v->info);
	assert_ptr_equal(place, machine.events.infos[1]);
	assert_int_equal(0x1234, place->cr2);
	assert_int_equal(1, place->upcall_mask);
	assert_int_equal(1, place->upcall_pending);
	assert_true(place->pending_sel == UINT64_MAX);
	assert_int_equal(machine.scale.mul, place->time.tsc_to_system_mul);
	assert_int_equal(0, place->time.version % 2);
	assert_int_equal(1, told.kicks[1]);
}

static void an_info_moves_once_and_to_a_good_place(void **state)
{
	(void)state;
	assert_int_equal(-XEN_EINVAL, place_info(1, FRAMES, 0));
	assert_int_equal(-XEN_EINVAL, place_info(1, INFO, 4096 - 56));
	assert_int_equal(-XEN_EINVAL, place_info(1, INFO, 4));
	assert_int_equal(-XEN_EINVAL, place_info(1, INFO, 0xfffffff8));
	assert_int_equal(-XEN_EFAULT, VCPU(XEN_VCPU_REGISTER_INFO, 1, ABSENT));
	assert_int_equal(0, place_info(1, INFO, 4096 - 64));
	assert_int_equal(-XEN_EINVAL, place_info(1, INFO, 0));
}

static long place_area(unsigned op, unsigned id, uint64_t address)
{
	*(uint64_t *)at(ARGS) = address;
	return VCPU(op, id, shown(ARGS));
}

static void a_run_state_is_shown_where_it_is_registered(void **state)
{
	const struct xen_runstate_info *area = (void *)((char *)at(AREA) + 8);

	(void)state;
	vcpu_of(0)->times.time[XEN_BLOCKED] = 77;
	assert_int_equal(0, place_area(XEN_VCPU_REGISTER_RUNSTATE, 0, shown(AREA) + 8));
	assert_int_equal(77, area->time[XEN_BLOCKED]);
	told.now = 5000;
	runstate_enter(vcpu_of(0), XEN_BLOCKED);
	assert_int_equal(XEN_BLOCKED, area->state);
	assert_int_equal(5000, area->entry_time);
	assert_int_equal(5000, area->time[XEN_RUNNING]);
}

static void what_others_took_of_the_processor_is_runnable(void **state)
{
	const struct xen_runstate_info *times = &vcpu_of(0)->times;

	(void)state;
	told.now = 5000;
	runstate_account(vcpu_of(0)); /* nothing was lost */
	assert_int_equal(0, times->entry_time);
	told.away = 2000;
	runstate_account(vcpu_of(0));
	assert_int_equal(3000, times->time[XEN_RUNNING]);
	assert_int_equal(2000, times->time[XEN_RUNNABLE]);
	told.now = 6000;
	runstate_enter(vcpu_of(0), XEN_BLOCKED);
	assert_int_equal(4000, times->time[XEN_RUNNING]);
}

static void a_vcpu_whose_processor_others_have_is_shown_runnable(void **state)
{
	const struct xen_runstate_info *area = at(AREA);

	(void)state;
	place_area(XEN_VCPU_REGISTER_RUNSTATE, 1, shown(AREA));
	told.displaced = 2;
	runstate_account(vcpu_of(0)); /* it is not up */
	assert_int_equal(XEN_OFFLINE, area->state);
	runstate_enter(vcpu_of(1), XEN_RUNNING);
	runstate_account(vcpu_of(0));
	assert_int_equal(XEN_RUNNABLE, area->state);
	assert_int_equal(XEN_RUNNING, vcpu_of(1)->times.state);
	assert_int_equal(1, told.kicks[1]);
	runstate_account(vcpu_of(0)); /* it is told once */
	assert_int_equal(1, told.kicks[1]);
	told.displaced = 0;
	runstate_account(vcpu_of(1));
	assert_int_equal(XEN_RUNNING, area->state);
	told.displaced = 2;
	runstate_account(vcpu_of(0));
	assert_int_equal(2, told.kicks[1]);
}

static void vcpus_that_wait_are_not_shown_runnable(void **state)
{
	const struct xen_runstate_info *area = at(AREA);

	(void)state;
	place_area(XEN_VCPU_REGISTER_RUNSTATE, 1, shown(AREA));
	runstate_enter(vcpu_of(1), XEN_BLOCKED);
	told.displaced = 3;
	runstate_account(vcpu_of(0));
	runstate_account(vcpu_of(1));
	assert_int_equal(XEN_BLOCKED, area->state);
	assert_int_equal(0, told.kicks[0] + told.kicks[1]);
}

/* Another vCPU has an event for it at 7000, and it gets a processor at 9000. */
static void woken_late(struct vcpu *v)
{
	told.now = 7000;
	runstate_woken(v, false);
	told.now = 8000;
	runstate_woken(v, true);
	told.now = 9000;
	told.away = 4000;
}

static void a_vcpu_that_was_woken_is_runnable_until_it_runs(void **state)
{
	struct vcpu *v = vcpu_of(0);

	(void)state;
	told.now = 5000;
	runstate_enter(v, XEN_BLOCKED);
	told.meanwhile = woken_late;
	runstate_wait(v, 0);
	runstate_enter(v, XEN_RUNNING);
	assert_int_equal(2000, v->times.time[XEN_BLOCKED]);
	assert_int_equal(2000, v->times.time[XEN_RUNNABLE]);
	assert_int_equal(0, told.away);
	v->timer = 10000; /* and its timer wakes it as well */
	runstate_enter(v, XEN_BLOCKED);
	told.meanwhile = NULL;
	runstate_wait(v, 0);
	told.now = 10500;
	runstate_enter(v, XEN_RUNNING);
	assert_int_equal(3000, v->times.time[XEN_BLOCKED]);
	assert_int_equal(2500, v->times.time[XEN_RUNNABLE]);
}

static void a_run_state_may_lie_in_two_pages(void **state)
{
	(void)state;
	assert_int_equal(0, place_area(XEN_VCPU_REGISTER_RUNSTATE, 1, shown(AREA2) - 16));
	vcpu_of(1)->times.time[0] = 11;
	vcpu_of(1)->times.time[3] = 14;
	runstate_publish(vcpu_of(1));
	assert_int_equal(XEN_OFFLINE, guest.words[AREA][510]);
	assert_int_equal(11, guest.words[AREA2][0]);
	assert_int_equal(14, guest.words[AREA2][3]);
}

static void a_run_state_needs_memory(void **state)
{
	(void)state;
	assert_int_equal(-XEN_EINVAL, place_area(XEN_VCPU_REGISTER_RUNSTATE, 0, shown(AREA) + 4));
	assert_int_equal(-XEN_EFAULT, place_area(XEN_VCPU_REGISTER_RUNSTATE, 0, ABSENT));
	assert_int_equal(-XEN_EFAULT,
			 place_area(XEN_VCPU_REGISTER_RUNSTATE, 0, shown(FRAMES) - 16));
	assert_int_equal(-XEN_EFAULT, VCPU(XEN_VCPU_REGISTER_RUNSTATE, 0, ABSENT));
	assert_null(vcpu_of(0)->area.parts[0]);
}

static void a_run_state_is_told_with_what_has_passed(void **state)
{
	const struct xen_runstate_info *answer = at(AREA);

	(void)state;
	told.now = 9000;
	assert_int_equal(0, VCPU(XEN_VCPU_GET_RUNSTATE, 0, shown(AREA)));
	assert_int_equal(9000, answer->time[XEN_RUNNING]);
	assert_int_equal(0, answer->entry_time);
	assert_int_equal(-XEN_EFAULT, VCPU(XEN_VCPU_GET_RUNSTATE, 0, READ_ONLY));
}

static void the_clock_has_a_second_copy(void **state)
{
	const struct xen_time_info *time = at(AREA);

	(void)state;
	machine.tsc_boot = 12345;
	assert_int_equal(0, place_area(XEN_VCPU_REGISTER_TIME, 0, shown(AREA)));
	assert_int_equal(12345, time->tsc_timestamp);
	assert_int_equal(machine.scale.mul, time->tsc_to_system_mul);
	assert_int_equal(XEN_TIME_TSC_STABLE, time->flags);
	assert_int_equal(-XEN_EFAULT, place_area(XEN_VCPU_REGISTER_TIME, 0, ABSENT));
	assert_int_equal(-XEN_EFAULT, VCPU(XEN_VCPU_REGISTER_TIME, 0, ABSENT));
}

static uint32_t timer_port(void)
{
	struct xen_event_bind_virq bind = { .virq = XEN_VIRQ_TIMER };

	assert_int_equal(0, events_call(&machine.events, XEN_EVENT_BIND_VIRQ, &bind));
	return bind.port;
}

static bool rang(uint32_t port)
{
	bool pending = events_pending(&machine.events, port);

	machine.shared->pending[0] = 0;
	return pending;
}

static long single_shot(uint64_t when, uint32_t flags)
{
	struct xen_vcpu_singleshot_timer *t = at(ARGS);

	*t = (struct xen_vcpu_singleshot_timer){ .timeout = when, .flags = flags };
	return VCPU(XEN_VCPU_SET_SINGLESHOT_TIMER, 0, shown(ARGS));
}

static void a_timer_rings_once_when_it_is_due(void **state)
{
	uint32_t port = timer_port();
	struct vcpu *v = vcpu_of(0);

	(void)state;
	assert_int_equal(0, single_shot(3000, 0));
	assert_int_equal(1, told.timers);
	assert_int_equal(3000, timers_next(v));
	timers_run(v, 2999);
	assert_false(rang(port));
	timers_run(v, 3000);
	assert_true(rang(port));
	assert_int_equal(0, timers_next(v));
	timers_run(v, 4000);
	assert_false(rang(port));
}

static void a_timer_that_is_past_rings_at_once(void **state)
{
	uint32_t port = timer_port();

	(void)state;
	assert_int_equal(0, single_shot(1000, 0));
	assert_true(rang(port));
	assert_int_equal(0, single_shot(0, 0));
	assert_true(rang(port));
	assert_int_equal(-XEN_ETIME, single_shot(1000, XEN_SINGLESHOT_FUTURE));
	assert_false(rang(port));
	assert_int_equal(0, single_shot(1001, XEN_SINGLESHOT_FUTURE));
	assert_false(rang(port));
	assert_int_equal(0, VCPU(XEN_VCPU_STOP_SINGLESHOT_TIMER, 0, 0));
	assert_int_equal(0, timers_next(vcpu_of(0)));
}

static void the_old_timer_call_sets_the_same_timer(void **state)
{
	uint32_t port = timer_port();

	(void)state;
	assert_int_equal(0, CALL(XEN_CALL_SET_TIMER_OP, 7000));
	assert_int_equal(7000, timers_next(vcpu_of(0)));
	assert_int_equal(0, CALL(XEN_CALL_SET_TIMER_OP, 0));
	assert_int_equal(0, timers_next(vcpu_of(0)));
	assert_false(rang(port));
	assert_int_equal(0, CALL(XEN_CALL_SET_TIMER_OP, 10));
	assert_true(rang(port));
}

static long periodic(uint64_t period)
{
	*(uint64_t *)at(ARGS) = period;
	return VCPU(XEN_VCPU_SET_PERIODIC_TIMER, 0, shown(ARGS));
}

static void a_periodic_timer_rings_again_and_again(void **state)
{
	uint32_t port = timer_port();
	struct vcpu *v = vcpu_of(0);

	(void)state;
	assert_int_equal(0, periodic(1000000));
	assert_int_equal(1001000, timers_next(v));
	timers_run(v, 1001000);
	assert_true(rang(port));
	assert_int_equal(2001000, timers_next(v));
	timers_run(v, 9001500);
	assert_true(rang(port));
	assert_int_equal(10001000, timers_next(v));
	assert_int_equal(0, single_shot(9501000, 0));
	assert_int_equal(9501000, timers_next(v));
	assert_int_equal(0, VCPU(XEN_VCPU_STOP_PERIODIC_TIMER, 0, 0));
	assert_int_equal(9501000, timers_next(v));
}

static void timers_are_a_vcpus_own_and_not_too_fast(void **state)
{
	(void)state;
	assert_int_equal(-XEN_EINVAL, periodic(999999));
	assert_int_equal(-XEN_EINVAL, periodic(UINT64_MAX));
	assert_int_equal(-XEN_EFAULT, VCPU(XEN_VCPU_SET_PERIODIC_TIMER, 0, ABSENT));
	assert_int_equal(-XEN_EFAULT, VCPU(XEN_VCPU_SET_SINGLESHOT_TIMER, 0, ABSENT));
	for (unsigned op = XEN_VCPU_SET_PERIODIC_TIMER; op <= XEN_VCPU_STOP_SINGLESHOT_TIMER; op++)
		assert_int_equal(-XEN_EINVAL, VCPU(op, 1, shown(ARGS)));
}

static void what_does_not_exist_is_counted(void **state)
{
	(void)state;
	assert_int_equal(-XEN_ENOSYS, VCPU(XEN_VCPU_SEND_NMI, 0, 0));
	assert_int_equal(-XEN_ENOSYS, VCPU(14, 0, 0));
	assert_int_equal(-XEN_ENOSYS, VCPU(UINT32_MAX, 0, 0));
	assert_int_equal(-XEN_EINVAL, VCPU(XEN_VCPU_GET_PHYSID, 0, shown(ARGS)));
	assert_int_equal(3, vcpu_of(0)->counters.unknown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_context_says_how_a_vcpu_starts, start),
		cmocka_unit_test_setup(the_entry_for_faults_of_selectors_masks_events_if_so_wanted,
				       start),
		cmocka_unit_test_setup(debug_registers_that_cannot_be_had_are_off, start),
		cmocka_unit_test_setup(a_vcpu_is_initialised_once, start),
		cmocka_unit_test_setup(a_context_with_a_bad_field_is_refused, start),
		cmocka_unit_test_setup(probes_for_vcpus_are_answered, start),
		cmocka_unit_test_setup(up_starts_what_is_initialised, start),
		cmocka_unit_test_setup(a_vcpu_that_went_down_goes_on_when_it_is_up_again, start),
		cmocka_unit_test_setup(another_vcpu_can_be_taken_down, start),
		cmocka_unit_test_setup(the_last_vcpu_that_goes_down_ends_the_machine, start),
		cmocka_unit_test_setup(a_machine_goes_on_while_any_vcpu_is_up, start),
		cmocka_unit_test_setup(a_vcpu_that_is_up_does_not_park, start),
		cmocka_unit_test_setup(an_info_moves_with_its_contents, start),
		cmocka_unit_test_setup(an_info_moves_once_and_to_a_good_place, start),
		cmocka_unit_test_setup(a_run_state_is_shown_where_it_is_registered, start),
		cmocka_unit_test_setup(what_others_took_of_the_processor_is_runnable, start),
		cmocka_unit_test_setup(a_vcpu_whose_processor_others_have_is_shown_runnable, start),
		cmocka_unit_test_setup(vcpus_that_wait_are_not_shown_runnable, start),
		cmocka_unit_test_setup(a_vcpu_that_was_woken_is_runnable_until_it_runs, start),
		cmocka_unit_test_setup(a_run_state_may_lie_in_two_pages, start),
		cmocka_unit_test_setup(a_run_state_needs_memory, start),
		cmocka_unit_test_setup(a_run_state_is_told_with_what_has_passed, start),
		cmocka_unit_test_setup(the_clock_has_a_second_copy, start),
		cmocka_unit_test_setup(a_timer_rings_once_when_it_is_due, start),
		cmocka_unit_test_setup(a_timer_that_is_past_rings_at_once, start),
		cmocka_unit_test_setup(the_old_timer_call_sets_the_same_timer, start),
		cmocka_unit_test_setup(a_periodic_timer_rings_again_and_again, start),
		cmocka_unit_test_setup(timers_are_a_vcpus_own_and_not_too_fast, start),
		cmocka_unit_test_setup(what_does_not_exist_is_counted, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
