/* SPDX-License-Identifier: MIT */
/* Scheduler: info, run, classes, priorities, time slices, donation, idle time, migration. */
#include "partner.h"

#include <l4/sys/icu.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>

enum { HIGH = PRIO_MAIN + 20, LOW = PRIO_MAIN - 20, SPINNERS = 3 };
#define LIMIT timeout_us(500000, 500000)

static volatile unsigned long counters[SPINNERS];
static volatile unsigned order[4], order_count;

static void spin_forever(void *counter)
{
	for (;;)
		(*(volatile unsigned long *)counter)++;
}

static long run(l4_cap_idx_t thread, l4_sched_cpu_set_t cpus, unsigned prio)
{
	l4_sched_param_t p = l4_sched_param(prio, 0);

	p.affinity = cpus;
	return l4_error(l4_scheduler_run_thread(L4_BASE_SCHEDULER_CAP, thread, &p));
}

static long raw_call(unsigned words, unsigned items)
{
	return l4_error(l4_ipc_call(L4_BASE_SCHEDULER_CAP, l4_utcb(),
				    l4_msgtag(L4_PROTO_SCHEDULER, words, items, 0), LIMIT));
}

static void test_info(void)
{
	l4_sched_cpu_set_t set = l4_sched_cpu_set(0, 0, 0);
	l4_umword_t cpu_max = 0, classes = 0;

	tap_is(l4_error(
		   l4_scheduler_info_with_classes(L4_BASE_SCHEDULER_CAP, &cpu_max, &set, &classes)),
	       0, "info");
	tap_ok(cpu_max >= cpu_count(), "info: maximum number of CPUs");
	tap_ok(set.map & 1, "info: the boot CPU is there");
	tap_is((long)(classes & L4_SCHEDULER_CLASS_FIXED_PRIO), L4_SCHEDULER_CLASS_FIXED_PRIO,
	       "info: class of fixed priorities");
	set = l4_sched_cpu_set(cpu_max, 0, 0);
	tap_is(l4_error(l4_scheduler_info(L4_BASE_SCHEDULER_CAP, &cpu_max, &set)), -L4_ERANGE,
	       "info: offset behind the last CPU");
	set = l4_sched_cpu_set(0, 6, 0);
	l4_scheduler_info(L4_BASE_SCHEDULER_CAP, &cpu_max, &set);
	tap_is((long)(set.map & 1), 1, "info: one bit for 64 CPUs");
	tap_ok(l4_scheduler_is_online(L4_BASE_SCHEDULER_CAP, cpu_number(0)), "CPU is online");
	tap_ok(!l4_scheduler_is_online(L4_BASE_SCHEDULER_CAP, 5000), "CPU 5000 is not");
}

static void test_run_errors(void)
{
	struct thread *t = thread_create(&root_task, spin_forever, (void *)&counters[0]);
	l4_sched_cpu_set_t all = l4_sched_cpu_set(0, 0xff, 1);

	tap_is(run(t->cap, all, 0), -L4_EINVAL, "run: priority 0");
	tap_is(run(t->cap, all, 1), 0, "run: every CPU");
	tap_is(run(t->cap, all, 1000), 0, "run: a priority above 255 is 255");
	tap_is(run(L4_BASE_TASK_CAP, all, 1), -L4_EINVAL, "run: only threads");
	mr_set(0, L4_SCHEDULER_RUN_THREAD_OP);
	tap_is(raw_call(4, 0), -L4_EINVAL, "run: too few words");
	tap_is(raw_call(0, 0), -L4_EMSGTOOSHORT, "no operation");
	mr_set(0, 99);
	tap_is(raw_call(1, 0), -L4_ENOSYS, "an unknown operation");
	mr_set(0, L4_SCHEDULER_RUN_THREAD_OP);
	mr_set(1, 0);
	mr_set(2, 1);
	mr_set(3, (l4_umword_t)-5L);
	mr_set(4, 48);
	l4_utcb_obj_arg_u(l4_utcb(), 7, t->cap);
	tap_is(raw_call(7, 1), -L4_ERANGE, "run: an unknown class");
	mr_set(0, L4_SCHEDULER_RUN_THREAD_OP);
	mr_set(1, 0);
	mr_set(2, 1);
	mr_set(3, (l4_umword_t)-1L);
	mr_set(4, 48);
	mr_set(5, 5000);
	mr_set(6, 30);
	l4_utcb_obj_arg_u(l4_utcb(), 7, t->cap);
	tap_is(raw_call(7, 1), 0, "run: the class of fixed priorities");
	thread_destroy(t);
}

