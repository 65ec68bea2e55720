/* SPDX-License-Identifier: MIT */
/* IPC timeouts: zero, relative, absolute, never; for sending and receiving. */
#include "partner.h"

enum { HIGH = PRIO_MAIN + 20, SLACK_US = 50000, ABS_BR = 40 };

static l4_cap_idx_t deaf; /* a thread that never receives */

/* Run op and check its error and that it took from least to least + SLACK_US microseconds. */
static void timed(l4_cap_idx_t cap, unsigned op, l4_timeout_t timeout, long error, uint64_t least,
		  const char *name)
{
	uint64_t start = clock_us(), took;
	l4_msgtag_t tag = invoke(cap, op, l4_msgtag(0, 0, 0, 0), timeout, NULL);

	took = clock_us() - start;
	tap_is(ipc_error(tag), error, "%s: result", name);
	if (!tap_ok(took >= least && took < least + SLACK_US, "%s: duration", name))
		tap_diag("took %lu us, want at least %lu", took, least);
}

static void sleep_forever(void *unused)
{
	(void)unused;
	l4_ipc_sleep(L4_IPC_NEVER);
}

static void test_zero(void)
{
	timed(deaf, L4_SYSF_SEND, L4_IPC_BOTH_TIMEOUT_0, L4_IPC_SETIMEOUT, 0, "send, zero");
	timed(deaf, L4_SYSF_RECV, L4_IPC_BOTH_TIMEOUT_0, L4_IPC_RETIMEOUT, 0, "receive, zero");
	timed(deaf, L4_SYSF_CALL, L4_IPC_BOTH_TIMEOUT_0, L4_IPC_SETIMEOUT, 0, "call, zero");
	timed(L4_INVALID_CAP, L4_SYSF_WAIT, L4_IPC_BOTH_TIMEOUT_0, L4_IPC_RETIMEOUT, 0,
	      "open wait, zero");
	timed(deaf, L4_SYSF_SEND_AND_WAIT, L4_IPC_SEND_TIMEOUT_0, L4_IPC_SETIMEOUT, 0,
	      "send and wait, zero send");
	timed(L4_INVALID_CAP, L4_SYSF_RECV, timeout_us(TIMEOUT_NEVER, 0), L4_IPC_RETIMEOUT, 0,
	      "sleep, zero");
}

static void test_relative(void)
{
	static const unsigned us[] = { 1, 500, 1023, 1024, 1025, 3000, 10000, 20000 };
	l4_timeout_t odd = { .raw = 5 << 10 }; /* mantissa 0, exponent not: at once */

	for (unsigned i = 0; i < ARRAY_SIZE(us); i++) {
		timed(deaf, L4_SYSF_RECV, timeout_us(0, us[i]), L4_IPC_RETIMEOUT, us[i],
		      "receive, relative");
		timed(deaf, L4_SYSF_SEND, timeout_us(us[i], 0), L4_IPC_SETIMEOUT, us[i],
		      "send, relative");
	}
	timed(deaf, L4_SYSF_RECV, odd, L4_IPC_RETIMEOUT, 0, "receive, mantissa 0");
	timed(deaf, L4_SYSF_CALL, timeout_us(2000, 0), L4_IPC_SETIMEOUT, 2000,
	      "call, relative send timeout");
}

static void test_absolute(void)
{
	uint64_t now = clock_us();
	l4_timeout_s point = l4_timeout_abs(now + 5000, ABS_BR);
	l4_umword_t before = l4_utcb_br()->br[ABS_BR];

	timed(deaf, L4_SYSF_RECV, l4_timeout(L4_IPC_TIMEOUT_0, point), L4_IPC_RETIMEOUT, 4000,
	      "receive, absolute");
	tap_ok(clock_us() >= now + 5000, "receive, absolute: not before the point in time");
	tap_ok(l4_utcb_br()->br[ABS_BR] == before, "the buffer register is unchanged");
	timed(deaf, L4_SYSF_RECV, l4_timeout(L4_IPC_TIMEOUT_0, point), L4_IPC_RETIMEOUT, 0,
	      "receive, absolute, in the past");
	timed(deaf, L4_SYSF_SEND, l4_timeout(point, L4_IPC_TIMEOUT_0), L4_IPC_SETIMEOUT, 0,
	      "send, absolute, in the past");
	now = clock_us();
	point = l4_timeout_abs(now + 4000, 57);
	timed(deaf, L4_SYSF_SEND, l4_timeout(point, L4_IPC_TIMEOUT_0), L4_IPC_SETIMEOUT, 3000,
	      "send, absolute, last buffer register");
	point.t = 0x8000 | 63;
	l4_utcb_br()->br[57] = clock_us() + 3000;
	timed(deaf, L4_SYSF_RECV, l4_timeout(L4_IPC_TIMEOUT_0, point), L4_IPC_RETIMEOUT, 2000,
	      "receive, absolute, index behind the last means the last");
}

