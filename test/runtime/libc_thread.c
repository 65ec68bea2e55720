/* SPDX-License-Identifier: MIT */
/* Threads of the C library: start, end, locks, conditions, time limits, cancellation. */
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 12, ROUNDS = 2000, WAVES = 40 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static volatile long counter;
static volatile bool flag, done;
static __thread long own = 5;

static void *count_up(void *argument)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&mutex);
		counter = counter + 1;
		if (i % 64 == 0)
			sched_yield();
		pthread_mutex_unlock(&mutex);
	}
	return argument;
}

static void test_mutex(void)
{
	pthread_t threads[THREADS];
	long values = 0, failed = 0;
	void *value;

	counter = 0;
	for (long i = 0; i < THREADS; i++)
		failed += pthread_create(&threads[i], NULL, count_up, (void *)i) != 0;
	for (long i = 0; i < THREADS; i++) {
		failed += pthread_join(threads[i], &value) != 0;
		values += (long)value;
	}
	check_is(failed, 0, "threads start and can be joined");
	check_is(values, THREADS * (THREADS - 1) / 2, "pthread_join gives the thread's result");
	check_is(counter, (long)THREADS * ROUNDS, "a mutex lets one thread in at a time");
}

static void *set_own(void *argument)
{
	long before = own;

	own = (long)argument;
	sched_yield();
	return (void *)(before * 1000 + own);
}

static void test_thread_local(void)
{
	pthread_t a, b;
	void *va, *vb;

	own = 7;
	pthread_create(&a, NULL, set_own, (void *)1);
	pthread_create(&b, NULL, set_own, (void *)2);
	pthread_join(a, &va);
	pthread_join(b, &vb);
	check(va == (void *)5001 && vb == (void *)5002 && own == 7,
	      "each thread has its own copy of a thread-local variable");
}

static void *answer(void *argument)
{
	(void)argument;
	pthread_mutex_lock(&mutex);
	while (!flag)
		pthread_cond_wait(&condition, &mutex);
	done = true;
	pthread_cond_broadcast(&condition);
	pthread_mutex_unlock(&mutex);
	return NULL;
}

static void test_condition(void)
{
	pthread_t thread;

	flag = done = false;
	pthread_create(&thread, NULL, answer, NULL);
	check_pause();
	pthread_mutex_lock(&mutex);
	flag = true;
	pthread_cond_signal(&condition);
	while (!done)
		pthread_cond_wait(&condition, &mutex);
	pthread_mutex_unlock(&mutex);
	pthread_join(thread, NULL);
	check(done, "a condition wakes who waits for it");
}

static struct timespec in_ms(long ms)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	time.tv_nsec += ms * 1000000;
	time.tv_sec += time.tv_nsec / 1000000000;
	time.tv_nsec %= 1000000000;
	return time;
}

static void test_time_limits(void)
{
	struct timespec limit = in_ms(20);
	long start = check_now_ms();
	sem_t semaphore;
	int result;

	pthread_mutex_lock(&mutex);
	result = pthread_cond_timedwait(&condition, &mutex, &limit);
	pthread_mutex_unlock(&mutex);
	check_is(result, ETIMEDOUT, "a wait for a condition ends at its time limit");
	check(check_now_ms() - start >= 19, "but not before it");
	sem_init(&semaphore, 0, 0);
	limit = in_ms(10);
	result = sem_timedwait(&semaphore, &limit);
	check(result < 0 && errno == ETIMEDOUT, "so does the wait for a semaphore");
	limit = in_ms(15);
	start = check_now_ms();
	check_is(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &limit, NULL), 0,
		 "a sleep can end at a time of the clock");
	check(check_now_ms() - start >= 14, "and lasts until then");
	sem_post(&semaphore);
	check_is(sem_timedwait(&semaphore, &limit), 0, "a semaphore that is up is taken at once");
}

