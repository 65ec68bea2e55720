/* SPDX-License-Identifier: MIT */
/* Thread: control, ex_regs, switch, stats, modify senders, segments, argument errors. */
#include "partner.h"

#include <l4/sys/factory.h>
#include <l4/sys/irq.h>
#include <l4/sys/rcv_endpoint.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>

enum { HIGH = PRIO_MAIN + 20, LOW = PRIO_MAIN - 20 };
#define LIMIT	timeout_us(1000000, 1000000)
#define SLOT(n) ((l4_cap_idx_t)(FREE_CAP_FIRST + (n)) << L4_CAP_SHIFT)

static volatile unsigned counter;

static void count_forever(void *unused)
{
	(void)unused;
	for (;;)
		counter++;
}

static void count_once(void *unused)
{
	(void)unused;
	ADD(counter, 1);
}

static long call(l4_cap_idx_t cap, long proto, unsigned words, unsigned items)
{
	return l4_error(l4_ipc_call(cap, l4_utcb(), l4_msgtag(proto, words, items, 0), LIMIT));
}

static long bind(l4_cap_idx_t thread, l4_addr_t utcb, l4_cap_idx_t task)
{
	l4_thread_control_start();
	l4_thread_control_bind((l4_utcb_t *)utcb, task);
	return l4_error(l4_thread_control_commit(thread));
}

static void test_control_errors(void)
{
	struct thread *t = thread_create(&root_task, count_once, NULL);
	l4_cap_idx_t fresh = cap_alloc();

	l4_factory_create_thread(L4_BASE_FACTORY_CAP, fresh);
	tap_is(bind(t->cap, (l4_addr_t)t->utcb, L4_BASE_TASK_CAP), -L4_EINVAL,
	       "control: a thread is bound only once");
	tap_is(bind(fresh, 0x1000, L4_BASE_TASK_CAP), -L4_EINVAL,
	       "control: the UTCB must be kernel-user memory");
	tap_is(bind(fresh, UTCB_AREA + 4, L4_BASE_TASK_CAP), -L4_EINVAL,
	       "control: the UTCB must be aligned to 8");
	tap_is(bind(fresh, UTCB_AREA + (1 << UTCB_AREA_ORDER) - 512, L4_BASE_TASK_CAP), -L4_EINVAL,
	       "control: the UTCB must lie inside its area");
	tap_is(bind(fresh, UTCB_AREA + 0xf000, L4_BASE_FACTORY_CAP), -L4_EINVAL,
	       "control: the task must be a task");
	mr_set(0, L4_THREAD_CONTROL_OP | L4_THREAD_CONTROL_SET_PAGER);
	tap_is(call(t->cap, L4_PROTO_THREAD, 5, 0), -L4_EINVAL, "control: needs 6 words");
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, l4_obj_fpage(t->cap, 0, L4_CAP_FPAGE_RW),
		    SLOT(0) | L4_ITEM_MAP);
	l4_thread_control_start();
	tap_is(l4_error(l4_thread_control_commit(SLOT(0))), -L4_EPERM, "control: needs S");
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
		    l4_obj_fpage(L4_BASE_TASK_CAP, 0, L4_CAP_FPAGE_RW), SLOT(1) | L4_ITEM_MAP);
	tap_is(bind(fresh, UTCB_AREA + 0xf000, SLOT(1)), -L4_EPERM,
	       "control: bind needs S of task");
	cap_delete(fresh);
	thread_destroy(t);
	tap_is(call(L4_INVALID_CAP, L4_PROTO_THREAD, 0, 0), -L4_EMSGTOOSHORT,
	       "no opcode: message too short");
	mr_set(0, 0x7777);
	tap_is(call(L4_INVALID_CAP, L4_PROTO_THREAD, 1, 0), -L4_ENOSYS, "unknown operation");
	mr_set(0, L4_THREAD_REGISTER_DOORBELL_IRQ_OP);
	tap_is(call(L4_INVALID_CAP, L4_PROTO_THREAD, 1, 0), -L4_ENOSYS, "no doorbell on x86");
}

