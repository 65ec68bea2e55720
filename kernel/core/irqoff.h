/* SPDX-License-Identifier: MIT */
/*
 * Measuring how long interrupts are off. The hooks are empty unless the kernel is built with
 * MEASURE_IRQS_OFF (the benchmark does).
 */
#ifndef KERNEL_IRQOFF_H
#define KERNEL_IRQOFF_H

#include "core/cpu.h"

#ifdef MEASURE_IRQS_OFF
#define IRQS_OFF_MEASURED true
#else
#define IRQS_OFF_MEASURED false
#endif

static always_inline void irqoff_begin(struct cpu *c)
{
	if (IRQS_OFF_MEASURED)
		c->irqs_off_since = rdtsc();
}

static always_inline void irqoff_end(struct cpu *c)
{
	u64 d;

	if (!IRQS_OFF_MEASURED || !c->irqs_off_since)
		return;
	d = rdtsc() - c->irqs_off_since;
	c->irqs_off_since = 0;
	if (d > c->irqs_off_max)
		c->irqs_off_max = d;
}

#endif
