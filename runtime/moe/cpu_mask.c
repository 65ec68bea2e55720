/* SPDX-License-Identifier: MIT */
/* Intersection of CPU sets. */
#include <stdbool.h>
#include "cpu_mask.h"

enum { WORD_BITS = 64, GRANULARITY_MAX = 24 };

static bool has(const unsigned long *mask, unsigned words, unsigned cpu)
{
	return cpu / WORD_BITS < words && (mask[cpu / WORD_BITS] >> cpu % WORD_BITS & 1);
}

unsigned long cpu_mask_window(const unsigned long *mask, unsigned words, unsigned first)
{
	unsigned long window = 0;

	for (unsigned i = 0; i < WORD_BITS; i++)
		window |= (unsigned long)has(mask, words, first + i) << i;
	return window;
}

unsigned long cpu_mask_intersect(const unsigned long *mask, unsigned words, unsigned long set,
				 unsigned long map, unsigned *first)
{
	unsigned granularity = set >> 24 & 0xff, start = set & 0xffffff;
	unsigned long result = 0;

	*first = 0;
	if (granularity > GRANULARITY_MAX)
		granularity =
		    GRANULARITY_MAX; /* one bit for all CPUs: the usual parameters have that */
	start &= ~((1U << granularity) - 1);
	for (unsigned cpu = start; cpu < words * WORD_BITS; cpu++) {
		unsigned bit = (cpu - start) >> granularity;

		if (bit >= WORD_BITS || (result && cpu - *first >= WORD_BITS))
			break;
		if (!(map >> bit & 1) || !has(mask, words, cpu))
			continue;
		if (!result)
			*first = cpu;
		result |= 1UL << (cpu - *first);
	}
	return result;
}