static void test_control_values(void)
{
	struct thread *t = thread_create(&root_task, count_once, NULL);

	l4_thread_control_start();
	l4_thread_control_pager(0x123UL << L4_CAP_SHIFT);
	l4_thread_control_exc_handler(0x456UL << L4_CAP_SHIFT);
	tap_is(l4_error(l4_thread_control_commit(t->cap)), 0, "control: empty slots are accepted");
	l4_thread_control_start();
	l4_thread_control_commit(t->cap);
	tap_is((long)(mr_get(1) >> L4_CAP_SHIFT), 0x123, "control: returns the pager");
	tap_is((long)(mr_get(2) >> L4_CAP_SHIFT), 0x456, "control: returns the handler");
	tap_is((long)t->utcb->self, (long)t->utcb, "bind writes the UTCB's own address");
	thread_destroy(t);
}

static void test_ex_regs(void)
{
	struct thread *t = thread_create(&root_task, count_once, NULL);
	l4_addr_t ip, sp;
	l4_umword_t flags = 0;

	counter = 0;
	thread_prepare(t, &ip, &sp);
	tap_is(l4_error(l4_thread_ex_regs(t->cap, ip, sp, 0)), 0, "ex_regs before a CPU is given");
	tap_is((long)mr_get(1), 0, "ex_regs: a new thread has ip 0");
	sleep_us(1000);
	tap_is((long)counter, 0, "it does not run without a CPU");
	thread_schedule(t->cap, 0, HIGH);
	tap_ok(thread_join(t, 500), "then it runs");
	ip = sp = ~0UL;
	tap_is(l4_error(l4_thread_ex_regs_ret(t->cap, &ip, &sp, &flags)), 0, "ex_regs: only read");
	tap_ok(ip >= 0x1000000 && sp > (l4_addr_t)t->stack &&
		   sp <= (l4_addr_t)t->stack + STACK_BYTES,
	       "ex_regs returns ip and sp");
	tap_ok(flags & 0x200, "ex_regs returns the flags");
	thread_prepare(t, &ip, &sp);
	l4_thread_ex_regs(t->cap, ip, sp, 0);
	sleep_us(1000);
	tap_is((long)counter, 1, "ex_regs without cancel leaves an IPC alone");
	l4_thread_ex_regs(t->cap, ip, sp, L4_THREAD_EX_REGS_CANCEL);
	tap_ok(WAIT_UNTIL(counter == 2, 500), "with cancel the thread starts anew");
	mr_set(0, L4_THREAD_EX_REGS_OP | 0x1000000);
	tap_is(call(t->cap, L4_PROTO_THREAD, 3, 0), -L4_EINVAL, "ex_regs: no architecture flags");
	mr_set(0, L4_THREAD_EX_REGS_OP);
	tap_is(call(t->cap, L4_PROTO_THREAD, 2, 0), -L4_EINVAL, "ex_regs: exactly 3 words");
	thread_destroy(t);
}

static void test_cancel(void)
{
	static struct partner p;

	partner_init(&p, &root_task, L4_BASE_THREAD_CAP, L4_SYSF_SEND);
	partner_block(&p, 0, HIGH);
	l4_thread_ex_regs(p.thread->cap, ~0UL, ~0UL, L4_THREAD_EX_REGS_CANCEL);
	tap_ok(partner_done(&p, 500) && p.error == L4_IPC_SECANCELED, "cancel: a send ends with 6");
	tap_is(ipc_error(l4_ipc_wait(l4_utcb(), NULL, L4_IPC_BOTH_TIMEOUT_0)), L4_IPC_RETIMEOUT,
	       "cancel: its message is gone");
	partner_end(&p);
	partner_init(&p, &root_task, L4_INVALID_CAP, L4_SYSF_WAIT);
	partner_block(&p, 0, HIGH);
	l4_thread_ex_regs(p.thread->cap, ~0UL, ~0UL, L4_THREAD_EX_REGS_CANCEL);
	tap_ok(partner_done(&p, 500) && p.error == L4_IPC_RECANCELED, "cancel: a wait ends with 7");
	partner_end(&p);
	partner_init(&p, &root_task, L4_INVALID_CAP, L4_SYSF_RECV);
	p.timeout = timeout_us(0, 2000);
	partner_start(&p, 0, LOW);
	l4_thread_ex_regs(p.thread->cap, ~0UL, ~0UL, L4_THREAD_EX_REGS_CANCEL);
	tap_ok(partner_done(&p, 500), "cancel while running or waiting: the thread goes on");
	partner_end(&p);
}

