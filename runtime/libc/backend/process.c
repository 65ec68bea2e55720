/* SPDX-License-Identifier: MIT */
/* The program as a process: it is the only one, number 1, of user 0; scheduling; names. */
#include "backend/calls.h"
#include "backend/clock.h"
#include "backend/platform.h"
#include "backend/thread.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <sys/utsname.h>

#include <l4/sys/scheduler.h>

enum { PRIORITY_MIN = 1, PRIORITY_MAX = 255, NS_PER_TICK = 10000000 };

long backend_getpid(void)
{
	return 1;
}

long backend_getppid(void)
{
	return 0;
}

long backend_getuid(void)
{
	return 0;
}

long backend_geteuid(void)
{
	return 0;
}

long backend_getgid(void)
{
	return 0;
}

long backend_getegid(void)
{
	return 0;
}

long backend_exit_group(long code)
{
	platform_exit((int)code & 0xff);
}

long backend_uname(long result)
{
	static const struct utsname name = { .sysname = "Zwinger",
					     .nodename = "zwinger",
					     .release = "1",
					     .version = "1",
					     .machine = "x86_64" };

	memcpy((void *)result, &name, sizeof(name));
	return 0;
}

static void set_cpu_time(struct timeval *time, int thread)
{
	uint64_t ns = 0;

	thread_cpu_time(thread, &ns);
	time->tv_sec = (time_t)(ns / NS_PER_SECOND);
	time->tv_usec = (suseconds_t)(ns % NS_PER_SECOND / 1000);
}

/* CPU time only: the kernel does not tell that of itself from the program's. */
long backend_getrusage(long who, long result)
{
	struct rusage *usage = (struct rusage *)result;

	if (who != RUSAGE_SELF && who != RUSAGE_THREAD && who != RUSAGE_CHILDREN)
		return -EINVAL;
	memset(usage, 0, offsetof(struct rusage, __reserved));
	if (who != RUSAGE_CHILDREN)
		set_cpu_time(&usage->ru_utime, who == RUSAGE_THREAD ? thread_id(thread_self()) : 0);
	return 0;
}

long backend_times(long result)
{
	struct tms *times = (struct tms *)result;
	uint64_t ns = 0;

	thread_cpu_time(0, &ns);
	if (times)
		*times = (struct tms){ .tms_utime = (clock_t)(ns / NS_PER_TICK) };
	return (long)(clock_monotonic_ns() / NS_PER_TICK);
}

/* The thread with that identifier (0: the calling one), or NULL. With LOCK_WAIT. */
static struct thread *thread_named(long id)
{
	return id ? thread_find((int)id) : thread_self();
}

/* Change what the scheduler is told of a thread; an error leaves it as it was. */
static long reschedule(long id, unsigned priority, unsigned long cpus)
{
	struct thread *thread, before;
	long result = -ESRCH;

	lock_take(LOCK_WAIT);
	thread = thread_named(id);
	if (thread) {
		before = *thread;
		thread->priority = priority ? priority : before.priority;
		thread->cpus = cpus ? cpus : before.cpus;
		result = thread_schedule(thread) < 0 ? -EINVAL : 0;
	}
	if (result == -EINVAL) {
		thread->priority = before.priority;
		thread->cpus = before.cpus;
	}
	lock_free(LOCK_WAIT);
	return result;
}

long backend_sched_setaffinity(long id, long bytes, long set)
{
	unsigned long cpus = 0;

	memcpy(&cpus, (const void *)set,
	       (size_t)bytes < sizeof(cpus) ? (size_t)bytes : sizeof(cpus));
	return cpus ? reschedule(id, 0, cpus) : -EINVAL;
}

long backend_sched_getaffinity(long id, long bytes, long set)
{
	l4_sched_cpu_set_t all = l4_sched_cpu_set(0, 0, 0);
	struct thread *thread;
	unsigned long cpus;

	if ((size_t)bytes < sizeof(cpus))
		return -EINVAL;
	if (l4_error(l4_scheduler_info(platform_scheduler(), NULL, &all)) < 0)
		return -EIO;
	lock_take(LOCK_WAIT);
	thread = thread_named(id);
	cpus = thread && thread->cpus ? thread->cpus & all.map : all.map;
	lock_free(LOCK_WAIT);
	if (!thread)
		return -ESRCH;
	*(unsigned long *)set = cpus;
	return sizeof(cpus);
}

/* Real-time priorities are those of the kernel; SCHED_OTHER is the one that programs start with. */
long backend_sched_setscheduler(long id, long policy, long parameters)
{
	int priority = ((const struct sched_param *)parameters)->sched_priority;

	if (policy == SCHED_OTHER)
		return priority ? -EINVAL : reschedule(id, platform_priority(), 0);
	if (policy != SCHED_RR && policy != SCHED_FIFO)
		return -EINVAL;
	if (priority < PRIORITY_MIN || priority > PRIORITY_MAX)
		return -EINVAL;
	return reschedule(id, (unsigned)priority, 0);
}

static long priority_of(long id)
{
	struct thread *thread;
	long result = -ESRCH;

	lock_take(LOCK_WAIT);
	thread = thread_named(id);
	if (thread)
		result = thread->priority;
	lock_free(LOCK_WAIT);
	return result;
}

long backend_sched_getscheduler(long id)
{
	long priority = priority_of(id);

	if (priority < 0)
		return priority;
	return priority == (long)platform_priority() ? SCHED_OTHER : SCHED_RR;
}

long backend_sched_getparam(long id, long parameters)
{
	long priority = priority_of(id);

	if (priority < 0)
		return priority;
	((struct sched_param *)parameters)->sched_priority =
	    priority == (long)platform_priority() ? 0 : (int)priority;
	return 0;
}

long backend_sched_setparam(long id, long parameters)
{
	long policy = backend_sched_getscheduler(id);

	return policy < 0 ? policy : backend_sched_setscheduler(id, policy, parameters);
}

long backend_sched_get_priority_max(long policy)
{
	return policy == SCHED_OTHER ? 0 : PRIORITY_MAX;
}

long backend_sched_get_priority_min(long policy)
{
	return policy == SCHED_OTHER ? 0 : PRIORITY_MIN;
}
