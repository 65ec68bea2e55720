/* SPDX-License-Identifier: MIT */
/* The run state of a vCPU and its copy in guest memory. */
#ifndef GUEST_SHIM_RUNSTATE_H
#define GUEST_SHIM_RUNSTATE_H

#include "shim/vcpu.h"

/* The vCPU runs for the first time: the time before does not count. */
void runstate_start(struct vcpu *v);

/* The vCPU leaves its run state for another (enum xen_runstate). Called by the vCPU itself. */
void runstate_enter(struct vcpu *v, uint32_t state);

/*
 * The vCPU runs: what it has lost to others since it was asked last is "runnable" from now on,
 * which Linux shows as steal time. Called by the vCPU itself, now and then. Others that could run
 * and have no processor are shown as "runnable" while that is so, and call this as soon as they
 * have one; so where vCPUs share a processor each turn begins with it.
 */
void runstate_account(struct vcpu *v);

/* host_wait() of a vCPU that is blocked: from when on it could have run counts as lost. */
void runstate_wait(struct vcpu *v, uint64_t until);

/*
 * Another vCPU has an event for v, which may be blocked. waits: v cannot run before the caller
 * makes room for it; this is shown, and Linux yields before it waits for an answer.
 */
void runstate_woken(struct vcpu *v, bool waits);

/* Show the run state of a vCPU to the guest, after its area was set. */
void runstate_publish(struct vcpu *v);

#endif
