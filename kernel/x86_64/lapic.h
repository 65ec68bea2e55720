/* SPDX-License-Identifier: MIT */
/* Registers of the local APIC (Intel SDM vol. 3, 10.4.1) for lapic.c and timer.c, which use them
 * on hot paths. */
#ifndef KERNEL_LAPIC_H
#define KERNEL_LAPIC_H

#include "core/types.h"
#include "x86_64/insn.h"

/* Offsets in the xAPIC page; >> 4: number of the x2APIC register. */
enum {
	LAPIC_ID = 0x20,
	LAPIC_VERSION = 0x30,
	LAPIC_TPR = 0x80,
	LAPIC_EOI = 0xb0,
	LAPIC_SVR = 0xf0,
	LAPIC_ISR = 0x100,
	LAPIC_ESR = 0x280,
	LAPIC_LVT_CMCI = 0x2f0,
	LAPIC_ICR = 0x300,
	LAPIC_ICR_HIGH = 0x310, /* xAPIC only */
	LAPIC_LVT_TIMER = 0x320,
	LAPIC_LVT_THERMAL = 0x330,
	LAPIC_LVT_PERF = 0x340,
	LAPIC_LVT_LINT0 = 0x350,
	LAPIC_LVT_LINT1 = 0x360,
	LAPIC_LVT_ERROR = 0x370,
	LAPIC_TIMER_INITIAL = 0x380,
	LAPIC_TIMER_CURRENT = 0x390,
	LAPIC_TIMER_DIVIDE = 0x3e0,
	LAPIC_LVT_MASKED = 1 << 16,
};

struct lapic {
	bool x2apic;
	volatile u8 *page; /* xAPIC registers; NULL in x2APIC mode */
};
extern struct lapic lapic;

static always_inline u32 lapic_get(unsigned reg)
{
	if (lapic.x2apic)
		return (u32)rdmsr(MSR_X2APIC_BASE + (reg >> 4));
	return *(volatile u32 *)(lapic.page + reg);
}

static always_inline void lapic_set(unsigned reg, u32 v)
{
	if (lapic.x2apic)
		wrmsr(MSR_X2APIC_BASE + (reg >> 4), v);
	else
		*(volatile u32 *)(lapic.page + reg) = v;
}

#endif
