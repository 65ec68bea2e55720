/* SPDX-License-Identifier: MIT */
/*
 * What goes wrong only at the wrong moment: objects that die while other CPUs bind, trigger or wait
 * for them, threads that are moved, stopped or killed within a transfer or a preempted operation,
 * timeouts that expire while their message is taken. The number of rounds is fixed.
 */
#include "victim.h"

#include <l4/sys/factory.h>
#include <l4/sys/icu.h>
#include <l4/sys/irq.h>
#include <l4/sys/rcv_endpoint.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/segment.h>
#include <l4/sys/semaphore.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>

enum { HIGH = PRIO_MAIN + 20, LOW = PRIO_MAIN - 20, WORKERS = 4 };
#define SLOT(n) ((l4_cap_idx_t)(FREE_CAP_FIRST + 0x100 + (n)) << L4_CAP_SHIFT)

static volatile unsigned finished, failures;
static volatile unsigned long counter[WORKERS];

static void count_up(void *number)
{
	for (;;)
		counter[(uintptr_t)number]++;
}

static unsigned next_random(unsigned *state)
{
	*state = *state * 1103515245 + 12345;
	return *state >> 16;
}

/* --- Segments --- */

void use_stack_segment(void *address);
__asm__("use_stack_segment:\n\t"
	"mov $0x5b, %eax\n\tmov %eax, %ss\n\tmov (%rdi), %eax\n\tret\n");

static void set_gdt(l4_cap_idx_t thread, uint64_t descriptor)
{
	fiasco_gdt_set(thread, &descriptor, sizeof(descriptor), 0, l4_utcb());
}

static void test_segment_goes_away(void)
{
	struct thread *t = thread_create(&root_task, use_stack_segment, (void *)HOLE);

	thread_set_pager(t, FAULT_CAP);
	thread_set_handler(t, FAULT_CAP);
	set_gdt(t->cap, 0x00cff3000000ffff);
	thread_start(t, 0, PRIO_VICTIM);
	next_message();
	set_gdt(t->cap, 0);
	tap_ok(!l4_msgtag_has_error(answer_and_wait(l4_msgtag(0, 0, 0, 0))),
	       "a thread goes on when its stack segment is taken away");
	thread_destroy(t);
}

/* --- Preempted operations --- */

enum { CAPS = 2048, CAPS_ORDER = 11, CAPS_FIRST = 0x4000 };

static void interrupt_often(void *unused)
{
	(void)unused;
	for (;;)
		sleep_us(30);
}

static unsigned caps_in(l4_cap_idx_t task, unsigned first)
{
	unsigned n = 0;

	for (unsigned i = 0; i < CAPS; i++)
		n += l4_msgtag_label(
			 l4_task_cap_valid(task, (l4_cap_idx_t)(first + i) << L4_CAP_SHIFT)) == 1;
	return n;
}

static l4_fpage_t cap_range(void)
{
	return l4_obj_fpage((l4_cap_idx_t)CAPS_FIRST << L4_CAP_SHIFT, CAPS_ORDER, L4_CAP_FPAGE_RWS);
}

static void test_preempted_range(struct task *t, l4_cap_idx_t sem)
{
	struct thread *p = thread_run(interrupt_often, NULL, 0, HIGH);
	unsigned wrong = 0;

	for (unsigned i = 0; i < CAPS; i++)
		l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
			    l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWS),
			    (l4_cap_idx_t)(CAPS_FIRST + i) << L4_CAP_SHIFT | L4_ITEM_MAP);
	for (unsigned i = 0; i < 10; i++) {
		l4_task_map(t->cap, L4_BASE_TASK_CAP, cap_range(),
			    (l4_cap_idx_t)CAPS_FIRST << L4_CAP_SHIFT | L4_ITEM_MAP);
		wrong += caps_in(t->cap, CAPS_FIRST) != CAPS;
		l4_task_unmap(t->cap, cap_range(), L4_FP_ALL_SPACES);
		wrong += caps_in(t->cap, CAPS_FIRST) != 0;
	}
	tap_is(wrong, 0, "preempted, a range of capabilities is mapped and unmapped in full");
	thread_destroy(p);
}

static struct task *volatile doomed;
static l4_cap_idx_t other_task;

