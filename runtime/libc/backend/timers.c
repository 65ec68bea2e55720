/* SPDX-License-Identifier: MIT */
/*
 * Timers. A thread of the back end's own sleeps until the first of them is due. A timer has at most
 * one signal pending; what is due meanwhile is counted as overrun.
 */
#include "backend/calls.h"
#include "backend/clock.h"
#include "backend/signal_state.h"
#include "backend/thread.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>

enum { TIMERS = 32, ALARM = TIMERS, STACK_BYTES = 4096 };

/* As musl passes it. */
struct event {
	union sigval value;
	int signal, notify, thread;
};

struct timer {
	struct signal_record record; /* first */
	bool used;
	int clock;
	int notify, thread;	/* SIGEV_*, identifier for SIGEV_THREAD_ID */
	uint64_t due, interval; /* ns, due by the monotonic clock; 0: not running; 0: only once */
	unsigned missed;	/* due times since the pending signal was sent */
	int overrun;		/* those before the last signal that was taken */
};

static struct timer timers[TIMERS + 1]; /* the last one is alarm()'s; with LOCK_WAIT */
static char stack[STACK_BYTES] __attribute__((aligned(16)));
static bool started; /* with LOCK_WAIT */

static int to_overrun(uint64_t count)
{
	return count < INT_MAX ? (int)count : INT_MAX;
}

static void taken(struct signal_record *record)
{
	struct timer *timer = (struct timer *)record;

	timer->overrun = to_overrun(timer->missed);
	timer->missed = 0;
	if (record->info.si_code == SI_TIMER)
		record->info.si_overrun = timer->overrun;
}

static void send(struct timer *timer)
{
	struct thread *target = NULL;

	if (timer->notify == SIGEV_NONE)
		return;
	if (timer->notify == SIGEV_THREAD_ID)
		target = thread_find(timer->thread);
	if (target || timer->notify == SIGEV_SIGNAL)
		signal_post(target, timer->record.info.si_signo, &timer->record);
}

/* Count what was due until now. */
static void expire(struct timer *timer, uint64_t now)
{
	uint64_t count = timer->interval ? (now - timer->due) / timer->interval + 1 : 1;

	timer->due = timer->interval ? timer->due + count * timer->interval : 0;
	if (timer->record.queued) {
		timer->missed += (unsigned)to_overrun(count);
		return;
	}
	timer->missed = (unsigned)to_overrun(count - 1);
	send(timer);
}

/* Send what is due; the next time at which something will be, in microseconds. */
static uint64_t expire_all(void)
{
	uint64_t next = ~0ULL, now = clock_monotonic_ns();

	for (unsigned i = 0; i <= ALARM; i++) {
		if (timers[i].due && timers[i].due <= now)
			expire(&timers[i], now);
		if (timers[i].due && timers[i].due < next)
			next = timers[i].due;
	}
	return next == ~0ULL ? WAIT_NO_DEADLINE : next / 1000 + 1;
}

static _Noreturn int serve(void *unused)
{
	(void)unused;
	lock_take(LOCK_WAIT);
	for (;;)
		wait_on(timers, ANY_BITS, expire_all());
}

static long start(void)
{
	long error = exceptions_start();

	if (error)
		return error;
	lock_take(LOCK_MEMORY);
	lock_take(LOCK_WAIT);
	if (!started)
		started = thread_start_own(serve, stack + STACK_BYTES);
	lock_free(LOCK_WAIT);
	lock_free(LOCK_MEMORY);
	return started ? 0 : -EAGAIN;
}

/* A timer in use, or NULL. With LOCK_WAIT. */
static struct timer *timer_of(long number)
{
	return number >= 0 && number < TIMERS && timers[number].used ? &timers[number] : NULL;
}

static struct timer *timer_free(void)
{
	for (unsigned i = 0; i < TIMERS; i++)
		if (!timers[i].used)
			return &timers[i];
	return NULL;
}

static long check_event(const struct event *event)
{
	if (event->notify == SIGEV_NONE)
		return 0;
	if (event->notify != SIGEV_SIGNAL && event->notify != SIGEV_THREAD_ID)
		return -EINVAL;
	return event->signal < 1 || event->signal > SIGNALS ? -EINVAL : 0;
}

static void timer_init(struct timer *timer, int clock, const struct event *event)
{
	siginfo_t *info = &timer->record.info;

	*timer = (struct timer){ .used = true, .clock = clock, .notify = event->notify };
	timer->thread = event->thread;
	timer->record.taken = taken;
	info->si_signo = event->signal;
	info->si_code = SI_TIMER;
	info->si_timerid = (int)(timer - timers);
	info->si_value = event->value;
}

long backend_timer_create(long clock, long wanted, long number)
{
	struct event event = { .signal = SIGALRM, .notify = SIGEV_SIGNAL };
	struct timer *timer;
	long error;

	if (wanted)
		event = *(const struct event *)wanted;
	error = clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME
		    ? check_event(&event)
		    : -EINVAL;
	if (!error)
		error = start();
	if (error)
		return error;
	lock_take(LOCK_WAIT);
	timer = timer_free();
	if (timer) {
		timer_init(timer, (int)clock, &event);
		*(int *)number = (int)(timer - timers);
		if (!wanted)
			timer->record.info.si_value.sival_int = *(int *)number;
	}
	lock_free(LOCK_WAIT);
	return timer ? 0 : -EAGAIN;
}

