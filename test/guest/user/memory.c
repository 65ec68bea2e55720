/* SPDX-License-Identifier: MIT */
/* Memory of processes: what one CPU takes away no other uses; copies, marks, merging, moving. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user.h"

enum { PAGE = 4096, ROUNDS = 400, MANY = 256, CHILDREN = 6 };

static volatile uint64_t *area(unsigned pages)
{
	return mmap(NULL, (size_t)pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
}

static void on_cpu(unsigned cpu)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* A thread that stores rising numbers to a page, and goes on behind a store that faults. */
static volatile uint64_t *target;
static volatile uint64_t tries, stopped;
static volatile bool enough;

static void next(int signal)
{
	(void)signal;
	siglongjmp(fault_jump, 1);
}

static void *writer(void *unused)
{
	on_cpu((unsigned)sysconf(_SC_NPROCESSORS_ONLN) - 1);
	while (!enough) {
		tries++;
		if (faults(*target = tries))
			stopped++;
	}
	return unused;
}

static pthread_t start_writer(void)
{
	pthread_t id;
	target = area(1);
	signal(SIGSEGV, next);
	on_cpu(0);
	pthread_create(&id, NULL, writer, NULL);
	return id;
}

static void wait_for_tries(unsigned number)
{
	uint64_t until = tries + number;
	while (tries < until)
		sched_yield();
}

static bool protection(void)
{
	bool kept = true;
	pthread_t id = start_writer();
	for (unsigned i = 0; i < ROUNDS && kept; i++) {
		wait_for_tries(3);
		mprotect((void *)target, PAGE, PROT_READ);
		uint64_t value = *target;
		wait_for_tries(3);
		kept = *target == value;
		mprotect((void *)target, PAGE, PROT_READ | PROT_WRITE);
	}
	enough = true;
	pthread_join(id, NULL);
	return kept && stopped;
}