/* Fill a task that dies meanwhile; then unmap one capability from another task. */
static void fill_doomed(void *unused)
{
	(void)unused;
	l4_task_map(doomed->cap, L4_BASE_TASK_CAP, cap_range(),
		    (l4_cap_idx_t)CAPS_FIRST << L4_CAP_SHIFT | L4_ITEM_MAP);
	l4_task_unmap(other_task,
		      l4_obj_fpage((l4_cap_idx_t)CAPS_FIRST << L4_CAP_SHIFT, 0, L4_CAP_FPAGE_RWS),
		      L4_FP_ALL_SPACES);
	finished = 1;
}

static void test_restart_that_fails(struct task *t, l4_cap_idx_t sem)
{
	unsigned left = 0, stuck = 0;

	other_task = t->cap;
	for (unsigned i = 0; i < 40; i++) {
		struct thread *f;

		l4_task_map(t->cap, L4_BASE_TASK_CAP, l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWS),
			    (l4_cap_idx_t)CAPS_FIRST << L4_CAP_SHIFT | L4_ITEM_MAP);
		doomed = task_create();
		finished = 0;
		f = thread_run(fill_doomed, NULL, 0, LOW);
		sleep_us(20 + i * 10);
		task_destroy(doomed);
		stuck += !WAIT_UNTIL(finished, PATIENT_MS);
		left += caps_in(t->cap, CAPS_FIRST) != 0;
		l4_task_unmap(t->cap, cap_range(), L4_FP_ALL_SPACES);
		thread_destroy(f);
	}
	tap_is(stuck, 0, "mapping to a task that dies ends");
	tap_is(left, 0, "what a preempted operation left does not disturb the next");
}

static void test_preempted(void)
{
	l4_cap_idx_t sem = semaphore_create();
	struct task *t = task_create();

	test_preempted_range(t, sem);
	test_restart_that_fails(t, sem);
	l4_task_unmap(L4_BASE_TASK_CAP, cap_range(), L4_FP_ALL_SPACES);
	task_destroy(t);
	cap_delete(sem);
}

/* --- Timeouts that expire just when the message is taken --- */

static l4_cap_idx_t slow_gate;

static void serve_slowly(void *unused)
{
	l4_umword_t label;
	l4_msgtag_t tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);

	(void)unused;
	for (;;) {
		spin_us(20);
		if (l4_msgtag_has_error(tag))
			tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);
		else
			tag = l4_ipc_reply_and_wait(l4_utcb(), l4_msgtag(0, 0, 0, 0), &label,
						    L4_IPC_SEND_TIMEOUT_0);
	}
}

static void call_slow(void *number)
{
	unsigned state = (unsigned)(uintptr_t)number;

	for (unsigned i = 0; i < 3000; i++) {
		l4_timeout_t to = timeout_us(20 + next_random(&state) % 60, TIMEOUT_NEVER);
		long err = ipc_error(l4_ipc_call(slow_gate, l4_utcb(), l4_msgtag(0, 0, 0, 0), to));

		if (err && err != L4_IPC_SETIMEOUT)
			ADD(failures, 1);
	}
	ADD(finished, 1);
}

static void test_send_timeout(void)
{
	struct thread *t[WORKERS], *server = thread_run(serve_slowly, NULL, 0, LOW);

	finished = failures = 0;
	slow_gate = gate_create(server, 0x10);
	for (uintptr_t i = 0; i < WORKERS; i++)
		t[i] = thread_run(call_slow, (void *)(i + 1), 1 + (unsigned)i % (cpu_count() - 1),
				  LOW);
	tap_ok(WAIT_UNTIL(READ(finished) == WORKERS, PATIENT_MS),
	       "clients with short timeouts finish");
	tap_is(failures, 0, "a send timeout never ends the receive phase");
	for (unsigned i = 0; i < WORKERS; i++)
		thread_destroy(t[i]);
	thread_destroy(server);
	cap_delete(slow_gate);
}

/* --- Transfers of many pages, while both ends are moved about or killed --- */

enum { AREA_ORDER = 19, ROUNDS = 40, KILL_AFTER_MS = 100 };
static char *area;
static l4_cap_idx_t gates[WORKERS];

static void take_pages(void *unused)
{
	l4_umword_t label;
	l4_msgtag_t tag;

	(void)unused;
	buffers_all();
	tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);
	for (;;) {
		if (l4_msgtag_has_error(tag))
			tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);
		else
			tag = l4_ipc_reply_and_wait(l4_utcb(), l4_msgtag(0, 0, 0, 0), &label,
						    L4_IPC_SEND_TIMEOUT_0);
	}
}

