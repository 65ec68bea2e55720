/* SPDX-License-Identifier: MIT */
/* Promises of the life and death of kernel objects (core/kobject.c), with real capability tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <l4/sys/err.h>
#include <l4/sys/types.h>
#include "core/captab.h"
#include "core/ipc.h"
#include "core/reap.h"
#include "host.h"
#include "host/cpu_host.h"

enum { OBJECTS = 3, TABLES = 3, SLOTS_USED = 100 };

static struct kobject *object[OBJECTS];
static struct captab table[TABLES];
static struct cpu *const cpu = &host_cpu_record[0];
static struct thread thread;
static unsigned destroy_calls[OBJECTS], destroy_steps, freed;
static int preempt_after; /* preemption points until one says stop; 0: none does */

static unsigned number_of(const struct kobject *o)
{
	unsigned i = 0;

	while (object[i] != o)
		i++;
	return i;
}

/* No capability may lead to an object that is being taken apart. */
static bool destroy_object(struct kobject *o)
{
	assert_true(o->dead);
	assert_true(list_empty(&o->caps));
	assert_int_equal(o->lock.held, 0);
	return ++destroy_calls[number_of(o)] >= destroy_steps;
}

static void free_object(struct kobject *o)
{
	(void)o;
	freed++;
}

static const struct kobject_ops object_ops = { .name = "test",
					       .destroy = destroy_object,
					       .free = free_object };

static int preempt(void)
{
	return preempt_after && --preempt_after == 0;
}

static int setup(void **state)
{
	(void)state;
	host_cpus_reset();
	host_preempt_hook = preempt;
	destroy_steps = 1;
	freed = 0;
	preempt_after = 0;
	memset(destroy_calls, 0, sizeof(destroy_calls));
	memset(&thread, 0, sizeof(thread));
	list_init(&thread.zombies);
	thread.state = THREAD_READY;
	cpu->current = &thread;
	for (unsigned i = 0; i < OBJECTS; i++) {
		object[i] = aligned_alloc(KOBJECT_ALIGN, 2 * KOBJECT_ALIGN);
		kobject_init(object[i], KOBJ_GATE, &object_ops, &root_quota);
	}
	for (unsigned i = 0; i < TABLES; i++)
		assert_int_equal(captab_init(&table[i], &root_quota), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TABLES; i++)
		captab_free(&table[i]);
	for (unsigned i = 0; i < OBJECTS; i++) {
		list_remove(&object[i]->all);
		free(object[i]);
	}
	assert_int_equal(host_bytes, 0);
	return 0;
}

static unsigned slots_in_use(void)
{
	unsigned n = 0;

	for (unsigned t = 0; t < TABLES; t++)
		for (u64 i = 0; i < SLOTS_USED; i++)
			n += captab_lookup(&table[t], i).obj != NULL;
	return n;
}

/* Fill all tables with capabilities to object 0. */
static void spread(void)
{
	captab_insert_new(&table[0], 0, object[0]);
	for (unsigned t = 0; t < TABLES; t++)
		for (u64 i = !t; i < SLOTS_USED; i++)
			assert_int_equal(
			    captab_map(&table[0], 0, &table[t], i, CAP_ALL & ~CAP_D, t == 1, false),
			    CAP_MAPPED);
	assert_int_equal(slots_in_use(), TABLES * SLOTS_USED);
}

static void reap(struct cpu *c, struct thread *t)
{
	reap_in_current(c, t);
}

static void run_cont(struct cpu *c, struct thread *t)
{
	continuation f = t->cont;

	(void)c;
	t->cont = NULL;
	f(t);
}

static void numbers_are_never_used_again(void **state)
{
	(void)state;
	assert_true(object[0]->id && object[0]->id < object[1]->id);
	assert_true(object[1]->id < object[2]->id);
	teardown(NULL);
	setup(NULL);
	assert_true(object[0]->id > 3);
}

static void deletion_is_queued_once(void **state)
{
	(void)state;
	kobject_delete(object[0]);
	kobject_delete(object[1]);
	kobject_delete(object[0]);
	assert_true(object[0]->dead && object[1]->dead && !object[2]->dead);
	assert_true(cpu->need_resched);
	assert_int_equal(host_run(reap, cpu, &thread), HOST_RETURNED);
	assert_int_equal(destroy_calls[0], 1);
	assert_int_equal(destroy_calls[1], 1);
	assert_int_equal(destroy_calls[2], 0);
	assert_true(list_empty(&cpu->zombies));
}

static void deletion_clears_every_slot(void **state)
{
	(void)state;
	spread();
	captab_unmap(&table[0], 0, 4, true);
	assert_true(object[0]->dead);
	assert_int_equal(host_run(reap, cpu, &thread), HOST_RETURNED);
	assert_int_equal(slots_in_use(), 0);
}