static void note_order(void *number)
{
	order[ADD(order_count, 1) - 1] = (unsigned)(uintptr_t)number;
}

/* Threads made ready while this one runs: by priority when it blocks. */
static void test_priorities(void)
{
	static const unsigned char prio[4] = { 40, 60, 50, 60 };
	static const unsigned char wanted[4] = { 1, 3, 2, 0 };
	struct thread *t[4];

	order_count = 0;
	for (uintptr_t i = 0; i < 4; i++)
		t[i] = thread_run(note_order, (void *)i, 0, prio[i]);
	tap_is(order_count, 0, "threads of lower priority do not run while this one does");
	WAIT_UNTIL(order_count == 4, 500);
	for (unsigned i = 0; i < 4; i++) {
		tap_is(order[i], wanted[i],
		       "they run by priority, equal ones first come first (%u)", i);
		thread_destroy(t[i]);
	}
	order_count = 0;
	t[0] = thread_run(note_order, (void *)7UL, 0, HIGH);
	tap_is(order_count, 1, "a thread of higher priority runs at once");
	thread_destroy(t[0]);
}

static void test_round_robin(void)
{
	struct thread *t[SPINNERS];
	unsigned long total = 0;

	for (unsigned i = 0; i < SPINNERS; i++) {
		counters[i] = 0;
		t[i] = thread_run(spin_forever, (void *)&counters[i], 0, LOW);
	}
	sleep_us(120000);
	for (unsigned i = 0; i < SPINNERS; i++)
		thread_destroy(t[i]);
	for (unsigned i = 0; i < SPINNERS; i++)
		total += counters[i];
	for (unsigned i = 0; i < SPINNERS; i++)
		tap_ok(counters[i] > total / SPINNERS / 4 && counters[i] < total / SPINNERS * 3,
		       "threads of one priority share the CPU by time slices (%u)", i);
}

/* Gives the main thread its priority back a while after it has lowered it. */
static volatile bool lowered;

static void restore_main(void *unused)
{
	(void)unused;
	WAIT_UNTIL(lowered, 5000);
	sleep_us(3000);
	thread_schedule(L4_BASE_THREAD_CAP, 0, PRIO_MAIN);
}

static void test_change_of_priority(void)
{
	struct thread *t, *restore = thread_run(restore_main, NULL, 0, HIGH);
	unsigned long seen;

	counters[0] = 0;
	t = thread_run(spin_forever, (void *)&counters[0], 0, LOW);
	sleep_us(1000);
	seen = counters[0];
	tap_ok(seen > 0, "a thread of lower priority runs while this one sleeps");
	spin_us(2000);
	tap_ok(counters[0] == seen, "it does not run while this one spins");
	lowered = true;
	thread_schedule(L4_BASE_THREAD_CAP, 0, LOW - 1);
	tap_ok(counters[0] > seen, "lowering the own priority lets it run");
	thread_destroy(t);
	thread_join(restore, 500);
	thread_destroy(restore);
}

/* A call to a server of low priority beside a spinner of medium priority: did that not run? */
static bool donates(l4_cap_idx_t gate)
{
	struct thread *spinner;
	bool good;

	counters[1] = 0;
	spinner = thread_run(spin_forever, (void *)&counters[1], 0, LOW);
	good =
	    !ipc_error(l4_ipc_call(gate, l4_utcb(), l4_msgtag(0, 0, 0, 0), timeout_us(0, 50000)));
	good = good && counters[1] == 0;
	thread_destroy(spinner);
	return good;
}

/* The end of a time slice may come between, if the host is busy: one of a few calls is enough. */
static void test_donation(void)
{
	static struct server s;
	bool good = false;

	server_start(&s, &root_task, 0x10, 0, LOW - 10);
	sleep_us(1000);
	for (unsigned i = 0; i < 5 && !good; i++) {
		good = donates(s.gate);
		sleep_us(1000);
	}
	tap_ok(good, "a call donates its time slice to a server of low priority");
	server_end(&s);
}

/* A server of high priority wakes a thread of its caller's priority before it answers; the caller
 * then spins. Its turn must end although nothing else happens: the main thread sleeps meanwhile. */
static struct thread *equal;
static volatile bool equal_ran, main_woke, equal_was_late;
static l4_cap_idx_t waker;

static void note_turn(void *unused)
{
	(void)unused;
	l4_ipc_receive(L4_BASE_THREAD_CAP, l4_utcb(), timeout_us(0, 5000000));
	equal_was_late = main_woke;
	equal_ran = true;
	l4_ipc_sleep(L4_IPC_NEVER);
}

