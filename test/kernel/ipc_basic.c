/* SPDX-License-Identifier: MIT */
/* Every flavour of the IPC operation: phases, labels, tags, words, errors, reply capabilities. */
#include "partner.h"

#include <l4/sys/factory.h>
#include <l4/sys/thread.h>

enum { HIGH = PRIO_MAIN + 20, LOW = PRIO_MAIN - 20, LABEL = 0xabcd0 };
#define FAR_FUTURE timeout_us(1000000, 1000000)

static const struct {
	unsigned flags;
	const char *name;
} flavours[] = {
	{ L4_SYSF_SEND, "send" },
	{ L4_SYSF_RECV, "receive" },
	{ L4_SYSF_CALL, "call" },
	{ L4_SYSF_SEND_AND_WAIT, "send and wait" },
};

static void expect_not_existent(l4_cap_idx_t cap, const char *what)
{
	for (unsigned i = 0; i < ARRAY_SIZE(flavours); i++) {
		l4_msgtag_t tag = l4_msgtag(5, 2, 0, 0);

		tag = invoke(cap, flavours[i].flags, tag, FAR_FUTURE, NULL);
		tap_is(ipc_error(tag), L4_IPC_ENOT_EXISTENT,
		       "%s: %s fails with L4_IPC_ENOT_EXISTENT", what, flavours[i].name);
		tap_is(tag.raw, L4_MSGTAG_ERROR, "%s: %s gives a tag with the error flag alone",
		       what, flavours[i].name);
	}
}

static void test_no_object(void)
{
	struct thread *t = thread_create(&root_task, NULL, NULL);

	expect_not_existent(cap_alloc(), "empty slot");
	expect_not_existent(0x10000UL << L4_CAP_SHIFT, "slot behind the last one");
	expect_not_existent(~0UL << L4_CAP_SHIFT & ~(1UL << 63), "slot far behind");
	tap_is(ipc_error(invoke(t->cap, L4_SYSF_SEND, l4_msgtag(0, 0, 0, 0), FAR_FUTURE, NULL)),
	       L4_IPC_ENOT_EXISTENT, "a thread that was never started: send fails");
	thread_destroy(t);
	expect_not_existent(t->cap, "deleted thread");
}

/* The tag arrives as sent; the label is the sender's choice for a thread capability. */
static void test_send_to_thread(void)
{
	static const l4_umword_t labels[] = { 0, 1, 0x123456789abcdef0, ~0UL };
	static struct partner p;

	for (unsigned i = 0; i < ARRAY_SIZE(labels); i++) {
		l4_msgtag_t tag =
		    l4_msgtag(-1234567 + (long)i, 3, 0, L4_MSGTAG_SCHEDULE | L4_MSGTAG_PROPAGATE);
		l4_umword_t label = labels[i];

		partner_init(&p, &root_task, L4_INVALID_CAP, L4_SYSF_WAIT);
		partner_block(&p, 0, HIGH);
		for (unsigned w = 0; w < 3; w++)
			mr_set(w, w + labels[i]);
		tap_is(ipc_error(invoke(p.thread->cap, L4_SYSF_SEND, tag, FAR_FUTURE, &label)), 0,
		       "send to a thread succeeds");
		tap_ok(partner_done(&p, 1000), "the receiver is woken");
		tap_is(p.result.raw, tag.raw, "the tag arrives as it was sent");
		tap_ok(p.got_label == labels[i], "label %lx arrives as it was sent", labels[i]);
		tap_ok(p.got[2] == 2 + labels[i], "the words arrive");
		partner_end(&p);
	}
}

/* All sizes there and back. */
static void test_words(struct task *task, const char *where)
{
	static struct server s;
	unsigned wrong = 0;

	server_start(&s, task, LABEL, 0, HIGH);
	if (task != &root_task)
		task_give(task, s.gate, L4_CAP_FPAGE_RWS);
	for (unsigned n = 0; n <= 63; n++) {
		l4_msgtag_t tag;

		for (unsigned i = 0; i < 63; i++)
			mr_set(i, 1000 * n + i);
		tag = l4_ipc_call(s.gate, l4_utcb(), l4_msgtag(7, n, 0, 0), FAR_FUTURE);
		wrong += ipc_error(tag) != 0 || tag.raw != l4_msgtag(7, n, 0, 0).raw;
		wrong += (long)s.tag.raw != l4_msgtag(7, n, 0, 0).raw;
		for (unsigned i = 0; i < n; i++)
			wrong += mr_get(i) != 1000 * n + i;
	}
	tap_is(wrong, 0, "call and reply with 0 to 63 words, %s", where);
	tap_is(s.calls, 64, "the server saw each call once, %s", where);
	tap_is((long)s.label, LABEL | 3, "the gate's label with the rights W and S, %s", where);
	server_end(&s);
}

