/* SPDX-License-Identifier: MIT */
/* The guest's clock, derived from the time-stamp counter, and the run states of its vCPUs. */
#ifndef GUEST_SHIM_TIME_H
#define GUEST_SHIM_TIME_H

#include <stdbool.h>

#include "xen/shared_info.h"
#include "xen/vcpu.h"

/* nanoseconds = ((ticks << shift) * mul) >> 32; a negative shift is to the right. */
struct tsc_scale {
	uint32_t mul;
	int8_t shift;
};

/* The scale for a frequency in kHz (1000 .. 2^32 - 1) with the most precise mul (2^31 or more). */
struct tsc_scale tsc_scale(uint32_t khz);

/* Ticks to nanoseconds. */
uint64_t tsc_to_ns(struct tsc_scale scale, uint64_t ticks);

/* Write the clock: at TSC value tsc the system time was ns. Readers may be there. */
void time_publish(struct xen_time_info *info, struct tsc_scale scale, uint64_t tsc, uint64_t ns,
		  bool stable);

/* Set the time of day that system time 0 had: seconds since 1970, nanoseconds. */
void time_publish_wall(struct xen_shared_info *shared, uint64_t sec, uint32_t nsec);

/*
 * The vCPU leaves its state for another, or the same (enum xen_runstate), at system time now, ns.
 * Of the time since it entered it lost_ns count as "runnable": it had no processor. With flagged,
 * entry_time says during the change that it is one (vm_assist).
 */
void runstate_change(struct xen_runstate_info *info, uint32_t state, uint64_t now, uint64_t lost_ns,
		     bool flagged);

#endif