static void wake_and_answer(void *unused)
{
	l4_umword_t label;

	(void)unused;
	l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);
	for (;;) {
		l4_thread_ex_regs(equal->cap, ~0UL, ~0UL, L4_THREAD_EX_REGS_CANCEL);
		l4_ipc_reply_and_wait(l4_utcb(), l4_msgtag(0, 0, 0, 0), &label, L4_IPC_NEVER);
	}
}

static void call_and_spin(void *counter)
{
	l4_ipc_call(waker, l4_utcb(), l4_msgtag(0, 0, 0, 0), L4_IPC_NEVER);
	spin_forever(counter);
}

static void test_turn_after_answer(void)
{
	struct thread *server, *caller;

	equal = thread_run(note_turn, NULL, 0, LOW);
	sleep_us(5000);
	server = thread_run(wake_and_answer, NULL, 0, HIGH);
	waker = gate_create(server, 0x20);
	counters[0] = 0;
	caller = thread_run(call_and_spin, (void *)&counters[0], 0, LOW);
	sleep_us(300000);
	main_woke = true;
	tap_ok(WAIT_UNTIL(equal_ran, 500) && counters[0] > 0 && !equal_was_late,
	       "the turn of a caller ends after an answer that came past its equals");
	thread_destroy(caller);
	thread_destroy(server);
	thread_destroy(equal);
	cap_delete(waker);
}

/* --- Threads of one priority share a CPU, however they got there --- */

static void test_equals_on_another_cpu(void)
{
	struct thread *t[2];

	if (cpu_count() < 2) {
		tap_skip("one CPU", "a thread woken by another CPU gets its share");
		return;
	}
	counters[0] = counters[1] = 0;
	t[0] = thread_run(spin_forever, (void *)&counters[0], 1, LOW);
	WAIT_UNTIL(counters[0], 1000);
	sleep_us(2000);
	t[1] = thread_run(spin_forever, (void *)&counters[1], 1, LOW);
	tap_ok(WAIT_UNTIL(counters[1], 500), "a thread woken by another CPU gets its share");
	thread_destroy(t[0]);
	thread_destroy(t[1]);
}

static uint64_t alarm_us;

static void sleep_then_spin(void *counter)
{
	l4_utcb_br()->br[5] = alarm_us;
	l4_ipc_sleep((l4_timeout_t){ .raw = 0x8005 });
	spin_forever(counter);
}

static void test_equals_after_idle(void)
{
	struct thread *t[2];

	counters[0] = counters[1] = 0;
	alarm_us = clock_us() + 20000;
	for (unsigned i = 0; i < 2; i++)
		t[i] = thread_run(sleep_then_spin, (void *)&counters[i], 0, LOW);
	sleep_us(150000);
	tap_ok(counters[0] && counters[1], "two threads woken at once on an idle CPU take turns");
	thread_destroy(t[0]);
	thread_destroy(t[1]);
}

static void wait_then_spin(void *counter)
{
	l4_ipc_wait(l4_utcb(), NULL, L4_IPC_NEVER);
	spin_forever(counter);
}

static void test_equals_after_handover(void)
{
	struct thread *t[2];
	l4_cap_idx_t gate;

	counters[0] = counters[1] = 0;
	t[0] = thread_run(wait_then_spin, (void *)&counters[0], 0, LOW);
	gate = gate_create(t[0], 0x10);
	sleep_us(1000);
	t[1] = thread_run(spin_forever, (void *)&counters[1], 0, LOW);
	invoke(gate, L4_SYSF_SEND_AND_WAIT, l4_msgtag(0, 0, 0, 0), timeout_us(0, 150000), NULL);
	tap_ok(counters[0] && counters[1], "the receiver of a message takes turns with its equals");
	thread_destroy(t[0]);
	thread_destroy(t[1]);
	cap_delete(gate);
}

/* Operations of many steps, at whose ends the kernel lets interrupts in: turns end there. */
enum { CAPS_ORDER = 10, CAPS_FIRST = 0x4000, CAPS_ROUNDS = 100 };

static void map_ranges(void *done)
{
	l4_cap_idx_t from = (l4_cap_idx_t)CAPS_FIRST << L4_CAP_SHIFT, to = from * 2;
	l4_fpage_t all = l4_obj_fpage(from, CAPS_ORDER, L4_CAP_FPAGE_RWS);

	for (unsigned i = 0; i < CAPS_ROUNDS; i++)
		l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, all, to | L4_ITEM_MAP);
	*(volatile bool *)done = true;
}