/* Both phases of one operation have their own time, the second starts after the first. */
static void test_two_phases(void)
{
	static struct partner p;

	partner_init(&p, &root_task, L4_INVALID_CAP, L4_SYSF_WAIT);
	partner_block(&p, 0, HIGH);
	timed(p.thread->cap, L4_SYSF_CALL, timeout_us(0, 4000), L4_IPC_RETIMEOUT, 4000,
	      "call: the receive timeout starts after the send phase");
	tap_ok(p.done && !p.error, "call: the message was delivered nevertheless");
	partner_end(&p);

	partner_init(&p, &root_task, L4_BASE_THREAD_CAP, L4_SYSF_SEND);
	p.timeout = timeout_us(3000, 0);
	partner_start(&p, 0, HIGH);
	tap_ok(partner_done(&p, 1000) && p.error == L4_IPC_SETIMEOUT,
	       "a sender that nobody receives from times out");
	tap_ok(p.took_us >= 3000, "not before its time");
	tap_is(ipc_error(l4_ipc_wait(l4_utcb(), NULL, L4_IPC_BOTH_TIMEOUT_0)), L4_IPC_RETIMEOUT,
	       "its message does not arrive later");
	partner_end(&p);
}

/* A message in time stops the timeout. */
static void test_in_time(void)
{
	static struct partner p;
	l4_msgtag_t tag;

	partner_init(&p, &root_task, L4_INVALID_CAP, L4_SYSF_WAIT);
	p.timeout = timeout_us(0, 200000);
	partner_block(&p, 0, HIGH);
	tag =
	    invoke(p.thread->cap, L4_SYSF_SEND, l4_msgtag(3, 0, 0, 0), L4_IPC_BOTH_TIMEOUT_0, NULL);
	tap_is(ipc_error(tag), 0, "send with timeout zero reaches a receiver that waits");
	tap_ok(partner_done(&p, 1000) && !p.error, "a message in time ends the wait");
	tap_ok(p.took_us < 200000, "before its timeout");
	partner_end(&p);

	partner_init(&p, &root_task, L4_BASE_THREAD_CAP, L4_SYSF_SEND);
	partner_start(&p, 0, HIGH);
	sleep_us(5000);
	tap_ok(!p.done, "a sender without timeout waits");
	tap_is(ipc_error(l4_ipc_receive(p.thread->cap, l4_utcb(), L4_IPC_BOTH_TIMEOUT_0)), 0,
	       "receive with timeout zero takes a message of a sender that waits");
	partner_end(&p);
}

/* Many timeouts at once end in order. */
static void test_many(void)
{
	enum { COUNT = 16 };
	static struct partner p[COUNT];
	unsigned bad = 0;

	for (unsigned i = 0; i < COUNT; i++) {
		partner_init(&p[i], &root_task, L4_INVALID_CAP, L4_SYSF_RECV);
		p[i].timeout = timeout_us(0, 1000 * (1 + (i * 7) % COUNT));
		partner_start(&p[i], i % cpu_count(), HIGH);
	}
	for (unsigned i = 0; i < COUNT; i++) {
		bad += !partner_done(&p[i], 1000) || p[i].error != L4_IPC_RETIMEOUT;
		bad += p[i].took_us < 1000 * (1 + (i * 7) % COUNT);
		partner_end(&p[i]);
	}
	tap_is(bad, 0, "%u timeouts at once: each ends, and not too early", COUNT);
}

void test_main(void)
{
	struct thread *t = thread_run(sleep_forever, NULL, 0, HIGH);

	deaf = t->cap;
	test_zero();
	test_relative();
	test_absolute();
	test_two_phases();
	test_in_time();
	test_many();
	thread_destroy(t);
}
