/* SPDX-License-Identifier: MIT */
/* Threads of tests, in the test's own task or in others. */
#include "thread.h"

#include <l4/sys/factory.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>

void thread_entry(void);
void thread_first(struct thread *t);

struct task root_task = { .cap = L4_BASE_TASK_CAP, .in_use = true };

static struct thread threads[THREADS_MAX];
static char stacks[THREADS_MAX][STACK_BYTES] __attribute__((aligned(PAGE_BYTES)));

/* First instruction of a thread: the stack holds its struct thread. */
__asm__(".text\n"
	"thread_entry:\n\t"
	"pop %rdi\n\t"
	"xor %ebp, %ebp\n\t"
	"call thread_first\n\t"
	"ud2\n");

void thread_first(struct thread *t)
{
	t->function(t->argument);
	t->done = true;
	for (;;)
		l4_ipc_sleep(L4_IPC_NEVER);
}

static struct thread *take_slot(void)
{
	for (unsigned i = 0; i < THREADS_MAX; i++) {
		if (threads[i].in_use)
			continue;
		threads[i].in_use = true;
		threads[i].done = false;
		threads[i].stack = stacks[i];
		if (!threads[i].cap)
			threads[i].cap = cap_alloc();
		return &threads[i];
	}
	tap_bail("the test uses more than %u threads", THREADS_MAX);
}

static l4_utcb_t *take_utcb(struct task *t)
{
	for (unsigned i = 0; i < UTCBS_PER_TASK; i++) {
		if (t->utcbs_used >> i & 1)
			continue;
		t->utcbs_used |= 1UL << i;
		return (l4_utcb_t *)(UTCB_AREA + i * L4_UTCB_OFFSET);
	}
	tap_bail("more than %u threads in one task", UTCBS_PER_TASK);
}

struct thread *thread_create(struct task *task, void (*function)(void *), void *argument)
{
	struct thread *t = take_slot();
	l4_cap_idx_t pager = task == &root_task ? L4_BASE_PAGER_CAP : library_gate;
	long err;

	t->task = task;
	t->utcb = take_utcb(task);
	t->function = function;
	t->argument = argument;
	err = l4_error(l4_factory_create_thread(L4_BASE_FACTORY_CAP, t->cap));
	if (err < 0)
		tap_bail("cannot create a thread: %ld", err);
	l4_thread_control_start();
	l4_thread_control_pager(pager);
	l4_thread_control_exc_handler(library_gate);
	l4_thread_control_bind(t->utcb, task->cap);
	err = l4_error(l4_thread_control_commit(t->cap));
	if (err < 0)
		tap_bail("cannot bind a thread: %ld", err);
	return t;
}

long thread_schedule(l4_cap_idx_t thread, unsigned cpu, unsigned prio)
{
	l4_sched_param_t param = l4_sched_param(prio, 0);

	param.affinity = l4_sched_cpu_set(cpu_number(cpu), 0, 1);
	return l4_error(l4_scheduler_run_thread(L4_BASE_SCHEDULER_CAP, thread, &param));
}

void thread_prepare(struct thread *t, l4_addr_t *ip, l4_addr_t *sp)
{
	/* After the pop and the call the stack is as the C calling convention wants it. */
	l4_umword_t *top = (l4_umword_t *)(t->stack + STACK_BYTES) - 1;

	*top = (l4_umword_t)t;
	*ip = (l4_addr_t)thread_entry;
	*sp = (l4_addr_t)top;
}

void thread_start(struct thread *t, unsigned cpu, unsigned prio)
{
	l4_addr_t ip, sp;
	long err = thread_schedule(t->cap, cpu, prio);

	thread_prepare(t, &ip, &sp);
	if (err >= 0)
		err = l4_error(l4_thread_ex_regs(t->cap, ip, sp, 0));
	if (err < 0)
		tap_bail("cannot start a thread: %ld", err);
}

struct thread *thread_run(void (*function)(void *), void *argument, unsigned cpu, unsigned prio)
{
	struct thread *t = thread_create(&root_task, function, argument);

	thread_start(t, cpu, prio);
	return t;
}

void thread_destroy(struct thread *t)
{
	cap_delete(t->cap);
	t->task->utcbs_used &= ~(1UL << (((l4_addr_t)t->utcb - UTCB_AREA) / L4_UTCB_OFFSET));
	t->in_use = false;
}

bool thread_join(struct thread *t, unsigned ms)
{
	return WAIT_UNTIL(t->done, ms);
}

void thread_set_pager(struct thread *t, l4_cap_idx_t pager)
{
	l4_thread_control_start();
	l4_thread_control_pager(pager);
	if (l4_error(l4_thread_control_commit(t->cap)) < 0)
		tap_bail("cannot set the pager");
}

void thread_set_handler(struct thread *t, l4_cap_idx_t handler)
{
	l4_thread_control_start();
	l4_thread_control_exc_handler(handler);
	if (l4_error(l4_thread_control_commit(t->cap)) < 0)
		tap_bail("cannot set the exception handler");
}

void thread_init(void)
{
	l4_fpage_t area = l4_fpage(UTCB_AREA, UTCB_AREA_ORDER, 0);
	long err = l4_error(l4_task_add_ku_mem(L4_BASE_TASK_CAP, area));

	if (err < 0)
		tap_bail("no memory for thread control blocks: %ld", err);
	thread_schedule(L4_BASE_THREAD_CAP, 0, PRIO_MAIN);
}
