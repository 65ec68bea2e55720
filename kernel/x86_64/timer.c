/* SPDX-License-Identifier: MIT */
/*
 * Time: rate of the time-stamp counter, and a one-shot timer a CPU on its local APIC.
 *
 * The TSC rate comes from CPUID where the processor or the hypervisor tells it; otherwise it is
 * measured against a clock of known rate: ACPI PM timer, HPET or PIT channel 2. A reading of such
 * a clock is placed in the middle of the two TSC values around it, so its error is at most half
 * the time that the access takes. The window is as long as that error asks for: 1 ms when the
 * access is a few instructions (an emulator, where waiting costs instructions), up to 20 ms when
 * it is slow.
 */
#include "core/print.h"
#include "x86_64/insn.h"
#include "x86_64/lapic.h"
#include "x86_64/platform.h"

u64 tsc_khz;

enum {
	TIMER_ONE_SHOT = 0 << 17,
	TIMER_TSC_DEADLINE = 2 << 17,
	TIMER_DIVIDE_BY_1 = 0xb,
	PRECISION = 4096, /* the window is so many times longer than a reading is uncertain */
};

static u64 apic_khz;
static u64 apic_per_tsc; /* APIC timer ticks a TSC tick, times 2^32 */

/* --- Clocks of known rate --- */

struct clock {
	u64 hz;
	u64 mask; /* the counter wraps here */
	u32 (*read)(void);
	const char *name;
};

static u32 read_pm_timer(void)
{
	return inl((u16)acpi.pm_timer_port);
}

static volatile u8 *hpet;

static u32 read_hpet(void)
{
	return *(volatile u32 *)(hpet + 0xf0);
}

/* Channel 2 counts down; it is latched so that the two bytes belong together. */
static u32 read_pit(void)
{
	u32 lo;

	outb(0x43, 0x80);
	lo = inb(0x42);
	return ~(lo | (u32)inb(0x42) << 8);
}

static bool open_pm_timer(struct clock *c)
{
	u64 mask = acpi.pm_timer_32bit ? 0xffffffff : 0xffffff;

	*c = (struct clock){
		.hz = 3579545, .mask = mask, .read = read_pm_timer, .name = "PM timer"
	};
	return acpi.pm_timer_port;
}

/* Capabilities: upper half of register 0 is the period in femtoseconds; register 0x10 bit 0 runs
 * the counter (IA-PC HPET specification 2.3). */
static bool open_hpet(struct clock *c)
{
	u32 period;

	if (!acpi.hpet_phys)
		return false;
	hpet = mmio_map(phys(acpi.hpet_phys), 1024, false);
	if (!hpet)
		return false;
	period = *(volatile u32 *)(hpet + 4);
	if (!period || period > 100000000)
		return false;
	*(volatile u32 *)(hpet + 0x10) |= 1;
	*c = (struct clock){ .hz = 1000000000000000ull / period,
			     .mask = 0xffffffff,
			     .read = read_hpet,
			     .name = "HPET" };
	return true;
}

/* Gate on, speaker off; channel 2, both bytes, mode 2 (rate generator), full range (8254). */
static bool open_pit(struct clock *c)
{
	outb(0x61, (u8)((inb(0x61) & ~2) | 1));
	outb(0x43, 0xb4);
	outb(0x42, 0);
	outb(0x42, 0);
	*c = (struct clock){ .hz = 1193182, .mask = 0xffff, .read = read_pit, .name = "PIT" };
	return true;
}

/* False if the clock stands still. */
static bool clock_runs(const struct clock *c)
{
	u32 first = c->read();

	for (unsigned i = 0; i < 10000; i++)
		if (c->read() != first)
			return true;
	return false;
}

static void open_clock(struct clock *c)
{
	if (open_pm_timer(c) && clock_runs(c))
		return;
	if (open_hpet(c) && clock_runs(c))
		return;
	open_pit(c);
}

/* --- Measuring --- */

struct sample {
	u64 tsc;
	u64 width; /* TSC ticks that the reading took */
	u32 clock, apic;
};

/* The clock at the moment when it has just ticked, the TSC, and the APIC timer. */
static struct sample take_sample(const struct clock *c)
{
	u32 old = c->read() & c->mask;
	struct sample s;
	u64 before, after;

	do {
		before = rdtsc();
		s.clock = c->read() & c->mask;
		after = rdtsc();
	} while (s.clock == old);
	s.apic = lapic_get(LAPIC_TIMER_CURRENT);
	s.width = after - before;
	s.tsc = before + s.width / 2;
	return s;
}

/* The sharpest of three: the others may have been interrupted by a hypervisor or by firmware. */
static struct sample take_sharp_sample(const struct clock *c)
{
	struct sample best = take_sample(c);

	for (unsigned i = 0; i < 2; i++) {
		struct sample s = take_sample(c);

		if (s.width < best.width)
			best = s;
	}
	return best;
}

