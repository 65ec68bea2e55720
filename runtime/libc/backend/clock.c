/* SPDX-License-Identifier: MIT */
/* Clocks and sleep. All clocks follow the kernel's; real time is it and an offset. */
#include "backend/calls.h"
#include "backend/clock.h"
#include "backend/realtime.h"
#include "backend/signals.h"
#include "backend/thread.h"

#include <errno.h>
#include <time.h>
#include <l4/sys/kip.h>

uint64_t clock_monotonic_ns(void)
{
	return l4_kip_clock_ns(l4_kip());
}

uint64_t clock_realtime_ns(void)
{
	return clock_monotonic_ns() + realtime_offset_ns();
}

/*
 * Clocks of CPU time have negative numbers: all bits of the thread's or process's identifier turned
 * over, and below it three that say what it is.
 */
enum { CPU_CLOCK_SHIFT = 3, CPU_CLOCK_OF_PROCESS = 2, CPU_CLOCK_OF_THREAD = 6, ONLY_PROCESS = 1 };

/* The thread (0: all of them) whose CPU time a clock shows, or -1. */
static int thread_of_clock(int clock)
{
	int id = ~(clock >> CPU_CLOCK_SHIFT);

	if (clock == CLOCK_PROCESS_CPUTIME_ID)
		return 0;
	if (clock == CLOCK_THREAD_CPUTIME_ID)
		return thread_id(thread_self());
	if (clock >= 0)
		return -1;
	if ((clock & 7) == CPU_CLOCK_OF_THREAD)
		return id ? id : thread_id(thread_self());
	return (clock & 7) == CPU_CLOCK_OF_PROCESS && (!id || id == ONLY_PROCESS) ? 0 : -1;
}

static uint64_t clock_cpu_ns(int clock)
{
	int id = thread_of_clock(clock);
	uint64_t ns;

	if (id < 0 || thread_cpu_time(id, &ns))
		return 0;
	return ns ? ns : 1;
}

/* Nanoseconds of a clock, or 0 for none that is known. */
static uint64_t clock_now(int clock)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		return clock_realtime_ns();
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		return clock_monotonic_ns();
	default:
		return clock_cpu_ns(clock);
	}
}

static bool is_cpu_clock(int clock)
{
	return thread_of_clock(clock) >= 0;
}

/* Nanoseconds of a time; those that nobody will see end as the largest number. */
long clock_span_ns(const struct timespec *time, uint64_t *ns)
{
	if (time->tv_sec < 0 || time->tv_nsec < 0 || time->tv_nsec >= (long)NS_PER_SECOND)
		return -EINVAL;
	*ns = ~0ULL;
	if ((uint64_t)time->tv_sec < ~0ULL / NS_PER_SECOND / 2)
		*ns = time->tv_sec * NS_PER_SECOND + time->tv_nsec;
	return 0;
}

/* Not before the given time in nanoseconds. */
static uint64_t deadline_of(uint64_t ns)
{
	uint64_t limit = 1ULL << 62;

	return ns > limit ? WAIT_NO_DEADLINE : ns / 1000 + 1;
}

long clock_deadline_after(const struct timespec *span, uint64_t *deadline)
{
	uint64_t ns = ~0ULL;
	long error = span ? clock_span_ns(span, &ns) : 0;

	if (!error)
		*deadline =
		    ns > 1ULL << 62 ? WAIT_NO_DEADLINE : deadline_of(clock_monotonic_ns() + ns);
	return error;
}

long clock_deadline_at(int clock, const struct timespec *time, uint64_t *deadline)
{
	uint64_t now = is_cpu_clock(clock) ? 0 : clock_now(clock), ns = ~0ULL;
	long error = now ? 0 : -EINVAL;

	if (!error && time)
		error = clock_span_ns(time, &ns);
	if (error)
		return error;
	if (ns == ~0ULL)
		*deadline = WAIT_NO_DEADLINE;
	else
		*deadline = deadline_of(clock_monotonic_ns() + (ns > now ? ns - now : 0));
	return 0;
}

long backend_clock_gettime(long clock, long result)
{
	struct timespec *time = (struct timespec *)result;
	uint64_t now = clock_now((int)clock);

	if (!now)
		return -EINVAL;
	time->tv_sec = (time_t)(now / NS_PER_SECOND);
	time->tv_nsec = (long)(now % NS_PER_SECOND);
	return 0;
}

long backend_clock_getres(long clock, long result)
{
	if (!clock_now((int)clock))
		return -EINVAL;
	if (result)
		*(struct timespec *)result =
		    (struct timespec){ .tv_nsec = is_cpu_clock((int)clock) ? 1000 : 1 };
	return 0;
}

/* Real time is that of the server behind `rtc`; a program's own would be no real time. */
long backend_clock_settime(long clock, long time)
{
	uint64_t ns;

	if (clock != CLOCK_REALTIME || clock_span_ns((const struct timespec *)time, &ns))
		return -EINVAL;
	return -EPERM;
}

/* Time until a deadline, for one that was interrupted. */
static void store_rest(uint64_t deadline, struct timespec *rest)
{
	uint64_t now = clock_monotonic_ns(), ns = 0;

	if (deadline == WAIT_NO_DEADLINE)
		return;
	if (deadline * 1000 > now)
		ns = deadline * 1000 - now;
	rest->tv_sec = (time_t)(ns / NS_PER_SECOND);
	rest->tv_nsec = (long)(ns % NS_PER_SECOND);
}

static long sleep_for(uint64_t deadline, struct timespec *rest)
{
	static const char nobody_wakes;
	long result;

	lock_take(LOCK_WAIT);
	result = wait_on(&nobody_wakes, ANY_BITS, deadline);
	lock_free(LOCK_WAIT);
	signals_run(result);
	if (result == -EINTR && rest)
		store_rest(deadline, rest);
	return result == -ETIMEDOUT ? 0 : result;
}

long backend_clock_nanosleep(long clock, long flags, long time, long rest)
{
	uint64_t deadline;
	long error;

	if (flags & TIMER_ABSTIME) {
		error = clock_deadline_at((int)clock, (const struct timespec *)time, &deadline);
		return error ? error : sleep_for(deadline, NULL);
	}
	error = !is_cpu_clock((int)clock) && clock_now((int)clock) ? 0 : -EINVAL;
	if (!error)
		error = clock_deadline_after((const struct timespec *)time, &deadline);
	return error ? error : sleep_for(deadline, (struct timespec *)rest);
}

long backend_nanosleep(long time, long rest)
{
	return backend_clock_nanosleep(CLOCK_MONOTONIC, 0, time, rest);
}
