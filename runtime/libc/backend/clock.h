/* SPDX-License-Identifier: MIT */
/* Times of the back end. The kernel clock counts microseconds since the kernel's start. */
#ifndef BACKEND_CLOCK_H
#define BACKEND_CLOCK_H

#include <stdint.h>

#define NS_PER_SECOND 1000000000ULL

struct timespec;

/* Monotonic time in nanoseconds since the kernel's start. */
uint64_t clock_monotonic_ns(void);
/* Nanoseconds since 1970; since the kernel's start if there is no real-time clock. */
uint64_t clock_realtime_ns(void);

/* *ns = the time in nanoseconds; more than fits is the largest number. 0 or -EINVAL. */
long clock_span_ns(const struct timespec *time, uint64_t *ns);

/*
 * *deadline = kernel clock at which a time span ends (at = NULL: never), or at which a clock shows
 * that time. 0 or -EINVAL.
 */
long clock_deadline_after(const struct timespec *span, uint64_t *deadline);
long clock_deadline_at(int clock, const struct timespec *time, uint64_t *deadline);

#endif
