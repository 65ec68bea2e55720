/* SPDX-License-Identifier: MIT */
/* The processor's leaves as a guest sees them: what is not in a mask here is hidden. */
#include "shim/policy.h"

#define BIT(n) (1U << (n))

enum leaves {
	LEAF_HIGHEST = 0x16,
	LEAF_XEN = 0x40000000,
	LEAF_XEN_HIGHEST = LEAF_XEN + 5,
	LEAF_EXTENDED = 0x80000000U,
	LEAF_EXTENDED_HIGHEST = LEAF_EXTENDED + 8,
	LEAF_EXTENDED_2 = LEAF_EXTENDED + 0x21
};

enum { NULL_CLEARS_BASE = 1 << 6 }; /* of its EAX */

enum { TSC_NOT_EMULATED = 2 };
enum { XEN_VERSION = 4 << 16 | 17, XEN_ADDRESS_BITS = 40, LEGACY_STATE_BYTES = 576 };

/* SSE3 PCLMULQDQ SSSE3 FMA CX16 SSE4.1 SSE4.2 MOVBE POPCNT AES F16C RDRAND; vector state */
#define LEAF1_ECX                                                                               \
	(BIT(0) | BIT(1) | BIT(9) | BIT(12) | BIT(13) | BIT(19) | BIT(20) | BIT(22) | BIT(23) | \
	 BIT(25) | BIT(29) | BIT(30) | XSAVE | OSXSAVE | AVX)
#define XSAVE	   BIT(26)
#define OSXSAVE	   BIT(27)
#define AVX	   BIT(28)
#define HYPERVISOR BIT(31)

/* FPU DE TSC MSR PAE CX8 CMOV PAT CLFSH MMX FXSR SSE SSE2; no page sizes, no APIC, no MTRR */
#define LEAF1_EDX                                                                            \
	(BIT(0) | BIT(2) | BIT(4) | BIT(5) | BIT(6) | BIT(8) | BIT(15) | BIT(16) | BIT(19) | \
	 BIT(23) | BIT(24) | BIT(25) | BIT(26))

/* BMI1 AVX2 FDP BMI2 ERMS FCS AVX512F DQ RDSEED ADX IFMA CLFLUSHOPT CLWB CD SHA BW VL */
#define LEAF7_EBX                                                                             \
	(BIT(3) | BIT(5) | BIT(6) | BIT(8) | BIT(9) | BIT(13) | BIT(16) | BIT(17) | BIT(18) | \
	 BIT(19) | BIT(21) | BIT(23) | BIT(24) | BIT(28) | BIT(29) | BIT(30) | BIT(31))
#define LEAF7_EBX_AVX	 BIT(5)
#define LEAF7_EBX_AVX512 (BIT(16) | BIT(17) | BIT(21) | BIT(28) | BIT(30) | BIT(31))

/* VBMI VBMI2 GFNI VAES VPCLMUL VNNI BITALG VPOPCNTDQ MOVDIRI MOVDIR64B */
#define LEAF7_ECX                                                                              \
	(BIT(1) | BIT(6) | BIT(8) | BIT(9) | BIT(10) | BIT(11) | BIT(12) | BIT(14) | BIT(27) | \
	 BIT(28))

/* 4VNNIW 4FMAPS FSRM VP2INTERSECT MD_CLEAR SERIALIZE FP16 */
#define LEAF7_EDX (BIT(2) | BIT(3) | BIT(4) | BIT(8) | BIT(10) | BIT(14) | BIT(23))

/* LAHF ABM SSE4A MISALIGNSSE PREFETCH XOP FMA4 TBM */
#define EXTENDED1_ECX (BIT(0) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(11) | BIT(16) | BIT(21))

/* FPU DE TSC MSR PAE CX8 CMOV PAT MMX FXSR as above; SYSCALL NX MMXEXT FXSR_OPT LM 3DNOW */
#define EXTENDED1_EDX                                                                        \
	(BIT(0) | BIT(2) | BIT(4) | BIT(5) | BIT(6) | BIT(8) | BIT(11) | BIT(15) | BIT(16) | \
	 BIT(20) | BIT(22) | BIT(23) | BIT(24) | BIT(25) | BIT(29) | BIT(30) | BIT(31))