static void send_pages(void *number)
{
	uintptr_t n = (uintptr_t)number;
	l4_addr_t to = 0x40000000UL + n * 0x10000000UL + PAGE_BYTES;

	for (unsigned i = 0; i < ROUNDS; i++) {
		mr_set(0, to | L4_ITEM_MAP);
		mr_set(1, l4_fpage((l4_addr_t)area, AREA_ORDER, L4_FPAGE_RW).raw);
		if (ipc_error(
			l4_ipc_call(gates[n], l4_utcb(), l4_msgtag(0, 0, 1, 0), L4_IPC_NEVER)))
			ADD(failures, 1);
		l4_task_unmap(L4_BASE_TASK_CAP, l4_fpage((l4_addr_t)area, AREA_ORDER, L4_FPAGE_RWX),
			      L4_FP_OTHER_SPACES);
	}
	ADD(finished, 1);
}

/* Nowhere: no CPU in the set. */
static void schedule_nowhere(l4_cap_idx_t thread)
{
	l4_sched_param_t param = l4_sched_param(LOW, 0);

	param.affinity = l4_sched_cpu_set(0, 0, 0);
	l4_scheduler_run_thread(L4_BASE_SCHEDULER_CAP, thread, &param);
}

static void test_transfers(bool kill)
{
	struct thread *from[WORKERS], *to[WORKERS];
	struct task *other = task_create();
	unsigned state = 1;
	uint64_t end;

	finished = failures = 0;
	for (uintptr_t i = 0; i < WORKERS; i++) {
		to[i] = thread_create(other, take_pages, NULL);
		thread_start(to[i], (unsigned)i % cpu_count(), LOW);
		gates[i] = gate_create(to[i], 0x10);
	}
	for (uintptr_t i = 0; i < WORKERS; i++)
		from[i] = thread_run(send_pages, (void *)i, (unsigned)(i + 1) % cpu_count(), LOW);
	end = clock_us() + (kill ? KILL_AFTER_MS : PATIENT_MS) * 1000UL;
	while (READ(finished) < WORKERS && clock_us() < end) {
		unsigned r = next_random(&state);

		if (r % 16 == 0)
			schedule_nowhere(from[r / 16 % WORKERS]->cap);
		thread_schedule((r & 1 ? from : to)[r / 2 % WORKERS]->cap, r / 8 % cpu_count(),
				LOW);
		for (unsigned i = 0; i < WORKERS; i++)
			if (r % 16 == 0)
				thread_schedule(from[i]->cap, i % cpu_count(), LOW);
		spin_us(r % 64);
	}
	if (!kill) {
		tap_is(finished, WORKERS, "transfers end while both sides are moved about");
		tap_is(failures, 0, "none fails");
	}
	for (unsigned i = 0; i < WORKERS; i++) {
		thread_destroy(i & 1 ? from[i] : to[i]);
		thread_destroy(i & 1 ? to[i] : from[i]);
		cap_delete(gates[i]);
	}
	task_destroy(other);
}

/* --- Threads that run elsewhere are killed, moved and sent away at once --- */

enum { DISTURBERS = 2 };
static l4_cap_idx_t volatile target;
static volatile unsigned disturbed[DISTURBERS]; /* operations that have ended */

static void disturb(void *number)
{
	unsigned state = (unsigned)(uintptr_t)number + 1;

	for (; !finished; disturbed[(uintptr_t)number]++) {
		unsigned r = next_random(&state);

		if (r % 4 == 0)
			schedule_nowhere(target);
		else if (r % 4 == 1)
			thread_schedule(target, r / 8 % cpu_count(), LOW);
		else
			l4_thread_ex_regs(target, ~0UL, ~0UL, r & 4 ? L4_THREAD_EX_REGS_CANCEL : 0);
	}
	ADD(finished, 1);
}

/*
 * Let nobody hold the index of the last target: the next one has the same, and only its creator may
 * be the first to start it, as it has no instruction pointer before.
 */
static bool target_forget(void)
{
	bool forgotten = true;

	target = SLOT(0);
	for (unsigned i = 0; i < DISTURBERS; i++) {
		unsigned before = disturbed[i];

		forgotten &= WAIT_UNTIL(disturbed[i] - before >= 2, PATIENT_MS);
	}
	return forgotten;
}

