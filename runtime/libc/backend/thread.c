/* SPDX-License-Identifier: MIT */
/*
 * Threads: start and end. The structure of a thread lies with a small stack of its own in memory
 * that is never freed: on this stack a thread frees the stack that it ran on, tells that it is
 * gone, and deletes itself. Structure, UTCB and slot are used again only when the kernel's thread
 * is gone too.
 */
#include "backend/memory.h"
#include "backend/platform.h"
#include "backend/thread.h"
#include "backend/calls.h"

#include <errno.h>
#include <string.h>
#include <l4/sys/factory.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/segment.h>
#include <l4/sys/task.h>

enum { BLOCK_BYTES = 3072, PRIORITY_OF_OWN = 255 };

/* A thread's structure, and above it the stack that it ends on. */
union block {
	struct thread thread;
	char stack[BLOCK_BYTES];
} __attribute__((aligned(16)));

static union block first_block;
static struct thread *threads;
static l4_addr_t utcbs, utcbs_end;
static uint64_t ended_us; /* CPU time of threads that are gone; with LOCK_WAIT */
static l4_cap_idx_t handler = L4_INVALID_CAP; /* of exceptions; invalid: the pager */

__asm__(".text\n"
	"thread_entry:\n\t"
	"xor %ebp, %ebp\n\t"
	"and $-16, %rsp\n\t"
	"call thread_main\n\t"
	"ud2\n");

void thread_entry(void);
void thread_main(void);

static void thread_list(union block *block, l4_utcb_t *utcb)
{
	struct thread *thread = &block->thread;

	thread->exit_stack = block->stack + BLOCK_BYTES;
	thread->utcb = utcb;
	thread->semaphore = L4_INVALID_CAP;
	thread->next = threads;
	threads = thread;
}

void thread_init(l4_cap_idx_t main_thread)
{
	struct thread *self = &first_block.thread;

	thread_list(&first_block, l4_utcb());
	self->cap = main_thread;
	self->state = THREAD_RUNNING;
	self->priority = platform_priority();
	l4_utcb_tcr()->user[0] = (l4_umword_t)self;
}

struct thread *thread_find(int id)
{
	for (struct thread *t = threads; t; t = t->next)
		if (t->state == THREAD_RUNNING && thread_id(t) == id)
			return t;
	return NULL;
}

struct thread *thread_next(struct thread *thread)
{
	do
		thread = thread ? thread->next : threads;
	while (thread && thread->state != THREAD_RUNNING);
	return thread;
}

/* The first thread is at the end of the list. */
struct thread *thread_unmasked(uint64_t signals)
{
	struct thread *found = NULL;

	for (struct thread *t = thread_next(NULL); t; t = thread_next(t))
		if (!(t->signal_mask & signals))
			found = t;
	return found;
}

struct thread *thread_of_utcb(l4_addr_t utcb)
{
	for (struct thread *t = threads; t; t = t->next)
		if ((l4_addr_t)t->utcb == utcb)
			return t;
	return NULL;
}

static uint64_t cpu_us(const struct thread *thread)
{
	l4_kernel_clock_t us = 0;

	l4_thread_stats_time(thread->cap, &us);
	return us;
}

long thread_cpu_time(int id, uint64_t *ns)
{
	long result = id ? -ESRCH : 0;
	uint64_t us;

	lock_take(LOCK_WAIT);
	us = id ? 0 : ended_us;
	for (struct thread *t = threads; t; t = t->next) {
		if (t->state != THREAD_RUNNING || (id && thread_id(t) != id))
			continue;
		us += cpu_us(t);
		result = 0;
	}
	lock_free(LOCK_WAIT);
	*ns = us * 1000;
	return result;
}

void thread_handler_set(l4_cap_idx_t new)
{
	handler = new;
	for (struct thread *t = threads; t; t = t->next) {
		if (t->state != THREAD_RUNNING)
			continue;
		l4_thread_control_start();
		l4_thread_control_exc_handler(handler);
		l4_thread_control_commit(t->cap);
	}
}

/* A new structure with a UTCB, or NULL. */
static struct thread *thread_new(void)
{
	static union block *blocks, *blocks_end;
	size_t bytes = 0;

	if (blocks == blocks_end) {
		blocks = memory_pages(sizeof(union block) * 4);
		blocks_end = blocks ? blocks + 4 : NULL;
	}
	if (utcbs == utcbs_end) {
		utcbs = platform_utcb_memory(&bytes);
		utcbs_end = utcbs + bytes;
	}
	if (!blocks || utcbs == utcbs_end)
		return NULL;
	thread_list(blocks++, (l4_utcb_t *)utcbs);
	utcbs += L4_UTCB_OFFSET;
	return threads;
}

/* A structure that nobody uses any more, or a new one. */
static struct thread *thread_take(void)
{
	for (struct thread *t = threads; t; t = t->next) {
		if (t->state == THREAD_FREE)
			return t;
		if (t->state == THREAD_EXITED &&
		    !l4_msgtag_label(l4_task_cap_valid(L4_BASE_TASK_CAP, t->cap))) {
			platform_cap_free(t->cap);
			return t;
		}
	}
	return thread_new();
}

long thread_schedule(struct thread *thread)
{
	l4_sched_param_t param = l4_sched_param(thread->priority, 0);

	if (thread->cpus)
		param.affinity = l4_sched_cpu_set(0, 0, thread->cpus);
	return l4_error(l4_scheduler_run_thread(platform_scheduler(), thread->cap, &param));
}

