/* SPDX-License-Identifier: MIT */
/* Event channels in the FIFO format, with a guest that takes events as the format has it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "shim/events.h"
#include "xen/types.h"

enum { VCPUS = 2, PORTS = 3000, FRAMES = 6, CONTROL = 0, ARRAY = 2, SENDS = 20000, SENDERS = 2 };

#define BIT(n) (1U << (n))
#define LINKS  (BIT(XEN_FIFO_LINK_BITS) - 1)

static struct xen_shared_info shared;
static struct xen_vcpu_info *infos[VCPUS];
static struct event_channel channels[PORTS];
static bool polling[VCPUS];
static unsigned kicks[VCPUS];
static _Alignas(4096) uint32_t frames[FRAMES][XEN_FIFO_PAGE_WORDS];

static void kick(void *context, unsigned vcpu)
{
	(void)context;
	__atomic_fetch_add(&kicks[vcpu], 1, __ATOMIC_SEQ_CST);
}

static void notify(void *context, unsigned domain, uint32_t port)
{
	(void)context, (void)domain, (void)port;
}

static void *page(void *context, uint64_t frame)
{
	(void)context;
	return frame < FRAMES ? frames[frame] : NULL;
}

static void relax(void *context)
{
	(void)context;
}

static const struct events_effects effects = { kick, notify, page, relax };
static struct events events;

static struct xen_fifo_control *control(unsigned vcpu)
{
	return (struct xen_fifo_control *)((char *)frames[CONTROL + vcpu] + 64);
}

static uint32_t *word(uint32_t port)
{
	return &frames[ARRAY + port / XEN_FIFO_PAGE_WORDS][port % XEN_FIFO_PAGE_WORDS];
}

static int init_control(unsigned vcpu)
{
	struct xen_event_init_control a = { .control_frame = CONTROL + vcpu,
					    .offset = 64,
					    .vcpu = vcpu };
	int result = events_call(&events, XEN_EVENT_INIT_CONTROL, &a);

	assert_int_equal(result ? 0 : XEN_FIFO_LINK_BITS, a.link_bits);
	return result;
}

static int expand(uint64_t frame)
{
	return events_call(&events, XEN_EVENT_EXPAND_ARRAY,
			   &(struct xen_event_expand_array){ frame });
}

static int prioritise(uint32_t port, uint32_t priority)
{
	return events_call(&events, XEN_EVENT_SET_PRIORITY,
			   &(struct xen_event_set_priority){ port, priority });
}

static int start_two_level(void **state)
{
	(void)state;
	memset(&shared, 0, sizeof(shared));
	memset(channels, 0, sizeof(channels));
	memset(frames, 0, sizeof(frames));
	memset(kicks, 0, sizeof(kicks));
	for (unsigned i = 0; i < VCPUS; i++)
		infos[i] = &shared.vcpu_info[i];
	events = (struct events){ .shared = &shared,
				  .infos = infos,
				  .polling = polling,
				  .vcpus = VCPUS,
				  .channels = channels,
				  .ports = PORTS,
				  .effects = &effects };
	return 0;
}

static int start(void **state)
{
	start_two_level(state);
	return init_control(0) || init_control(1) || expand(ARRAY);
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

static int port_call(unsigned op, uint32_t port)
{
	return events_call(&events, op, &(struct xen_event_port){ port });
}

/* --- The guest --- */

static uint32_t heads[VCPUS][XEN_FIFO_QUEUES];

