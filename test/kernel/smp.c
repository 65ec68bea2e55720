/* SPDX-License-Identifier: MIT */
/* Several CPUs: IPC across them, migration in the middle of it, TLB shoot-down, a mixed stress. */
#include "partner.h"

#include <l4/sys/irq.h>
#include <l4/sys/rcv_endpoint.h>
#include <l4/sys/semaphore.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>

enum {
	HIGH = PRIO_MAIN + 20,
	LOW = PRIO_MAIN - 20,
	CALLS = 400,
	WORKERS = 8,
	REVOCATIONS = 800,
	PORT = 0x61
};
#define WINDOW 0x40000000UL

static volatile unsigned failures, finished;
static l4_cap_idx_t gates[WORKERS];

static void call_servers(void *number)
{
	unsigned self = (unsigned)(uintptr_t)number;

	for (unsigned i = 0; i < CALLS; i++) {
		l4_msgtag_t tag = l4_msgtag(5, i % 60, 0, 0);

		for (unsigned w = 0; w < i % 60; w++)
			mr_set(w, self * 1000000 + i * 100 + w);
		tag = l4_ipc_call(gates[(self + i) % WORKERS], l4_utcb(), tag, PATIENT);
		if (ipc_error(tag) || l4_msgtag_words(tag) != i % 60)
			ADD(failures, 1);
		for (unsigned w = 0; w < i % 60; w++)
			if (mr_get(w) != self * 1000000 + i * 100 + w)
				ADD(failures, 1);
	}
	ADD(finished, 1);
}

/* Every CPU has servers and clients; all talk to all; the servers migrate meanwhile. */
static void test_ipc_all_to_all(bool migrate)
{
	static struct server s[WORKERS];
	struct task *other = task_create();
	struct thread *t[WORKERS];
	unsigned long moves = 0;

	failures = finished = 0;
	for (unsigned i = 0; i < WORKERS; i++) {
		server_start(&s[i], i & 1 ? other : &root_task, 0x10, i % cpu_count(), LOW);
		gates[i] = s[i].gate;
		task_give(other, s[i].gate, L4_CAP_FPAGE_RWS);
	}
	for (uintptr_t i = 0; i < WORKERS; i++) {
		t[i] = thread_create(i & 2 ? other : &root_task, call_servers, (void *)i);
		thread_start(t[i], (unsigned)(i + 1) % cpu_count(), LOW);
	}
	for (uint64_t end = clock_us() + PATIENT_MS * 1000UL;
	     READ(finished) < WORKERS && clock_us() < end;) {
		if (migrate) {
			thread_schedule(s[moves % WORKERS].thread->cap,
					(unsigned)(moves / 3) % cpu_count(), LOW);
			thread_schedule(t[moves % WORKERS]->cap,
					(unsigned)(moves / 5) % cpu_count(), LOW);
			moves++;
		}
		sleep_us(300);
	}
	tap_is(finished, WORKERS, "all clients finish%s", migrate ? " while threads migrate" : "");
	tap_is(failures, 0, "no call fails or returns wrong words%s",
	       migrate ? " (migrating)" : "");
	if (migrate)
		tap_diag("%lu migrations", 2 * moves);
	for (unsigned i = 0; i < WORKERS; i++) {
		thread_destroy(t[i]);
		server_end(&s[i]);
	}
	task_destroy(other);
}

/* --- TLB shoot-down: a page that another CPU uses is revoked --- */

static volatile unsigned long touches;

static void touch_window(void *unused)
{
	(void)unused;
	for (;;) {
		(*(volatile unsigned long *)WINDOW)++;
		touches++;
	}
}

