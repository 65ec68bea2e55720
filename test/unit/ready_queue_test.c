/* SPDX-License-Identifier: MIT */
/* Promises of a CPU's ready queues and of the choice of the next thread (core/sched.c,
 * core/resume.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "core/sched.h"
#include "host/cpu_host.h"

enum { THREADS = 300 };

static struct thread thread[THREADS];
static struct cpu *const cpu = &host_cpu_record[0];

static int setup(void **state)
{
	(void)state;
	host_cpus_reset();
	memset(thread, 0, sizeof(thread));
	for (unsigned i = 0; i < THREADS; i++) {
		thread[i].cpu = cpu;
		thread[i].state = THREAD_READY;
		list_init(&thread[i].ready_link);
	}
	return 0;
}

/* Ready at priority prio. */
static struct thread *enqueue(unsigned i, u8 prio)
{
	thread[i].prio = thread[i].eff_prio = prio;
	sched_enqueue(cpu, &thread[i]);
	return &thread[i];
}

static void run_schedule(struct cpu *c, struct thread *t)
{
	(void)t;
	spin_lock(&c->lock);
	schedule(c);
}

static void run_preempt(struct cpu *c, struct thread *t)
{
	(void)t;
	spin_lock(&c->lock);
	sched_preempt(c, false);
}

static void run_slice_over(struct cpu *c, struct thread *t)
{
	(void)t;
	spin_lock(&c->lock);
	sched_preempt(c, true);
}

/* The thread that runs after f. */
static struct thread *next_after(void (*f)(struct cpu *c, struct thread *t))
{
	assert_int_equal(host_run(f, cpu, NULL), HOST_USER);
	assert_int_equal(cpu->lock.held, 0);
	return cpu->current;
}

static void each_priority_alone_is_the_top(void **state)
{
	(void)state;
	assert_int_equal(sched_top(cpu), -1);
	for (unsigned prio = 0; prio < PRIORITIES; prio++) {
		enqueue(0, (u8)prio);
		assert_int_equal(sched_top(cpu), prio);
		assert_true(thread[0].queued);
		sched_dequeue(cpu, &thread[0]);
		assert_int_equal(sched_top(cpu), -1);
		assert_false(thread[0].queued);
	}
}

static void dequeue_of_a_thread_in_no_queue_does_nothing(void **state)
{
	(void)state;
	enqueue(0, 7);
	thread[1].eff_prio = 7;
	sched_dequeue(cpu, &thread[1]);
	assert_int_equal(sched_top(cpu), 7);
}

static void idle_and_homeless_threads_stay_out(void **state)
{
	(void)state;
	sched_enqueue(cpu, cpu->idle);
	sched_enqueue_front(cpu, cpu->idle);
	sched_enqueue(&limbo_cpu, &thread[0]);
	sched_enqueue_front(&limbo_cpu, &thread[0]);
	assert_int_equal(sched_top(cpu), -1);
	assert_false(thread[0].queued || cpu->idle->queued);
}

/* The queue of priority p holds these threads in this order, and no other. */
static void check_order(u8 p, const u16 *want, unsigned n)
{
	unsigned i = 0;

	list_for_each (l, &cpu->ready.queue[p]) {
		assert_true(i < n);
		assert_ptr_equal(list_entry(l, struct thread, ready_link), &thread[want[i++]]);
	}
	assert_int_equal(i, n);
}

/* model[p]: threads of priority p in their order. */
static void bitmap_and_queues_agree_with_the_model(void **state)
{
	static u16 model[PRIORITIES][THREADS];
	static unsigned length[PRIORITIES];

	(void)state;
	srandom(1);
	memset(length, 0, sizeof(length));
	for (unsigned step = 0; step < 50000; step++) {
		u16 i = (u16)(random() % THREADS);
		u8 p = thread[i].eff_prio;
		int top = -1;

		if (thread[i].queued) {
			unsigned at = 0;

			sched_dequeue(cpu, &thread[i]);
			while (model[p][at] != i)
				at++;
			memmove(&model[p][at], &model[p][at + 1], (--length[p] - at) * 2);
		} else {
			p = (u8)(random() % 3 ? random() : 100);
			enqueue(i, p);
			model[p][length[p]++] = i;
		}
		for (int q = 0; q < PRIORITIES; q++)
			top = length[q] ? q : top;
		assert_int_equal(sched_top(cpu), top);
		check_order(p, model[p], length[p]);
	}
}

