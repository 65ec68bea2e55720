/* SPDX-License-Identifier: MIT */
/*
 * Instructions of the guest's kernel that fault in user mode and that it counts on: control
 * registers, model-specific registers, cpuid behind the prefix that asks for emulation, ports
 * (Intel SDM volume 2). The prefix is an undefined instruction and the letters "xen".
 */
#ifndef GUEST_SHIM_EMULATE_H
#define GUEST_SHIM_EMULATE_H

#include <l4/sys/vcpu.h>

#include "shim/vcpu.h"

enum { INSTRUCTION_BYTES_MAX = 15 };

enum emulate_result {
	EMULATE_DONE,	 /* registers are changed, the instruction pointer is behind */
	EMULATE_HALT,	 /* the same, and the vCPU waits for an event: hlt */
	EMULATE_REFUSED, /* nothing is changed: the guest gets the fault that happened */
};

/*
 * Carry out the instruction of the guest's kernel that begins with the given bytes (up to
 * INSTRUCTION_BYTES_MAX; fewer if the rest is not there). r is the state at the fault, #GP or #UD;
 * its FS and GS bases are those of v afterwards.
 */
enum emulate_result emulate(struct vcpu *v, l4_vcpu_regs_t *r, const uint8_t *bytes,
			    unsigned count);

#endif
