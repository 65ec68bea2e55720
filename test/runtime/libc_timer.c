/* SPDX-License-Identifier: MIT */
/* Timers: alarm(), setitimer(), timer_create() and its family. */
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { MS = 1000000, TICKS = 20 };

static volatile unsigned ticks;
static volatile int code, value;

#define FAILS(call, error)                      \
	({                                      \
		errno = 0;                      \
		(call) < 0 && errno == (error); \
	})

static void tick(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)context;
	code = info->si_code;
	value = info->si_value.sival_int;
	ticks = ticks + 1;
}

static void install(int signal)
{
	struct sigaction action = { .sa_sigaction = tick, .sa_flags = SA_SIGINFO };

	sigaction(signal, &action, NULL);
	ticks = 0;
}

static long elapsed_ms(const struct timespec *from)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - from->tv_sec) * 1000 + (now.tv_nsec - from->tv_nsec) / MS;
}

static void test_alarm(void)
{
	struct timespec before;

	install(SIGALRM);
	clock_gettime(CLOCK_MONOTONIC, &before);
	check(alarm(1000) == 0 && alarm(1) == 1000, "alarm tells what was left of the one before");
	pause();
	check(ticks == 1 && elapsed_ms(&before) >= 1000, "it comes, and not too early");
	alarm(1000);
	check(alarm(0) > 0 && alarm(0) == 0, "alarm(0) takes it back");
}

static void test_itimer(void)
{
	struct itimerval every = { { 0, 2000 }, { 0, 1000 } }, now, none = { 0 };
	struct timespec before;

	install(SIGALRM);
	clock_gettime(CLOCK_MONOTONIC, &before);
	check(!setitimer(ITIMER_REAL, &every, NULL), "setitimer");
	check(CHECK_WAIT(ticks >= TICKS), "comes again and again, to a thread that waits");
	check(elapsed_ms(&before) >= 1 + (TICKS - 1) * 2, "but not more often than asked for");
	getitimer(ITIMER_REAL, &now);
	check(now.it_interval.tv_usec == 2000 && now.it_value.tv_usec <= 2000,
	      "getitimer tells the interval and what is left");
	ticks = 0;
	while (ticks < TICKS)
		__asm__ volatile("pause");
	check(ticks >= TICKS, "to a thread that computes, too");
	check(!setitimer(ITIMER_REAL, &none, &now) && now.it_interval.tv_usec == 2000,
	      "setitimer stops it and tells what it was");
	ticks = 0;
	usleep(20000);
	check_is(ticks, 0, "then it is silent");
	check(FAILS(setitimer(ITIMER_VIRTUAL, &every, NULL), ENOSYS), "there is no virtual time");
	check(FAILS(setitimer(9, &every, NULL), EINVAL), "and no timer 9");
	every.it_value.tv_usec = 1000000;
	check(FAILS(setitimer(ITIMER_REAL, &every, NULL), EINVAL),
	      "a second has less microseconds");
}

static timer_t create(clockid_t clock, int notify, int signal, int number)
{
	struct sigevent event = { .sigev_notify = notify, .sigev_signo = signal };
	timer_t timer = NULL;

	event.sigev_value.sival_int = number;
	check(!timer_create(clock, &event, &timer), "timer_create for clock %d", clock);
	return timer;
}

static void test_signal(clockid_t clock)
{
	struct itimerspec once = { .it_value = { 0, 5 * MS } }, left;
	timer_t timer = create(clock, SIGEV_SIGNAL, SIGUSR1, 4711);
	struct timespec before;

	install(SIGUSR1);
	check(!timer_gettime(timer, &left) && !left.it_value.tv_nsec, "at first it does not run");
	clock_gettime(CLOCK_MONOTONIC, &before);
	check(!timer_settime(timer, 0, &once, NULL), "timer_settime");
	check(CHECK_WAIT(ticks == 1) && elapsed_ms(&before) >= 5,
	      "sends its signal, and not too early");
	check(code == SI_TIMER && value == 4711, "with its value");
	check_is(timer_getoverrun(timer), 0, "nothing was missed");
	clock_gettime(clock, &once.it_value);
	check(!timer_settime(timer, TIMER_ABSTIME, &once, NULL), "a time that has passed");
	check(CHECK_WAIT(ticks == 2), "sends it at once");
	clock_gettime(clock, &once.it_value);
	once.it_value.tv_sec += 100;
	timer_settime(timer, TIMER_ABSTIME, &once, NULL);
	timer_gettime(timer, &left);
	check(left.it_value.tv_sec >= 50 && left.it_value.tv_sec <= 100,
	      "timer_gettime tells what is left");
	check(!timer_delete(timer), "timer_delete");
	check(FAILS(timer_settime(timer, 0, &once, NULL), EINVAL), "after which there is none");
}

