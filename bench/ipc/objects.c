/* SPDX-License-Identifier: MIT */
/* Creating and deleting tasks, threads and gates; a thread up to its first instruction. */
#include "groups.h"

#include <l4/sys/factory.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>

enum { CYCLES = 64, SPARE_UTCB = 63 };

void newborn(void);
volatile uint32_t born_at;

/* Notes the time, ends the profile of the row, sleeps for ever. */
__asm__(".text\n"
	".globl newborn, born_at\n"
	"newborn:\n\t"
	"rdtsc\n\t"
	"movl $0x5a570001, profile_marks(%rip)\n\t"
	"mov %eax, born_at(%rip)\n"
	"1:\tmov $0x802, %edx\n\txor %eax, %eax\n\txor %r8d, %r8d\n\tsyscall\n\tjmp 1b\n");

static l4_msgtag_t create_task(l4_cap_idx_t slot, l4_utcb_t *utcb)
{
	return l4_factory_create_task_u(L4_BASE_FACTORY_CAP, slot,
					l4_fpage(UTCB_AREA, L4_PAGESHIFT, 0), utcb);
}

static void bench_task(void)
{
	struct row *create = row_open("task_create"), *destroy = row_open("task_destroy");
	l4_cap_idx_t slot = cap_alloc();
	l4_utcb_t *utcb = l4_utcb();
	l4_msgtag_t tag;

	while (!row_full(destroy)) {
		MEASURE(create, tag = create_task(slot, utcb));
		must("task_create", tag);
		MEASURE(destroy, tag = l4_task_delete_obj_u(L4_BASE_TASK_CAP, slot, utcb));
		must("task_destroy", tag);
		if (cap_exists(slot))
			tap_bail("task_destroy: the task is still there");
	}
	row_close(create);
	row_close(destroy);
}

/* The same as a whole, so that work put off to a later system call shows. */
static void bench_task_cycles(void)
{
	l4_cap_idx_t slot = cap_alloc();
	l4_utcb_t *utcb = l4_utcb();
	uint32_t start = ticks_now();

	for (unsigned i = 0; i < CYCLES; i++) {
		create_task(slot, utcb);
		l4_task_delete_obj_u(L4_BASE_TASK_CAP, slot, utcb);
	}
	row_value("x_task_cycle", (ticks_now() - start) / CYCLES);
}

/* From nothing to a running thread: all that a program has to do. */
static long start_thread(l4_cap_idx_t slot, l4_utcb_t *own, const l4_sched_param_t *param)
{
	long err = l4_error_u(l4_factory_create_thread_u(L4_BASE_FACTORY_CAP, slot, own), own);

	if (err < 0)
		return err;
	l4_thread_control_start_u(own);
	l4_thread_control_pager_u(L4_BASE_PAGER_CAP, own);
	l4_thread_control_bind_u((l4_utcb_t *)(UTCB_AREA + SPARE_UTCB * L4_UTCB_OFFSET),
				 L4_BASE_TASK_CAP, own);
	err = l4_error_u(l4_thread_control_commit_u(slot, own), own);
	if (err >= 0)
		err = l4_error_u(l4_scheduler_run_thread_u(L4_BASE_SCHEDULER_CAP, slot, param, own),
				 own);
	if (err < 0)
		return err;
	return l4_error_u(l4_thread_ex_regs_u(slot, (l4_addr_t)newborn, 0, 0, own), own);
}

static void bench_thread(void)
{
	struct row *birth = row_open("thread_start"), *destroy = row_open("thread_destroy");
	l4_sched_param_t param = l4_sched_param(PRIO_ABOVE, 0);
	l4_cap_idx_t slot = cap_alloc();
	l4_utcb_t *utcb = l4_utcb();
	l4_msgtag_t tag;

	param.affinity = l4_sched_cpu_set(cpu_number(0), 0, 1);
	while (!row_full(destroy)) {
		uint32_t start, end;
		long err;

		profile_mark(birth->number);
		start = ticks_now();
		err = start_thread(slot, utcb, &param);
		end = ticks_now();
		if (err < 0 || born_at - start >= end - start)
			tap_bail("thread_start: error %ld, or it did not run at once", err);
		row_add(birth, born_at - start);
		MEASURE(destroy, tag = l4_task_delete_obj_u(L4_BASE_TASK_CAP, slot, utcb));
		must("thread_destroy", tag);
	}
	row_close(birth);
	row_close(destroy);
}

static void bench_gate(void)
{
	struct row *r = row_open("gate_create_destroy");
	l4_cap_idx_t slot = cap_alloc();
	l4_utcb_t *utcb = l4_utcb();
	l4_msgtag_t made, deleted;

	while (!row_full(r)) {
		MEASURE(r, made = l4_factory_create_gate_u(L4_BASE_FACTORY_CAP, slot,
							   L4_BASE_THREAD_CAP, 0x40, utcb);
			deleted = l4_task_delete_obj_u(L4_BASE_TASK_CAP, slot, utcb));
		must("gate_create", made);
		must("gate_destroy", deleted);
		if (cap_exists(slot))
			tap_bail("gate_destroy: the gate is still there");
	}
	row_close(r);
}

void bench_objects(void)
{
	bench_task();
	bench_task_cycles();
	bench_thread();
	bench_gate();
}
