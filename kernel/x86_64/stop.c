/* SPDX-License-Identifier: MIT */
/*
 * Stopping CPUs. A CPU stands still while its bit in `wanted` is set. The bit in `sent` tells its
 * NMI handler that the NMI is ours: an NMI that was already served by polling (park) still arrives
 * later and is then ignored.
 */
#include "x86_64/stop.h"
#include "core/cpu.h"
#include "x86_64/insn.h"
#include "x86_64/regs.h"

#define NOBODY ~0u

static u64 wanted, sent;   /* a bit a CPU; atomic */
static u32 owner = NOBODY; /* CPU that stops the others */
static bool forever;
static const struct regs *stopped_at[MAX_CPUS];
static const struct regs no_regs; /* stopped by polling */

unsigned stop_own_number(void)
{
	return rdmsr(MSR_GS_BASE) >> 63 ? this_cpu()->number : 0;
}

static bool is_wanted(unsigned n)
{
	return __atomic_load_n(&wanted, __ATOMIC_ACQUIRE) >> n & 1;
}

static void park(unsigned n, const struct regs *r)
{
	WRITE_ONCE(stopped_at[n], r);
	while (is_wanted(n)) {
		if (READ_ONCE(forever))
			__asm__ volatile("cli; hlt");
		pause();
	}
	WRITE_ONCE(stopped_at[n], NULL);
}

static bool other_online(unsigned n, unsigned own)
{
	return n != own && cpus[n] && READ_ONCE(cpus[n]->online);
}

static bool all_stopped(unsigned own)
{
	for (unsigned n = 0; n < MAX_CPUS; n++)
		if (other_online(n, own) && !READ_ONCE(stopped_at[n]))
			return false;
	return true;
}

static void stop_others(unsigned own)
{
	u64 end;

	for (unsigned n = 0; n < MAX_CPUS; n++) {
		if (!other_online(n, own))
			continue;
		__atomic_fetch_or(&sent, 1ULL << n, __ATOMIC_SEQ_CST);
		__atomic_fetch_or(&wanted, 1ULL << n, __ATOMIC_SEQ_CST);
		lapic_nmi(cpus[n]->apic_id);
	}
	end = rdtsc() + tsc_khz * 100;
	while (!all_stopped(own) && rdtsc() < end)
		pause();
}

void cpus_stop(void)
{
	unsigned own = stop_own_number();
	u32 nobody = NOBODY;

	while (!__atomic_compare_exchange_n(&owner, &nobody, own, false, __ATOMIC_SEQ_CST,
					    __ATOMIC_SEQ_CST)) {
		nobody = NOBODY;
		if (is_wanted(own))
			park(own, &no_regs);
		pause();
	}
	stop_others(own);
}

void cpus_stop_forever(void)
{
	WRITE_ONCE(forever, true);
	WRITE_ONCE(owner, stop_own_number());
	stop_others(stop_own_number());
}

void cpus_resume(void)
{
	__atomic_store_n(&wanted, 0, __ATOMIC_SEQ_CST);
	for (unsigned n = 0; n < MAX_CPUS; n++)
		while (READ_ONCE(stopped_at[n]))
			pause();
	__atomic_store_n(&owner, NOBODY, __ATOMIC_SEQ_CST);
}

const struct regs *cpu_stopped_regs(unsigned n)
{
	const struct regs *r = n < MAX_CPUS ? READ_ONCE(stopped_at[n]) : NULL;

	return r == &no_regs ? NULL : r;
}

bool stop_nmi(const struct regs *r)
{
	unsigned n = stop_own_number();
	u64 bit = 1ULL << n;

	if (!(__atomic_fetch_and(&sent, ~bit, __ATOMIC_SEQ_CST) & bit))
		return false;
	if (is_wanted(n))
		park(n, r);
	return true;
}
