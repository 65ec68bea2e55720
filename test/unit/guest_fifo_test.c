/* SPDX-License-Identifier: MIT */
/* Event channels in the FIFO format, with a guest that takes events as the format has it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>

#include "unit/guest/channels.h"
#include "xen/types.h"

enum { VCPUS = 2, PORTS = 3000, ARRAY = FIFO_ARRAY, SENDS = 20000, SENDERS = 2 };

static int prioritise(uint32_t port, uint32_t priority)
{
	return events_call(&events, XEN_EVENT_SET_PRIORITY,
			   &(struct xen_event_set_priority){ port, priority });
}

static int start_two_level(void **state)
{
	(void)state;
	channels_start(VCPUS, PORTS);
	return 0;
}

static int start(void **state)
{
	start_two_level(state);
	return fifo_control_call(0) || fifo_control_call(1) || fifo_expand_call(ARRAY);
}

static uint32_t ipi_of(unsigned vcpu)
{
	struct xen_event_bind_ipi a = { .vcpu = vcpu };

	assert_int_equal(0, events_call(&events, XEN_EVENT_BIND_IPI, &a));
	return a.port;
}

static uint32_t virq_of(unsigned vcpu, unsigned virq)
{
	struct xen_event_bind_virq a = { .vcpu = vcpu, .virq = virq };

	assert_int_equal(0, events_call(&events, XEN_EVENT_BIND_VIRQ, &a));
	return a.port;
}

/* --- Tests --- */

static void the_format_is_the_guests_choice(void **state)
{
	uint32_t port = ipi_of(0);

	(void)state;
	port_call(XEN_EVENT_SEND, port);
	assert_int_equal(1UL << port, shared.pending[0]);
	assert_int_equal(-XEN_EOPNOTSUPP, fifo_expand_call(ARRAY));
	assert_int_equal(-XEN_ENOSYS, prioritise(port, 1));
	assert_int_equal(0, fifo_control_call(0));
	assert_true(events_pending(&events, port));
	assert_int_equal(0, fifo_control(0)->ready);
	assert_int_equal(0, fifo_expand_call(ARRAY));
	assert_int_equal(port, fifo_take(0));
	assert_int_equal(0, fifo_take(0));
}

static void events_come_in_order(void **state)
{
	uint32_t a = ipi_of(1), b = ipi_of(1), c = ipi_of(1);

	(void)state;
	port_call(XEN_EVENT_SEND, b);
	assert_int_equal(FIFO_BIT(XEN_FIFO_PRIORITY), fifo_control(1)->ready);
	assert_int_equal(b, fifo_control(1)->head[XEN_FIFO_PRIORITY]);
	assert_int_equal(1, infos[1]->upcall_pending);
	port_call(XEN_EVENT_SEND, c);
	port_call(XEN_EVENT_SEND, a);
	port_call(XEN_EVENT_SEND, c);
	assert_int_equal(1, kicks[1]);
	assert_int_equal(b, fifo_take(1));
	assert_int_equal(c, fifo_take(1));
	port_call(XEN_EVENT_SEND, b);
	assert_int_equal(a, fifo_take(1));
	assert_int_equal(b, fifo_take(1));
	assert_int_equal(0, fifo_take(1));
	port_call(XEN_EVENT_SEND, b);
	assert_int_equal(b, fifo_take(1));
	assert_int_equal(0, fifo_take(0));
}

static void masked_events_wait(void **state)
{
	uint32_t port = ipi_of(0);

	(void)state;
	*fifo_word(port) = FIFO_BIT(XEN_FIFO_MASKED);
	port_call(XEN_EVENT_SEND, port);
	assert_true(events_pending(&events, port));
	assert_int_equal(0, fifo_control(0)->ready);
	assert_int_equal(0, port_call(XEN_EVENT_UNMASK, port));
	assert_int_equal(port, fifo_take(0));
	assert_false(events_pending(&events, port));
}

static void urgent_events_come_first(void **state)
{
	uint32_t low = ipi_of(0), high = ipi_of(0);

	(void)state;
	assert_int_equal(0, prioritise(low, 15));
	assert_int_equal(0, prioritise(high, 0));
	port_call(XEN_EVENT_SEND, low);
	port_call(XEN_EVENT_SEND, high);
	assert_int_equal(FIFO_BIT(0) | FIFO_BIT(15), fifo_control(0)->ready);
	assert_int_equal(high, fifo_take(0));
	assert_int_equal(low, fifo_take(0));
}

/* A port that was the last of one queue goes to another: the first queue does not follow it. */
static void a_port_leaves_its_old_queue(void **state)
{
	uint32_t moving = virq_of(0, XEN_VIRQ_DEBUG), staying = ipi_of(0);

	(void)state;
	events_raise(&events, moving);
	assert_int_equal(moving, fifo_take(0));
	assert_int_equal(0, prioritise(moving, 3));
	events_raise(&events, moving);
	port_call(XEN_EVENT_SEND, staying);
	assert_int_equal(0, *fifo_word(moving) & FIFO_LINKS);
	assert_int_equal(moving, fifo_take(0));
	assert_int_equal(staying, fifo_take(0));
}

static void a_port_goes_to_another_vcpu(void **state)
{
	uint32_t moving = virq_of(0, XEN_VIRQ_DEBUG), staying = ipi_of(0);
	struct xen_event_bind_vcpu a = { moving, 1 };

	(void)state;
	events_raise(&events, moving);
	assert_int_equal(moving, fifo_take(0));
	assert_int_equal(0, events_call(&events, XEN_EVENT_BIND_VCPU, &a));
	events_raise(&events, moving);
	port_call(XEN_EVENT_SEND, staying);
	assert_int_equal(staying, fifo_take(0));
	assert_int_equal(0, fifo_take(0));
	assert_int_equal(moving, fifo_take(1));
}

