/* SPDX-License-Identifier: MIT */
/*
 * Destroying objects while others use them, and that nothing of the kernel's memory is lost: all is
 * made from a factory with a quota, which must have as much room afterwards as before.
 */
#include "partner.h"

#include <l4/sys/factory.h>
#include <l4/sys/irq.h>
#include <l4/sys/rcv_endpoint.h>
#include <l4/sys/semaphore.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>

enum { HIGH = PRIO_MAIN + 20, LOW = PRIO_MAIN - 20, QUOTA = 1 << 20, ROUNDS = 20 };
#define SLOT(n) ((l4_cap_idx_t)(FREE_CAP_FIRST + (n)) << L4_CAP_SHIFT)

static volatile unsigned long counter;

static void count_forever(void *unused)
{
	(void)unused;
	for (;;)
		counter++;
}

/* A thread in the receive phase of a call: its server dies. It stays until its timeout. */
static void test_server_dies(void)
{
	static struct partner p;
	struct thread *server = thread_create(&root_task, count_forever, NULL);
	l4_cap_idx_t gate;

	thread_start(server, 0, LOW);
	gate = gate_create(server, 0x10);
	partner_init(&p, &root_task, gate, L4_SYSF_CALL);
	partner_block(&p, 0, HIGH);
	thread_destroy(server);
	tap_ok(partner_done(&p, PATIENT_MS) &&
		   (p.error == L4_IPC_SECANCELED || p.error == L4_IPC_ENOT_EXISTENT),
	       "a sender queued at a thread that dies gets an error");
	partner_end(&p);
	tap_is(ipc_error(
		   l4_ipc_send(gate, l4_utcb(), l4_msgtag(0, 0, 0, 0), L4_IPC_BOTH_TIMEOUT_0)) != 0,
	       1, "its gate accepts no message");
	cap_delete(gate);
}

static void test_caller_waits_for_dead_server(void)
{
	static struct partner caller, server;

	partner_init(&server, &root_task, L4_INVALID_CAP, L4_SYSF_WAIT);
	partner_block(&server, 0, HIGH);
	partner_init(&caller, &root_task, server.thread->cap, L4_SYSF_CALL);
	caller.timeout = timeout_us(TIMEOUT_NEVER, 20000);
	partner_start(&caller, 0, HIGH);
	WAIT_UNTIL(server.done, PATIENT_MS);
	partner_end(&server);
	tap_ok(partner_done(&caller, PATIENT_MS) && caller.error == L4_IPC_RETIMEOUT,
	       "a caller whose server dies waits until its timeout");
	partner_end(&caller);
}

static void test_caller_dies(void)
{
	static struct partner p;

	partner_init(&p, &root_task, L4_BASE_THREAD_CAP, L4_SYSF_CALL);
	partner_start(&p, 0, HIGH);
	l4_ipc_wait(l4_utcb(), NULL, PATIENT);
	partner_end(&p);
	tap_is(ipc_error(invoke(L4_INVALID_CAP, L4_SYSF_SEND | L4_SYSF_REPLY, l4_msgtag(0, 0, 0, 0),
				PATIENT, NULL)),
	       L4_IPC_ENOT_EXISTENT, "the reply to a caller that died fails");
	partner_init(&p, &root_task, L4_BASE_THREAD_CAP, L4_SYSF_SEND);
	partner_block(&p, 0, HIGH);
	partner_end(&p);
	tap_is(ipc_error(l4_ipc_wait(l4_utcb(), NULL, L4_IPC_BOTH_TIMEOUT_0)), L4_IPC_RETIMEOUT,
	       "the message of a sender that died is gone");
}

static void test_gate_with_senders(void)
{
	static struct partner p[3];
	l4_cap_idx_t gate = gate_create(NULL, 0);

	for (unsigned i = 0; i < 3; i++) {
		partner_init(&p[i], &root_task, gate, i ? L4_SYSF_CALL : L4_SYSF_SEND);
		partner_block(&p[i], i % cpu_count(), HIGH);
	}
	cap_delete(gate);
	for (unsigned i = 0; i < 3; i++) {
		tap_ok(partner_done(&p[i], PATIENT_MS) && p[i].error == L4_IPC_ENOT_EXISTENT,
		       "an unbound gate is deleted: its sender %u fails", i);
		partner_end(&p[i]);
	}
}

