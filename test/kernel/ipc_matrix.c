/* SPDX-License-Identifier: MIT */
/*
 * Each way of sending against each way of receiving: timeouts, same or other task, same or other
 * CPU, sender or receiver first, each of them with the higher priority. 63 words travel each time.
 */
#include "partner.h"

enum { HIGH = PRIO_MAIN + 20, LOW = PRIO_MAIN - 20, LABEL = 0x4440 };

enum send_kind { SEND, CALL, SEND_AND_WAIT, SEND_KINDS };
enum receive_kind { CLOSED, OPEN, EXPLICIT, RECEIVE_KINDS };
enum time_kind { NEVER, RELATIVE, ABSOLUTE, TIME_KINDS };

static const unsigned send_flags[SEND_KINDS] = { L4_SYSF_SEND, L4_SYSF_CALL,
						 L4_SYSF_SEND_AND_WAIT };

struct round {
	struct task *task;
	unsigned cpu;
	bool partner_first;
	unsigned prio; /* of the partner */
	enum send_kind send;
	enum receive_kind receive;
	enum time_kind time;
};

static struct partner partner;
static unsigned failures;

static void fail(const struct round *r, const char *what, long value)
{
	if (failures++ < 5)
		tap_diag(
		    "%s: %lx (send %u receive %u time %u, cpu %u, %s task, partner %s, prio %u)",
		    what, value, r->send, r->receive, r->time, r->cpu,
		    r->task == &root_task ? "same" : "other", r->partner_first ? "first" : "second",
		    r->prio);
}

static l4_timeout_t make_timeout(enum time_kind kind, l4_umword_t *clock_register)
{
	l4_timeout_s abs = { .t = 0x8000 | 5 };

	*clock_register = clock_us() + 2000000;
	if (kind == NEVER)
		return L4_IPC_NEVER;
	return kind == RELATIVE ? timeout_us(2000000, 2000000) : l4_timeout(abs, abs);
}

static void start_late(const struct round *r)
{
	partner.delay_us = 300;
	thread_start(partner.thread, r->cpu, r->prio);
}

static void start_partner(const struct round *r)
{
	partner_init(&partner, r->task, L4_BASE_THREAD_CAP, send_flags[r->send]);
	partner.tag = l4_msgtag(77, 63, 0, 0);
	partner.label = LABEL;
	for (unsigned i = 0; i < 63; i++)
		partner.words[i] = i * i + r->prio;
	partner.timeout = make_timeout(r->time, &partner.buffers[5]);
	if (r->send == SEND_AND_WAIT)
		partner.timeout.p.rcv = L4_IPC_TIMEOUT_0;
	if (r->partner_first)
		partner_block(&partner, r->cpu, r->prio);
	else
		start_late(r);
}

static void check_message(const struct round *r, l4_msgtag_t tag, l4_umword_t label)
{
	if (ipc_error(tag))
		fail(r, "receive fails", ipc_error(tag));
	if (tag.raw != l4_msgtag(77, 63, 0, 0).raw || label != LABEL)
		fail(r, "wrong tag or label", tag.raw);
	for (unsigned i = 0; i < 63; i++)
		if (mr_get(i) != i * i + r->prio)
			fail(r, "wrong word", i);
}

static void check_partner(const struct round *r)
{
	if (!partner_done(&partner, 1000))
		fail(r, "the sender is not done", 0);
	if (partner.error != (r->send == SEND_AND_WAIT ? L4_IPC_RETIMEOUT : 0))
		fail(r, "error of the sender", partner.error);
	if (r->send == CALL && l4_msgtag_label(partner.result) != 78)
		fail(r, "wrong tag of the answer", partner.result.raw);
	if (r->send == CALL && partner.got[62] != 62 * 62 + r->prio)
		fail(r, "wrong word of the answer", (long)partner.got[62]);
}

/* The partner sends, this thread receives; then an answer if the partner called. */
static void run_round(const struct round *r)
{
	l4_cap_idx_t cap = L4_INVALID_CAP;
	unsigned flags = r->receive == CLOSED ? L4_SYSF_RECV : L4_SYSF_WAIT;
	unsigned answer = r->receive == CLOSED ? L4_SYSF_SEND : L4_SYSF_SEND | L4_SYSF_REPLY;
	l4_umword_t label = 0;
	l4_timeout_t timeout;
	l4_msgtag_t tag;

	start_partner(r);
	if (r->receive == CLOSED)
		cap = partner.thread->cap;
	else if (r->receive == EXPLICIT)
		cap = 3UL << L4_CAP_SHIFT | L4_REPLY_CAP_BIT;
	timeout = make_timeout(r->time, &l4_utcb_br()->br[5]);
	tag = invoke(cap, flags, l4_msgtag(0, 0, 0, 0), timeout, &label);
	check_message(r, tag, label);
	if (r->send == CALL)
		tag = invoke(cap, answer, l4_msgtag(78, 63, 0, 0), timeout, NULL);
	if (ipc_error(tag))
		fail(r, "reply fails", ipc_error(tag));
	check_partner(r);
	partner_end(&partner);
}

static void all_kinds(struct round *r, const char *name)
{
	failures = 0;
	for (unsigned s = 0; s < SEND_KINDS; s++)
		for (unsigned v = 0; v < RECEIVE_KINDS; v++)
			for (unsigned t = 0; t < TIME_KINDS; t++) {
				r->send = s;
				r->receive = v;
				r->time = t;
				run_round(r);
			}
	tap_is(failures, 0,
	       "every send against every receive with every timeout: %s task, %s CPU, "
	       "%s first, %s priority of the sender",
	       r->task == &root_task ? "same" : "other", r->cpu ? "other" : "same",
	       r->partner_first ? "sender" : "receiver", name);
}

void test_main(void)
{
	struct task *tasks[2] = { &root_task, task_create() };
	unsigned cpus = cpu_count() > 1 ? 2 : 1;

	task_give(tasks[1], L4_BASE_THREAD_CAP, L4_CAP_FPAGE_RWS);
	for (unsigned t = 0; t < 2; t++)
		for (unsigned c = 0; c < cpus; c++)
			for (unsigned first = 0; first < 2; first++) {
				struct round r = { .task = tasks[t],
						   .cpu = c,
						   .partner_first = first };

				r.prio = HIGH;
				all_kinds(&r, "higher");
				r.prio = PRIO_MAIN;
				all_kinds(&r, "equal");
				r.prio = LOW;
				all_kinds(&r, "lower");
			}
}
