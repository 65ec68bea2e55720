/* SPDX-License-Identifier: MIT */
/* The timers of a vCPU: one-shot, periodic, and on vCPU 0 the watchdogs of the machine. */
#ifndef GUEST_SHIM_TIMERS_H
#define GUEST_SHIM_TIMERS_H

#include "shim/vcpu.h"

/* System time (ns) at which timers_run() has something to do; 0: never. */
uint64_t timers_next(const struct vcpu *v);

/*
 * Raise what is due at system time now (ns): the timer's virtual interrupt, the end of the machine.
 * Called by the vCPU itself, at any time.
 */
void timers_run(struct vcpu *v, uint64_t now);

/* The vCPU has stood still for so long, for a pause: that does not count for watchdogs. */
void timers_stood_still(struct vcpu *v, uint64_t ns);

/* Set the one-shot timer (system time, ns; 0: none). What is past is raised at once. */
void timers_set(struct vcpu *v, uint64_t when);

#endif