/* A running thread and its task are destroyed, on this CPU and on another. */
static void test_running(void)
{
	for (unsigned cpu = 0; cpu < cpu_count() && cpu < 2; cpu++) {
		struct task *t = task_create();
		struct thread *thread = thread_create(t, count_forever, NULL);
		unsigned long seen;

		counter = 0;
		thread_start(thread, cpu, LOW);
		tap_ok(WAIT_UNTIL(counter > 0, PATIENT_MS),
		       "a thread of another task runs on CPU %u", cpu);
		task_destroy(t);
		tap_ok(!cap_exists(t->cap), "its task is destroyed while it runs");
		thread_destroy(thread);
		sleep_us(500);
		seen = counter;
		sleep_us(1000);
		tap_ok(counter == seen, "the thread no longer runs");
	}
}

static void kill_self(void *unused)
{
	(void)unused;
	counter = 1;
	cap_delete(L4_BASE_THREAD_CAP);
	counter = 2;
}

/* A thread destroys itself; a thread destroys its own task. */
static void test_suicide(void)
{
	struct task *t = task_create();
	struct thread *thread = thread_create(t, kill_self, NULL);

	l4_task_map(t->cap, L4_BASE_TASK_CAP, l4_obj_fpage(thread->cap, 0, L4_CAP_FPAGE_RWSD),
		    L4_BASE_THREAD_CAP | L4_ITEM_MAP);
	counter = 0;
	thread_start(thread, 0, HIGH);
	sleep_us(2000);
	tap_is((long)counter, 1, "a thread that deletes itself does not return");
	tap_ok(!cap_exists(thread->cap), "it is gone");
	tap_ok(cap_exists(t->cap), "its task lives");
	thread_destroy(thread);
	task_destroy(t);
}

static void kill_task(void *unused)
{
	(void)unused;
	counter = 1;
	cap_delete(L4_BASE_TASK_CAP);
	counter = 2;
	l4_ipc_sleep(L4_IPC_NEVER);
}

static void test_task_suicide(void)
{
	struct task *t = task_create();
	struct thread *thread = thread_create(t, kill_task, NULL);

	l4_task_map(t->cap, L4_BASE_TASK_CAP, l4_obj_fpage(t->cap, 0, L4_CAP_FPAGE_RWSD),
		    L4_BASE_TASK_CAP | L4_ITEM_MAP);
	counter = 0;
	thread_start(thread, 0, HIGH);
	sleep_us(3000);
	tap_ok(!cap_exists(t->cap), "a thread can delete its own task");
	tap_ok(counter >= 1, "it had been running");
	thread_destroy(thread);
	t->in_use = false;
}

/* How many pages of kernel-user memory, and how many semaphores, a factory still has room for. */
static unsigned room(l4_cap_idx_t factory)
{
	unsigned n = 0;

	while (n < 3000 &&
	       l4_error(l4_factory_create(factory, L4_PROTO_SEMAPHORE, SLOT(200 + n))) == 0)
		n++;
	for (unsigned i = 0; i < n; i++)
		cap_delete(SLOT(200 + i));
	return n;
}

/* One of each, used and destroyed. */
static void use_and_destroy(l4_cap_idx_t factory, char *ram)
{
	l4_cap_idx_t task = SLOT(0), thread = SLOT(1), gate = SLOT(2), irq = SLOT(3), sem = SLOT(4);

	if (l4_error(l4_factory_create_task(factory, task, l4_fpage(0x40000000, 12, 0))) < 0)
		tap_bail("no room for a task");
	l4_factory_create_thread(factory, thread);
	l4_factory_create_gate(factory, gate, thread, 0x10);
	l4_factory_create_irq(factory, irq);
	l4_factory_create(factory, L4_PROTO_SEMAPHORE, sem);
	l4_rcv_ep_bind_thread(irq, thread, 0);
	l4_irq_trigger(irq);
	l4_semaphore_up(sem);
	for (unsigned i = 0; i < 40; i++) {
		l4_addr_t to = 0x50000000UL + i * 0x10000000UL;

		l4_task_map(task, L4_BASE_TASK_CAP, l4_fpage((l4_addr_t)ram, 13, L4_FPAGE_RW),
			    to | L4_ITEM_MAP);
		l4_task_map(task, L4_BASE_TASK_CAP, l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWS),
			    (l4_cap_idx_t)(i * 1000) << L4_CAP_SHIFT | L4_ITEM_MAP);
	}
	l4_task_map(task, L4_BASE_TASK_CAP, l4_obj_fpage(irq, 0, L4_CAP_FPAGE_RWSD),
		    SLOT(9) | L4_ITEM_MAP);
	l4_thread_control_start();
	l4_thread_control_bind((l4_utcb_t *)0x40000000, task);
	l4_thread_control_commit(thread);
	cap_delete(gate);
	cap_delete(task);
	cap_delete(thread);
	cap_delete(sem);
	if (cap_exists(irq))
		tap_diag("the interrupt lives on");
}