/* Behind munmap the frame is another's: nobody may write to it. */
static bool unmapping(void)
{
	bool kept = true;
	pthread_t id = start_writer();
	for (unsigned i = 0; i < ROUNDS && kept; i++) {
		wait_for_tries(3);
		munmap((void *)target, PAGE);
		volatile uint64_t *other = area(16);
		for (unsigned page = 0; page < 16; page++)
			other[page * 512] = 0x5a5a;
		wait_for_tries(3);
		for (unsigned page = 0; page < 16; page++)
			kept &= other + page * 512 == target || other[page * 512] == 0x5a5a;
		munmap((void *)other, 16 * PAGE);
		mmap((void *)target, PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	}
	enough = true;
	pthread_join(id, NULL);
	return kept;
}

/* A copy is a moment of the original, though another CPU goes on writing. */
static bool copies(void)
{
	int status;
	bool kept = true;
	pthread_t id = start_writer();
	for (unsigned i = 0; i < ROUNDS / 10 && kept; i++) {
		wait_for_tries(3);
		pid_t child = fork();
		if (!child) {
			uint64_t value = *target;
			usleep(2000);
			_exit(*target != value);
		}
		waitpid(child, &status, 0);
		kept = !status;
	}
	enough = true;
	pthread_join(id, NULL);
	return kept;
}

static bool generations(void)
{
	volatile uint64_t *pages = area(MANY);
	int status;
	bool all = true;
	for (unsigned i = 0; i < MANY; i++)
		pages[i * 512] = i;
	for (unsigned child = 1; child <= CHILDREN; child++)
		if (!fork()) {
			for (unsigned i = 0; i < MANY; i += child)
				pages[i * 512] += child * 1000;
			pid_t grandchild = fork();
			for (unsigned i = 0; i < MANY; i++)
				all &= pages[i * 512] == i + (i % child ? 0 : child * 1000);
			if (grandchild)
				waitpid(grandchild, &status, 0);
			_exit(!all || (grandchild && status));
		}
	while (wait(&status) > 0)
		all &= !status;
	for (unsigned i = 0; i < MANY; i++)
		all &= pages[i * 512] == i;
	return all;
}

static bool discarded(void)
{
	volatile uint64_t *pages = area(MANY);
	for (unsigned round = 0; round < 20; round++) {
		for (unsigned i = 0; i < MANY; i++)
			pages[i * 512 + round] = i + 1;
		madvise((void *)pages, MANY * PAGE, MADV_DONTNEED);
		for (unsigned i = 0; i < MANY; i++)
			if (pages[i * 512 + round])
				return false;
	}
	return true;
}

static bool moved(void)
{
	char *pages = (char *)area(MANY), *place = (char *)area(2 * MANY);
	for (unsigned i = 0; i < MANY; i++)
		pages[i * PAGE] = (char)i;
	for (unsigned round = 0; round < 20; round++) {
		char *to = place + (size_t)(round % 2 ? MANY : 0) * PAGE;
		char *now =
		    mremap(pages, MANY * PAGE, MANY * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
		fault_catch();
		if (now != to || !faults(*(volatile char *)pages))
			return false;
		for (unsigned i = 0; i < MANY; i++)
			if (now[i * PAGE] != (char)i)
				return false;
		pages = now;
	}
	return true;
}

static bool write_text(const char *path, const char *text)
{
	int file = open(path, O_WRONLY);
	ssize_t done = write(file, text, strlen(text));
	close(file);
	return done == (ssize_t)strlen(text);
}

/* Let another process, on the same CPU, clear marks of this one. */
static bool clear_marks(const char *kind)
{
	char path[64];
	int status = -1;
	snprintf(path, sizeof(path), "/proc/%d/clear_refs", getpid());
	if (!fork())
		_exit(!write_text(path, kind));
	wait(&status);
	return !status;
}

/* KiB that smaps says of the mapping with the address: "Referenced:", for example. */
static unsigned long in_smaps(volatile void *address, const char *field)
{
	char line[256];
	unsigned long begin, end, value = 0;
	bool here = false;
	FILE *file = fopen("/proc/self/smaps", "r");
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx-%lx ", &begin, &end) == 2)
			here = begin <= (uintptr_t)address && (uintptr_t)address < end;
		else if (here && !strncmp(line, field, strlen(field)))
			value = strtoul(line + strlen(field), NULL, 10);
	}
	fclose(file);
	return value;
}

static bool accessed(void)
{
	volatile uint64_t *pages = area(MANY + 2) + 512;
	mprotect((void *)(pages - 512), PAGE, PROT_NONE); /* a mapping of its own */
	mprotect((void *)(pages + MANY * 512), PAGE, PROT_NONE);
	on_cpu(0);
	for (unsigned i = 0; i < MANY; i++)
		pages[i * 512] = 1;
	for (unsigned wanted = 0; wanted < 64; wanted += 9) {
		if (!clear_marks("1"))
			return false;
		for (unsigned i = 0; i < wanted; i++)
			(void)pages[i * 3 * 512];
		unsigned long found = in_smaps(pages, "Referenced:") / 4;
		if (found != wanted) {
			printf("# %u pages read, %lu referenced\n", wanted, found);
			return false;
		}
	}
	return true;
}

/* Bit 55 of a page's entry: written since it was cleared. */
static unsigned soft_dirty(volatile uint64_t *pages, unsigned number)
{
	unsigned found = 0;
	int file = open("/proc/self/pagemap", O_RDONLY);
	for (unsigned i = 0; i < number; i++) {
		uint64_t entry = 0;
		if (pread(file, &entry, 8, (off_t)((uintptr_t)(pages + i * 512) / PAGE * 8)) == 8)
			found += entry >> 55 & 1;
	}
	close(file);
	return found;
}

static bool written(void)
{
	volatile uint64_t *pages = area(MANY);
	on_cpu(0);
	for (unsigned i = 0; i < MANY; i++)
		pages[i * 512] = 1;
	for (unsigned wanted = 0; wanted < 64; wanted += 9) {
		if (!clear_marks("4") || soft_dirty(pages, MANY))
			return false;
		for (unsigned i = 0; i < MANY; i++)
			(void)pages[i * 512];
		for (unsigned i = 0; i < wanted; i++)
			pages[i * 3 * 512] = 2;
		if (soft_dirty(pages, MANY) != wanted)
			return false;
	}
	return true;
}

static unsigned long number_in(const char *path)
{
	char text[32] = "";
	FILE *file = fopen(path, "r");
	if (!file || !fgets(text, sizeof(text), file))
		return 0;
	fclose(file);
	return strtoul(text, NULL, 10);
}

static bool merged(void)
{
	volatile uint64_t *pages = area(MANY);
	memset((void *)pages, 0x42, MANY * PAGE);
	madvise((void *)pages, MANY * PAGE, MADV_MERGEABLE);
	write_text("/sys/kernel/mm/ksm/pages_to_scan", "2000");
	write_text("/sys/kernel/mm/ksm/run", "1");
	while (number_in("/sys/kernel/mm/ksm/pages_sharing") < MANY / 2)
		usleep(20000);
	for (unsigned i = 0; i < MANY; i += 2)
		pages[i * 512] = i;
	for (unsigned i = 0; i < MANY; i++)
		if (pages[i * 512] != (i % 2 ? 0x4242424242424242 : i) ||
		    pages[i * 512 + 1] != 0x4242424242424242)
			return false;
	return write_text("/sys/kernel/mm/ksm/run", "2");
}

static unsigned long vmstat(const char *name)
{
	char found[64];
	unsigned long value, result = 0;
	FILE *file = fopen("/proc/vmstat", "r");
	while (fscanf(file, "%63s %lu", found, &value) == 2)
		if (!strcmp(found, name))
			result = value;
	fclose(file);
	return result;
}

/* Half of the pages, in no order: Linux looks for free ones in steps, and would miss a pattern. */
static bool kept(unsigned page)
{
	return page * 2654435761u >> 31;
}

static void compact_once_written(volatile unsigned *round)
{
	while (!*round)
		sched_yield();
	for (unsigned i = 0; i < 12; i++)
		if (!write_text("/proc/sys/vm/compact_memory", "1"))
			_exit(1);
	_exit(0);
}

/* The others are given back, so that compaction has something to do; these are written meanwhile.
 */
static bool compacted(void)
{
	enum { LARGE = 16384 };
	volatile uint64_t *pages = area(LARGE);
	volatile unsigned *round =
	    mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned long before = vmstat("pgmigrate_success");
	unsigned wrong = 0;
	int status = -1;
	pid_t child = fork();
	if (!child)
		compact_once_written(round);
	for (unsigned i = 0; i < LARGE; i++)
		pages[i * 512] = i;
	for (unsigned i = 0; i < LARGE; i++)
		if (!kept(i))
			madvise((void *)(pages + i * 512), PAGE, MADV_DONTNEED);
	for (; !waitpid(child, &status, WNOHANG); ++*round)
		for (unsigned i = 0; i < LARGE; i++)
			if (kept(i))
				pages[i * 512] += 0x10000;
	for (unsigned i = 0; i < LARGE; i++)
		wrong += kept(i) && pages[i * 512] != i + *round * 0x10000ull;
	unsigned long pages_moved = vmstat("pgmigrate_success") - before;
	printf("# %lu pages were moved in %u rounds, %u are wrong, compaction's status is %d\n",
	       pages_moved, *round, wrong, status);
	return !wrong && !status && pages_moved;
}

void test_memory(void)
{
	promise("write permission that is taken away is away on all CPUs", protection);
	promise("what is unmapped is unmapped on all CPUs", unmapping);
	promise("fork copies a moment of memory that another CPU writes", copies);
	promise("six children and their children have copies of their own", generations);
	promise("pages given back read as zero", discarded);
	promise("moved pages are where they are", moved);
	promise("pages are marked as accessed if and only if they were", accessed);
	promise("pages are marked as written if and only if they were", written);
	promise("equal pages are merged, and separate when they are written", merged);
	promise("compaction moves pages under those who write them", compacted);
}