/* Take the link out of a port's word: it is in no queue any more. */
static uint32_t unlink_port(uint32_t port)
{
	uint32_t old = __atomic_load_n(word(port), __ATOMIC_SEQ_CST);

	while (!__atomic_compare_exchange_n(word(port), &old, old & ~(LINKS | BIT(XEN_FIFO_LINKED)),
					    false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
	return old & LINKS;
}

/* The next port of a queue; 0: it is empty. */
static uint32_t next_of(unsigned vcpu, unsigned queue)
{
	uint32_t port = heads[vcpu][queue];

	if (!port)
		port = __atomic_load_n(&control(vcpu)->head[queue], __ATOMIC_SEQ_CST);
	heads[vcpu][queue] = unlink_port(port);
	return port;
}

/* The next event of a vCPU, the most urgent first, made not pending; 0: there is none. */
static uint32_t take(unsigned vcpu)
{
	static uint32_t ready[VCPUS];

	for (;;) {
		uint32_t bit, port;

		ready[vcpu] |= __atomic_exchange_n(&control(vcpu)->ready, 0, __ATOMIC_SEQ_CST);
		if (!ready[vcpu])
			return 0;
		bit = ready[vcpu] & -ready[vcpu];
		port = next_of(vcpu, (unsigned)__builtin_ctz(bit));
		if (!heads[vcpu][__builtin_ctz(bit)])
			ready[vcpu] &= ~bit;
		if (__atomic_load_n(word(port), __ATOMIC_SEQ_CST) & BIT(XEN_FIFO_MASKED))
			continue;
		if (__atomic_fetch_and(word(port), ~BIT(XEN_FIFO_PENDING), __ATOMIC_SEQ_CST) &
		    BIT(XEN_FIFO_PENDING))
			return port;
	}
}

/* --- Tests --- */

static void the_format_is_the_guests_choice(void **state)
{
	uint32_t port = ipi_of(0);

	(void)state;
	port_call(XEN_EVENT_SEND, port);
	assert_int_equal(1UL << port, shared.pending[0]);
	assert_int_equal(-XEN_EOPNOTSUPP, expand(ARRAY));
	assert_int_equal(-XEN_ENOSYS, prioritise(port, 1));
	assert_int_equal(0, init_control(0));
	assert_true(events_pending(&events, port));
	assert_int_equal(0, control(0)->ready);
	assert_int_equal(0, expand(ARRAY));
	assert_int_equal(port, take(0));
	assert_int_equal(0, take(0));
}

static void events_come_in_order(void **state)
{
	uint32_t a = ipi_of(1), b = ipi_of(1), c = ipi_of(1);

	(void)state;
	port_call(XEN_EVENT_SEND, b);
	assert_int_equal(BIT(XEN_FIFO_PRIORITY), control(1)->ready);
	assert_int_equal(b, control(1)->head[XEN_FIFO_PRIORITY]);
	assert_int_equal(1, infos[1]->upcall_pending);
	port_call(XEN_EVENT_SEND, c);
	port_call(XEN_EVENT_SEND, a);
	port_call(XEN_EVENT_SEND, c);
	assert_int_equal(1, kicks[1]);
	assert_int_equal(b, take(1));
	assert_int_equal(c, take(1));
	port_call(XEN_EVENT_SEND, b);
	assert_int_equal(a, take(1));
	assert_int_equal(b, take(1));
	assert_int_equal(0, take(1));
	port_call(XEN_EVENT_SEND, b);
	assert_int_equal(b, take(1));
	assert_int_equal(0, take(0));
}

static void masked_events_wait(void **state)
{
	uint32_t port = ipi_of(0);

	(void)state;
	*word(port) = BIT(XEN_FIFO_MASKED);
	port_call(XEN_EVENT_SEND, port);
	assert_true(events_pending(&events, port));
	assert_int_equal(0, control(0)->ready);
	assert_int_equal(0, port_call(XEN_EVENT_UNMASK, port));
	assert_int_equal(port, take(0));
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
	assert_int_equal(BIT(0) | BIT(15), control(0)->ready);
	assert_int_equal(high, take(0));
	assert_int_equal(low, take(0));
}

/* A port that was the last of one queue goes to another: the first queue does not follow it. */
static void a_port_leaves_its_old_queue(void **state)
{
	uint32_t moving = virq_of(0, XEN_VIRQ_DEBUG), staying = ipi_of(0);

	(void)state;
	events_raise(&events, moving);
	assert_int_equal(moving, take(0));
	assert_int_equal(0, prioritise(moving, 3));
	events_raise(&events, moving);
	port_call(XEN_EVENT_SEND, staying);
	assert_int_equal(0, *word(moving) & LINKS);
	assert_int_equal(moving, take(0));
	assert_int_equal(staying, take(0));
}

static void a_port_goes_to_another_vcpu(void **state)
{
	uint32_t moving = virq_of(0, XEN_VIRQ_DEBUG), staying = ipi_of(0);
	struct xen_event_bind_vcpu a = { moving, 1 };

	(void)state;
	events_raise(&events, moving);
	assert_int_equal(moving, take(0));
	assert_int_equal(0, events_call(&events, XEN_EVENT_BIND_VCPU, &a));
	events_raise(&events, moving);
	port_call(XEN_EVENT_SEND, staying);
	assert_int_equal(staying, take(0));
	assert_int_equal(0, take(0));
	assert_int_equal(moving, take(1));
}

static void a_closed_port_is_forgotten(void **state)
{
	uint32_t port = ipi_of(0);

	(void)state;
	port_call(XEN_EVENT_SEND, port);
	assert_int_equal(0, port_call(XEN_EVENT_CLOSE, port));
	assert_false(events_pending(&events, port));
	assert_int_equal(0, take(0));
	assert_int_equal(port, ipi_of(1));
	port_call(XEN_EVENT_SEND, port);
	assert_int_equal(port, take(1));
}

static void the_array_grows(void **state)
{
	uint32_t port = 0;

	(void)state;
	while (port < 1500)
		port = ipi_of(0);
	port_call(XEN_EVENT_SEND, port);
	assert_true(events_pending(&events, port));
	assert_int_equal(0, take(0));
	assert_int_equal(0, expand(ARRAY + 1));
	assert_int_equal(port, take(0));
	assert_int_equal(0, expand(ARRAY + 2));
	assert_int_equal(-XEN_ENOSPC, expand(ARRAY + 3));
}

static void bad_arguments_are_refused(void **state)
{
	struct xen_event_init_control a = { .control_frame = FRAMES };

	(void)state;
	assert_int_equal(-XEN_EINVAL, init_control(0));
	assert_int_equal(-XEN_ENOENT, init_control(VCPUS));
	start_two_level(NULL);
	assert_int_equal(-XEN_EINVAL, events_call(&events, XEN_EVENT_INIT_CONTROL, &a));
	a = (struct xen_event_init_control){ .offset = 4096 - 64 };
	assert_int_equal(-XEN_EINVAL, events_call(&events, XEN_EVENT_INIT_CONTROL, &a));
	a.offset = 4;
	assert_int_equal(-XEN_EINVAL, events_call(&events, XEN_EVENT_INIT_CONTROL, &a));
	assert_false(events.fifo.on);
	start(NULL);
	assert_int_equal(-XEN_EINVAL, expand(FRAMES));
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
	assert_int_equal(0, init_control(0));
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
		while (take(0))
			taken++;
	}
	for (unsigned i = 0; i < SENDERS; i++)
		pthread_join(threads[i], NULL);
	assert_true(taken > 0);
	for (uint32_t port = 1; port <= 2 * SENDERS; port++) {
		assert_false(events_pending(&events, port));
		assert_int_equal(0, *word(port));
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
