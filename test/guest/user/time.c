/* SPDX-License-Identifier: MIT */
/* Clocks of a guest: never back, the same on all CPUs and whoever is asked; the vsyscall page. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "user.h"

enum { LOOKS = 100000, THREADS = 4 };

static uint64_t nanoseconds(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t called(clockid_t clock)
{
	struct timespec now;
	syscall(SYS_clock_gettime, clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static volatile uint64_t latest;

/* A look at the clock is never before one that was over when it began. */
static void *watch(void *wrong)
{
	for (unsigned i = 0; i < LOOKS; i++) {
		uint64_t before = __atomic_load_n(&latest, __ATOMIC_SEQ_CST);
		uint64_t now = nanoseconds(CLOCK_MONOTONIC);
		if (now < before) {
			printf("# %lu after %lu\n", now, before);
			*(volatile bool *)wrong = true;
		}
		while (before < now &&
		       !__atomic_compare_exchange_n(&latest, &before, now, false, __ATOMIC_SEQ_CST,
						    __ATOMIC_SEQ_CST))
			;
	}
	return NULL;
}

static bool forward(void)
{
	pthread_t id[THREADS];
	volatile bool wrong = false;
	for (unsigned i = 0; i < THREADS; i++)
		pthread_create(&id[i], NULL, watch, (void *)&wrong);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(id[i], NULL);
	return !wrong;
}

static bool agree(void)
{
	static const clockid_t clocks[] = { CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_MONOTONIC_RAW,
					    CLOCK_BOOTTIME };
	for (unsigned i = 0; i < LOOKS / 10; i++) {
		clockid_t clock = clocks[i % 4];
		uint64_t first = called(clock), second = nanoseconds(clock), third = called(clock);
		if (first > second || second > third) {
			printf("# clock %d: %lu, %lu, %lu\n", clock, first, second, third);
			return false;
		}
	}
	return true;
}

static bool sleeps(void)
{
	uint64_t before = nanoseconds(CLOCK_MONOTONIC);
	struct timespec time = { 0, 3000000 };
	for (unsigned i = 0; i < 20; i++)
		while (nanosleep(&time, &time))
			;
	return nanoseconds(CLOCK_MONOTONIC) - before >= 20 * 3000000;
}

static bool processor_number(void)
{
	unsigned cpu, node;
	for (unsigned i = 0; i < (unsigned)sysconf(_SC_NPROCESSORS_ONLN); i++) {
		cpu_set_t set;
		CPU_ZERO(&set);
		CPU_SET(i, &set);
		sched_setaffinity(0, sizeof(set), &set);
		getcpu(&cpu, &node);
		if (cpu != i || (unsigned)sched_getcpu() != i) {
			printf("# CPU %u: %u of node %u, %d\n", i, cpu, node, sched_getcpu());
			return false;
		}
	}
	return true;
}

static long vsyscall_time(void)
{
	return ((long (*)(void *))0xffffffffff600400)(NULL);
}

static bool vsyscall_none(void)
{
	volatile char *page = (volatile char *)0xffffffffff600000;
	fault_catch();
	return faults(vsyscall_time()) && fault.signal == SIGSEGV && faults(*page);
}

static bool vsyscall_emulated(void)
{
	long now = time(NULL), then = vsyscall_time();
	volatile char *page = (volatile char *)0xffffffffff600000;
	fault_catch();
	return now <= then && then <= now + 10 && faults(((void (*)(void))(page + 8))()) &&
	       fault.signal == SIGSEGV;
}

static bool has_word(const char *word)
{
	char text[2048] = "";
	FILE *file = fopen("/proc/cmdline", "r");
	bool found = fgets(text, sizeof(text), file) && strstr(text, word);
	fclose(file);
	return found;
}

void test_time(void)
{
	promise("clocks go forward, on all CPUs together", forward);
	promise("the vdso and the system call agree on the time", agree);
	promise("sleeps are not too short", sleeps);
	promise("the vdso knows the CPU", processor_number);
	if (has_word("vsyscall=emulate"))
		promise("the vsyscall page is emulated if Linux wants it", vsyscall_emulated);
	else
		promise("the vsyscall page is not there", vsyscall_none);
}