/* Ticks of the clock for a window that starts with s: 1 to 20 ms. */
static u64 window_ticks(const struct clock *c, const struct sample *s)
{
	struct sample t = take_sample(c);
	u64 ticks = (t.clock - s->clock) & c->mask;
	u64 tsc_per_ms = (t.tsc - s->tsc) * (c->hz / 1000) / (ticks ? ticks : 1);
	u64 wanted_us = s->width * PRECISION * 1000 / (tsc_per_ms ? tsc_per_ms : 1);

	return c->hz * min_u64(max_u64(wanted_us, 1000), 20000) / 1000000;
}

static void measure(const struct clock *c, bool tsc_known)
{
	struct sample first, last;
	u64 wanted, ticks;

	first = take_sharp_sample(c);
	wanted = window_ticks(c, &first);
	do
		last = take_sharp_sample(c);
	while (((last.clock - first.clock) & c->mask) < wanted);
	ticks = (last.clock - first.clock) & c->mask;
	if (!tsc_known)
		tsc_khz = (last.tsc - first.tsc) * c->hz / ticks / 1000;
	if (!apic_khz)
		apic_khz = (u64)(first.apic - last.apic) * c->hz / ticks / 1000;
}

/* --- CPUID --- */

/* Leaf 0x15: ratio and crystal rate; leaf 0x16: nominal rate, where the crystal's is missing. */
static bool rate_from_cpuid(void)
{
	u32 max = cpuid(0, 0).a;
	struct cpuid_regs r;

	if (max < 0x15)
		return false;
	r = cpuid(0x15, 0);
	if (!r.a || !r.b)
		return false;
	if (r.c) {
		tsc_khz = (u64)r.c * r.b / r.a / 1000;
		apic_khz = r.c / 1000; /* the crystal drives the APIC timer */
	} else if (max >= 0x16) {
		tsc_khz = (u64)(cpuid(0x16, 0).a & 0xffff) * 1000;
		apic_khz = tsc_khz * r.a / r.b;
	}
	return tsc_khz;
}

/* Leaf 0x40000010 of a hypervisor: TSC and APIC bus rates in kHz, if the numbers can be true. */
static bool rate_from_hypervisor(void)
{
	enum { MIN_KHZ = 100000, MAX_KHZ = 20000000 };
	struct cpuid_regs r;

	if (!(cpuid(1, 0).c >> 31) || cpuid(0x40000000, 0).a < 0x40000010)
		return false;
	r = cpuid(0x40000010, 0);
	if (r.a < MIN_KHZ || r.a > MAX_KHZ)
		return false;
	tsc_khz = r.a;
	apic_khz = r.b;
	return true;
}

/* --- The timer --- */

void timer_init_boot(void)
{
	bool known = rate_from_hypervisor() || rate_from_cpuid();
	const char *source = "CPUID";
	struct clock c;

	lapic_set(LAPIC_TIMER_DIVIDE, TIMER_DIVIDE_BY_1);
	if (!known || (!apic_khz && !cpu_feat.tsc_deadline)) {
		open_clock(&c);
		lapic_set(LAPIC_LVT_TIMER, LAPIC_LVT_MASKED | TIMER_ONE_SHOT);
		lapic_set(LAPIC_TIMER_INITIAL, ~0u);
		measure(&c, known);
		lapic_set(LAPIC_TIMER_INITIAL, 0);
		source = known ? source : c.name;
	}
	apic_per_tsc = (apic_khz << 32) / tsc_khz;
	printk("timer: TSC %lu kHz (%s), %s\n", (unsigned long)tsc_khz, source,
	       cpu_feat.tsc_deadline ? "TSC deadline" : "APIC one-shot");
}

void timer_init_cpu(void)
{
	u32 mode = cpu_feat.tsc_deadline ? TIMER_TSC_DEADLINE : TIMER_ONE_SHOT;

	lapic_set(LAPIC_TIMER_DIVIDE, TIMER_DIVIDE_BY_1);
	lapic_set(LAPIC_LVT_TIMER, mode | VECTOR_TIMER);
	mfence(); /* the mode is set before the first deadline is written (10.5.4.1) */
}

/* APIC ticks until the deadline: at least 1, at most what the counter holds. */
static u32 ticks_until(u64 deadline)
{
	u64 now = rdtsc();
	u64 delta = deadline > now ? deadline - now : 0;

	if (delta >> 32)
		delta = 0xffffffff;
	delta = (u64)((unsigned __int128)delta * apic_per_tsc >> 32);
	return delta >= 0xffffffff ? 0xffffffff : (u32)delta + 1;
}

void timer_arm(u64 deadline)
{
	if (cpu_feat.tsc_deadline)
		wrmsr(MSR_TSC_DEADLINE, deadline ? deadline : 1); /* 0 would disarm it */
	else
		lapic_set(LAPIC_TIMER_INITIAL, ticks_until(deadline));
}

void timer_stop(void)
{
	if (cpu_feat.tsc_deadline)
		wrmsr(MSR_TSC_DEADLINE, 0);
	else
		lapic_set(LAPIC_TIMER_INITIAL, 0);
}
