/* SPDX-License-Identifier: MIT */
/*
 * Local APIC (Intel SDM vol. 3, chapter 10). x2APIC mode (registers are MSRs) when the CPU has it,
 * else xAPIC mode (a page of memory); the boot CPU's choice holds for all.
 */
#include "x86_64/insn.h"
#include "x86_64/lapic.h"
#include "x86_64/platform.h"

enum {
	APIC_BASE_BOOT_CPU = 1 << 8,
	APIC_BASE_X2APIC = 1 << 10,
	APIC_BASE_ENABLE = 1 << 11,
	SVR_ENABLE = 1 << 8,
	ICR_FIXED = 0 << 8,
	ICR_NMI = 4 << 8,
	ICR_INIT = 5 << 8,
	ICR_STARTUP = 6 << 8,
	ICR_PENDING = 1 << 12,
	ICR_ASSERT = 1 << 14,
};

struct lapic lapic;

u32 lapic_read(unsigned reg)
{
	return lapic_get(reg);
}

void lapic_write(unsigned reg, u32 v)
{
	lapic_set(reg, v);
}

bool lapic_is_x2apic(void)
{
	return lapic.x2apic;
}

u32 lapic_id(void)
{
	u32 id = lapic_get(LAPIC_ID);

	return lapic.x2apic ? id : id >> 24;
}

u32 lapic_error(void)
{
	lapic_set(LAPIC_ESR, 0);
	return lapic_get(LAPIC_ESR);
}

static void choose_mode(void)
{
	bool firmware_x2apic = rdmsr(MSR_APIC_BASE) & APIC_BASE_X2APIC;

	lapic.x2apic = cpu_feat.x2apic || firmware_x2apic;
	if (!lapic.x2apic)
		lapic.page = mmio_map(phys(acpi.lapic_phys), PAGE_SIZE, false);
}

static void mask_local_vectors(void)
{
	static const u16 lvt[] = { LAPIC_LVT_TIMER, LAPIC_LVT_LINT0, LAPIC_LVT_LINT1,
				   LAPIC_LVT_ERROR, LAPIC_LVT_PERF,  LAPIC_LVT_THERMAL,
				   LAPIC_LVT_CMCI };
	unsigned last = lapic_get(LAPIC_VERSION) >> 16 & 0xff; /* entries - 1 */

	for (unsigned i = 0; i < ARRAY_SIZE(lvt) && i <= last; i++)
		lapic_set(lvt[i], LAPIC_LVT_MASKED);
}

/* Finish what firmware may have left in service. */
static void finish_interrupts(void)
{
	for (unsigned i = 0; i < 8; i++)
		for (u32 isr = lapic_get(LAPIC_ISR + i * 16); isr; isr &= isr - 1)
			lapic_eoi();
}

rarely void lapic_init(void)
{
	u64 base = rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE;

	if (!lapic.x2apic && !lapic.page)
		choose_mode();
	wrmsr(MSR_APIC_BASE, base);
	if (lapic.x2apic)
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_X2APIC);
	lapic_set(LAPIC_SVR, SVR_ENABLE | VECTOR_SPURIOUS);
	mask_local_vectors();
	if (base & APIC_BASE_BOOT_CPU)
		lapic_set(LAPIC_LVT_LINT1, ICR_NMI); /* for the debugger */
	lapic_set(LAPIC_TPR, 0);
	finish_interrupts();
	lapic_set(LAPIC_LVT_ERROR, VECTOR_LAPIC_ERROR);
	lapic_error();
}

void lapic_eoi(void)
{
	lapic_set(LAPIC_EOI, 0);
}

/* The memory writes before an IPI must be visible to its receiver; a write to an x2APIC register
 * does not wait for them by itself (10.12.3). */
static void send(u32 apic_id, u32 command)
{
	if (lapic.x2apic) {
		mfence();
		lfence();
		wrmsr(MSR_X2APIC_BASE + (LAPIC_ICR >> 4), (u64)apic_id << 32 | command);
		return;
	}
	while (lapic_get(LAPIC_ICR) & ICR_PENDING)
		pause();
	lapic_set(LAPIC_ICR_HIGH, apic_id << 24);
	lapic_set(LAPIC_ICR, command);
}

void lapic_ipi(u32 apic_id, u8 vector)
{
	send(apic_id, ICR_FIXED | ICR_ASSERT | vector);
}

void lapic_ipi_init(u32 apic_id)
{
	send(apic_id, ICR_INIT | ICR_ASSERT);
}

void lapic_ipi_startup(u32 apic_id, u8 page)
{
	send(apic_id, ICR_STARTUP | ICR_ASSERT | page);
}

void lapic_nmi(u32 apic_id)
{
	send(apic_id, ICR_NMI | ICR_ASSERT);
}