static void test_switch_and_stats(void)
{
	struct thread *t = thread_create(&root_task, count_forever, NULL);
	l4_kernel_clock_t us = 0, before = 0;
	uint64_t start;
	unsigned seen;

	counter = 0;
	thread_start(t, 0, LOW);
	seen = counter;
	tap_is(l4_error(l4_thread_switch(t->cap)), 0, "switch to a ready thread");
	tap_ok(counter != seen, "it runs although its priority is lower");
	l4_thread_stats_time(t->cap, &before);
	start = clock_us();
	sleep_us(5000);
	tap_is(l4_error(l4_thread_stats_time(t->cap, &us)), 0, "stats");
	tap_ok(us - before >= 3000 && us - before <= clock_us() - start + 100,
	       "a looping thread has used the time");
	tap_is(l4_error(l4_thread_switch(L4_INVALID_CAP)), 0, "switch to oneself has no effect");
	thread_destroy(t);
}

static void test_modify_senders(void)
{
	static struct partner p[2];
	l4_umword_t label;
	l4_msgtag_t tag;

	for (unsigned i = 0; i < 2; i++) {
		partner_init(&p[i], &root_task, L4_BASE_THREAD_CAP, L4_SYSF_SEND);
		p[i].label = 0x1000 * (i + 1);
		partner_block(&p[i], 0, HIGH);
	}
	tag = l4_thread_modify_sender_start();
	tap_is(l4_error(l4_thread_modify_sender_commit(L4_BASE_THREAD_CAP, tag)), 0,
	       "modify senders: without rules nothing happens");
	tag = l4_thread_modify_sender_start();
	l4_thread_modify_sender_add(0xf000, 0x2000, 0xf000, 0x70000, &tag);
	l4_thread_modify_sender_add(0xf000, 0x2000, 0, 0x1, &tag);
	tap_is(l4_error(l4_thread_modify_sender_commit(L4_BASE_THREAD_CAP, tag)), 0,
	       "modify senders: with two rules");
	l4_ipc_wait(l4_utcb(), &label, LIMIT);
	tap_is((long)label, 0x1000, "a label that does not match is as it was");
	l4_ipc_wait(l4_utcb(), &label, LIMIT);
	tap_is((long)label, 0x70000, "the first rule that matches counts");
	for (unsigned i = 0; i < 2; i++)
		partner_end(&p[i]);
	tag = l4_thread_modify_sender_start();
	l4_thread_modify_sender_add(0, 0, 0, 0, &tag);
	if (cpu_count() > 1) {
		struct thread *t = thread_run(count_once, NULL, 1, HIGH);

		sleep_us(1000);
		tag = l4_thread_modify_sender_start();
		l4_thread_modify_sender_add(1, 1, 0, 0, &tag);
		tap_is(l4_error(l4_thread_modify_sender_commit(t->cap, tag)), -L4_EINVAL,
		       "modify senders: only on the thread's CPU");
		thread_destroy(t);
	}
}

/* --- Many senders --- */

enum { SENDERS = 200, LABEL_A = 0x1000, LABEL_B = 0x2000, LABEL_STEP = 4 };
static volatile bool disturb;

static void wake_often(void *unused)
{
	(void)unused;
	while (READ(disturb))
		sleep_us(20);
}

/* Receive the messages of all senders; how many have the label that they should have? */
static unsigned receive_labels(l4_umword_t base)
{
	unsigned good = 0;
	l4_umword_t label;

	for (unsigned i = 0; i < SENDERS; i++) {
		if (ipc_error(l4_ipc_wait(l4_utcb(), &label, LIMIT)))
			break;
		good += label == base + i % 4 * LABEL_STEP;
	}
	return good;
}

