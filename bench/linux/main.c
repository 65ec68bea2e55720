/* SPDX-License-Identifier: MIT */
/*
 * What operations of a Linux cost: a line `name least median` a row, in ticks of the time-stamp
 * counter, which counts instructions where the machine is told so. Each sample is one operation;
 * what an empty one costs is taken off. Arguments: names of rows; none: all of them.
 */
#include <alloca.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "rows.h"

/* What a page table of level 1 translates. */
enum { TABLE_BYTES = 2 << 20 };

static const struct row *const tables[] = { processor_rows, call_rows,	 signal_rows, memory_rows,
					    process_rows,   switch_rows, file_rows };

/* Shared, so that a forked process does not make the next store a fault. */
static unsigned long *samples;

long must(long result, const char *what)
{
	if (result < 0) {
		fflush(stdout);
		perror(what);
		_Exit(1);
	}
	return result;
}

static inline unsigned long now(void)
{
	unsigned low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (unsigned long)high << 32 | low;
}

static int by_value(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;

	return x < y ? -1 : x > y;
}

/*
 * The kernel chooses addresses by chance. Were they taken as they come, it would be chance whether
 * the next mapping needs one page table or two, and whether a stack's few words are in one page or
 * two, which a fork copies. So the samples are in the middle of what one table translates, with the
 * next mappings below; and rows run in the middle of a page of the stack.
 */
static void map_samples(void)
{
	char *area = mmap(NULL, 2 * TABLE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *table = area + (-(uintptr_t)area & (TABLE_BYTES - 1));
	size_t bytes = SAMPLES_MAX * sizeof(*samples);

	must(area == MAP_FAILED ? -1 : 0, "addresses for samples");
	samples = mmap(table + TABLE_BYTES / 2, bytes, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	must(samples == MAP_FAILED ? -1 : 0, "memory for samples");
	memset(samples, 0, bytes);
	must(munmap(area, (char *)samples - area), "addresses below samples");
}

/* Fills and sorts the samples. */
static void measure(void (*operation)(void), unsigned count)
{
	for (unsigned i = 0; i < count / 10 + 2; i++)
		operation();
	for (unsigned i = 0; i < count; i++) {
		unsigned long start = now();

		operation();
		samples[i] = now() - start;
	}
	qsort(samples, count, sizeof(*samples), by_value);
}

static void nothing(void)
{
}

static unsigned long without(unsigned long ticks, unsigned long empty)
{
	return ticks > empty ? ticks - empty : 0;
}

static void run(const struct row *row, unsigned long empty)
{
	fflush(stdout);
	if (row->before && !row->before()) {
		printf("%s n/a n/a\n", row->name);
		return;
	}
	measure(row->operation, row->samples);
	if (row->after)
		row->after();
	printf("%s %lu %lu\n", row->name, without(samples[0], empty),
	       without(samples[row->samples / 2], empty));
}

static void run_in_middle_of_page(const struct row *row, unsigned long empty)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	char *room = alloca((here - PAGE_BYTES / 2) % PAGE_BYTES + 1);

	__asm__ volatile("" : : "r"(room) : "memory");
	run(row, empty);
}

static int is_wanted(const char *name, char **words)
{
	if (!*words)
		return 1;
	while (*words)
		if (!strcmp(*words++, name))
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	const char *boot = getenv("BOOT_TICKS");
	unsigned long empty;

	(void)argc;
	if (boot)
		printf("boot %s %s\n", boot, boot);
	map_samples();
	measure(nothing, 1000);
	empty = samples[0];
	for (unsigned t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct row *row = tables[t]; row->name; row++)
			if (is_wanted(row->name, argv + 1))
				run_in_middle_of_page(row, empty);
	printf("bench end\n");
	return 0;
}