/* Make the kernel's thread, ready to be started. */
static long thread_create(struct thread *thread)
{
	long error = l4_error(l4_factory_create_thread(platform_factory(), thread->cap));

	if (error < 0)
		return error;
	l4_thread_control_start();
	l4_thread_control_pager(platform_pager());
	l4_thread_control_exc_handler(
	    l4_is_valid_cap(handler) && thread->state != THREAD_OWN ? handler : platform_pager());
	l4_thread_control_bind(thread->utcb, L4_BASE_TASK_CAP);
	error = l4_error(l4_thread_control_commit(thread->cap));
	if (error < 0)
		return error;
	thread->utcb->tcr.user[0] = (l4_umword_t)thread;
	return fiasco_amd64_set_fs(thread->cap, (l4_umword_t)thread->start.thread_pointer,
				   l4_utcb());
}

static long thread_run(struct thread *thread)
{
	l4_addr_t stack = (l4_addr_t)thread->start.stack;
	long error = thread_create(thread);

	if (error >= 0)
		error = l4_error(l4_thread_ex_regs(thread->cap, (l4_addr_t)thread_entry, stack, 0));
	if (error >= 0)
		error = thread_schedule(thread);
	if (error < 0)
		l4_task_delete_obj(L4_BASE_TASK_CAP, thread->cap);
	return error;
}

/* What the program's threads take over from the one that starts them. */
static void thread_inherit(struct thread *thread)
{
	const struct thread *self = thread_self();

	thread->priority = self->priority;
	thread->cpus = self->cpus;
	thread->signal_mask = self->signal_mask;
	memcpy(thread->name, self->name, sizeof(thread->name));
}

/* Start a free structure's thread; on failure it is free again. */
static int thread_begin(struct thread *thread, const struct backend_thread_start *start,
			enum thread_state state)
{
	thread->state = THREAD_FREE;
	thread->cap = platform_cap_alloc();
	if (l4_is_invalid_cap(thread->cap))
		return -EAGAIN;
	thread->start = *start;
	thread->clear_tid = start->clear_tid;
	thread->priority = PRIORITY_OF_OWN;
	thread->cpus = 0;
	thread->signal_mask = ~0ULL;
	if (state == THREAD_RUNNING)
		thread_inherit(thread);
	thread->signal_pending = 0;
	thread->signal_records = NULL;
	thread->alternate_bytes = 0;
	thread->depth = 0;
	thread->interrupted = thread->deferred = thread->entering = false;
	if (start->parent_tid)
		*start->parent_tid = thread_id(thread);
	thread->state = state;
	if (thread_run(thread) >= 0)
		return thread_id(thread);
	thread->state = THREAD_FREE;
	platform_cap_free(thread->cap);
	return -EAGAIN;
}

int backend_thread_start(const struct backend_thread_start *start)
{
	struct thread *thread;
	int result = -EAGAIN;

	if (!lock_prepare())
		return -EAGAIN;
	lock_take(LOCK_MEMORY);
	lock_take(LOCK_WAIT);
	thread = thread_take();
	if (thread)
		result = thread_begin(thread, start, THREAD_RUNNING);
	lock_free(LOCK_WAIT);
	lock_free(LOCK_MEMORY);
	return result;
}

struct thread *thread_start_own(int (*function)(void *), void *stack_end)
{
	struct backend_thread_start start = { .function = function, .stack = stack_end };
	struct thread *thread = thread_take();

	return thread && thread_begin(thread, &start, THREAD_OWN) >= 0 ? thread : NULL;
}

void thread_main(void)
{
	struct thread *self = thread_self();

	self->start.function(self->start.argument);
	backend_thread_exit(NULL, 0);
}

/* Runs on the thread's exit stack. */
static _Noreturn void thread_end(void *base, size_t bytes)
{
	struct thread *self = thread_self();

	if (base)
		backend_munmap((long)base, (long)bytes);
	lock_take(LOCK_WAIT);
	if (self->clear_tid) {
		__atomic_store_n(self->clear_tid, 0, __ATOMIC_SEQ_CST);
		wake_up(self->clear_tid, ANY_BITS, 1);
	}
	ended_us += cpu_us(self);
	self->state = THREAD_EXITED;
	lock_free(LOCK_WAIT);
	for (;;)
		l4_task_delete_obj(L4_BASE_TASK_CAP, self->cap);
}

_Noreturn void backend_thread_exit(void *base, size_t bytes)
{
	thread_self()->depth++; /* for ever: it takes no signals any more */
	__asm__ volatile("mov %0, %%rsp\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "call *%1\n\t"
			 "ud2"
			 :
			 : "r"(thread_self()->exit_stack), "r"(thread_end), "D"(base), "S"(bytes)
			 : "memory");
	__builtin_unreachable();
}

unsigned long backend_thread_cap(int id)
{
	return id ? (unsigned long)id << L4_CAP_SHIFT : L4_INVALID_CAP;
}

long backend_thread_utcb(long id)
{
	struct thread *thread;
	long utcb = 0;

	lock_take(LOCK_WAIT);
	thread = thread_find((int)id);
	if (thread)
		utcb = (long)thread->utcb;
	lock_free(LOCK_WAIT);
	return utcb;
}

int backend_set_thread_pointer(void *pointer)
{
	return fiasco_amd64_set_fs(thread_self()->cap, (l4_umword_t)pointer, l4_utcb()) < 0
		   ? -EINVAL
		   : 0;
}

long backend_exit(long code)
{
	(void)code;
	backend_thread_exit(NULL, 0);
}

long backend_set_tid_address(long address)
{
	thread_self()->clear_tid = (int *)address;
	return thread_id(thread_self());
}

long backend_gettid(void)
{
	return thread_id(thread_self());
}

long backend_sched_yield(void)
{
	l4_thread_yield();
	return 0;
}