static void first_come_first_served(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++)
		enqueue(i, 9);
	thread[5].prio = thread[5].eff_prio = 9;
	sched_enqueue_front(cpu, &thread[5]);
	assert_ptr_equal(next_after(run_schedule), &thread[5]);
	for (unsigned i = 0; i < 5; i++)
		assert_ptr_equal(next_after(run_schedule), &thread[i]);
	assert_ptr_equal(next_after(run_schedule), cpu->idle);
}

static void highest_priority_runs(void **state)
{
	static const u8 prios[] = { 3, 200, 64, 63, 255, 1, 128 };
	static const unsigned order[] = { 4, 1, 6, 2, 3, 0, 5 };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(prios); i++)
		enqueue(i, prios[i]);
	for (unsigned i = 0; i < ARRAY_SIZE(order); i++) {
		assert_ptr_equal(next_after(run_schedule), &thread[order[i]]);
		assert_int_equal(cpu->cur_prio, prios[order[i]]);
		assert_false(thread[order[i]].queued);
	}
}

static void preempted_thread_keeps_its_place(void **state)
{
	(void)state;
	enqueue(0, 9);
	enqueue(1, 9);
	next_after(run_schedule);
	enqueue(2, 10);
	assert_ptr_equal(next_after(run_preempt), &thread[2]);
	assert_ptr_equal(next_after(run_schedule), &thread[0]);
	assert_ptr_equal(next_after(run_schedule), &thread[1]);
}

static void slices_go_round(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++)
		enqueue(i, 9);
	next_after(run_schedule);
	for (unsigned n = 1; n < 40; n++)
		assert_ptr_equal(next_after(run_slice_over), &thread[n % 4]);
}

/* A donated priority ends with the slice. */
static void end_of_slice_takes_donated_priority_away(void **state)
{
	struct thread *t = enqueue(0, 9);

	(void)state;
	next_after(run_schedule);
	t->eff_prio = 50;
	cpu->cur_prio = 50;
	enqueue(1, 20);
	assert_ptr_equal(next_after(run_preempt), t);
	assert_int_equal(cpu->cur_prio, 50);
	assert_ptr_equal(next_after(run_slice_over), &thread[1]);
	assert_int_equal(t->eff_prio, 9);
	assert_int_equal(sched_top(cpu), 9);
}

static void blocked_thread_is_not_enqueued(void **state)
{
	(void)state;
	enqueue(0, 9);
	next_after(run_schedule);
	thread[0].state = THREAD_RECV;
	assert_ptr_equal(next_after(run_preempt), cpu->idle);
	assert_int_equal(sched_top(cpu), -1);
}

static void wake_up_disturbs_only_for_a_better_thread(void **state)
{
	struct cpu *other = &host_cpu_record[1];

	(void)state;
	other->current = &thread[0];
	other->cur_prio = 20;
	other->slice_armed = true;
	thread[1].prio = 20;
	sched_wake(cpu, other, &thread[1]);
	assert_false(other->need_resched);
	assert_int_equal(host_calls.ipis, 0);
	thread[2].prio = 21;
	sched_wake(cpu, other, &thread[2]);
	assert_true(other->need_resched);
	assert_int_equal(host_calls.ipis, 1);
	assert_int_equal(host_calls.ipi_to, other->apic_id);
	assert_int_equal(sched_top(other), 21);
	cpu->current = &thread[0];
	thread[3].prio = 200;
	sched_wake(cpu, cpu, &thread[3]);
	assert_true(cpu->need_resched);
	assert_int_equal(host_calls.ipis, 1);
}

/* Else the current thread there would never share the CPU with its equal. */
static void wake_up_of_the_first_equal_starts_the_slice(void **state)
{
	struct cpu *other = &host_cpu_record[1];

	(void)state;
	other->current = &thread[0];
	other->cur_prio = 20;
	thread[1].prio = 20;
	sched_wake(cpu, other, &thread[1]);
	assert_false(other->need_resched);
	assert_int_equal(host_calls.ipis, 1);
}

static void wake_up_ends_idling_at_any_priority(void **state)
{
	struct cpu *other = &host_cpu_record[1];

	(void)state;
	thread[0].prio = 0;
	sched_wake(cpu, other, &thread[0]);
	assert_true(other->need_resched);
	assert_int_equal(host_calls.ipis, 1);
}

static void run_resume(struct cpu *c, struct thread *t)
{
	(void)t;
	resume_current(c);
}