/* Between two steps the program runs; slots can only become fewer. */
static void clearing_many_slots_can_be_preempted(void **state)
{
	unsigned rounds = 0, before = TABLES * SLOTS_USED;

	(void)state;
	spread();
	kobject_delete(object[0]);
	for (;; rounds++) {
		enum host_end end;
		unsigned left;

		preempt_after = 1;
		end = host_run(rounds ? run_cont : reap, cpu, &thread);
		left = slots_in_use();
		assert_true(left < before || !left);
		before = left;
		assert_int_equal(cpu->lock.held, 0);
		if (end == HOST_RESUMED)
			break;
		assert_int_equal(end, HOST_PREEMPTED);
		assert_non_null(thread.cont);
	}
	assert_true(rounds >= TABLES * SLOTS_USED / 32 - 1);
	assert_true(list_empty(&cpu->zombies));
	assert_int_equal(destroy_calls[0], 1);
}

static void destruction_goes_on_after_preemption(void **state)
{
	(void)state;
	destroy_steps = 5;
	kobject_delete(object[0]);
	for (unsigned i = 1; i < destroy_steps; i++) {
		preempt_after = 1;
		assert_int_equal(host_run(i == 1 ? reap : run_cont, cpu, &thread), HOST_PREEMPTED);
		assert_int_equal(destroy_calls[0], i);
		assert_int_equal(host_calls.deferred, 0);
	}
	assert_int_equal(host_run(run_cont, cpu, &thread), HOST_RESUMED);
	assert_int_equal(destroy_calls[0], destroy_steps);
}

static void own_cont(struct thread *t)
{
	(void)t;
}

/* The continuation that the thread had before is not lost. */
static void preempted_thread_goes_on_with_what_it_did(void **state)
{
	(void)state;
	destroy_steps = 3;
	thread.cont = own_cont;
	kobject_delete(object[0]);
	preempt_after = 1;
	assert_int_equal(host_run(reap, cpu, &thread), HOST_PREEMPTED);
	assert_ptr_not_equal(thread.cont, own_cont);
	preempt_after = 1;
	assert_int_equal(host_run(run_cont, cpu, &thread), HOST_PREEMPTED);
	assert_int_equal(host_run(run_cont, cpu, &thread), HOST_RESUMED);
	assert_ptr_equal(thread.cont, own_cont);
	assert_int_equal(destroy_calls[0], 3);
}

static void memory_is_freed_after_the_grace_period_only(void **state)
{
	(void)state;
	kobject_delete(object[0]);
	host_run(reap, cpu, &thread);
	assert_int_equal(host_calls.deferred, 1);
	assert_int_equal(freed, 0);
	host_calls.last_deferred->run(host_calls.last_deferred);
	assert_int_equal(freed, 1);
}

static void thread_that_died_does_not_go_on(void **state)
{
	(void)state;
	kobject_delete(object[0]);
	thread.state = THREAD_DEAD;
	assert_int_equal(host_run(reap, cpu, &thread), HOST_SCHEDULED);
}

/* Whoever runs meanwhile has nothing to do with it. */
static void preempted_thread_takes_its_objects_along(void **state)
{
	struct thread other = { .state = THREAD_READY };

	(void)state;
	list_init(&other.zombies);
	destroy_steps = 3;
	kobject_delete(object[0]);
	preempt_after = 1;
	assert_int_equal(host_run(reap, cpu, &thread), HOST_PREEMPTED);
	assert_int_equal(host_run(reap, cpu, &other), HOST_RETURNED);
	assert_int_equal(destroy_calls[0], 1);
	assert_int_equal(host_run(run_cont, cpu, &thread), HOST_RESUMED);
	assert_int_equal(destroy_calls[0], 3);
}

/* A thread dies at work; one that is more urgent does not pay, one that is not does. */
static void orphans_are_no_affair_of_more_urgent_threads(void **state)
{
	struct thread other = { .state = THREAD_READY };

	(void)state;
	list_init(&other.zombies);
	destroy_steps = 3;
	cpu->cur_prio = 20;
	kobject_delete(object[0]);
	thread.state = THREAD_DEAD;
	preempt_after = 1;
	assert_int_equal(host_run(reap, cpu, &thread), HOST_PREEMPTED);
	assert_true(cpu->lasting_resched & RESCHED_REAP);
	cpu->cur_prio = 21;
	assert_int_equal(host_run(reap, cpu, &other), HOST_RETURNED);
	assert_int_equal(destroy_calls[0], 1);
	cpu->cur_prio = 20;
	assert_int_equal(host_run(reap, cpu, &other), HOST_RETURNED);
	assert_int_equal(destroy_calls[0], 3);
	assert_int_equal(cpu->lasting_resched, 0);
}

static void idle_time_destroys_orphans_in_steps(void **state)
{
	(void)state;
	destroy_steps = 2;
	kobject_delete(object[0]);
	kobject_delete(object[1]);
	thread.state = THREAD_DEAD;
	preempt_after = 1;
	assert_int_equal(host_run(reap, cpu, &thread), HOST_PREEMPTED);
	assert_int_equal(destroy_calls[0], 1);
	reap_some(cpu);
	assert_int_equal(destroy_calls[0], 2);
	assert_int_equal(destroy_calls[1], 0);
	reap_some(cpu);
	assert_int_equal(destroy_calls[1], 2);
	assert_true(list_empty(&cpu->orphans));
	assert_int_equal(cpu->lasting_resched, 0);
}

