/* SPDX-License-Identifier: MIT */
/*
 * sgdt, sidt, sldt, str and smsw of user mode, which a processor with UMIP refuses. A Linux that
 * knows of UMIP answers them itself, with values that tell nothing; a guest's Linux is not told
 * of it, as it would want to set it. The values are the same as Linux's. The guest's kernel is
 * answered too, but its sgdt tells of its own table: Linux looks up the code segments of 32-bit
 * processes there. Pure.
 */
#ifndef GUEST_SHIM_SPOOF_H
#define GUEST_SHIM_SPOOF_H

#include <stdbool.h>
#include <stdint.h>
#include <l4/sys/vcpu.h>

/* What counts beside the registers. */
struct spoof_caller {
	bool wide; /* it executes 64-bit code; else 32-bit code without a base */
	bool flat; /* its data and stack segments have no base */
	bool ldt;  /* it has local descriptors */
	uint64_t fs_base, gs_base;
	bool kernel; /* it is the guest's kernel, whose table this is: */
	uint64_t gdt_base;
	uint16_t gdt_limit;
};

enum { SPOOF_BYTES_MAX = 10 };

/* What is to be stored in user memory, and where the instruction pointer is then. */
struct spoof_store {
	uint64_t address, behind;
	unsigned bytes; /* 0: nothing, a register was set */
	uint8_t data[SPOOF_BYTES_MAX];
};

/*
 * Answer the instruction that begins with the given bytes (up to 15; fewer if the rest is not
 * there). False: it is none of these, or its operand is nowhere; nothing is changed.
 */
bool spoof(const struct spoof_caller *p, l4_vcpu_regs_t *r, const uint8_t *bytes, unsigned count,
	   struct spoof_store *store);

#endif
