/* SPDX-License-Identifier: MIT */
/*
 * The debug registers of a vCPU, which the guest shares with a debugger: the debugger's breakpoints
 * take registers that the guest has not enabled, or the last ones if there are none. The guest does
 * not see that; what it enables in such a register has no effect until the debugger has gone. While
 * the debugger lets a vCPU make a step none for data is on: emulators lose the place of the step
 * if it is a hit, too.
 */
#ifndef GUEST_SHIM_BREAKPOINTS_H
#define GUEST_SHIM_BREAKPOINTS_H

#include "shim/vcpu.h"

enum { BREAKPOINTS_CONTROL = 7 };

/* Registers 0 to 3 and, as *control, 7 for the processor; v->lent says whose they are then. */
void breakpoints_merge(struct vcpu *v, uint64_t *addresses, uint64_t *control);

/*
 * Bit n: the debugger's breakpoint n is among the hits of the status (DR6). They leave *status, as
 * do hits of registers that the guest has not enabled if there is any of the debugger's.
 */
unsigned breakpoints_take(const struct vcpu *v, uint64_t *status);

#endif
