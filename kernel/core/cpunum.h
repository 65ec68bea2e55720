/* SPDX-License-Identifier: MIT */
/* Number of the executing CPU; the host tests have a stand-in in test/unit/host/core. */
#ifndef KERNEL_CPUNUM_H
#define KERNEL_CPUNUM_H

#include "core/cpu.h"

/* 0..MAX_CPUS-1. One load through GS; valid as soon as this CPU's GS base is set. */
static always_inline unsigned cpu_number(void)
{
	u32 n;

	__asm__("movl %%gs:%c1, %0" : "=r"(n) : "i"(offsetof(struct cpu, number)));
	return n;
}

#endif
