/* SPDX-License-Identifier: MIT */
/*
 * What operations of a Linux cost: a line `name least median` a row, in ticks of the time-stamp
 * counter, which counts instructions where the machine is told so. Each sample is one operation;
 * what an empty one costs is taken off. Arguments: names of rows; none: all of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "rows.h"

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
	samples = mmap(NULL, SAMPLES_MAX * sizeof(*samples), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(samples == MAP_FAILED ? -1 : 0, "memory for samples");
	memset(samples, 0, SAMPLES_MAX * sizeof(*samples));
	measure(nothing, 1000);
	empty = samples[0];
	for (unsigned t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct row *row = tables[t]; row->name; row++)
			if (is_wanted(row->name, argv + 1))
				run(row, empty);
	printf("bench end\n");
	return 0;
}
