/* SPDX-License-Identifier: MIT */
/* Hypercalls for event channels, waiting for them, and the end of the machine. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "shim/timers.h"
#include "unit/guest/machine.h"
#include "xen/hypercall.h"
#include "xen/sched.h"

enum { ARGS = FREE, LIST };

#define EVENT(op, at) CALL(XEN_CALL_EVENT_CHANNEL_OP, (op), (at))
#define SCHED(op, at) CALL(XEN_CALL_SCHED_OP, (op), (at))

static uint32_t bind_ipi(unsigned vcpu)
{
	struct xen_event_bind_ipi *a = at(ARGS);

	*a = (struct xen_event_bind_ipi){ .vcpu = vcpu };
	assert_int_equal(0, EVENT(XEN_EVENT_BIND_IPI, shown(ARGS)));
	return a->port;
}

static long port_call(unsigned op, uint32_t port)
{
	*(uint32_t *)at(ARGS) = port;
	return EVENT(op, shown(ARGS));
}

static void a_bound_port_is_told_and_carries_events(void **state)
{
	uint32_t port = bind_ipi(1);

	(void)state;
	assert_int_equal(1, port);
	assert_int_equal(0, port_call(XEN_EVENT_SEND, port));
	assert_true(events_pending(&machine.events, port));
	assert_int_equal(1, told.kicks[1]);
	assert_int_equal(0, port_call(XEN_EVENT_UNMASK, port));
	assert_int_equal(0, port_call(XEN_EVENT_CLOSE, port));
	assert_int_equal(-XEN_EINVAL, port_call(XEN_EVENT_SEND, port));
}

static void all_kinds_of_ports_can_be_bound_and_asked_for(void **state)
{
	struct xen_event_bind_virq *virq = at(ARGS);
	struct xen_event_alloc_unbound *unbound = at(ARGS);
	struct xen_event_query *query = at(ARGS);

	(void)state;
	*virq = (struct xen_event_bind_virq){ .virq = XEN_VIRQ_DEBUG, .vcpu = 2 };
	assert_int_equal(0, EVENT(XEN_EVENT_BIND_VIRQ, shown(ARGS)));
	assert_int_equal(1, virq->port);
	*unbound = (struct xen_event_alloc_unbound){ .domain = XEN_DOMAIN_SELF };
	assert_int_equal(0, EVENT(XEN_EVENT_ALLOC_UNBOUND, shown(ARGS)));
	assert_int_equal(2, unbound->port);
	*query = (struct xen_event_query){ .domain = XEN_DOMAIN_SELF, .port = 1 };
	assert_int_equal(0, EVENT(XEN_EVENT_STATUS, shown(ARGS)));
	assert_int_equal(XEN_EVENT_VIRQ, query->status);
	assert_int_equal(2, query->vcpu);
	assert_int_equal(XEN_VIRQ_DEBUG, query->virq);
}

static void a_port_that_cannot_be_told_is_not_bound(void **state)
{
	(void)state;
	assert_int_equal(-XEN_EFAULT, EVENT(XEN_EVENT_BIND_IPI, READ_ONLY));
	assert_int_equal(1, bind_ipi(0));
	assert_int_equal(-XEN_EFAULT, EVENT(XEN_EVENT_BIND_IPI, ABSENT));
	assert_int_equal(2, bind_ipi(0));
	assert_int_equal(0, machine.bindings);
}

static void what_back_ends_do_is_refused_and_counted(void **state)
{
	(void)state;
	assert_int_equal(-XEN_ENOSYS, EVENT(XEN_EVENT_BIND_INTERDOMAIN, shown(ARGS)));
	assert_int_equal(-XEN_ENOSYS, EVENT(XEN_EVENT_BIND_PIRQ, shown(ARGS)));
	assert_int_equal(-XEN_ENOSYS, EVENT(UINT32_MAX, shown(ARGS)));
	assert_int_equal(3, vcpu_of(0)->counters.unknown);
}

static void the_guest_chooses_the_fifo_format(void **state)
{
	struct xen_event_init_control *control = at(ARGS);
	uint64_t *array = at(ARGS);
	uint32_t *words = at(FREE + 11);

	(void)state;
	*control = (struct xen_event_init_control){ .control_frame = FREE + 10 };
	assert_int_equal(0, EVENT(XEN_EVENT_INIT_CONTROL, shown(ARGS)));
	assert_int_equal(XEN_FIFO_LINK_BITS, control->link_bits);
	*array = FREE + 11;
	assert_int_equal(0, EVENT(XEN_EVENT_EXPAND_ARRAY, shown(ARGS)));
	assert_int_equal(1, bind_ipi(0));
	events_raise(&machine.events, 1);
	assert_int_equal(1U << XEN_FIFO_PENDING | 1U << XEN_FIFO_LINKED, words[1]);
	assert_true(events_deliverable(&machine.events, 0) || vcpu_of(0)->info->upcall_mask);
}

static void raise_after_three_waits(struct vcpu *v)
{
	(void)v;
	assert_int_equal(XEN_BLOCKED, vcpu_of(0)->times.state);
	if (told.waits == 3)
		events_raise(&machine.events, 1);
}

static void block_waits_for_an_event_and_unmasks(void **state)
{
	(void)state;
	bind_ipi(0);
	told.meanwhile = raise_after_three_waits;
	assert_int_equal(0, SCHED(XEN_SCHED_BLOCK, 0));
	assert_int_equal(3, told.waits);
	assert_int_equal(0, vcpu_of(0)->info->upcall_mask);
	assert_int_equal(XEN_RUNNING, vcpu_of(0)->times.state);
	assert_int_equal(0, SCHED(XEN_SCHED_BLOCK, 0));
	assert_int_equal(3, told.waits);
}

static void block_ends_with_the_timer(void **state)
{
	struct xen_event_bind_virq *virq = at(ARGS);

	(void)state;
	*virq = (struct xen_event_bind_virq){ .virq = XEN_VIRQ_TIMER };
	assert_int_equal(0, EVENT(XEN_EVENT_BIND_VIRQ, shown(ARGS)));
	assert_int_equal(0, CALL(XEN_CALL_SET_TIMER_OP, 50000));
	assert_int_equal(0, SCHED(XEN_SCHED_BLOCK, 0));
	assert_int_equal(1, told.waits);
	assert_int_equal(50000, told.now);
	assert_int_equal(49000, vcpu_of(0)->times.time[XEN_BLOCKED]);
}

static void yield_lets_others_run(void **state)
{
	(void)state;
	assert_int_equal(0, SCHED(XEN_SCHED_YIELD, 0));
	assert_int_equal(1, told.yields);
}

static long poll(uint64_t ports, unsigned count, uint64_t timeout)
{
	struct xen_sched_poll *p = at(ARGS);

	*p = (struct xen_sched_poll){ .ports = ports, .nr_ports = count, .timeout = timeout };
	return SCHED(XEN_SCHED_POLL, shown(ARGS));
}

static void poll_returns_when_a_port_is_pending_although_masked(void **state)
{
	uint32_t port = bind_ipi(0);

	(void)state;
	*(uint32_t *)at(LIST) = port;
	machine.shared->mask[0] = UINT64_MAX;
	events_raise(&machine.events, port);
	assert_int_equal(0, poll(shown(LIST), 1, 0));
	assert_int_equal(0, told.waits);
	assert_false(machine.events.polling[0]);
}

static void raise_masked(struct vcpu *v)
{
	assert_true(machine.events.polling[v->id]);
	events_raise(&machine.events, 1);
}

static void poll_is_woken_by_a_masked_port(void **state)
{
	(void)state;
	*(uint32_t *)at(LIST) = bind_ipi(0);
	machine.shared->mask[0] = UINT64_MAX;
	told.meanwhile = raise_masked;
	assert_int_equal(0, poll(shown(LIST), 1, 0));
	assert_int_equal(1, told.waits);
	assert_int_equal(1, told.kicks[0]);
	assert_false(machine.events.polling[0]);
}

static void poll_ends_at_its_time(void **state)
{
	(void)state;
	assert_int_equal(0, poll(0, 0, 999));
	assert_int_equal(0, told.waits);
	assert_int_equal(0, poll(0, 0, 7000));
	assert_int_equal(7000, told.wait_until);
	assert_int_equal(7000, told.now);
}

static void poll_with_bad_arguments_fails(void **state)
{
	(void)state;
	*(uint32_t *)at(LIST) = PORTS;
	assert_int_equal(-XEN_EINVAL, poll(shown(LIST), 1, 1));
	assert_int_equal(-XEN_EINVAL, poll(shown(LIST), 129, 1));
	assert_int_equal(-XEN_EFAULT, poll(ABSENT, 1, 1));
	assert_int_equal(-XEN_EFAULT, SCHED(XEN_SCHED_POLL, ABSENT));
	assert_int_equal(0, told.waits);
}

static long end(unsigned op, uint32_t reason)
{
	((struct xen_sched_shutdown *)at(ARGS))->reason = reason;
	return SCHED(op, shown(ARGS));
}

static void the_machine_ends_with_a_reason(void **state)
{
	static const uint32_t reasons[] = { XEN_SHUTDOWN_POWEROFF, XEN_SHUTDOWN_REBOOT,
					    XEN_SHUTDOWN_CRASH, XEN_SHUTDOWN_WATCHDOG };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(0, end(XEN_SCHED_SHUTDOWN, reasons[i]));
		assert_int_equal(reasons[i], told.shutdown);
	}
	assert_int_equal(-XEN_EINVAL, end(XEN_SCHED_SHUTDOWN, XEN_SHUTDOWN_SOFT_RESET));
	assert_int_equal(-XEN_EFAULT, SCHED(XEN_SCHED_SHUTDOWN, ABSENT));
}

static void suspending_is_cancelled(void **state)
{
	(void)state;
	assert_int_equal(1, end(XEN_SCHED_SHUTDOWN, XEN_SHUTDOWN_SUSPEND));
	assert_int_equal(-1, told.shutdown);
}

static void a_reason_that_was_latched_wins(void **state)
{
	(void)state;
	assert_int_equal(-XEN_EINVAL, end(XEN_SCHED_SHUTDOWN_CODE, 6));
	assert_int_equal(0, end(XEN_SCHED_SHUTDOWN_CODE, XEN_SHUTDOWN_CRASH));
	assert_int_equal(-1, told.shutdown);
	assert_int_equal(0, end(XEN_SCHED_SHUTDOWN, XEN_SHUTDOWN_POWEROFF));
	assert_int_equal(XEN_SHUTDOWN_CRASH, told.shutdown);
}

static long watchdog(uint32_t id, uint32_t seconds)
{
	*(struct xen_sched_watchdog *)at(ARGS) = (struct xen_sched_watchdog){ id, seconds };
	return SCHED(XEN_SCHED_WATCHDOG, shown(ARGS));
}

static void a_watchdog_ends_the_machine_unless_it_is_poked(void **state)
{
	const uint64_t second = 1000000000;
	struct vcpu *v = vcpu_of(0);

	(void)state;
	assert_int_equal(1, watchdog(0, 10));
	assert_int_equal(2, watchdog(0, 20));
	assert_int_equal(-XEN_ENOSPC, watchdog(0, 30));
	assert_int_equal(1000 + 10 * second, timers_next(v));
	assert_int_equal(0, timers_next(vcpu_of(1)));
	told.now += 9 * second;
	assert_int_equal(0, watchdog(1, 10));
	timers_run(v, 1000 + 10 * second);
	assert_int_equal(-1, told.shutdown);
	assert_int_equal(0, watchdog(1, 0));
	timers_run(v, 1000 + 20 * second);
	assert_int_equal(XEN_SHUTDOWN_WATCHDOG, told.shutdown);
}

static void a_pause_does_not_count_for_watchdogs(void **state)
{
	(void)state;
	assert_int_equal(1, watchdog(0, 10));
	told.now += 300UL * 1000000000;
	timers_stood_still(vcpu_of(1), 300UL * 1000000000);
	assert_int_equal(1000 + 10UL * 1000000000, timers_next(vcpu_of(0)));
	timers_stood_still(vcpu_of(0), 300UL * 1000000000);
	assert_int_equal(1000 + 310UL * 1000000000, timers_next(vcpu_of(0)));
}

static void watchdogs_have_numbers_that_exist(void **state)
{
	(void)state;
	assert_int_equal(-XEN_EINVAL, watchdog(3, 1));
	assert_int_equal(-XEN_EINVAL, watchdog(0, 0));
	assert_int_equal(-XEN_EINVAL, watchdog(1, 1));
	assert_int_equal(0, timers_next(vcpu_of(0)));
	assert_int_equal(-XEN_EFAULT, SCHED(XEN_SCHED_WATCHDOG, ABSENT));
	*(struct xen_sched_watchdog *)at(ARGS) = (struct xen_sched_watchdog){ 0, 5 };
	assert_int_equal(1, CALL_BY(1, XEN_CALL_SCHED_OP, XEN_SCHED_WATCHDOG, shown(ARGS)));
	assert_int_equal(1, told.kicks[0]);
}

static void the_rest_of_scheduling_is_answered(void **state)
{
	(void)state;
	assert_int_equal(-XEN_EPERM, SCHED(XEN_SCHED_REMOTE_SHUTDOWN, shown(ARGS)));
	assert_int_equal(0, SCHED(XEN_SCHED_PIN_OVERRIDE, shown(ARGS)));
	assert_int_equal(-XEN_EFAULT, SCHED(XEN_SCHED_PIN_OVERRIDE, ABSENT));
	assert_int_equal(-XEN_ENOSYS, SCHED(8, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_bound_port_is_told_and_carries_events, machine_start),
		cmocka_unit_test_setup(all_kinds_of_ports_can_be_bound_and_asked_for,
				       machine_start),
		cmocka_unit_test_setup(a_port_that_cannot_be_told_is_not_bound, machine_start),
		cmocka_unit_test_setup(what_back_ends_do_is_refused_and_counted, machine_start),
		cmocka_unit_test_setup(the_guest_chooses_the_fifo_format, machine_start),
		cmocka_unit_test_setup(block_waits_for_an_event_and_unmasks, machine_start),
		cmocka_unit_test_setup(block_ends_with_the_timer, machine_start),
		cmocka_unit_test_setup(yield_lets_others_run, machine_start),
		cmocka_unit_test_setup(poll_returns_when_a_port_is_pending_although_masked,
				       machine_start),
		cmocka_unit_test_setup(poll_is_woken_by_a_masked_port, machine_start),
		cmocka_unit_test_setup(poll_ends_at_its_time, machine_start),
		cmocka_unit_test_setup(poll_with_bad_arguments_fails, machine_start),
		cmocka_unit_test_setup(the_machine_ends_with_a_reason, machine_start),
		cmocka_unit_test_setup(suspending_is_cancelled, machine_start),
		cmocka_unit_test_setup(a_reason_that_was_latched_wins, machine_start),
		cmocka_unit_test_setup(a_watchdog_ends_the_machine_unless_it_is_poked,
				       machine_start),
		cmocka_unit_test_setup(a_pause_does_not_count_for_watchdogs, machine_start),
		cmocka_unit_test_setup(watchdogs_have_numbers_that_exist, machine_start),
		cmocka_unit_test_setup(the_rest_of_scheduling_is_answered, machine_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