/* --- Capability arguments of methods --- */

static struct task task;
static u64 utcb[128];

static struct cap_ref argument(u64 tag)
{
	struct invocation inv = { .caller = &thread, .mr = utcb, .tag = tag };

	thread.utcb = utcb;
	thread.task = &task;
	task.caps = table[0];
	return invocation_cap(&inv);
}

static void assert_refused(u64 tag, u64 error)
{
	struct cap_ref ref = argument(tag);

	assert_null(ref.obj);
	assert_int_equal(ref.error, error);
}

static void capability_argument_is_found_behind_the_words(void **state)
{
	(void)state;
	captab_insert_new(&table[0], 7, object[0]);
	captab_insert_new(&table[0], 8, object[1]);
	utcb[2] = utcb[4] = L4_ITEM_MAP;
	utcb[3] = l4_obj_fpage(7UL << L4_CAP_SHIFT, 0, L4_CAP_FPAGE_RWS).raw;
	utcb[5] = l4_obj_fpage(8UL << L4_CAP_SHIFT, 0, L4_CAP_FPAGE_RWS).raw;
	assert_ptr_equal(argument(2 << 6 | 2).obj, object[0]);
	assert_int_equal(argument(2 << 6 | 2).rights, CAP_ALL);
	assert_ptr_equal(argument(1 << 6 | 4).obj, object[1]);
	assert_refused(2, reply_error(-L4_EINVAL));
}

static void bad_capability_arguments_are_refused(void **state)
{
	(void)state;
	utcb[0] = 0;
	assert_refused(1 << 6, reply_error(-L4_EINVAL));
	utcb[0] = L4_ITEM_MAP;
	utcb[1] = l4_obj_fpage(9UL << L4_CAP_SHIFT, 0, L4_CAP_FPAGE_RWS).raw;
	assert_refused(1 << 6, reply_error(-L4_EINVAL));
	utcb[1] = l4_fpage(0x1000, 12, L4_FPAGE_RW).raw;
	assert_refused(1 << 6, TAG_ERROR);
	assert_int_equal(utcb[UTCB_ERROR], IPC_OVERFLOW);
	/* An item that would reach beyond the message registers. */
	utcb[UTCB_MRS - 1] = L4_ITEM_MAP;
	assert_refused(1 << 6 | 62, reply_error(-L4_EINVAL));
	assert_refused(1 << 6 | 63, reply_error(-L4_EINVAL));
}

/* Numbers of the objects that a walk has still to pass, at most `budget` of them; -1: used up. */
static int walk(struct kobject_cursor *c, u64 newest, unsigned budget)
{
	int seen = 0;
	struct kobject *o;

	while ((o = kobject_walk_next(c, newest, &budget)))
		seen = seen * 10 + 1 + (int)number_of(o);
	return budget ? seen : -1;
}

static void walk_passes_every_object_once(void **state)
{
	struct kobject_cursor c;
	u64 newest = kobject_walk_begin(&c);

	(void)state;
	assert_int_equal(newest, object[OBJECTS - 1]->id);
	assert_int_equal(walk(&c, newest, 100), 123);
	assert_int_equal(walk(&c, newest, 100), 0);
	kobject_walk_end(&c);
	kobject_walk_end(&c);
	newest = kobject_walk_begin(&c);
	assert_int_equal(walk(&c, newest - 1, 100), 12);
	kobject_walk_end(&c);
}

static void walk_stops_and_goes_on_where_it_was(void **state)
{
	struct kobject_cursor c, other;
	u64 newest = kobject_walk_begin(&c);
	unsigned budget = 1;

	(void)state;
	assert_ptr_equal(kobject_walk_next(&c, newest, &budget), object[0]);
	assert_null(kobject_walk_next(&c, newest, &budget));
	/* What comes next may go, and cursors of others are no objects, but cost as much. */
	list_remove(&object[1]->all);
	kobject_walk_begin(&other);
	assert_int_equal(walk(&other, newest, 2), -1);
	assert_int_equal(walk(&c, newest, 2), -1);
	assert_int_equal(walk(&other, newest, 100), 3);
	kobject_walk_end(&c);
	kobject_walk_end(&other);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers_are_never_used_again),
		TEST(deletion_is_queued_once),
		TEST(deletion_clears_every_slot),
		TEST(clearing_many_slots_can_be_preempted),
		TEST(destruction_goes_on_after_preemption),
		TEST(preempted_thread_goes_on_with_what_it_did),
		TEST(memory_is_freed_after_the_grace_period_only),
		TEST(thread_that_died_does_not_go_on),
		TEST(preempted_thread_takes_its_objects_along),
		TEST(orphans_are_no_affair_of_more_urgent_threads),
		TEST(idle_time_destroys_orphans_in_steps),
		TEST(walk_passes_every_object_once),
		TEST(walk_stops_and_goes_on_where_it_was),
		TEST(capability_argument_is_found_behind_the_words),
		TEST(bad_capability_arguments_are_refused),
	};

	return cmocka_run_group_tests_name("kobject", tests, NULL, NULL);
}
