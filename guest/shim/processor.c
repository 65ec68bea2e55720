/* SPDX-License-Identifier: MIT */
/* What the processor says about itself to code without privileges. */
#include "shim/policy.h"

enum { LEAF_FEATURES = 1, LEAF_FEATURES_2 = 7, ECX_OSXSAVE = 1 << 27, EBX_FSGSBASE = 1 << 0 };

void processor_cpuid(uint32_t leaf, uint32_t subleaf, struct cpuid_result *r)
{
	asm volatile("cpuid"
		     : "=a"(r->eax), "=b"(r->ebx), "=c"(r->ecx), "=d"(r->edx)
		     : "a"(leaf), "c"(subleaf));
}

uint64_t processor_xcr0(void)
{
	struct cpuid_result r;
	uint32_t low, high;

	processor_cpuid(LEAF_FEATURES, 0, &r);
	if (!(r.ecx & ECX_OSXSAVE))
		return 0;
	asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

uint64_t processor_tsc(void)
{
	uint32_t low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

bool processor_null_clears_base(void)
{
	struct cpuid_result r;
	uint64_t base = 1;

	processor_cpuid(LEAF_FEATURES_2, 0, &r);
	if (!(r.ebx & EBX_FSGSBASE))
		return false;
	asm volatile("wrfsbase %0; mov %1, %%fs; rdfsbase %0" : "+r"(base) : "r"(0));
	asm volatile("wrfsbase %0" : : "r"(0UL));
	return !base;
}
