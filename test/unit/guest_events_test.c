/* SPDX-License-Identifier: MIT */
/* Event channels: operations, and the way of an event from its sender to the callback. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/guest/channels.h"
#include "xen/types.h"

enum { VCPUS = 2, PORTS = 130 };

static int start(void **state)
{
	(void)state;
	channels_start(VCPUS, PORTS);
	return 0;
}

static uint32_t ipi_of(unsigned vcpu)
{
	struct xen_event_bind_ipi a = { .vcpu = vcpu };

	assert_int_equal(0, events_call(&events, XEN_EVENT_BIND_IPI, &a));
	return a.port;
}

static void an_event_sets_three_bits_and_kicks_once(void **state)
{
	uint32_t port;

	(void)state;
	for (unsigned i = 0; i < 70; i++)
		port = ipi_of(1);
	assert_int_equal(70, port);
	assert_int_equal(0, port_call(XEN_EVENT_SEND, port));
	assert_int_equal(1UL << 6, shared.pending[1]);
	assert_int_equal(1UL << 1, infos[1]->pending_sel);
	assert_int_equal(1, infos[1]->upcall_pending);
	assert_int_equal(0, infos[0]->upcall_pending);
	assert_int_equal(0, port_call(XEN_EVENT_SEND, port));
	assert_int_equal(0, port_call(XEN_EVENT_SEND, port - 1));
	assert_int_equal(1, kicks[1]);
	assert_true(events_deliverable(&events, 1));
	infos[1]->upcall_mask = 1;
	assert_false(events_deliverable(&events, 1));
}

static void a_masked_port_waits_for_its_unmasking(void **state)
{
	uint32_t port = ipi_of(0);

	(void)state;
	shared.mask[0] = 1UL << port;
	events_raise(&events, port);
	assert_true(events_pending(&events, port));
	assert_int_equal(0, infos[0]->upcall_pending);
	assert_int_equal(0, kicks[0]);
	assert_int_equal(0, port_call(XEN_EVENT_UNMASK, port));
	assert_int_equal(0, shared.mask[0]);
	assert_int_equal(1, infos[0]->pending_sel);
	assert_int_equal(1, kicks[0]);
}

static void a_poll_ends_with_a_masked_port(void **state)
{
	uint32_t port = ipi_of(0);

	(void)state;
	shared.mask[0] = ~0UL;
	polling[1] = true;
	events_raise(&events, port);
	assert_int_equal(1, kicks[1]);
	assert_int_equal(0, kicks[0]);
}

static void a_virq_is_bound_once_a_vcpu(void **state)
{
	struct xen_event_bind_virq a = { XEN_VIRQ_TIMER, 1, 0 };

	(void)state;
	assert_int_equal(0, events_call(&events, XEN_EVENT_BIND_VIRQ, &a));
	assert_int_equal(-XEN_EEXIST, events_call(&events, XEN_EVENT_BIND_VIRQ, &a));
	events_raise_virq(&events, 0, XEN_VIRQ_TIMER);
	assert_false(events_pending(&events, a.port));
	events_raise_virq(&events, 1, XEN_VIRQ_TIMER);
	assert_true(events_pending(&events, a.port));
	assert_int_equal(-XEN_EINVAL, port_call(XEN_EVENT_SEND, a.port));
	a.vcpu = VCPUS;
	assert_int_equal(-XEN_ENOENT, events_call(&events, XEN_EVENT_BIND_VIRQ, &a));
	a = (struct xen_event_bind_virq){ XEN_VIRQS, 0, 0 };
	assert_int_equal(-XEN_EINVAL, events_call(&events, XEN_EVENT_BIND_VIRQ, &a));
}

static void a_pending_event_follows_its_port_to_another_vcpu(void **state)
{
	struct xen_event_bind_virq a = { XEN_VIRQ_DEBUG, 0, 0 };
	struct xen_event_bind_vcpu b = { .vcpu = 1 };

	(void)state;
	assert_int_equal(0, events_call(&events, XEN_EVENT_BIND_VIRQ, &a));
	b.port = a.port;
	events_raise(&events, a.port);
	assert_int_equal(0, events_call(&events, XEN_EVENT_BIND_VCPU, &b));
	assert_int_equal(1, infos[1]->upcall_pending);
	b.vcpu = VCPUS;
	assert_int_equal(-XEN_ENOENT, events_call(&events, XEN_EVENT_BIND_VCPU, &b));
	b = (struct xen_event_bind_vcpu){ ipi_of(0), 1 };
	assert_int_equal(-XEN_EINVAL, events_call(&events, XEN_EVENT_BIND_VCPU, &b));
}

static void an_interdomain_port_notifies_its_other_end(void **state)
{
	struct xen_event_alloc_unbound a = { XEN_DOMAIN_SELF, 7, 0 };
	struct xen_event_query q = { .domain = XEN_DOMAIN_SELF };

	(void)state;
	assert_int_equal(0, events_call(&events, XEN_EVENT_ALLOC_UNBOUND, &a));
	q.port = a.port;
	assert_int_equal(0, port_call(XEN_EVENT_SEND, a.port));
	assert_int_equal(0, events_call(&events, XEN_EVENT_STATUS, &q));
	assert_int_equal(XEN_EVENT_UNBOUND, q.status);
	assert_int_equal(7, q.remote.domain);
	assert_int_equal(0, events_connect(&events, a.port, 7, 99));
	assert_int_equal(-XEN_EEXIST, events_connect(&events, a.port, 7, 99));
	assert_int_equal(0, port_call(XEN_EVENT_SEND, a.port));
	assert_int_equal(7, notified_domain);
	assert_int_equal(99, notified_port);
	assert_int_equal(0, events_call(&events, XEN_EVENT_STATUS, &q));
	assert_int_equal(XEN_EVENT_INTERDOMAIN, q.status);
	a.domain = 0;
	assert_int_equal(-XEN_EPERM, events_call(&events, XEN_EVENT_ALLOC_UNBOUND, &a));
}

static void a_closed_port_is_silent_and_free_again(void **state)
{
	uint32_t port = ipi_of(0);

	(void)state;
	events_raise(&events, port);
	assert_int_equal(0, port_call(XEN_EVENT_CLOSE, port));
	assert_false(events_pending(&events, port));
	events_raise(&events, port);
	assert_false(events_pending(&events, port));
	assert_int_equal(-XEN_EINVAL, port_call(XEN_EVENT_CLOSE, port));
	assert_int_equal(port, ipi_of(1));
}

static void wrong_ports_and_operations_are_refused(void **state)
{
	static const unsigned ops[] = { XEN_EVENT_CLOSE, XEN_EVENT_SEND, XEN_EVENT_UNMASK };
	struct xen_event_query q = { .domain = XEN_DOMAIN_SELF, .port = PORTS };
	struct xen_event_bind_ipi a = { 0 };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(-XEN_EINVAL, port_call(ops[i], 0));
		assert_int_equal(-XEN_EINVAL, port_call(ops[i], PORTS));
		assert_int_equal(-XEN_EINVAL, port_call(ops[i], UINT32_MAX));
	}
	assert_int_equal(-XEN_EINVAL, events_call(&events, XEN_EVENT_STATUS, &q));
	assert_int_equal(-XEN_ENOSYS, events_call(&events, XEN_EVENT_BIND_PIRQ, &q));
	assert_int_equal(-XEN_ENOSYS, events_call(&events, UINT32_MAX, &q));
	events_raise(&events, UINT32_MAX);
	for (unsigned i = 1; i < PORTS; i++)
		ipi_of(0);
	assert_int_equal(-XEN_ENOSPC, events_call(&events, XEN_EVENT_BIND_IPI, &a));
}

static void a_moved_info_is_looked_at_in_whole(void **state)
{
	static struct xen_vcpu_info moved;

	(void)state;
	infos[1] = &moved;
	events_info_moved(&events, 1);
	assert_int_equal(~0UL, moved.pending_sel);
	assert_true(events_deliverable(&events, 1));
	assert_int_equal(1, kicks[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_event_sets_three_bits_and_kicks_once, start),
		cmocka_unit_test_setup(a_masked_port_waits_for_its_unmasking, start),
		cmocka_unit_test_setup(a_poll_ends_with_a_masked_port, start),
		cmocka_unit_test_setup(a_virq_is_bound_once_a_vcpu, start),
		cmocka_unit_test_setup(a_pending_event_follows_its_port_to_another_vcpu, start),
		cmocka_unit_test_setup(an_interdomain_port_notifies_its_other_end, start),
		cmocka_unit_test_setup(a_closed_port_is_silent_and_free_again, start),
		cmocka_unit_test_setup(wrong_ports_and_operations_are_refused, start),
		cmocka_unit_test_setup(a_moved_info_is_looked_at_in_whole, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