#define ALL UINT32_MAX

/* Bits of the processor's leaf that the guest sees; sub-leaves above highest are 0. */
struct leaf_mask {
	uint32_t leaf, highest;
	struct cpuid_result mask;
};

static const struct leaf_mask masks[] = {
	{ 0x00, ALL, { ALL, ALL, ALL, ALL } },
	{ 0x01, ALL, { ALL, 0xffff, LEAF1_ECX, LEAF1_EDX } },
	{ 0x02, ALL, { ALL, ALL, ALL, ALL } },	/* caches */
	{ 0x04, ALL, { 0x3fff, ALL, ALL, 7 } }, /* caches, without the number of sharers */
	{ 0x07, 0, { 1, LEAF7_EBX, LEAF7_ECX, LEAF7_EDX } },
	{ 0x07, 1, { BIT(4) | BIT(5) | BIT(10) | BIT(11) | BIT(12) | BIT(23), 0, 0, 0 } },
	{ 0x0d, 0, { ALL, ALL, ALL, ALL } },
	{ 0x0d, 1, { BIT(0) | BIT(1) | BIT(2), ALL, 0, 0 } }, /* XSAVEOPT XSAVEC XGETBV1 */
	{ 0x0d, 62, { ALL, ALL, BIT(1), 0 } },
	{ 0x15, ALL, { ALL, ALL, ALL, 0 } }, /* ratio of TSC and crystal */
	{ 0x16, ALL, { ALL, ALL, ALL, 0 } }, /* frequencies */
	{ LEAF_EXTENDED, ALL, { ALL, ALL, ALL, ALL } },
	{ LEAF_EXTENDED + 1, ALL, { ALL, 0, EXTENDED1_ECX, EXTENDED1_EDX } },
	{ LEAF_EXTENDED + 2, ALL, { ALL, ALL, ALL, ALL } }, /* name, three leaves */
	{ LEAF_EXTENDED + 3, ALL, { ALL, ALL, ALL, ALL } },
	{ LEAF_EXTENDED + 4, ALL, { ALL, ALL, ALL, ALL } },
	{ LEAF_EXTENDED + 5, ALL, { ALL, ALL, ALL, ALL } }, /* caches */
	{ LEAF_EXTENDED + 6, ALL, { ALL, ALL, ALL, ALL } },
	{ LEAF_EXTENDED + 7, ALL, { 0, 0, 0, BIT(8) } },	       /* invariant TSC */
	{ LEAF_EXTENDED + 8, ALL, { 0xffff, BIT(0) | BIT(2), 0, 0 } }, /* address bits, CLZERO */
};

static uint64_t offered_xcr0(void)
{
	return processor_xcr0() & XCR0_OFFERED;
}

static void xen_leaf(const struct vcpu *v, uint32_t leaf, struct cpuid_result *r)
{
	switch (leaf - LEAF_XEN) {
	case 0:
		*r = (struct cpuid_result){ LEAF_XEN_HIGHEST, 0x566e6558, 0x65584d4d, 0x4d4d566e };
		break;
	case 1:
		r->eax = XEN_VERSION;
		break;
	case 3:
		r->ebx = TSC_NOT_EMULATED;
		r->ecx = v->machine->start->tsc_khz;
		break;
	case 5:
		r->ebx = XEN_ADDRESS_BITS;
		break;
	}
}

/* Few processors say this, more of them do it: a hypervisor has to tell a guest, which loads
 * selectors twice at each switch of processes otherwise. */
static void null_leaf(const struct vcpu *v, uint32_t leaf, struct cpuid_result *r)
{
	if (leaf == LEAF_EXTENDED_2 && v->machine->null_clears_base)
		r->eax = NULL_CLEARS_BASE;
}

static uint32_t highest_extended(const struct vcpu *v, uint32_t highest)
{
	if (v->machine->null_clears_base)
		return LEAF_EXTENDED_2;
	return highest > LEAF_EXTENDED_HIGHEST ? LEAF_EXTENDED_HIGHEST : highest;
}