/* Several wake-ups before the way back to user mode: the best runs, the others keep their order. */
static void best_of_the_woken_runs_next(void **state)
{
	static const u8 prios[] = { 0, 50, 40, 60, 60, 3 };
	static const unsigned order[] = { 3, 4, 1, 2, 0, 5 };

	(void)state;
	enqueue(0, 5);
	next_after(run_schedule);
	for (unsigned i = 1; i < ARRAY_SIZE(prios); i++) {
		thread[i].prio = prios[i];
		sched_wake(cpu, cpu, &thread[i]);
		assert_true(thread[i].queued);
	}
	assert_ptr_equal(next_after(run_resume), &thread[order[0]]);
	assert_int_equal(cpu->cur_prio, 60);
	for (unsigned i = 1; i < ARRAY_SIZE(order); i++)
		assert_ptr_equal(next_after(run_schedule), &thread[order[i]]);
	assert_ptr_equal(next_after(run_schedule), cpu->idle);
}

static void woken_thread_can_be_taken_back(void **state)
{
	(void)state;
	enqueue(0, 5);
	next_after(run_schedule);
	thread[1].prio = 50;
	sched_wake(cpu, cpu, &thread[1]);
	sched_dequeue(cpu, &thread[1]);
	assert_false(thread[1].queued);
	assert_ptr_equal(next_after(run_resume), &thread[0]);
}

/* Current are 0, which runs, and 1, both of priority 5; 2 is woken and runs. */
static void make_room(void)
{
	enqueue(0, 5);
	next_after(run_schedule);
	enqueue(1, 5);
	thread[2].prio = 50;
	sched_wake(cpu, cpu, &thread[2]);
	assert_ptr_equal(next_after(run_resume), &thread[2]);
	assert_true(thread[0].queued);
}

static void thread_that_made_room_goes_on_before_its_equals(void **state)
{
	(void)state;
	make_room();
	assert_ptr_equal(next_after(run_schedule), &thread[0]);
	assert_false(thread[0].queued);
	assert_ptr_equal(next_after(run_schedule), &thread[1]);
	assert_ptr_equal(next_after(run_schedule), cpu->idle);
}

static void better_threads_come_before_the_one_that_made_room(void **state)
{
	(void)state;
	make_room();
	enqueue(3, 20);
	assert_ptr_equal(next_after(run_schedule), &thread[3]);
	thread[4].prio = 60;
	sched_wake(cpu, cpu, &thread[4]);
	assert_ptr_equal(next_after(run_resume), &thread[4]);
	assert_ptr_equal(next_after(run_schedule), &thread[3]);
	assert_ptr_equal(next_after(run_schedule), &thread[0]);
	assert_ptr_equal(next_after(run_schedule), &thread[1]);
}

static void thread_that_made_room_can_be_taken_away(void **state)
{
	(void)state;
	make_room();
	sched_dequeue(cpu, &thread[0]);
	assert_false(thread[0].queued);
	assert_ptr_equal(next_after(run_schedule), &thread[1]);
}

/* Nobody would end its turn. */
static void who_was_waited_for_passes_equals_only_with_the_slice_armed(void **state)
{
	(void)state;
	enqueue(0, 5);
	next_after(run_schedule);
	cpu->cur_prio = 7;
	enqueue(1, 5);
	assert_false(cpu->slice_armed);
	assert_true(sched_may_run(cpu, 6));
	assert_false(sched_may_run(cpu, 5));
	cpu->slice_armed = true;
	assert_true(sched_may_run(cpu, 5));
	assert_false(sched_may_run(cpu, 4));
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_priority_alone_is_the_top),
		TEST(dequeue_of_a_thread_in_no_queue_does_nothing),
		TEST(idle_and_homeless_threads_stay_out),
		TEST(bitmap_and_queues_agree_with_the_model),
		TEST(first_come_first_served),
		TEST(highest_priority_runs),
		TEST(preempted_thread_keeps_its_place),
		TEST(slices_go_round),
		TEST(end_of_slice_takes_donated_priority_away),
		TEST(blocked_thread_is_not_enqueued),
		TEST(wake_up_disturbs_only_for_a_better_thread),
		TEST(wake_up_of_the_first_equal_starts_the_slice),
		TEST(wake_up_ends_idling_at_any_priority),
		TEST(best_of_the_woken_runs_next),
		TEST(woken_thread_can_be_taken_back),
		TEST(thread_that_made_room_goes_on_before_its_equals),
		TEST(better_threads_come_before_the_one_that_made_room),
		TEST(thread_that_made_room_can_be_taken_away),
		TEST(who_was_waited_for_passes_equals_only_with_the_slice_armed),
	};

	return cmocka_run_group_tests_name("ready_queue", tests, NULL, NULL);
}