static void test_killed_while_moved(void)
{
	struct thread *d[DISTURBERS];
	bool going_on = true;

	finished = 0;
	target = SLOT(0);
	for (uintptr_t i = 0; i < DISTURBERS; i++)
		d[i] = thread_run(disturb, (void *)i, 2 + (unsigned)i, LOW);
	for (unsigned i = 0; i < 300 && going_on; i++) {
		struct thread *t =
		    thread_run(i & 1 ? count_up : interrupt_often, (void *)0, 1 + i % 3, LOW);

		target = t->cap;
		spin_us(i % 100);
		thread_destroy(t);
		going_on = target_forget();
	}
	tap_ok(going_on, "who moves a thread that is killed goes on");
	finished = 1;
	tap_ok(WAIT_UNTIL(READ(finished) == 1 + DISTURBERS, PATIENT_MS),
	       "threads are killed while others move them");
	for (unsigned i = 0; i < DISTURBERS; i++)
		thread_destroy(d[i]);
}

/* --- Objects of all kinds are made, used and deleted by all CPUs in the same slots --- */

enum { SLOTS = 12, OPS = 4000 };

static void make_object(l4_cap_idx_t slot, l4_cap_idx_t thread, unsigned kind)
{
	switch (kind % 5) {
	case 0:
		l4_factory_create_irq(L4_BASE_FACTORY_CAP, slot);
		break;
	case 1:
		l4_factory_create(L4_BASE_FACTORY_CAP, L4_PROTO_SEMAPHORE, slot);
		break;
	case 2:
		l4_factory_create_thread(L4_BASE_FACTORY_CAP, slot);
		break;
	case 3:
		l4_factory_create_task(L4_BASE_FACTORY_CAP, slot, l4_fpage(0x40000000, 12, 0));
		break;
	default:
		l4_factory_create_gate(L4_BASE_FACTORY_CAP, slot, thread, 0x10);
	}
}

static void use_object(l4_cap_idx_t a, l4_cap_idx_t b, unsigned how)
{
	switch (how % 8) {
	case 0:
		l4_rcv_ep_bind_thread(a, b, 0x20);
		break;
	case 1:
		l4_thread_register_del_irq(a, b);
		break;
	case 2:
		l4_irq_trigger(a);
		break;
	case 3:
		l4_semaphore_down(a, timeout_us(0, 20));
		break;
	case 4:
		l4_icu_bind(L4_BASE_SCHEDULER_CAP, 0, a);
		break;
	case 5:
		l4_task_map(a, L4_BASE_TASK_CAP, l4_obj_fpage(b, 0, L4_CAP_FPAGE_RWSD),
			    b | L4_ITEM_MAP);
		break;
	case 6:
		l4_thread_control_start();
		l4_thread_control_bind((l4_utcb_t *)0x40000000, b);
		l4_thread_control_commit(a);
		break;
	default:
		l4_ipc_send(a, l4_utcb(), l4_msgtag(0, 0, 0, 0), timeout_us(20, 0));
	}
}

static void churn(void *number)
{
	unsigned state = (unsigned)(uintptr_t)number * 7919;

	for (unsigned i = 0; i < OPS; i++) {
		unsigned r = next_random(&state), s = next_random(&state);
		l4_cap_idx_t a = SLOT(r % SLOTS), b = SLOT(s % SLOTS);

		if (r / 16 % 4 == 0)
			make_object(a, b, r / 64);
		else if (r / 16 % 4 == 1)
			cap_delete(a);
		else
			use_object(a, b, r / 64);
	}
	ADD(finished, 1);
}

static void test_churn(void)
{
	uint64_t end = clock_us() + PATIENT_MS * 1000UL;
	struct thread *t[WORKERS];
	unsigned state = 1;

	finished = 0;
	for (uintptr_t i = 0; i < WORKERS; i++)
		t[i] = thread_run(churn, (void *)(i + 1), (unsigned)i % cpu_count(), LOW);
	/* A worker that waits for an unbound gate is set free when that is deleted. */
	for (; READ(finished) < WORKERS && clock_us() < end; sleep_us(1000))
		cap_delete(SLOT(next_random(&state) % SLOTS));
	tap_is(finished, WORKERS, "objects are made, used and deleted by all at once");
	for (unsigned i = 0; i < WORKERS; i++)
		thread_destroy(t[i]);
	for (unsigned i = 0; i < SLOTS; i++)
		cap_delete(SLOT(i));
}

void test_main(void)
{
	victim_init();
	test_segment_goes_away();
	test_preempted();
	test_churn();
	if (cpu_count() < 4) {
		tap_skip("less than four CPUs", "threads on other CPUs");
		return;
	}
	test_send_timeout();
	area = mem_alloc(AREA_ORDER);
	test_transfers(false);
	for (unsigned i = 0; i < 8; i++)
		test_transfers(true);
	test_killed_while_moved();
	tap_ok(true, "the kernel lives");
}
