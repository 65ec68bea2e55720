/* SPDX-License-Identifier: MIT */
/* Sets of CPUs as the scheduler protocol has them. Pure. */
#ifndef MOE_CPU_MASK_H
#define MOE_CPU_MASK_H

/* Bits first .. first + 63 of a mask of `words` words. */
unsigned long cpu_mask_window(const unsigned long *mask, unsigned words, unsigned first);

/*
 * The CPUs that are in the mask and in a set (granularity in bits 24..31, first CPU in bits 0..23,
 * map with one bit for 2^granularity CPUs): the lowest one is *first, the result the map from there
 * on, one bit a CPU, at most 64. 0: none, *first = 0.
 */
unsigned long cpu_mask_intersect(const unsigned long *mask, unsigned words, unsigned long set,
				 unsigned long map, unsigned *first);

#endif
