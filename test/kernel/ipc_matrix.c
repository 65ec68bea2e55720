/* SPDX-License-Identifier: MIT */
/*
 * Each way of sending against each way of receiving, and of answering a call: timeouts, same or
 * other task, same or other CPU, sender or receiver first, each of them with the higher priority.
 * The two sides are the test's main thread, on one CPU and on another one, and a partner; each
 * of them is the sender as well as the receiver. 63 words travel each time.
 */
#include "thread.h"

enum {
	HIGH = PRIO_MAIN + 20,
	LOW = PRIO_MAIN - 20,
	LABEL = 0x4440,
	REQUEST = 77, /* protocols */
	ANSWER = 78,
	EXPLICIT_SLOT = 3,
	CLOCK_REGISTER = 5,
	PATIENCE_MS = 5000,
};

enum send_kind { SEND, CALL, SEND_AND_WAIT, SEND_KINDS };
/* The last two answer a call and wait for the next message by one operation. */
enum receive_kind { CLOSED, OPEN, EXPLICIT, OPEN_LOOP, EXPLICIT_LOOP, RECEIVE_KINDS };
/* ZERO only fits the side that comes when the other one waits already. */
enum time_kind { NEVER, RELATIVE, ABSOLUTE, ZERO, TIME_KINDS };

static const unsigned send_flags[SEND_KINDS] = { L4_SYSF_SEND, L4_SYSF_CALL,
						 L4_SYSF_SEND_AND_WAIT };

struct round {
	struct task *task; /* of the partner */
	bool main_sends, partner_first;
	unsigned main_cpu, cpu; /* cpu: of the partner */
	unsigned prio;		/* of the partner */
	enum send_kind send;
	enum receive_kind receive;
	enum time_kind time;
};

/* What one side does and what came of it. Both kinds of operation may be tried more than once with
 * the timeout zero: the other side may not be in its own yet. */
struct side {
	const struct round *round;
	l4_cap_idx_t other; /* the thread on the other side */
	bool sends, late;
	enum time_kind time;
	l4_msgtag_t tag;
	l4_umword_t label;
	long error, answer_error;
	unsigned bad_words;
	volatile bool started, done;
};

static struct side main_side, partner_side;
static struct thread *partner;
static unsigned failures;

static void fail(const struct round *r, const char *what, long value)
{
	if (failures++ < 5)
		tap_diag("%s: %lx (%s sends, send %u receive %u time %u, CPUs %u %u, %s task, "
			 "partner %s, prio %u)",
			 what, value, r->main_sends ? "main" : "partner", r->send, r->receive,
			 r->time, r->main_cpu, r->cpu, r->task == &root_task ? "same" : "other",
			 r->partner_first ? "first" : "second", r->prio);
}

static l4_timeout_t make_timeout(enum time_kind kind)
{
	l4_timeout_s point = { .t = 0x8000 | CLOCK_REGISTER };

	l4_utcb_br()->br[CLOCK_REGISTER] = clock_us() + 2000000;
	if (kind == NEVER)
		return L4_IPC_NEVER;
	if (kind == ZERO)
		return L4_IPC_BOTH_TIMEOUT_0;
	return kind == RELATIVE ? timeout_us(2000000, 2000000) : l4_timeout(point, point);
}

static void put_words(const struct round *r, unsigned extra)
{
	for (unsigned i = 0; i < 63; i++)
		mr_set(i, i * i + r->prio + extra);
}

static unsigned wrong_words(const struct round *r, unsigned extra)
{
	unsigned wrong = 0;

	for (unsigned i = 0; i < 63; i++)
		wrong += mr_get(i) != i * i + r->prio + extra;
	return wrong;
}

/* Is the operation to be tried again? */
static bool too_early(const struct side *s, long not_ready, uint64_t start)
{
	return s->time == ZERO && s->error == not_ready &&
	       clock_us() < start + PATIENCE_MS * 1000UL;
}

static void send(struct side *s)
{
	const struct round *r = s->round;
	l4_timeout_t timeout = make_timeout(s->time);
	uint64_t start = clock_us();

	if (r->send == CALL && s->time == ZERO)
		timeout.p.rcv = L4_IPC_TIMEOUT_NEVER;
	if (r->send == SEND_AND_WAIT)
		timeout.p.rcv = L4_IPC_TIMEOUT_0;
	do {
		l4_umword_t label = LABEL;

		put_words(r, 0);
		s->tag = invoke(s->other, send_flags[r->send], l4_msgtag(REQUEST, 63, 0, 0),
				timeout, &label);
		s->error = ipc_error(s->tag);
	} while (too_early(s, L4_IPC_SETIMEOUT, start));
	if (r->send == CALL)
		s->bad_words = wrong_words(r, 1);
}

static void answer(struct side *s, l4_cap_idx_t cap, bool loop)
{
	unsigned flags = s->round->receive == CLOSED ? L4_SYSF_SEND : L4_SYSF_SEND | L4_SYSF_REPLY;
	l4_timeout_t timeout = make_timeout(s->time);
	l4_msgtag_t tag;

	timeout.p.rcv = L4_IPC_TIMEOUT_0;
	put_words(s->round, 1);
	tag = invoke(cap, loop ? L4_SYSF_REPLY_AND_WAIT : flags, l4_msgtag(ANSWER, 63, 0, 0),
		     timeout, NULL);
	s->answer_error = ipc_error(tag);
}