static void test_overrun(void)
{
	struct itimerspec every = { { 0, 1 * MS }, { 0, 1 * MS } };
	timer_t timer = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 1);
	struct timespec before;
	sigset_t set, old;
	siginfo_t info;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &old);
	clock_gettime(CLOCK_MONOTONIC, &before);
	timer_settime(timer, 0, &every, NULL);
	usleep(30000);
	check(sigwaitinfo(&set, &info) == SIGUSR1 && info.si_overrun >= 20 &&
		  info.si_overrun <= elapsed_ms(&before),
	      "what is missed while the signal is blocked is counted");
	check_is(timer_getoverrun(timer), info.si_overrun, "timer_getoverrun tells the same");
	timer_delete(timer);
	while (sigtimedwait(&set, NULL, &(struct timespec){ 0 }) > 0)
		;
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static void test_none(void)
{
	struct itimerspec once = { .it_value = { 0, 1 * MS } }, left;
	timer_t timer = create(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0);

	install(SIGALRM);
	timer_settime(timer, 0, &once, NULL);
	check(CHECK_WAIT(!timer_gettime(timer, &left) && !left.it_value.tv_nsec) && !ticks,
	      "SIGEV_NONE sends nothing, and can be looked at");
	timer_delete(timer);
}

static volatile unsigned calls;
static volatile pthread_t caller;

static void called(union sigval argument)
{
	caller = pthread_self();
	calls = calls + (unsigned)argument.sival_int;
}

static void test_thread(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD, .sigev_value.sival_int = 1 };
	struct itimerspec every = { { 0, 2 * MS }, { 0, 2 * MS } };
	timer_t timer;

	event.sigev_notify_function = called;
	check(!timer_create(CLOCK_REALTIME, &event, &timer), "timer_create with SIGEV_THREAD");
	timer_settime(timer, 0, &every, NULL);
	check(CHECK_WAIT(calls >= TICKS), "calls a function again and again");
	check(caller != pthread_self(), "in a thread of its own");
	check(!timer_delete(timer), "until it is deleted");
}

static void test_many(void)
{
	enum { MANY = 32 };
	struct itimerspec once = { .it_value = { 0, 3 * MS } };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	timer_t timers[MANY], more;
	unsigned made = 0, patience = 20000;

	install(SIGUSR1);
	while (made < MANY && patience--) {
		if (!timer_create(CLOCK_MONOTONIC, &event, &timers[made]))
			made++;
		else /* the thread of the last test deletes its timer when it ends */
			check_pause();
	}
	check_is(made, MANY, "there can be %d timers", MANY);
	check(FAILS(timer_create(CLOCK_MONOTONIC, &event, &more), EAGAIN), "but not more");
	for (unsigned i = 0; i < made; i++)
		timer_settime(timers[i], 0, &once, NULL);
	check(CHECK_WAIT(ticks >= MANY), "each sends its own signal");
	for (unsigned i = 0; i < made; i++)
		timer_delete(timers[i]);
	event.sigev_signo = 99;
	check(FAILS(timer_create(CLOCK_MONOTONIC, &event, &more), EINVAL), "there is no signal 99");
	check(FAILS(timer_create(CLOCK_PROCESS_CPUTIME_ID, NULL, &more), EINVAL),
	      "and no timer of a clock that is not there");
}

void check_main(void)
{
	test_alarm();
	test_itimer();
	test_signal(CLOCK_MONOTONIC);
	test_signal(CLOCK_REALTIME);
	test_overrun();
	test_none();
	test_thread();
	test_many();
}