static void test_closed_receive(void)
{
	static struct partner wanted, other;
	l4_umword_t label = 0;
	l4_msgtag_t tag;

	partner_init(&wanted, &root_task, L4_BASE_THREAD_CAP, L4_SYSF_SEND);
	wanted.tag = l4_msgtag(1, 0, 0, 0);
	partner_init(&other, &root_task, L4_BASE_THREAD_CAP, L4_SYSF_SEND);
	other.tag = l4_msgtag(2, 0, 0, 0);
	other.label = 0x22;
	partner_start(&other, 0, HIGH);
	partner_start(&wanted, 0, HIGH);
	tag = l4_ipc_receive(wanted.thread->cap, l4_utcb(), FAR_FUTURE);
	tap_is(l4_msgtag_label(tag), 1, "closed receive takes only the message of that thread");
	tap_ok(!other.done, "the other sender still waits");
	tag = l4_ipc_wait(l4_utcb(), &label, FAR_FUTURE);
	tap_is(l4_msgtag_label(tag), 2, "open wait takes the message of anyone");
	tap_is((long)label, 0x22, "and its label");
	tap_ok(partner_done(&other, 100), "then the other sender is done");
	partner_end(&wanted);
	partner_end(&other);
}

static void test_sender_order(void)
{
	static struct partner p[4];
	static const unsigned char prio[4] = { 110, 130, 120, 130 };
	static const long order[4] = { 1, 3, 2, 0 };

	for (unsigned i = 0; i < 4; i++) {
		partner_init(&p[i], &root_task, L4_BASE_THREAD_CAP, L4_SYSF_SEND);
		p[i].tag = l4_msgtag((long)i, 0, 0, 0);
		partner_start(&p[i], 0, prio[i]);
	}
	for (unsigned i = 0; i < 4; i++)
		tap_is(l4_msgtag_label(l4_ipc_wait(l4_utcb(), NULL, FAR_FUTURE)), order[i],
		       "senders are taken by priority, equal ones in order of arrival (%u)", i);
	for (unsigned i = 0; i < 4; i++)
		partner_end(&p[i]);
}

static long reply(l4_cap_idx_t cap)
{
	return ipc_error(invoke(cap, L4_SYSF_SEND | L4_SYSF_REPLY, l4_msgtag(42, 0, 0, 0),
				L4_IPC_BOTH_TIMEOUT_0, NULL));
}

static void test_implicit_reply(l4_cap_idx_t gate)
{
	static struct partner p;
	l4_msgtag_t tag;

	tap_is(reply(L4_INVALID_CAP), L4_IPC_ENOT_EXISTENT, "reply without a caller fails");
	tag = l4_ipc_reply_and_wait(l4_utcb(), l4_msgtag(0, 0, 0, 0), NULL, FAR_FUTURE);
	tap_is(ipc_error(tag), L4_IPC_ENOT_EXISTENT,
	       "reply and wait without a caller fails at once and does not wait");
	partner_init(&p, &root_task, gate, L4_SYSF_CALL);
	partner_start(&p, 0, HIGH);
	l4_ipc_wait(l4_utcb(), NULL, FAR_FUTURE);
	tap_is(reply(L4_INVALID_CAP), 0, "reply to a caller succeeds");
	tap_ok(partner_done(&p, 100) && l4_msgtag_label(p.result) == 42, "it gets the reply");
	tap_is(reply(L4_INVALID_CAP), L4_IPC_ENOT_EXISTENT, "a second reply fails");
	partner_end(&p);

	partner_init(&p, &root_task, gate, L4_SYSF_SEND);
	partner_start(&p, 0, HIGH);
	l4_ipc_wait(l4_utcb(), NULL, FAR_FUTURE);
	tap_is(reply(L4_INVALID_CAP), L4_IPC_ENOT_EXISTENT, "a plain send gives no reply cap");
	partner_end(&p);

	partner_init(&p, &root_task, gate, L4_SYSF_CALL);
	p.timeout = timeout_us(TIMEOUT_NEVER, 1000);
	partner_start(&p, 0, HIGH);
	l4_ipc_wait(l4_utcb(), NULL, FAR_FUTURE);
	tap_ok(partner_done(&p, 1000) && p.error == L4_IPC_RETIMEOUT, "a caller times out");
	tap_is(reply(L4_INVALID_CAP), L4_IPC_ENOT_EXISTENT, "the reply to it fails");
	partner_end(&p);
}

