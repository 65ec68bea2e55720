/* SPDX-License-Identifier: MIT */
/*
 * Threads and tasks for tests. Another task runs the same program: a pager thread of the library
 * maps the test's pages to it at the same addresses, so all variables are shared. It has the same
 * selectors for task, factory, log and scheduler; its pager slot holds a gate to the library.
 */
#ifndef TEST_THREAD_H
#define TEST_THREAD_H

#include "env.h"

enum {
	THREADS_MAX = 80,
	TASKS_MAX = 24,
	STACK_BYTES = 16384,
	UTCBS_PER_TASK = 64,
	UTCB_AREA_ORDER = 16,
	PRIO_MAIN = 100, /* of the test's main thread */
	PRIO_LIBRARY = 250,
};
#define UTCB_AREA 0x7ffe000000UL

struct task {
	l4_cap_idx_t cap;
	uint64_t utcbs_used; /* bitmap */
	bool in_use;
};

struct thread {
	l4_cap_idx_t cap;
	struct task *task;
	l4_utcb_t *utcb; /* at the same address in every task, but memory of the thread's own */
	char *stack;
	void (*function)(void *);
	void *argument;
	bool in_use;
	volatile bool done; /* function has returned */
};

/* The test's own task. */
extern struct task root_task;
/* Gate of the library's pager and exception handler: reports and bails out. */
extern l4_cap_idx_t library_gate;

/* A thread of t (bound, with library pager and handler), not yet started. Bails out on errors. */
struct thread *thread_create(struct task *t, void (*function)(void *), void *argument);
/* Let it run: function(argument) on the cpu_number(cpu)-th CPU with priority prio, 1..255. */
void thread_start(struct thread *t, unsigned cpu, unsigned prio);
/* Both, for a thread of the test's own task. */
struct thread *thread_run(void (*function)(void *), void *argument, unsigned cpu, unsigned prio);
/* Delete the kernel object; the slot and the structure are used again. */
void thread_destroy(struct thread *t);
/* Wait until its function has returned, at most ms milliseconds. */
bool thread_join(struct thread *t, unsigned ms);
/* Other pager or exception handler: selectors in the thread's own task. */
void thread_set_pager(struct thread *t, l4_cap_idx_t pager);
void thread_set_handler(struct thread *t, l4_cap_idx_t handler);
/* Move or change priority of any thread. Returns the kernel's result. */
long thread_schedule(l4_cap_idx_t thread, unsigned cpu, unsigned prio);
/* Where thread_start lets a thread begin, for tests that start it by themselves. */
void thread_prepare(struct thread *t, l4_addr_t *ip, l4_addr_t *sp);

/* A task with a UTCB area and the library's capabilities. Bails out on errors. */
struct task *task_create(void);
void task_destroy(struct task *t);
/* Copy a capability of the test into t, to the same selector. rights: L4_CAP_FPAGE_*. */
void task_give(struct task *t, l4_cap_idx_t cap, unsigned rights);
/* Map memory of the test into t at the same address. rights: L4_FPAGE_*. */
void task_map_memory(struct task *t, const void *start, unsigned order, unsigned rights);

/* New objects in a new slot, bail out on errors: gate bound to t, unbound gate, interrupt. */
l4_cap_idx_t gate_create(struct thread *t, l4_umword_t label);
l4_cap_idx_t gate_create_for(l4_cap_idx_t thread, l4_umword_t label);
l4_cap_idx_t irq_create(void);
l4_cap_idx_t semaphore_create(void);

/* --- used by the library's start code only --- */
void thread_init(void);
void pager_init(void);

#endif