/* Two rules that exchange labels: applied twice they have no effect. */
static long exchange_labels(void)
{
	l4_msgtag_t tag = l4_thread_modify_sender_start();

	l4_thread_modify_sender_add(0xf000, LABEL_A, LABEL_A, LABEL_B, &tag);
	l4_thread_modify_sender_add(0xf000, LABEL_B, LABEL_B, LABEL_A, &tag);
	return l4_error(l4_thread_modify_sender_commit(L4_BASE_THREAD_CAP, tag));
}

static void test_modify_many_senders(void)
{
	static l4_cap_idx_t irq[SENDERS];
	unsigned good = 0, rounds = 0;
	struct thread *t;

	for (unsigned i = 0; i < SENDERS; i++) {
		irq[i] = irq_create();
		l4_rcv_ep_bind_thread(irq[i], L4_BASE_THREAD_CAP, LABEL_A + i % 4 * LABEL_STEP);
	}
	WRITE(disturb, true);
	t = thread_run(wake_often, NULL, 0, HIGH);
	for (; rounds < 40; rounds++) {
		for (unsigned i = 0; i < SENDERS; i++)
			l4_irq_trigger(irq[i]);
		if (exchange_labels())
			break;
		good += receive_labels(rounds % 2 ? LABEL_A : LABEL_B) == SENDERS;
	}
	tap_is(good, 40, "modify senders: each of 200 senders exactly once, also when preempted");
	WRITE(disturb, false);
	thread_join(t, 500);
	for (unsigned i = 0; i < SENDERS; i++)
		cap_delete(irq[i]);
}

static volatile l4_umword_t segment_result[3];

static void use_segments(void *unused)
{
	static l4_umword_t tls[2] = { 0xfeed, 0xbeef };

	(void)unused;
	mr_set(0, L4_THREAD_AMD64_SET_SEGMENT_BASE_OP);
	mr_set(1, (l4_umword_t)tls);
	segment_result[0] = (l4_umword_t)call(L4_INVALID_CAP, L4_PROTO_THREAD, 2, 0);
	sleep_us(500);
	__asm__ volatile("mov %%fs:8, %0" : "=r"(segment_result[1]));
	segment_result[2] = l4_utcb()->self == (l4_umword_t)l4_utcb();
}

static void test_segments(void)
{
	struct thread *t = thread_run(use_segments, NULL, 0, HIGH);

	tap_ok(thread_join(t, 500) && segment_result[0] == 0, "fs base: set");
	tap_is((long)segment_result[1], 0xbeef, "fs base: kept over a switch");
	tap_is((long)segment_result[2], 1, "fs base: gs base is another");
	thread_destroy(t);
	mr_set(0, L4_THREAD_AMD64_SET_SEGMENT_BASE_OP);
	mr_set(1, 1UL << 60);
	tap_is(call(L4_INVALID_CAP, L4_PROTO_THREAD, 2, 0), -L4_EINVAL, "fs base: not canonical");
	mr_set(0, L4_THREAD_AMD64_SET_SEGMENT_BASE_OP | 2 << 16);
	mr_set(1, 0);
	tap_is(call(L4_INVALID_CAP, L4_PROTO_THREAD, 2, 0), -L4_EINVAL, "there are only fs and gs");
	mr_set(0, L4_THREAD_AMD64_SET_SEGMENT_BASE_OP);
	tap_is(call(L4_INVALID_CAP, L4_PROTO_THREAD, 1, 0), -L4_EMSGTOOSHORT, "fs base: no value");
	mr_set(0, L4_THREAD_AMD64_GET_SEGMENT_INFO_OP);
	tap_is(call(L4_INVALID_CAP, L4_PROTO_THREAD, 1, 0), 0, "segment info");
	tap_is((long)mr_get(0), 0x2b, "segment info: data selector");
	tap_is((long)mr_get(1), 0x33, "segment info: 64-bit code selector");
	tap_is((long)mr_get(2), 0x23, "segment info: 32-bit code selector");
}