static void test_turns_in_the_kernel(void)
{
	static volatile bool done;
	l4_cap_idx_t irq = irq_create();
	struct thread *t[2];

	for (unsigned i = 0; i < 1 << CAPS_ORDER; i++)
		l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
			    l4_obj_fpage(irq, 0, L4_CAP_FPAGE_RWS),
			    (l4_cap_idx_t)(CAPS_FIRST + i) << L4_CAP_SHIFT | L4_ITEM_MAP);
	counters[0] = 0;
	t[0] = thread_run(map_ranges, (void *)&done, 0, LOW);
	t[1] = thread_run(spin_forever, (void *)&counters[0], 0, LOW);
	tap_ok(WAIT_UNTIL(done, 5000) && counters[0],
	       "a turn that ends within a long operation is passed on, and comes back");
	thread_destroy(t[0]);
	thread_destroy(t[1]);
	cap_delete(irq);
}

static void test_idle_time(void)
{
	l4_sched_cpu_set_t set = l4_sched_cpu_set(cpu_number(0), 0, 1);
	l4_kernel_clock_t before = 0, after = 0;

	tap_is(l4_error(l4_scheduler_idle_time(L4_BASE_SCHEDULER_CAP, &set, &before)), 0,
	       "idle time");
	sleep_us(20000);
	l4_scheduler_idle_time(L4_BASE_SCHEDULER_CAP, &set, &after);
	tap_ok(after - before > 10000 && after - before < 200000,
	       "idle time grows while this thread sleeps");
	l4_scheduler_idle_time(L4_BASE_SCHEDULER_CAP, &set, &before);
	spin_us(10000);
	l4_scheduler_idle_time(L4_BASE_SCHEDULER_CAP, &set, &after);
	tap_ok(after - before < 3000, "and not while it spins");
	set = l4_sched_cpu_set(50, 0, 1);
	tap_is(l4_error(l4_scheduler_idle_time(L4_BASE_SCHEDULER_CAP, &set, &after)), -L4_EINVAL,
	       "idle time: no such CPU");
}

static volatile unsigned seen_cpu;

/* CPU that the caller runs on: the APIC id of CPUID leaf 1. */
static unsigned apic_id(void)
{
	unsigned eax = 1, ebx, ecx = 0, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return ebx >> 24;
}

static void note_cpu(void *unused)
{
	(void)unused;
	for (;;)
		seen_cpu = apic_id();
}

static void test_migration(void)
{
	struct thread *t = thread_run(note_cpu, NULL, 0, LOW);

	for (unsigned i = 0; i < 2 * cpu_count(); i++) {
		unsigned cpu = i % cpu_count();

		tap_is(thread_schedule(t->cap, cpu, LOW), 0, "migrate a running thread to CPU %u",
		       cpu);
		WRITE(seen_cpu, ~0U);
		sleep_us(2000);
		tap_ok(WAIT_UNTIL(READ(seen_cpu) == cpu_number(cpu), 500), "it runs there");
	}
	tap_is(run(t->cap, l4_sched_cpu_set(60, 0, 1), LOW), 0, "no present CPU in the set");
	sleep_us(1000);
	WRITE(seen_cpu, ~0U);
	sleep_us(2000);
	tap_ok(READ(seen_cpu) == ~0U, "then the thread does not run");
	thread_schedule(t->cap, 0, LOW);
	tap_ok(WAIT_UNTIL(READ(seen_cpu) != ~0U, 500), "until it gets one");
	thread_destroy(t);
}

static void test_hotplug_pin(void)
{
	l4_cap_idx_t irq = irq_create();

	tap_is(l4_error(l4_icu_bind(L4_BASE_SCHEDULER_CAP, 0, irq)), 0,
	       "an interrupt can be bound to pin 0 of the scheduler");
	tap_is(l4_error(l4_icu_bind(L4_BASE_SCHEDULER_CAP, 1, irq)), -L4_EINVAL, "pin 1: none");
	cap_delete(irq);
}

void test_main(void)
{
	test_info();
	test_run_errors();
	test_priorities();
	test_round_robin();
	test_change_of_priority();
	test_donation();
	test_turn_after_answer();
	test_equals_on_another_cpu();
	test_equals_after_idle();
	test_equals_after_handover();
	test_turns_in_the_kernel();
	test_idle_time();
	test_migration();
	test_hotplug_pin();
}
