/* SPDX-License-Identifier: MIT */
/*
 * Samples of an operation: differences of the time-stamp counter, which counts guest instructions
 * under QEMU's -icount shift=0. Nothing else may run, as its instructions would count too.
 */
#ifndef BENCH_RUNTIME_SAMPLE_H
#define BENCH_RUNTIME_SAMPLE_H

#include <stdbool.h>

enum { SAMPLES = 101, SAMPLES_WARM_UP = 10 };

/* Instructions since the machine was switched on. */
static inline unsigned long sample_ticks(void)
{
	unsigned low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
	return (unsigned long)high << 32 | low;
}

struct sample_row {
	const char *id;
	unsigned count;
	unsigned long start, values[SAMPLES];
};

/* Is the row full? Begins the next sample otherwise. */
bool sample_next(struct sample_row *row);

/* Ends the sample that sample_next() began. */
void sample_end(struct sample_row *row);

/* Prints "bench ID MEDIAN" without what an empty sample takes. */
void sample_print(struct sample_row *row);

#endif
