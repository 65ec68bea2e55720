/* SPDX-License-Identifier: MIT */
/* Promises of the time server, on a machine whose clock was set to 2024-02-29 12:00 UTC. */
#include <time.h>
#include <l4/rtc/rtc.h>
#include <l4/sys/err.h>
#include <l4/sys/icu.h>
#include "check.h"
#include "client.h"

enum { NOON = 1709208000, HALF_DAY = 12 * 3600, OPERATIONS = 2 };

static bool is_that_afternoon(l4_uint64_t seconds)
{
	return seconds >= NOON && seconds < NOON + HALF_DAY;
}

static void reading(l4_cap_idx_t rtc)
{
	l4_uint64_t first = 0, second = 0;

	check_is(l4rtc_get_offset_to_realtime(rtc, &first), 0, "the offset can be read");
	check(is_that_afternoon((first + l4rtc_get_timer()) / 1000000000),
	      "timer and offset are the time of the machine's clock");
	check_is(l4rtc_get_offset_to_realtime(rtc, &second), 0, "it can be read again");
	check(first == second, "and is the same");
	check(is_that_afternoon((l4_uint64_t)time(NULL)), "the C library has the time");
}

static void setting(l4_cap_idx_t rtc)
{
	l4_cap_idx_t reader = client_weaker(rtc, L4_CAP_FPAGE_R), irq = client_bind_irq(rtc);
	l4_cap_idx_t other = client_bind_irq(rtc);
	l4_uint64_t offset = 0, before = 0;

	l4rtc_get_offset_to_realtime(reader, &before);
	check_is(l4rtc_set_offset_to_realtime(reader, 1), -L4_EPERM,
		 "without the W right it cannot be set");
	l4rtc_get_offset_to_realtime(reader, &offset);
	check(offset == before, "and is not");
	check(!client_irq_comes_soon(irq), "nobody is told");
	check_is(l4rtc_set_offset_to_realtime(rtc, 0x123456789abcdef0), 0, "with it, it can");
	check(client_irq_comes(irq) && client_irq_comes(other), "all that have asked are told");
	l4rtc_get_offset_to_realtime(reader, &offset);
	check(offset == 0x123456789abcdef0, "everybody reads what was set");
	check_is(l4_error(l4_icu_unbind(rtc, 0, other)), 0, "an interrupt can be unbound");
	check_is(l4_error(l4_icu_unbind(rtc, 0, other)), -L4_ENOENT, "once");
	l4rtc_set_offset_to_realtime(rtc, before);
	check(client_irq_comes(irq) && !client_irq_comes_soon(other),
	      "then it is told no more, others are");
	client_release(irq);
	client_release(other);
	client_release(reader);
}

static void mistakes(l4_cap_idx_t rtc)
{
	l4_uint64_t offset;

	check_is(client_send(rtc, 0, 0, 0, 0), -L4_EMSGTOOSHORT, "an empty message is too short");
	check_is(client_send(rtc, 0, 1, 1, 0), -L4_EMSGTOOSHORT, "set without a value, too");
	check_is(client_send(rtc, 0, 2, OPERATIONS, 0), -L4_ENOSYS, "there are two operations");
	check_is(client_send(rtc, 0x4000, 1, 0, 0), -L4_EBADPROTO, "it is no dataspace");
	check_is(client_send(rtc, L4_PROTO_IRQ, 2, L4_ICU_OP_BIND, 1), -L4_EINVAL,
		 "there is one pin");
	check_is(client_send(rtc, L4_PROTO_IRQ, 2, L4_ICU_OP_BIND, 0), -L4_EINVAL,
		 "nothing cannot be bound");
	check_is(l4rtc_get_offset_to_realtime(rtc, &offset), 0, "it still answers");
}

/* More than can be bound; those that die make room. */
static void greedy_client(l4_cap_idx_t rtc)
{
	enum { ROOM = 16 };
	l4_cap_idx_t irqs[ROOM];

	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < ROOM; i++)
			irqs[i] = client_bind_irq(rtc);
		for (unsigned i = 0; i < ROOM; i++)
			client_release(irqs[i]);
	}
}

void check_main(void)
{
	l4_cap_idx_t rtc = client_cap("rtc");

	reading(rtc);
	setting(rtc);
	mistakes(rtc);
	greedy_client(rtc);
}
