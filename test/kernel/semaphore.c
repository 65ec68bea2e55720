/* SPDX-License-Identifier: MIT */
/* Semaphore: counting, waiters by priority, timeouts, rights, deletion. */
#include "partner.h"

#include <l4/sys/irq.h>
#include <l4/sys/semaphore.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>

enum { HIGH = PRIO_MAIN + 20, WAITERS = 4 };
#define LIMIT	timeout_us(500000, 500000)
#define SLOT(n) ((l4_cap_idx_t)(FREE_CAP_FIRST + (n)) << L4_CAP_SHIFT)

static long down(l4_cap_idx_t sem, l4_timeout_t timeout)
{
	l4_msgtag_t tag = l4_semaphore_down(sem, timeout);

	return ipc_error(tag) ? -2000 - ipc_error(tag) : l4_error(tag);
}

static void test_count(void)
{
	l4_cap_idx_t sem = semaphore_create();
	uint64_t start;

	tap_is(down(sem, L4_IPC_BOTH_TIMEOUT_0), -2000 - L4_IPC_RETIMEOUT, "starts at 0");
	for (unsigned i = 0; i < 3; i++)
		l4_semaphore_up(sem);
	for (unsigned i = 0; i < 3; i++)
		tap_is(down(sem, L4_IPC_BOTH_TIMEOUT_0), 0, "each up allows one down (%u)", i);
	tap_is(down(sem, L4_IPC_BOTH_TIMEOUT_0), -2000 - L4_IPC_RETIMEOUT, "and no more");
	start = clock_us();
	tap_is(down(sem, timeout_us(0, 3000)), -2000 - L4_IPC_RETIMEOUT, "down has a timeout");
	tap_ok(clock_us() - start >= 3000, "and waits for it");
	l4_utcb_tcr()->error = 0x1f;
	l4_semaphore_up(sem);
	down(sem, LIMIT);
	tap_is((long)l4_utcb_tcr()->error, 0, "down clears the error word");
	cap_delete(sem);
}

/* A partner that does one down. */
static void start_down(struct partner *p, l4_cap_idx_t sem, unsigned cpu, unsigned prio)
{
	partner_init(p, &root_task, sem, L4_SYSF_CALL);
	p->tag = l4_msgtag(L4_PROTO_SEMAPHORE, 1, 0, 0);
	p->words[0] = L4_SEMAPHORE_OP_DOWN;
	partner_block(p, cpu, prio);
}

static void test_waiters(void)
{
	static const unsigned char prio[WAITERS] = { 110, 130, 120, 115 };
	static const unsigned char order[WAITERS] = { 1, 2, 3, 0 };
	static struct partner p[WAITERS];
	l4_cap_idx_t sem = semaphore_create();

	for (unsigned i = 0; i < WAITERS; i++)
		start_down(&p[i], sem, i % cpu_count(), prio[i]);
	for (unsigned i = 0; i < WAITERS; i++) {
		l4_semaphore_up(sem);
		tap_ok(partner_done(&p[order[i]], 500) && !p[order[i]].error,
		       "waiters are woken by priority (%u)", i);
		for (unsigned k = i + 1; k < WAITERS; k++)
			if (p[order[k]].done)
				tap_diag("waiter %u is done too early", order[k]);
	}
	tap_is(down(sem, L4_IPC_BOTH_TIMEOUT_0), -2000 - L4_IPC_RETIMEOUT,
	       "an up that wakes does not count");
	for (unsigned i = 0; i < WAITERS; i++)
		partner_end(&p[i]);
	cap_delete(sem);
}

static void test_cancel_and_delete(void)
{
	static struct partner p[2];
	l4_cap_idx_t sem = semaphore_create();

	start_down(&p[0], sem, 0, HIGH);
	l4_thread_ex_regs(p[0].thread->cap, ~0UL, ~0UL, L4_THREAD_EX_REGS_CANCEL);
	tap_ok(partner_done(&p[0], 500) && p[0].error == L4_IPC_RECANCELED, "a down is canceled");
	l4_semaphore_up(sem);
	tap_is(down(sem, L4_IPC_BOTH_TIMEOUT_0), 0, "the canceled one takes nothing");
	start_down(&p[1], sem, 0, HIGH);
	cap_delete(sem);
	tap_ok(partner_done(&p[1], 500) && p[1].error == L4_IPC_ENOT_EXISTENT,
	       "deletion ends a down");
	partner_end(&p[0]);
	partner_end(&p[1]);
}

static void test_errors(void)
{
	l4_cap_idx_t sem = semaphore_create(), weak = SLOT(0);

	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RW),
		    weak | L4_ITEM_MAP);
	tap_is(down(weak, LIMIT), -L4_EPERM, "down needs S");
	tap_is(ipc_error(l4_semaphore_up(weak)), 0, "up needs no right");
	tap_is(down(sem, LIMIT), 0, "and counts");
	mr_set(0, 9);
	tap_is(l4_error(l4_ipc_call(sem, l4_utcb(), l4_msgtag(L4_PROTO_SEMAPHORE, 1, 0, 0), LIMIT)),
	       -L4_ENOSYS, "an unknown operation");
	tap_is(l4_error(l4_ipc_call(sem, l4_utcb(), l4_msgtag(L4_PROTO_SEMAPHORE, 0, 0, 0), LIMIT)),
	       -L4_EINVAL, "no operation");
	tap_is(l4_error(l4_ipc_call(sem, l4_utcb(), l4_msgtag(99, 1, 0, 0), LIMIT)), -L4_EBADPROTO,
	       "another protocol");
	cap_delete(sem);
}

/* Producer and consumer on two CPUs (or one): no count is lost. */
static l4_cap_idx_t ping;
enum { ROUNDS = 2000 };

static void produce(void *unused)
{
	(void)unused;
	for (unsigned i = 0; i < ROUNDS; i++)
		l4_semaphore_up(ping);
}

static void test_stress(void)
{
	struct thread *t;
	unsigned n = 0;

	ping = semaphore_create();
	t = thread_run(produce, NULL, cpu_count() > 1, PRIO_MAIN);
	while (n < ROUNDS && down(ping, LIMIT) == 0)
		n++;
	tap_is(n, ROUNDS, "%u ups of another thread are %u downs", ROUNDS, ROUNDS);
	tap_is(down(ping, L4_IPC_BOTH_TIMEOUT_0), -2000 - L4_IPC_RETIMEOUT, "not one more");
	thread_destroy(t);
	cap_delete(ping);
}

void test_main(void)
{
	test_count();
	test_waiters();
	test_cancel_and_delete();
	test_errors();
	test_stress();
}