static void a_closed_port_is_forgotten(void **state)
{
	uint32_t port = ipi_of(0);

	(void)state;
	port_call(XEN_EVENT_SEND, port);
	assert_int_equal(0, port_call(XEN_EVENT_CLOSE, port));
	assert_false(events_pending(&events, port));
	assert_int_equal(0, fifo_take(0));
	assert_int_equal(port, ipi_of(1));
	port_call(XEN_EVENT_SEND, port);
	assert_int_equal(port, fifo_take(1));
}

static void the_array_grows(void **state)
{
	uint32_t port = 0;

	(void)state;
	while (port < 1500)
		port = ipi_of(0);
	port_call(XEN_EVENT_SEND, port);
	assert_true(events_pending(&events, port));
	assert_int_equal(0, fifo_take(0));
	assert_int_equal(0, fifo_expand_call(ARRAY + 1));
	assert_int_equal(port, fifo_take(0));
	assert_int_equal(0, fifo_expand_call(ARRAY + 2));
	assert_int_equal(-XEN_ENOSPC, fifo_expand_call(ARRAY + 3));
}

static void bad_arguments_are_refused(void **state)
{
	struct xen_event_init_control a = { .control_frame = FIFO_FRAMES };

	(void)state;
	assert_int_equal(-XEN_EINVAL, fifo_control_call(0));
	assert_int_equal(-XEN_ENOENT, fifo_control_call(VCPUS));
	start_two_level(NULL);
	assert_int_equal(-XEN_EINVAL, events_call(&events, XEN_EVENT_INIT_CONTROL, &a));
	a = (struct xen_event_init_control){ .offset = 4096 - 64 };
	assert_int_equal(-XEN_EINVAL, events_call(&events, XEN_EVENT_INIT_CONTROL, &a));
	a.offset = 4;
	assert_int_equal(-XEN_EINVAL, events_call(&events, XEN_EVENT_INIT_CONTROL, &a));
	assert_false(events.fifo.on);
	start(NULL);
	assert_int_equal(-XEN_EINVAL, fifo_expand_call(FIFO_FRAMES));
	assert_int_equal(-XEN_EINVAL, prioritise(1, 1));
	assert_int_equal(-XEN_EINVAL, prioritise(ipi_of(0), XEN_FIFO_QUEUES));
}

static void a_reset_closes_all_and_leaves_the_format(void **state)
{
	uint32_t port = ipi_of(0);
	struct xen_event_reset a = { .domain = 3 };

	(void)state;
	assert_int_equal(-XEN_EPERM, events_call(&events, XEN_EVENT_RESET, &a));
	a.domain = XEN_DOMAIN_SELF;
	assert_int_equal(0, events_call(&events, XEN_EVENT_RESET, &a));
	assert_int_equal(-XEN_EINVAL, port_call(XEN_EVENT_SEND, port));
	assert_int_equal(port, ipi_of(0));
	port_call(XEN_EVENT_SEND, port);
	assert_int_equal(1UL << port, shared.pending[0]);
	assert_int_equal(0, fifo_control_call(0));
}

/* Some send while the guest takes: what is sent after the last one was taken is taken, too. */
struct sender {
	uint32_t ports[2];
	bool done;
};

static void *sending(void *argument)
{
	struct sender *s = argument;

	for (unsigned i = 0; i < SENDS; i++)
		events_raise(&events, s->ports[i % 2]);
	__atomic_store_n(&s->done, true, __ATOMIC_SEQ_CST);
	return NULL;
}

static void no_event_is_lost_while_others_send(void **state)
{
	struct sender senders[SENDERS] = { 0 };
	pthread_t threads[SENDERS];
	bool all = false;
	unsigned taken = 0;

	(void)state;
	for (unsigned i = 0; i < SENDERS; i++) {
		senders[i].ports[0] = ipi_of(0);
		senders[i].ports[1] = ipi_of(0);
		pthread_create(&threads[i], NULL, sending, &senders[i]);
	}
	while (!all) {
		all = true;
		for (unsigned i = 0; i < SENDERS; i++)
			all &= __atomic_load_n(&senders[i].done, __ATOMIC_SEQ_CST);
		while (fifo_take(0))
			taken++;
	}
	for (unsigned i = 0; i < SENDERS; i++)
		pthread_join(threads[i], NULL);
	assert_true(taken > 0);
	for (uint32_t port = 1; port <= 2 * SENDERS; port++) {
		assert_false(events_pending(&events, port));
		assert_int_equal(0, *fifo_word(port));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_format_is_the_guests_choice, start_two_level),
		cmocka_unit_test_setup(events_come_in_order, start),
		cmocka_unit_test_setup(masked_events_wait, start),
		cmocka_unit_test_setup(urgent_events_come_first, start),
		cmocka_unit_test_setup(a_port_leaves_its_old_queue, start),
		cmocka_unit_test_setup(a_port_goes_to_another_vcpu, start),
		cmocka_unit_test_setup(a_closed_port_is_forgotten, start),
		cmocka_unit_test_setup(the_array_grows, start),
		cmocka_unit_test_setup(bad_arguments_are_refused, start),
		cmocka_unit_test_setup(a_reset_closes_all_and_leaves_the_format, start),
		cmocka_unit_test_setup(no_event_is_lost_while_others_send, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
