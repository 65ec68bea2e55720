/* SPDX-License-Identifier: MIT */
/* Host stand-in: a test plays several CPUs by setting host_cpu. */
#ifndef KERNEL_CPUNUM_H
#define KERNEL_CPUNUM_H

#include "core/types.h"

extern unsigned host_cpu;

static inline unsigned cpu_number(void)
{
	return host_cpu;
}

#endif
