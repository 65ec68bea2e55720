/* SPDX-License-Identifier: MIT */
/* Promises of explicit reply slots. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>
#include "host.h"
#include "obj/reply.h"

enum { CALLERS = 2, ROUNDS_MIN = 50, ROUNDS_MAX = 10000, SECONDS = 2 };

void spin_lock_wait(struct spinlock *l)
{
	while (!spin_trylock(l))
		sched_yield();
}

static struct task task;
static struct thread thread[CALLERS + 1];
static bool stop;

static void *put_often(void *caller)
{
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		reply_slot_put(reply_table_slot(&task, 9, false), caller);
		sched_yield();
	}
	return NULL;
}

static bool is_one_callers(const struct reply_cap *cap)
{
	for (unsigned i = 1; i <= CALLERS; i++)
		if (cap->caller == &thread[i])
			return cap->token == i * 0x100 && cap->rights == i;
	return !cap->caller;
}

static void what_is_taken_was_put_by_one_caller(void **state)
{
	pthread_t writer[CALLERS];
	unsigned taken = 0, mixed = 0;
	time_t end = time(NULL) + SECONDS;

	(void)state;
	for (unsigned i = 0; i < CALLERS; i++)
		assert_int_equal(pthread_create(&writer[i], NULL, put_often, &thread[i + 1]), 0);
	/* On a busy host each round may cost a turn of everybody else: fewer are enough then. */
	while (!mixed && (taken < ROUNDS_MIN || (taken < ROUNDS_MAX && time(NULL) < end))) {
		struct reply_cap cap = reply_slot_take(reply_table_slot(&task, 9, false));

		taken += cap.caller != NULL;
		mixed += !is_one_callers(&cap);
		if (!cap.caller)
			sched_yield();
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < CALLERS; i++)
		pthread_join(writer[i], NULL);
	assert_int_equal(mixed, 0);
}

static void a_reply_capability_is_taken_once(void **state)
{
	struct reply_cap *slot = reply_table_slot(&task, 262143, true);

	(void)state;
	reply_slot_put(slot, &thread[1]);
	assert_ptr_equal(reply_slot_take(slot).caller, &thread[1]);
	assert_null(reply_slot_take(slot).caller);
}

static void slots_end_at_the_last_one(void **state)
{
	(void)state;
	assert_null(reply_table_slot(&task, 262144, true));
	assert_null(reply_table_slot(&task, 200000, false));
}

static int setup(void **state)
{
	(void)state;
	task.obj.quota = &root_quota;
	for (unsigned i = 1; i <= CALLERS; i++) {
		thread[i].call_token = i * 0x100;
		thread[i].channel_rights = (u8)i;
	}
	return reply_table_slot(&task, 9, true) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	while (!reply_table_free_some(&task))
		;
	return host_bytes ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_taken_was_put_by_one_caller),
		cmocka_unit_test(a_reply_capability_is_taken_once),
		cmocka_unit_test(slots_end_at_the_last_one),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