static void test_shootdown(void)
{
	unsigned long *page = mem_alloc(12), seen;
	l4_cap_idx_t gate = gate_create_for(L4_BASE_THREAD_CAP, 0x20);
	struct thread *t;
	unsigned wrong = 0;

	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, l4_fpage((l4_addr_t)page, 12, L4_FPAGE_RW),
		    WINDOW | L4_ITEM_MAP);
	t = thread_create(&root_task, touch_window, NULL);
	thread_set_pager(t, gate);
	thread_start(t, 1, HIGH);
	for (unsigned i = 0; i < 50; i++) {
		unsigned long old = READ(touches);

		while (READ(touches) == old)
			cpu_relax();
		l4_task_unmap(L4_BASE_TASK_CAP, l4_fpage((l4_addr_t)page, 12, L4_FPAGE_RWX),
			      L4_FP_OTHER_SPACES);
		seen = READ(*page);
		wrong += ipc_error(l4_ipc_wait(l4_utcb(), NULL, PATIENT)) != 0;
		wrong += READ(*page) != seen;
		mr_set(0, WINDOW | L4_ITEM_MAP);
		mr_set(1, l4_fpage((l4_addr_t)page, 12, L4_FPAGE_RW).raw);
		invoke(L4_INVALID_CAP, L4_SYSF_SEND | L4_SYSF_REPLY, l4_msgtag(0, 0, 1, 0), PATIENT,
		       NULL);
	}
	tap_is(wrong, 0, "no write of another CPU lands in a page after its revocation returned");
	thread_destroy(t);
	cap_delete(gate);
	l4_task_unmap(L4_BASE_TASK_CAP, l4_fpage(WINDOW, 12, L4_FPAGE_RWX), L4_FP_ALL_SPACES);
}

static volatile bool give_back;

static void give_back_window(void *unused)
{
	(void)unused;
	for (;;) {
		while (!READ(give_back))
			cpu_relax();
		l4_task_unmap(L4_BASE_TASK_CAP, l4_fpage(WINDOW, 12, L4_FPAGE_RWX),
			      L4_FP_ALL_SPACES);
		give_back = false;
	}
}

/* The same where the one that has the page gives it back at that moment: what is revoked finds no
 * mapping any more, but another CPU may not have been told yet. */
static void test_two_revocations(void)
{
	unsigned long *page = mem_alloc(12), seen = 0, wrong = 0;
	l4_cap_idx_t gate = gate_create_for(L4_BASE_THREAD_CAP, 0x20);
	struct thread *user, *other;

	user = thread_create(&root_task, touch_window, NULL);
	thread_set_pager(user, gate);
	thread_start(user, 1, HIGH);
	other = thread_run(give_back_window, NULL, 2, HIGH);
	for (unsigned i = 0; i < REVOCATIONS; i++) {
		wrong += ipc_error(l4_ipc_wait(l4_utcb(), NULL, PATIENT)) != 0;
		wrong += READ(*page) != seen && i;
		seen = READ(touches);
		mr_set(0, WINDOW | L4_ITEM_MAP);
		mr_set(1, l4_fpage((l4_addr_t)page, 12, L4_FPAGE_RW).raw);
		invoke(L4_INVALID_CAP, L4_SYSF_SEND | L4_SYSF_REPLY, l4_msgtag(0, 0, 1, 0), PATIENT,
		       NULL);
		while (READ(touches) == seen)
			cpu_relax();
		give_back = true;
		l4_task_unmap(L4_BASE_TASK_CAP, l4_fpage((l4_addr_t)page, 12, L4_FPAGE_RWX),
			      L4_FP_OTHER_SPACES);
		seen = READ(*page);
		while (READ(give_back))
			cpu_relax();
	}
	tap_is(wrong, 0, "nor after one that came when the page was being given back");
	thread_destroy(user);
	thread_destroy(other);
	cap_delete(gate);
}

/* --- One CPU revokes ports, for which it needs others; one that has ports revokes pages --- */

static void revoke_pages(void *page)
{
	for (unsigned i = 0; i < REVOCATIONS; i++) {
		l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
			    l4_fpage((l4_addr_t)page, 12, L4_FPAGE_RW), WINDOW | L4_ITEM_MAP);
		in8(PORT);
		l4_task_unmap(L4_BASE_TASK_CAP, l4_fpage((l4_addr_t)page, 12, L4_FPAGE_RWX),
			      L4_FP_OTHER_SPACES);
	}
	ADD(finished, 1);
}

static void revoke_ports(void *task)
{
	const struct task *t = task;

	for (unsigned i = 0; i < REVOCATIONS; i++) {
		l4_task_map(t->cap, L4_BASE_TASK_CAP, l4_iofpage(PORT, 0), L4_ITEM_MAP);
		l4_task_unmap(L4_BASE_TASK_CAP, l4_iofpage(PORT, 0), L4_FP_OTHER_SPACES);
	}
	ADD(finished, 1);
}