/* A reply that fails empties the slot as well. */
static void test_reply_is_one_shot(l4_cap_idx_t gate)
{
	static struct partner p;

	partner_init(&p, &root_task, gate, L4_SYSF_CALL);
	partner_start(&p, 0, HIGH);
	l4_ipc_wait(l4_utcb(), NULL, FAR_FUTURE);
	mr_set(0, l4_map_obj_control(0, L4_MAP_ITEM_MAP));
	mr_set(1, l4_obj_fpage(gate, 0, L4_CAP_FPAGE_RWS).raw);
	tap_is(ipc_error(invoke(L4_INVALID_CAP, L4_SYSF_SEND | L4_SYSF_REPLY, l4_msgtag(0, 0, 1, 0),
				L4_IPC_BOTH_TIMEOUT_0, NULL)),
	       L4_IPC_SEMSGCUT, "a reply with an item that the caller has no buffer for fails");
	tap_ok(partner_done(&p, 100) && p.error == L4_IPC_REMSGCUT, "the caller sees it as well");
	tap_is(reply(L4_INVALID_CAP), L4_IPC_ENOT_EXISTENT, "the reply capability is used up");
	partner_end(&p);
}

static void reply_explicit(void *cap)
{
	if (reply((l4_cap_idx_t)cap) != 0)
		tap_diag("the other thread cannot reply");
}

static l4_cap_idx_t reply_slot(l4_umword_t index)
{
	return index << L4_CAP_SHIFT | L4_REPLY_CAP_BIT;
}

static void test_explicit_reply(l4_cap_idx_t gate)
{
	static struct partner p;
	struct thread *t;
	l4_umword_t label = 0;
	l4_msgtag_t none = l4_msgtag(0, 0, 0, 0);
	l4_msgtag_t tag;

	tap_is(reply(reply_slot(5)), L4_IPC_ENOT_EXISTENT, "explicit reply: an empty slot fails");
	tag = invoke(reply_slot(262144), L4_SYSF_WAIT, none, FAR_FUTURE, &label);
	tap_is(ipc_error(tag), L4_IPC_ENOREPLYCAP, "explicit reply: no slot behind the last one");
	partner_init(&p, &root_task, gate, L4_SYSF_CALL);
	p.rounds = 2;
	partner_start(&p, 0, HIGH);
	tag = invoke(reply_slot(262143), L4_SYSF_WAIT, none, FAR_FUTURE, &label);
	tap_is(ipc_error(tag), 0, "explicit reply: open wait with the last slot");
	tap_is(reply(L4_INVALID_CAP), L4_IPC_ENOT_EXISTENT,
	       "explicit reply: the implicit slot stays empty");
	t = thread_run(reply_explicit, (void *)reply_slot(262143), 0, HIGH + 1);
	tap_ok(WAIT_UNTIL(p.count == 1, 500), "explicit reply: another thread may use the slot");
	thread_destroy(t);
	tag = invoke(reply_slot(7), L4_SYSF_WAIT, none, FAR_FUTURE, &label);
	tap_is(ipc_error(tag), 0, "explicit reply: the next call goes to another slot");
	tag = invoke(reply_slot(7), L4_SYSF_REPLY_AND_WAIT, l4_msgtag(43, 0, 0, 0),
		     timeout_us(0, 1000), &label);
	tap_is(ipc_error(tag), L4_IPC_RETIMEOUT, "explicit reply: reply and wait with the slot");
	tap_ok(partner_done(&p, 100) && l4_msgtag_label(p.result) == 43, "the reply arrives");
	partner_end(&p);
}

