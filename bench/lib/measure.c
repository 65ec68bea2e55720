/* SPDX-License-Identifier: MIT */
/* Samples, medians and the lines that tools/bench reads. */
#include "measure.h"

#define CALIBRATION_LOOPS 10000
#define CALIBRATION_SLACK 100

uint64_t profile_marks[512] __attribute__((aligned(PAGE_BYTES)));

static struct row rows[ROWS_MAX];
static unsigned row_count;
static uint32_t overhead;

static uint32_t counted_loop(void)
{
	uint32_t loops = CALIBRATION_LOOPS, start = ticks_now();

	__asm__ volatile("1: dec %0\n\tjnz 1b" : "+r"(loops));
	return ticks_now() - start;
}

static void sort(uint32_t *a, unsigned n)
{
	for (unsigned i = 1; i < n; i++) {
		uint32_t x = a[i];
		unsigned j = i;

		for (; j > 0 && a[j - 1] > x; j--)
			a[j] = a[j - 1];
		a[j] = x;
	}
}

void measure_init(void)
{
	uint32_t loop = counted_loop(), sample[15];

	tap_diag("bench-calibration %u instructions take %u ticks", 2 * CALIBRATION_LOOPS, loop);
	if (loop < 2 * CALIBRATION_LOOPS || loop > 2 * CALIBRATION_LOOPS + CALIBRATION_SLACK)
		tap_bail("the time-stamp counter does not count instructions: -icount shift=0?");
	for (unsigned i = 0; i < ARRAY_SIZE(sample); i++) {
		uint32_t start = ticks_now();

		sample[i] = ticks_now() - start;
	}
	sort(sample, ARRAY_SIZE(sample));
	overhead = sample[ARRAY_SIZE(sample) / 2];
	row_value("x_overhead", overhead);
}

struct row *row_open(const char *id)
{
	struct row *r = &rows[row_count];

	if (row_count == ROWS_MAX)
		tap_bail("more than %u rows", ROWS_MAX);
	*r = (struct row){ .id = id, .number = ++row_count };
	return r;
}

bool row_full(const struct row *r)
{
	return r->count == ROUNDS + WARM_UP;
}

void row_add(struct row *r, uint32_t ticks)
{
	if (r->count >= WARM_UP && r->count < ROUNDS + WARM_UP)
		r->sample[r->count - WARM_UP] = ticks - overhead;
	r->count += !row_full(r);
}

void row_close(struct row *r)
{
	if (!row_full(r))
		tap_bail("%s: only %u samples", r->id, r->count);
	sort(r->sample, ROUNDS);
	tap_diag("bench %u %s %u %u %u %u", r->number, r->id, r->sample[ROUNDS / 2], r->sample[0],
		 r->sample[ROUNDS - 1], ROUNDS);
}

void row_value(const char *id, uint64_t value)
{
	tap_diag("bench 0 %s %lu %lu %lu 1", id, value, value, value);
}

void must(const char *what, l4_msgtag_t tag)
{
	if (l4_error(tag) < 0)
		tap_bail("%s fails: %ld", what, l4_error(tag));
}