static void test_no_memory_lost(void)
{
	l4_cap_idx_t factory = SLOT(10);
	char *ram = mem_alloc(13);
	unsigned before;

	ram[0] = ram[4096] = 1;
	l4_factory_create_factory(L4_BASE_FACTORY_CAP, factory, QUOTA);
	use_and_destroy(factory, ram);
	before = room(factory);
	tap_ok(before > 100, "a factory has room for %u semaphores", before);
	for (unsigned i = 0; i < ROUNDS; i++)
		use_and_destroy(factory, ram);
	tap_is(room(factory), before, "as many after %u rounds of making and destroying", ROUNDS);
	cap_delete(factory);
}

/* --- A thread is destroyed while it deletes others --- */

enum { MANY = 1000, MANY_ORDER = 10, MANY_FIRST = 0x4000 };
#define MANY_SLOT(n) ((l4_cap_idx_t)(MANY_FIRST + (n)) << L4_CAP_SHIFT)

static void delete_many(void *unused)
{
	(void)unused;
	l4_task_unmap(L4_BASE_TASK_CAP, l4_obj_fpage(MANY_SLOT(0), MANY_ORDER, L4_CAP_FPAGE_RWSD),
		      L4_FP_DELETE_OBJ);
}

static unsigned many_left(void)
{
	unsigned left = 0;

	for (unsigned i = 0; i < MANY; i++)
		left += cap_exists(MANY_SLOT(i));
	return left;
}

static void test_deleter_dies(void)
{
	l4_cap_idx_t factory = SLOT(10);
	unsigned before, caught = 0;

	l4_factory_create_factory(L4_BASE_FACTORY_CAP, factory, QUOTA / 2);
	before = room(factory);
	for (unsigned round = 0; round < 40; round++) {
		struct thread *t;
		unsigned left;

		for (unsigned i = 0; i < MANY; i++)
			l4_factory_create(factory, L4_PROTO_SEMAPHORE, MANY_SLOT(i));
		t = thread_run(delete_many, NULL, 0, PRIO_MAIN - 1);
		sleep_us(50 + round % 20 * 50);
		thread_destroy(t);
		left = many_left();
		caught += left && left < MANY;
		delete_many(NULL);
	}
	tap_ok(caught, "%u times a thread dies while it deletes objects", caught);
	tap_ok(WAIT_UNTIL(room(factory) == before, 2000), "nothing of what it deleted is lost");
	cap_delete(factory);
}

/* Threads that are destroyed at a random moment of a conversation, on all CPUs. */
static l4_cap_idx_t echo_gate;

static void talk(void *unused)
{
	(void)unused;
	for (;;)
		l4_ipc_call(echo_gate, l4_utcb(), l4_msgtag(0, 4, 0, 0), L4_IPC_NEVER);
}

static void test_random_moments(void)
{
	static struct server s;

	server_start(&s, &root_task, 0x10, 0, HIGH);
	echo_gate = s.gate;
	for (unsigned i = 0; i < 60; i++) {
		unsigned before = s.calls;
		struct thread *t = thread_run(talk, NULL, i % cpu_count(), PRIO_MAIN - 1);

		WAIT_UNTIL(s.calls != before, PATIENT_MS);
		sleep_us(50 + i * 17 % 200);
		thread_destroy(t);
	}
	tap_ok(s.calls >= 60, "clients are destroyed at any moment of a call");
	tap_is(ipc_error(l4_ipc_call(s.gate, l4_utcb(), l4_msgtag(0, 0, 0, 0), PATIENT)), 0,
	       "the server works on");
	server_end(&s);
}

void test_main(void)
{
	test_server_dies();
	test_caller_waits_for_dead_server();
	test_caller_dies();
	test_gate_with_senders();
	test_running();
	test_suicide();
	test_task_suicide();
	test_no_memory_lost();
	test_deleter_dies();
	test_random_moments();
}