/* Replies in another order than the calls came. */
static void test_explicit_order(l4_cap_idx_t gate)
{
	static struct partner p[3];

	for (unsigned i = 0; i < 3; i++) {
		partner_init(&p[i], &root_task, gate, L4_SYSF_CALL);
		partner_start(&p[i], 0, HIGH);
		invoke(reply_slot(i), L4_SYSF_WAIT, l4_msgtag(0, 0, 0, 0), FAR_FUTURE, NULL);
	}
	tap_is(reply(reply_slot(1)), 0, "explicit reply: the second caller first");
	tap_ok(partner_done(&p[1], 100) && !p[0].done && !p[2].done, "only that one goes on");
	tap_is(reply(reply_slot(0)) + reply(reply_slot(2)), 0, "then the others");
	tap_ok(partner_done(&p[0], 100) && partner_done(&p[2], 100), "and they go on");
	for (unsigned i = 0; i < 3; i++)
		partner_end(&p[i]);
}

static void test_self(void)
{
	uint64_t start = clock_us();
	l4_msgtag_t tag = l4_ipc_sleep(timeout_us(0, 3000));

	tap_is(ipc_error(tag), L4_IPC_RETIMEOUT, "receive from oneself ends by timeout");
	tap_ok(clock_us() - start >= 3000, "and not before");
	tag = l4_ipc_call(L4_INVALID_CAP, l4_utcb(), l4_msgtag(0, 0, 0, 0), timeout_us(1000, 0));
	tap_is(ipc_error(tag), L4_IPC_SETIMEOUT, "a call to oneself waits until the send timeout");
	tag = invoke(L4_BASE_FACTORY_CAP, L4_SYSF_NONE, l4_msgtag(99, 5, 0, 0), FAR_FUTURE, NULL);
	tap_is(tag.raw, l4_msgtag(99, 5, 0, 0).raw, "an operation without phases does nothing");
	l4_utcb_tcr()->error = 0x1f;
	l4_thread_switch(L4_INVALID_CAP);
	tap_is((long)l4_utcb_tcr()->error, 0x1f, "success leaves the error word alone");
}

/* rbx, rbp, r9, r10, r12-r14, r8 and rsp survive; rcx = rip and r11 = rflags. */
static void test_registers(void)
{
	l4_umword_t bad = 0;

	__asm__ volatile("push %%rbp\n\t"
			 "mov $0x11, %%ebx\n\tmov $0x22, %%ebp\n\tmov $0x33, %%r9d\n\t"
			 "mov $0x44, %%r10d\n\tmov $0x55, %%r12d\n\tmov $0x66, %%r13d\n\t"
			 "mov $0x77, %%r14d\n\tmov $0x04000400, %%r8d\n\t"
			 "mov $0x802, %%edx\n\txor %%eax, %%eax\n\tmov %%rsp, %%rdi\n\t"
			 "mov %%rsp, %%r15\n\tpush %%rsp\n\tsyscall\n"
			 "1:\tlea 1b(%%rip), %%rdi\n\tsub %%rdi, %%rcx\n\tmov %%rcx, %0\n\t"
			 "pop %%rdi\n\tsub %%rsp, %%rdi\n\tor %%rdi, %0\n\t"
			 "sub $0x11, %%rbx\n\tor %%rbx, %0\n\tsub $0x22, %%rbp\n\tor %%rbp, %0\n\t"
			 "sub $0x33, %%r9\n\tor %%r9, %0\n\tsub $0x44, %%r10\n\tor %%r10, %0\n\t"
			 "sub $0x55, %%r12\n\tor %%r12, %0\n\tsub $0x66, %%r13\n\tor %%r13, %0\n\t"
			 "sub $0x77, %%r14\n\tor %%r14, %0\n\t"
			 "sub $0x04000400, %%r8\n\tor %%r8, %0\n\tpop %%rbp"
			 : "=&a"(bad)
			 :
			 : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12",
			   "r13", "r14", "r15", "memory", "cc");
	tap_is((long)bad, 0, "the system call preserves its registers and sets rcx to rip");
}

void test_main(void)
{
	struct task *other = task_create();
	l4_cap_idx_t gate = gate_create_for(L4_BASE_THREAD_CAP, LABEL);

	test_no_object();
	test_send_to_thread();
	test_words(&root_task, "same task");
	test_words(other, "other task");
	test_closed_receive();
	test_sender_order();
	test_implicit_reply(gate);
	test_reply_is_one_shot(gate);
	test_explicit_reply(gate);
	test_explicit_order(gate);
	test_self();
	test_registers();
}
