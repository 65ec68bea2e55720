/* SPDX-License-Identifier: MIT */
/* A processor that has every feature there ever was, for tests of what a guest sees of it. */
#ifndef TEST_UNIT_HOST_PROCESSOR_FAKE_H
#define TEST_UNIT_HOST_PROCESSOR_FAKE_H

#include "xen/hypercall.h"
#include "shim/policy.h"

enum { FAKE_HIGHEST = 0x24, FAKE_AVX_OFFSET = 576, FAKE_AVX_BYTES = 256 };

static uint64_t fake_xcr0 = 0x602e7;
static uint32_t fake_highest = FAKE_HIGHEST;
static unsigned fake_bases_written;

/* Places of the extended state: AVX at 576, the three of AVX-512 behind a gap, as processors do. */
static void fake_state(uint32_t subleaf, struct cpuid_result *r)
{
	static const uint32_t offsets[] = { 0, 0, 576, 960, 1024, 1088, 1152, 1664, 0, 2688 };
	static const uint32_t sizes[] = { 0, 0, 256, 64, 64, 60, 512, 1024, 0, 8 };

	if (subleaf < 2)
		*r = (struct cpuid_result){ UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX };
	else if (subleaf < 10)
		*r = (struct cpuid_result){ sizes[subleaf], offsets[subleaf], subleaf == 6 ? 2 : 0,
					    0 };
	else
		*r = (struct cpuid_result){ 4096, 8192, 7, 0 };
}

void processor_cpuid(uint32_t leaf, uint32_t subleaf, struct cpuid_result *r)
{
	uint32_t highest = leaf >> 31 ? 0x80000026U : fake_highest;

	*r = (struct cpuid_result){ UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX };
	if (leaf == 0 || leaf == 0x80000000U)
		*r = (struct cpuid_result){ highest, 1, 2, 3 };
	else if (leaf == 0xd)
		fake_state(subleaf, r);
}

uint64_t processor_xcr0(void)
{
	return fake_xcr0;
}

uint64_t processor_tsc(void)
{
	return 0x123456789aUL;
}

void host_segment_base(struct vcpu *v, enum xen_segment_base which);
void host_segment_base(struct vcpu *v, enum xen_segment_base which)
{
	(void)which;
	(void)v;
	fake_bases_written++;
}

#endif
