/* SPDX-License-Identifier: MIT */
/* The run state of a vCPU and its copy in guest memory. */
#ifndef GUEST_SHIM_RUNSTATE_H
#define GUEST_SHIM_RUNSTATE_H

#include "shim/vcpu.h"

/* The vCPU leaves its run state for another (enum xen_runstate). Called by the vCPU itself. */
void runstate_enter(struct vcpu *v, uint32_t state);

/* Show the run state of a vCPU to the guest, after its area was set. */
void runstate_publish(struct vcpu *v);

#endif
