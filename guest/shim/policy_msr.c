/* SPDX-License-Identifier: MIT */
/* Model-specific and control registers and ports of a guest. */
#include "shim/host.h"
#include "shim/policy.h"
#include "shim/pte.h"

/* Bits of CR4 that the guest reads as it wrote them: VME DE TSD MCE, PCE. */
#define CR4_REMEMBERED 0x14fUL
#define CR4_OSXSAVE    (1UL << 18)

enum { MSR_FS_BASE = 0xc0000100U, MSR_GS_BASE = 0xc0000101U, MSR_GS_USER = 0xc0000102U };

enum { PIT_CHANNEL_2 = 0x42 };

enum msr_kind {
	MSR_CONSTANT, /* value; writes are dropped */
	MSR_APIC_BASE,
	MSR_TSC, /* cannot be written */
	MSR_BASE
};

/* Registers first..last. All others fault, which Linux takes as "not there". */
struct msr_policy {
	uint32_t first, last;
	enum msr_kind kind;
	uint64_t value;
};

static const struct msr_policy msrs[] = {
	{ 0x10, 0x10, MSR_TSC, 0 },
	{ 0x17, 0x17, MSR_CONSTANT, 0 }, /* platform id */
	{ 0x1b, 0x1b, MSR_APIC_BASE, 0xfee00800 },
	{ 0x8b, 0x8b, MSR_CONSTANT, 0 },		      /* revision of the microcode */
	{ 0x1a0, 0x1a0, MSR_CONSTANT, 1 },		      /* fast strings */
	{ 0x1d9, 0x1d9, MSR_CONSTANT, 0 },		      /* debug control */
	{ 0x277, 0x277, MSR_CONSTANT, 0x0007040600070406UL }, /* memory types of PAT */
	{ 0xc0000080U, 0xc0000080U, MSR_CONSTANT, 0xd01 },    /* EFER: NXE LMA LME SCE */
	{ MSR_FS_BASE, MSR_GS_USER, MSR_BASE, 0 },
	{ 0xc0000103U, 0xc0000103U, MSR_CONSTANT, 0 }, /* TSC_AUX: RDTSCP is hidden */
	{ 0xc0010015U, 0xc0010015U, MSR_CONSTANT, 0 }, /* AMD: hardware configuration */
	{ 0xc001001fU, 0xc001001fU, MSR_CONSTANT, 0 }, /* northbridge */
	{ 0xc0010055U, 0xc0010055U, MSR_CONSTANT, 0 }, /* pending interrupts */
	{ 0xc0011020U, 0xc0011023U, MSR_CONSTANT, 0 }, /* load-store and cache configuration */
	{ 0xc0011029U, 0xc0011029U, MSR_CONSTANT, 2 }, /* LFENCE serialises */
};

static const struct msr_policy *find_msr(uint32_t number)
{
	for (unsigned i = 0; i < sizeof(msrs) / sizeof(msrs[0]); i++)
		if (number >= msrs[i].first && number <= msrs[i].last)
			return &msrs[i];
	return NULL;
}

static uint64_t read_base(const struct vcpu *v, uint32_t number)
{
	switch (number) {
	case MSR_FS_BASE:
		return v->fs_base;
	case MSR_GS_BASE:
		return v->gs_kernel;
	default:
		return v->gs_user;
	}
}

static bool write_base(struct vcpu *v, uint32_t number, uint64_t value)
{
	if (canonical(value) != value)
		return false;
	if (number == MSR_FS_BASE) {
		v->fs_base = value;
		host_segment_base(v, XEN_SEGMENT_FS);
	} else if (number == MSR_GS_BASE) {
		v->gs_kernel = value;
		host_segment_base(v, XEN_SEGMENT_GS_KERNEL);
	} else {
		v->gs_user = value;
		host_segment_base(v, XEN_SEGMENT_GS_USER);
	}
	return true;
}

bool policy_read_msr(const struct vcpu *v, uint32_t number, uint64_t *value)
{
	const struct msr_policy *m = find_msr(number);

	if (!m)
		return false;
	*value = m->value;
	if (m->kind == MSR_APIC_BASE && v->id == 0)
		*value |= 1UL << 8; /* the processor that boots */
	else if (m->kind == MSR_TSC)
		*value = processor_tsc();
	else if (m->kind == MSR_BASE)
		*value = read_base(v, number);
	return true;
}

bool policy_write_msr(struct vcpu *v, uint32_t number, uint64_t value)
{
	const struct msr_policy *m = find_msr(number);

	if (!m || m->kind == MSR_TSC)
		return false;
	return m->kind != MSR_BASE || write_base(v, number, value);
}

void policy_reset(struct vcpu *v)
{
	v->cr0 = POLICY_CR0;
	v->cr4 = policy_cr4(0);
	v->xcr0 = processor_xcr0() ? XCR0_X87 : 0;
}

uint64_t policy_cr0(uint64_t value)
{
	return POLICY_CR0 | (value & POLICY_CR0_TS);
}

uint64_t policy_cr4(uint64_t value)
{
	return POLICY_CR4 | (processor_xcr0() ? CR4_OSXSAVE : 0) | (value & CR4_REMEMBERED);
}

/* All ones mean that nothing is there. The one port that reads 0 ends a calibration of Linux that
 * would read it 100000 times. */
uint32_t policy_read_port(uint16_t port, unsigned size)
{
	if (port == PIT_CHANNEL_2)
		return 0;
	return UINT32_MAX >> (32 - 8 * size);
}