long backend_timer_delete(long number)
{
	struct timer *timer;

	lock_take(LOCK_WAIT);
	timer = timer_of(number);
	if (timer) {
		signal_record_drop(&timer->record);
		timer->used = false;
		timer->due = 0;
	}
	lock_free(LOCK_WAIT);
	return timer ? 0 : -EINVAL;
}

static struct timespec to_timespec(uint64_t ns)
{
	return (struct timespec){ .tv_sec = (time_t)(ns / NS_PER_SECOND),
				  .tv_nsec = (long)(ns % NS_PER_SECOND) };
}

/* How long until it is due, and then each time. */
static struct itimerspec timer_read(const struct timer *timer)
{
	uint64_t now = clock_monotonic_ns(), rest = 0;

	if (timer->due)
		rest = timer->due > now ? timer->due - now : 1;
	return (struct itimerspec){ .it_interval = to_timespec(timer->interval),
				    .it_value = to_timespec(rest) };
}

/* Set a timer; a pending signal stays. due: ns, 0 stops it. With LOCK_WAIT. */
static void timer_set(struct timer *timer, uint64_t due, uint64_t interval)
{
	timer->due = due;
	timer->interval = due ? interval : 0;
	wake_up(timers, ANY_BITS, 1);
}

long backend_timer_gettime(long number, long value)
{
	struct timer *timer;

	lock_take(LOCK_WAIT);
	timer = timer_of(number);
	if (timer)
		*(struct itimerspec *)value = timer_read(timer);
	lock_free(LOCK_WAIT);
	return timer ? 0 : -EINVAL;
}

/* Monotonic time at which a new value is due, at least 1; 0 for none. */
static long due_of(int clock, const struct timespec *value, bool absolute, uint64_t *due)
{
	uint64_t now = clock_monotonic_ns();
	long error = clock_span_ns(value, due);

	if (error || !*due)
		return error;
	if (absolute && clock == CLOCK_REALTIME) {
		uint64_t offset = clock_realtime_ns() - now;

		*due = *due > offset ? *due - offset : 1;
	} else if (!absolute) {
		*due = *due < ~0ULL - now ? *due + now : ~0ULL - 1;
	}
	return 0;
}

long backend_timer_settime(long number, long flags, long new, long old)
{
	const struct itimerspec *value = (const struct itimerspec *)new;
	struct itimerspec before;
	uint64_t due, interval;
	struct timer *timer;
	long error = clock_span_ns(&value->it_interval, &interval);

	lock_take(LOCK_WAIT);
	timer = timer_of(number);
	if (!timer)
		error = -EINVAL;
	if (!error)
		error = due_of(timer->clock, &value->it_value, flags & TIMER_ABSTIME, &due);
	if (!error) {
		before = timer_read(timer);
		timer_set(timer, due, interval);
		timer->overrun = 0;
	}
	lock_free(LOCK_WAIT);
	if (!error && old)
		*(struct itimerspec *)old = before;
	return error;
}

long backend_timer_getoverrun(long number)
{
	struct timer *timer;
	long overrun = -EINVAL;

	lock_take(LOCK_WAIT);
	timer = timer_of(number);
	if (timer)
		overrun = timer->overrun;
	lock_free(LOCK_WAIT);
	return overrun;
}

static long check_which(long which)
{
	if (which == ITIMER_REAL)
		return 0;
	return which == ITIMER_VIRTUAL || which == ITIMER_PROF ? -ENOSYS : -EINVAL;
}

static struct itimerval alarm_read(void)
{
	struct itimerspec value = timer_read(&timers[ALARM]);

	return (struct itimerval){
		.it_interval = { value.it_interval.tv_sec, value.it_interval.tv_nsec / 1000 },
		.it_value = { value.it_value.tv_sec, value.it_value.tv_nsec / 1000 }
	};
}

long backend_getitimer(long which, long value)
{
	long error = check_which(which);

	if (error)
		return error;
	lock_take(LOCK_WAIT);
	*(struct itimerval *)value = alarm_read();
	lock_free(LOCK_WAIT);
	return 0;
}

static long timeval_ns(const struct timeval *time, uint64_t *ns)
{
	struct timespec span = { time->tv_sec, time->tv_usec * 1000 };

	return clock_span_ns(&span, ns);
}

long backend_setitimer(long which, long new, long old)
{
	const struct itimerval *value = (const struct itimerval *)new;
	struct timer *timer = &timers[ALARM];
	struct itimerval before;
	uint64_t due, interval;
	long error = check_which(which);

	if (!error)
		error = timeval_ns(&value->it_interval, &interval);
	if (!error)
		error = timeval_ns(&value->it_value, &due);
	if (!error)
		error = start();
	if (error)
		return error;
	lock_take(LOCK_WAIT);
	before = alarm_read();
	if (!timer->used)
		timer_init(timer, CLOCK_MONOTONIC,
			   &(struct event){ .signal = SIGALRM, .notify = SIGEV_SIGNAL });
	timer->record.info.si_code = SI_KERNEL;
	timer_set(timer, due ? clock_monotonic_ns() + due : 0, interval);
	lock_free(LOCK_WAIT);
	if (old)
		*(struct itimerval *)old = before;
	return 0;
}
