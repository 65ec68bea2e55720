/* SPDX-License-Identifier: MIT */
/* POSIX threads as threads of the kernel. */
#include "check.h"

#include <pthread-l4.h>
#include <string.h>

#include <l4/re/env.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>

enum { THREADS = 5 };

static pthread_t threads[THREADS];
static l4_utcb_t *utcbs[THREADS];
static pthread_barrier_t all_run, all_seen;
static unsigned seen[THREADS], others;

static void *run(void *number)
{
	utcbs[(long)number] = l4_utcb();
	pthread_barrier_wait(&all_run);
	pthread_barrier_wait(&all_seen);
	return NULL;
}

static void see(pthread_t thread)
{
	for (int i = 0; i < THREADS; i++) {
		if (pthread_equal(thread, threads[i])) {
			seen[i]++;
			return;
		}
	}
	others++;
}

static bool is_thread(l4_cap_idx_t cap)
{
	l4_kernel_clock_t us;

	return l4_is_valid_cap(cap) && l4_error(l4_thread_stats_time(cap, &us)) >= 0;
}

void check_main(void)
{
	bool caps = true, memory = true, once = true;

	check(pthread_l4_cap(pthread_self()) == l4re_env()->main_thread,
	      "the first thread has the capability from the environment");
	check(pthread_l4_utcb(pthread_self()) == l4_utcb(), "and its UTCB");
	pthread_barrier_init(&all_run, NULL, THREADS + 1);
	pthread_barrier_init(&all_seen, NULL, THREADS + 1);
	for (long i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, run, (void *)i);
	pthread_barrier_wait(&all_run);
	pthread_l4_for_each_thread(see);
	for (int i = 0; i < THREADS; i++) {
		caps &= is_thread(pthread_l4_cap(threads[i]));
		memory &= pthread_l4_utcb(threads[i]) == utcbs[i];
		once &= seen[i] == 1;
	}
	check(caps, "each thread has a capability");
	check(memory, "and each its UTCB");
	check(once && others == 1, "pthread_l4_for_each_thread finds each once, and the caller");
	pthread_barrier_wait(&all_seen);
	check(CHECK_WAIT(l4_is_invalid_cap(pthread_l4_cap(threads[0]))) &&
		  !pthread_l4_utcb(threads[0]),
	      "who has ended has neither");
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}
