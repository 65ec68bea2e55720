/* SPDX-License-Identifier: MIT */
/* Rows of samples and their medians. */
#include "runtime/sample.h"

#include <stdio.h>
#include <stdlib.h>

static unsigned long empty; /* ticks of an empty sample */

static int compare(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;

	return x < y ? -1 : x > y;
}

static unsigned long median(struct sample_row *row)
{
	qsort(row->values, SAMPLES, sizeof(row->values[0]), compare);
	return row->values[SAMPLES / 2];
}

static void measure_empty(void)
{
	struct sample_row row = { 0 };

	while (sample_next(&row))
		sample_end(&row);
	empty = median(&row);
}

bool sample_next(struct sample_row *row)
{
	if (row->count == SAMPLES + SAMPLES_WARM_UP)
		return false;
	row->start = sample_ticks();
	return true;
}

void sample_end(struct sample_row *row)
{
	unsigned long ticks = sample_ticks() - row->start;

	if (row->count >= SAMPLES_WARM_UP)
		row->values[row->count - SAMPLES_WARM_UP] = ticks;
	row->count++;
}

void sample_print(struct sample_row *row)
{
	if (!empty)
		measure_empty();
	printf("bench %s %lu\n", row->id, median(row) - empty);
}