static void *detached(void *argument)
{
	(void)argument;
	__atomic_add_fetch(&counter, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void test_detached(void)
{
	pthread_attr_t attributes;
	long failed = 0;

	counter = 0;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	for (int wave = 0; wave < WAVES; wave++) {
		pthread_t thread;

		for (int i = 0; i < 8; i++)
			failed += pthread_create(&thread, &attributes, detached, NULL) != 0;
		failed += !CHECK_WAIT(counter == (wave + 1) * 8);
	}
	check_is(failed, 0, "%d detached threads come and go", WAVES * 8);
}

static void clean_up(void *argument)
{
	*(volatile bool *)argument = true;
}

static void *sleep_long(void *argument)
{
	pthread_cleanup_push(clean_up, (void *)&done);
	flag = true;
	if (argument)
		sleep(100000);
	else
		pthread_cond_wait(&condition, &mutex);
	pthread_cleanup_pop(0);
	return NULL;
}

static void test_cancel(bool in_sleep)
{
	const char *where = in_sleep ? "sleeps" : "waits for a condition";
	pthread_t thread;
	void *value = NULL;

	flag = done = false;
	pthread_create(&thread, NULL, sleep_long, in_sleep ? (void *)1 : NULL);
	CHECK_WAIT(flag);
	check_pause();
	check_is(pthread_cancel(thread), 0, "a thread that %s can be cancelled", where);
	pthread_join(thread, &value);
	check(value == PTHREAD_CANCELED, "which its result says");
	check(done, "and its clean-up ran");
}

static void *cancel_late(void *argument)
{
	int old;

	(void)argument;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	flag = true;
	CHECK_WAIT(done);
	check_pause();
	counter = 1;
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old);
	pthread_testcancel();
	counter = 2;
	return NULL;
}

static void test_cancel_disabled(void)
{
	pthread_t thread;
	void *value;

	flag = done = false;
	counter = 0;
	pthread_create(&thread, NULL, cancel_late, NULL);
	CHECK_WAIT(flag);
	pthread_cancel(thread);
	done = true;
	pthread_join(thread, &value);
	check(value == PTHREAD_CANCELED && counter == 1,
	      "a thread that has cancellation disabled is cancelled when it enables it");
}

static void once_function(void)
{
	counter = counter + 1;
}

static void test_once_and_keys(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_key_t key;

	counter = 0;
	pthread_once(&once, once_function);
	pthread_once(&once, once_function);
	check_is(counter, 1, "pthread_once calls once");
	check_is(pthread_key_create(&key, NULL), 0, "a key for thread-specific values");
	pthread_setspecific(key, &once);
	check(pthread_getspecific(key) == &once, "holds the value");
}

static pthread_barrier_t barrier;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;

static void *meet(void *argument)
{
	long serial = 0;

	(void)argument;
	for (int i = 0; i < 50; i++) {
		serial += pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
		pthread_rwlock_rdlock(&rwlock);
		pthread_rwlock_unlock(&rwlock);
		pthread_rwlock_wrlock(&rwlock);
		counter = counter + 1;
		pthread_rwlock_unlock(&rwlock);
	}
	return (void *)serial;
}

static void test_barrier(void)
{
	pthread_t threads[4];
	long serial = 0;
	void *value;

	counter = 0;
	pthread_barrier_init(&barrier, NULL, 4);
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, meet, NULL);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &value);
		serial += (long)value;
	}
	check_is(serial, 50, "a barrier holds threads until all have come");
	check_is(counter, 200, "a read-write lock lets one writer in at a time");
}

static volatile bool named, computed, joining;

static void *wait_named(void *argument)
{
	char name[16] = "";

	while (!named)
		check_pause();
	pthread_getname_np(pthread_self(), name, sizeof(name));
	return strcmp(name, "worker") ? NULL : argument;
}

static void test_names(void)
{
	pthread_t thread;
	char name[16] = "";
	void *result;

	check(!pthread_setname_np(pthread_self(), "first"), "a thread can have a name");
	pthread_create(&thread, NULL, wait_named, name);
	check(!pthread_getname_np(thread, name, sizeof(name)) && !strcmp(name, "first"),
	      "a new one has its maker's");
	check_is(pthread_setname_np(thread, "worker"), 0, "others can give it one");
	named = true;
	pthread_join(thread, &result);
	check(result != NULL, "which it knows");
	check_is(pthread_setname_np(pthread_self(), "much too long a name"), ERANGE,
		 "of at most 15 characters");
}

static long ns_of(clockid_t clock)
{
	struct timespec time = { 0 };

	return clock_gettime(clock, &time) ? -1 : time.tv_sec * 1000000000 + time.tv_nsec;
}

static void *compute(void *argument)
{
	while (ns_of(CLOCK_THREAD_CPUTIME_ID) < 20000000)
		;
	computed = true;
	while (!joining)
		check_pause();
	return argument;
}

static void test_cpu_time(void)
{
	long own = ns_of(CLOCK_THREAD_CPUTIME_ID), all = ns_of(CLOCK_PROCESS_CPUTIME_ID);
	clockid_t its;
	pthread_t thread;
	struct rusage usage;

	check(own > 0 && all >= own, "the CPU time of a thread is a part of the program's");
	pthread_create(&thread, NULL, compute, NULL);
	check(!pthread_getcpuclockid(thread, &its) && ns_of(its) >= 0, "each thread has a clock");
	while (!computed)
		check_pause();
	check(ns_of(its) >= 20000000, "that shows what it has used");
	joining = true;
	pthread_join(thread, NULL);
	check(ns_of(CLOCK_PROCESS_CPUTIME_ID) >= all + 20000000,
	      "what a thread that is gone has used remains in the program's");
	check(!getrusage(RUSAGE_SELF, &usage) &&
		  usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec >= 20000,
	      "getrusage tells it, too");
	check(clock() >= 20000 && times(NULL) >= 0, "and clock");
	check(clock_settime(CLOCK_MONOTONIC, &(struct timespec){ 1, 0 }) && errno == EINVAL,
	      "the monotonic clock cannot be set");
}

void check_main(void)
{
	test_mutex();
	test_thread_local();
	test_condition();
	test_time_limits();
	test_detached();
	test_cancel(true);
	test_cancel(false);
	test_cancel_disabled();
	test_once_and_keys();
	test_barrier();
	test_names();
	test_cpu_time();
}