static void receive(struct side *s)
{
	const struct round *r = s->round;
	bool loop = r->receive == OPEN_LOOP || r->receive == EXPLICIT_LOOP;
	l4_timeout_t timeout = make_timeout(s->time);
	l4_cap_idx_t cap = L4_INVALID_CAP;
	uint64_t start = clock_us();

	if (r->receive == CLOSED)
		cap = s->other;
	else if (r->receive == EXPLICIT || r->receive == EXPLICIT_LOOP)
		cap = (l4_cap_idx_t)EXPLICIT_SLOT << L4_CAP_SHIFT | L4_REPLY_CAP_BIT;
	do {
		s->tag = invoke(cap, r->receive == CLOSED ? L4_SYSF_RECV : L4_SYSF_WAIT,
				l4_msgtag(0, 0, 0, 0), timeout, &s->label);
		s->error = ipc_error(s->tag);
	} while (too_early(s, L4_IPC_RETIMEOUT, start));
	s->bad_words = wrong_words(r, 0);
	if (r->send == CALL)
		answer(s, cap, loop);
}

static void perform(void *argument)
{
	struct side *s = argument;

	if (s->late)
		sleep_us(300);
	s->started = true;
	if (s->sends)
		send(s);
	else
		receive(s);
	s->done = true;
}

static void start_sides(const struct round *r)
{
	partner = thread_create(r->task, perform, &partner_side);
	partner_side = (struct side){ .round = r,
				      .other = L4_BASE_THREAD_CAP,
				      .sends = !r->main_sends,
				      .late = !r->partner_first,
				      .time = r->time == ZERO ? NEVER : r->time };
	main_side = (struct side){
		.round = r, .other = partner->cap, .sends = r->main_sends, .time = r->time
	};
	thread_start(partner, r->cpu, r->prio);
	if (!r->partner_first)
		return;
	if (!WAIT_UNTIL(partner_side.started, PATIENCE_MS))
		tap_bail("a partner thread does not run");
	sleep_us(1000);
}

static void check_sender(const struct round *r, const struct side *s)
{
	if (s->error != (r->send == SEND_AND_WAIT ? L4_IPC_RETIMEOUT : 0))
		fail(r, "error of the sender", s->error);
	if (r->send == CALL && s->tag.raw != l4_msgtag(ANSWER, 63, 0, 0).raw)
		fail(r, "wrong tag of the answer", s->tag.raw);
	if (s->bad_words)
		fail(r, "wrong words of the answer", s->bad_words);
}

static void check_receiver(const struct round *r, const struct side *s)
{
	bool loop = r->receive == OPEN_LOOP || r->receive == EXPLICIT_LOOP;

	if (s->error)
		fail(r, "receive fails", s->error);
	if (s->tag.raw != l4_msgtag(REQUEST, 63, 0, 0).raw || s->label != LABEL)
		fail(r, "wrong tag or label", s->tag.raw);
	if (s->bad_words)
		fail(r, "wrong words", s->bad_words);
	if (s->answer_error != (r->send == CALL && loop ? L4_IPC_RETIMEOUT : 0))
		fail(r, "answering fails", s->answer_error);
}

static void run_round(const struct round *r)
{
	start_sides(r);
	perform(&main_side);
	if (!WAIT_UNTIL(partner_side.done, PATIENCE_MS))
		fail(r, "the partner is not done", 0);
	check_sender(r, r->main_sends ? &main_side : &partner_side);
	check_receiver(r, r->main_sends ? &partner_side : &main_side);
	thread_destroy(partner);
}

static void all_kinds(struct round *r, unsigned prio, const char *name)
{
	failures = 0;
	r->prio = prio;
	for (unsigned s = 0; s < SEND_KINDS; s++)
		for (unsigned v = 0; v < RECEIVE_KINDS; v++)
			for (unsigned t = 0; t < (r->partner_first ? TIME_KINDS : ZERO); t++) {
				r->send = s;
				r->receive = v;
				r->time = t;
				run_round(r);
			}
	tap_is(failures, 0,
	       "every send against every receive with every timeout: main thread %s on CPU %u, "
	       "partner of %s task on CPU %u, %s first, with %s priority",
	       r->main_sends ? "sends" : "receives", r->main_cpu,
	       r->task == &root_task ? "the same" : "another", r->cpu,
	       r->partner_first ? "partner" : "main", name);
}

static void all_orders(struct round *r)
{
	for (unsigned i = 0; i < 4; i++) {
		r->main_sends = i & 1;
		r->partner_first = i & 2;
		all_kinds(r, HIGH, "higher");
		all_kinds(r, PRIO_MAIN, "equal");
		all_kinds(r, LOW, "lower");
	}
}

void test_main(void)
{
	struct task *tasks[2] = { &root_task, task_create() };
	unsigned cpus = cpu_count() > 1 ? 2 : 1;

	task_give(tasks[1], L4_BASE_THREAD_CAP, L4_CAP_FPAGE_RWS);
	for (unsigned m = 0; m < cpus; m++) {
		thread_schedule(L4_BASE_THREAD_CAP, m, PRIO_MAIN);
		for (unsigned t = 0; t < 2; t++)
			for (unsigned c = 0; c < cpus; c++)
				all_orders(
				    &(struct round){ .task = tasks[t], .main_cpu = m, .cpu = c });
	}
}