static void test_ports_and_pages(void)
{
	struct task *other = task_create();
	struct thread *t[2];

	ports_get(PORT, 0);
	finished = 0;
	t[0] = thread_run(revoke_pages, mem_alloc(12), 1, LOW);
	t[1] = thread_run(revoke_ports, other, 2, LOW);
	tap_ok(WAIT_UNTIL(READ(finished) == 2, PATIENT_MS),
	       "revocations of ports and of pages do not wait for each other");
	thread_destroy(t[0]);
	thread_destroy(t[1]);
	task_destroy(other);
}

/* --- all CPUs map and unmap the same page, trigger, and count --- */

static char *shared_page;
static l4_cap_idx_t semaphore;

static void mixed_work(void *number)
{
	l4_addr_t window = WINDOW + ((uintptr_t)number + 1) * 0x200000;

	for (unsigned i = 0; i < 150; i++) {
		l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
			    l4_fpage((l4_addr_t)shared_page, 12, L4_FPAGE_RW),
			    window | L4_ITEM_MAP);
		if (i % 10 == 9)
			l4_task_unmap(L4_BASE_TASK_CAP,
				      l4_fpage((l4_addr_t)shared_page, 12, L4_FPAGE_RWX),
				      L4_FP_OTHER_SPACES);
		l4_task_unmap(L4_BASE_TASK_CAP, l4_fpage(window, 12, L4_FPAGE_RWX),
			      L4_FP_ALL_SPACES);
		l4_semaphore_up(semaphore);
		if (ipc_error(l4_semaphore_down(semaphore, PATIENT)))
			ADD(failures, 1);
	}
	ADD(finished, 1);
}

static void test_mixed(void)
{
	struct thread *t[WORKERS];

	shared_page = mem_alloc(12);
	semaphore = semaphore_create();
	failures = finished = 0;
	for (uintptr_t i = 0; i < WORKERS; i++)
		t[i] = thread_run(mixed_work, (void *)i, (unsigned)i % cpu_count(), LOW);
	tap_ok(WAIT_UNTIL(READ(finished) == WORKERS, PATIENT_MS),
	       "mapping and counting on all CPUs ends");
	tap_is(failures, 0, "no semaphore operation fails");
	tap_is(ipc_error(l4_semaphore_down(semaphore, L4_IPC_BOTH_TIMEOUT_0)), L4_IPC_RETIMEOUT,
	       "the count is 0 again");
	*shared_page = 1;
	tap_is(*shared_page, 1, "the page is still its owner's");
	for (unsigned i = 0; i < WORKERS; i++)
		thread_destroy(t[i]);
	cap_delete(semaphore);
}

/* An interrupt triggered by all CPUs: messages collapse, none is lost for good. */
static l4_cap_idx_t irq;

static void trigger(void *unused)
{
	(void)unused;
	for (unsigned i = 0; i < 300; i++)
		l4_irq_trigger(irq);
	ADD(finished, 1);
}

static void test_triggers(void)
{
	struct thread *t[4];
	unsigned n = 0;

	irq = irq_create();
	l4_rcv_ep_bind_thread(irq, L4_BASE_THREAD_CAP, 0x5);
	finished = 0;
	for (unsigned i = 0; i < 4; i++)
		t[i] = thread_run(trigger, NULL, i % cpu_count(), LOW);
	for (uint64_t end = clock_us() + PATIENT_MS * 1000UL;
	     READ(finished) < 4 && clock_us() < end;)
		n += !ipc_error(l4_ipc_wait(l4_utcb(), NULL, timeout_us(0, 1000)));
	while (!ipc_error(l4_ipc_wait(l4_utcb(), NULL, L4_IPC_BOTH_TIMEOUT_0)))
		n++;
	tap_ok(READ(finished) == 4 && n > 0 && n <= 1200,
	       "triggers of all CPUs arrive or collapse");
	l4_irq_trigger(irq);
	tap_is(ipc_error(l4_ipc_wait(l4_utcb(), NULL, PATIENT)), 0, "and the next one arrives");
	for (unsigned i = 0; i < 4; i++)
		thread_destroy(t[i]);
	cap_delete(irq);
}

void test_main(void)
{
	test_ipc_all_to_all(false);
	test_triggers();
	test_mixed();
	if (cpu_count() < 2) {
		tap_skip("one CPU", "migration and TLB shoot-down");
		return;
	}
	test_ipc_all_to_all(true);
	test_shootdown();
	if (cpu_count() > 2) {
		test_two_revocations();
		test_ports_and_pages();
	}
}
