/* SPDX-License-Identifier: MIT */
/*
 * Measuring rows of a benchmark. Under QEMU's -icount shift=0 the time-stamp counter counts guest
 * instructions; a sample is the difference of two reads with what an empty pair costs taken off.
 * Around each sample the program stores to profile_marks, so that the plugin bench/insncount.c
 * knows which row the kernel works for; the stores are outside of what is measured.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "thread.h"

enum { ROUNDS = 301, WARM_UP = 20, ROWS_MAX = 120 };

struct row {
	const char *id;	 /* of bench/ipc.goals, or x_... */
	unsigned number; /* 1 up: index of the row's mark */
	unsigned count;
	uint32_t sample[ROUNDS];
};

/* One page; the plugin tells the row from the address of a store of MARK_VALUE. */
extern uint64_t profile_marks[512];
#define MARK_VALUE 0x5a570001

/* Check that the counter counts instructions, and find what an empty sample costs. */
void measure_init(void);
/* A new row; its first WARM_UP samples are not kept. */
struct row *row_open(const char *id);
/* Enough samples? */
bool row_full(const struct row *r);
void row_add(struct row *r, uint32_t ticks);
/* Print the row's line "bench NUMBER ID MEDIAN MIN MAX SAMPLES"; bails out if it is not full. */
void row_close(struct row *r);
/* One figure that is not a median of samples. */
void row_value(const char *id, uint64_t value);
/* Bail out unless an operation of the row worked. */
void must(const char *what, l4_msgtag_t tag);

/* The low half: rows are shorter than 2^32 instructions. */
static inline __attribute__((always_inline)) uint32_t ticks_now(void)
{
	uint32_t low;

	__asm__ volatile("rdtsc" : "=a"(low) : : "rdx", "memory");
	return low;
}

/* The kernel works for row number n from here on; 0: for none. */
static inline __attribute__((always_inline)) void profile_mark(unsigned n)
{
	__asm__ volatile("movl %1, %0" : "=m"(profile_marks[n]) : "i"(MARK_VALUE));
}

/* One sample of a statement. */
#define MEASURE(row, statement)              \
	do {                                 \
		uint32_t start_, end_;       \
		profile_mark((row)->number); \
		start_ = ticks_now();        \
		statement;                   \
		end_ = ticks_now();          \
		profile_mark(0);             \
		row_add(row, end_ - start_); \
	} while (0)

#endif