/* Bytes that the states of a mask need in the extended area, one behind the other if compacted. */
static uint32_t state_bytes(uint64_t states, bool compacted)
{
	uint32_t bytes = LEGACY_STATE_BYTES;

	for (uint32_t i = 2; i < 63; i++) {
		struct cpuid_result r;

		if (!(states >> i & 1))
			continue;
		processor_cpuid(0xd, i, &r);
		if (!compacted)
			bytes = r.ebx + r.eax > bytes ? r.ebx + r.eax : bytes;
		else
			bytes = (r.ecx & BIT(1) ? (bytes + 63) & ~63U : bytes) + r.eax;
	}
	return bytes;
}

/* Sizes depend on what the guest has switched on, not on what the kernel has. */
static void state_leaf(const struct vcpu *v, uint32_t subleaf, struct cpuid_result *r)
{
	uint64_t offered = offered_xcr0();

	if (!offered || (subleaf > 1 && !(subleaf < 63 && offered >> subleaf & 1)))
		*r = (struct cpuid_result){ 0 };
	else if (subleaf == 0)
		*r = (struct cpuid_result){ (uint32_t)offered, state_bytes(v->xcr0, false),
					    state_bytes(offered, false), 0 };
	else if (subleaf == 1)
		r->ebx = state_bytes(v->xcr0, true);
}

/* What depends on more than the processor's own bits. */
static void adjust(const struct vcpu *v, uint32_t leaf, uint32_t subleaf, struct cpuid_result *r)
{
	uint64_t offered = offered_xcr0();

	switch (leaf) {
	case 0:
		r->eax = r->eax > LEAF_HIGHEST ? LEAF_HIGHEST : r->eax;
		break;
	case 1:
		r->ebx |= 1U << 16 | v->id << 24;
		r->ecx |= HYPERVISOR;
		r->ecx &= offered ? ALL : ~(XSAVE | OSXSAVE);
		r->ecx &= offered & XCR0_AVX ? ALL : ~(AVX | BIT(12) | BIT(29));
		break;
	case 7:
		if (subleaf == 0) {
			r->ebx &= offered & XCR0_AVX ? ALL : ~LEAF7_EBX_AVX;
			r->ebx &= offered & XCR0_AVX512 ? ALL : ~LEAF7_EBX_AVX512;
		}
		break;
	case 0xd:
		state_leaf(v, subleaf, r);
		break;
	case LEAF_EXTENDED:
		r->eax = highest_extended(v, r->eax);
		break;
	}
}

static const struct leaf_mask *find_mask(uint32_t leaf, uint32_t subleaf)
{
	for (unsigned i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
		if (masks[i].leaf == leaf && subleaf <= masks[i].highest)
			return &masks[i];
	return NULL;
}

/* Processors answer for leaves above their highest one with another leaf. */
static bool has_leaf(uint32_t leaf)
{
	struct cpuid_result highest;

	processor_cpuid(leaf & LEAF_EXTENDED, 0, &highest);
	return leaf <= highest.eax;
}

void policy_cpuid(const struct vcpu *v, uint32_t leaf, uint32_t subleaf,
		  struct cpuid_result *result)
{
	const struct leaf_mask *m = find_mask(leaf, subleaf);

	*result = (struct cpuid_result){ 0 };
	xen_leaf(v, leaf, result);
	null_leaf(v, leaf, result);
	if (!m || !has_leaf(leaf))
		return;
	processor_cpuid(leaf, subleaf, result);
	result->eax &= m->mask.eax;
	result->ebx &= m->mask.ebx;
	result->ecx &= m->mask.ecx;
	result->edx &= m->mask.edx;
	adjust(v, leaf, subleaf, result);
}

bool policy_write_xcr0(struct vcpu *v, uint64_t value)
{
	uint64_t wide = value & XCR0_AVX512;

	if (!(value & XCR0_X87) || value & ~offered_xcr0())
		return false;
	if (value & XCR0_AVX && !(value & XCR0_SSE))
		return false;
	if (wide && (wide != XCR0_AVX512 || !(value & XCR0_AVX)))
		return false;
	v->xcr0 = value;
	return true;
}