/* A GDT entry of the thread: a data segment with base 0x1000000, readable through fs. */
static void test_gdt(void)
{
	static const l4_umword_t data = 0x00cff3000000ffffUL, bad = 0x00cf93000000ffffUL,
				 numbered = 0x0040f5000000005aUL;
	long label;
	l4_umword_t word;

	mr_set(0, L4_THREAD_X86_GDT_OP);
	tap_is(call(L4_INVALID_CAP, L4_PROTO_THREAD, 1, 0), 0, "GDT: query");
	mr_set(0, L4_THREAD_X86_GDT_OP);
	mr_set(1, 0);
	mr_set(2, data);
	label = call(L4_INVALID_CAP, L4_PROTO_THREAD, 3, 0);
	tap_ok(label > 0 && (label & 3) == 3, "GDT: the result is a selector of ring 3");
	word = (l4_umword_t)label;
	__asm__ volatile("mov %%ds, %%ecx\n\tmov %k0, %%ds\n\tmov %%ecx, %%ds"
			 :
			 : "r"(word)
			 : "ecx", "memory");
	tap_ok(true, "GDT: the selector can be loaded");
	mr_set(0, L4_THREAD_X86_GDT_OP);
	mr_set(1, 0);
	mr_set(2, bad);
	tap_is(call(L4_INVALID_CAP, L4_PROTO_THREAD, 3, 0), -L4_EINVAL, "GDT: ring 0 is refused");
	mr_set(1, 4);
	mr_set(2, numbered);
	tap_is(call(L4_INVALID_CAP, L4_PROTO_THREAD, 3, 0), 0x7b, "GDT: the last entry is 15");
	__asm__ volatile("lsl %1, %0" : "=r"(word) : "r"(0x7bUL) : "cc");
	tap_is((long)word, 0x5a, "GDT: its limit can be read");
	mr_set(1, 5);
	tap_is(call(L4_INVALID_CAP, L4_PROTO_THREAD, 3, 0), -L4_EINVAL, "GDT: there are no more");
}

/* --- Deletion interrupts --- */

static long deletion_irq(struct thread *t, l4_cap_idx_t irq)
{
	return l4_error(l4_thread_register_del_irq(t->cap, irq));
}

static bool arrives(void)
{
	return ipc_error(l4_ipc_wait(l4_utcb(), NULL, timeout_us(0, 20000))) == 0;
}

static void test_deletion_irq_of_two(void)
{
	struct thread *a = thread_create(&root_task, count_forever, NULL);
	struct thread *b = thread_create(&root_task, count_forever, NULL);
	l4_cap_idx_t irq = irq_create(), other = irq_create(), gate;

	l4_rcv_ep_bind_thread(irq, L4_BASE_THREAD_CAP, 0x40);
	tap_is(deletion_irq(a, irq), 0, "an interrupt watches a thread");
	tap_is(deletion_irq(b, irq), 0, "then another one");
	gate = gate_create(a, 0);
	cap_delete(gate);
	tap_ok(!arrives(), "the first one no longer");
	gate = gate_create(b, 0);
	cap_delete(gate);
	tap_ok(arrives(), "the second one it does");
	tap_is(deletion_irq(b, other), -L4_EBUSY, "a thread has one such interrupt");
	tap_is(deletion_irq(a, other), 0, "the first thread can have another one");
	cap_delete(irq);
	cap_delete(other);
	gate = gate_create(a, 0);
	cap_delete(gate);
	gate = gate_create(b, 0);
	cap_delete(gate);
	other = irq_create();
	tap_is(deletion_irq(a, other), 0, "both are free again when the interrupts are deleted");
	thread_destroy(a);
	cap_delete(other);
	thread_destroy(b);
}

void test_main(void)
{
	test_control_errors();
	test_control_values();
	test_ex_regs();
	test_cancel();
	test_switch_and_stats();
	test_modify_senders();
	test_modify_many_senders();
	test_segments();
	test_gdt();
	test_deletion_irq_of_two();
}
