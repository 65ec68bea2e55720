/* SPDX-License-Identifier: MIT */
/*
 * Processor features: what CPUID reports (Intel SDM vol. 2 CPUID, AMD APM vol. 3 app. E), what of
 * it the kernel uses, and the control registers that follow from it.
 *
 * -mitigations=auto (default): counter-measures that this CPU needs; off: none; force: all that it
 * has the instructions for, so that their code can be tested on a CPU that needs none.
 */
#include "core/print.h"
#include "core/string.h"
#include "x86_64/insn.h"
#include "x86_64/platform.h"

struct cpu_features cpu_feat;

enum {
	XCR0_X87 = 1 << 0,
	XCR0_SSE = 1 << 1,
	XCR0_AVX = 1 << 2,
	XCR0_AVX512 = 7 << 5, /* mask registers, upper halves, upper 16 registers */
	XSTATE_LEGACY = 512,  /* the part that FXSAVE writes */
	XSTATE_HEADER = 64,
};

enum {
	ARCH_CAP_RDCL_NO = 1 << 0,
	ARCH_CAP_IBRS_ALL = 1 << 1,
	ARCH_CAP_MDS_NO = 1 << 5,
	ARCH_CAP_RFDS_NO = 1 << 27,
	ARCH_CAP_RFDS_CLEAR = 1 << 28,
	SPEC_CTRL_IBRS = 1 << 0,
};

/* WB, WT, UC-, UC, WB, WC, UC-, UC */
#define PAT_VALUE 0x0007010600070406ull

enum mitigations { MITIGATE_AUTO, MITIGATE_OFF, MITIGATE_FORCE };

static bool bit(u32 reg, unsigned n)
{
	return reg >> n & 1;
}

/* Leaf of the standard or extended range; all zero when the CPU does not have it. */
static struct cpuid_regs leaf(u32 number, u32 sub)
{
	if (cpuid(number & 0x80000000, 0).a < number)
		return (struct cpuid_regs){ 0 };
	return cpuid(number, sub);
}

static bool text_is(const u32 words[3], const char *text)
{
	return memcmp(words, text, 12) == 0;
}

static void detect_vendor(struct cpu_features *f)
{
	struct cpuid_regs r = cpuid(0, 0);
	u32 vendor[3] = { r.b, r.d, r.c };

	f->intel = text_is(vendor, "GenuineIntel");
	f->amd = text_is(vendor, "AuthenticAMD") || text_is(vendor, "HygonGenuine");
	if (bit(cpuid(1, 0).c, 31)) {
		struct cpuid_regs h = cpuid(0x40000000, 0);
		u32 hypervisor[3] = { h.b, h.c, h.d };

		f->emulated = text_is(hypervisor, "TCGTCGTCGTCG");
	}
}

static void detect_basic(struct cpu_features *f)
{
	struct cpuid_regs r = leaf(1, 0);

	f->monitor = bit(r.c, 3);
	f->vmx = bit(r.c, 5);
	f->pcid = bit(r.c, 17);
	f->x2apic = bit(r.c, 21);
	f->tsc_deadline = bit(r.c, 24);
	f->xsave = bit(r.c, 26);
	f->pge = bit(r.d, 13);
	f->mce = bit(r.d, 7);

	r = leaf(7, 0);
	f->fsgsbase = bit(r.b, 0);
	f->smep = bit(r.b, 7);
	f->invpcid = bit(r.b, 10);
	f->smap = bit(r.b, 20);
	f->umip = bit(r.c, 2);
	f->pku = bit(r.c, 3);
	f->la57 = bit(r.c, 16);
	f->arat = bit(leaf(6, 0).a, 2);
}

static void detect_extended(struct cpu_features *f)
{
	struct cpuid_regs r = leaf(0x80000001, 0);

	f->svm = bit(r.c, 2);
	f->nx = bit(r.d, 20);
	f->page1g = bit(r.d, 26);
	f->rdtscp = bit(r.d, 27);
	f->invariant_tsc = bit(leaf(0x80000007, 0).d, 8);
	f->syscall32 = f->amd;
	r = leaf(0x80000008, 0);
	f->phys_bits = (u8)r.a ? (u8)r.a : 36;
	f->fxsave_leak = f->amd && !f->emulated && !bit(r.b, 2);
}

/*
 * Components of the extended state: those whose registers a program can use without further help
 * of the kernel. Protection keys (need key bits in page tables), AMX (8 KiB a thread) and the
 * withdrawn MPX stay off. Size in the standard format: every component has its fixed place.
 */
static void detect_xstate(struct cpu_features *f)
{
	struct cpuid_regs r = leaf(13, 0);
	struct cpuid_regs sub = leaf(13, 1);

	f->xstate_size = XSTATE_LEGACY;
	if (!f->xsave)
		return;
	f->xsaveopt = bit(sub.a, 0);
	f->xsavec = bit(sub.a, 1);
	f->xsaves = bit(sub.a, 3);
	f->xcr0 = r.a & (XCR0_X87 | XCR0_SSE | XCR0_AVX);
	if ((r.a & XCR0_AVX512) == XCR0_AVX512 && (f->xcr0 & XCR0_AVX))
		f->xcr0 |= XCR0_AVX512;
	f->xstate_size += XSTATE_HEADER;
	for (u32 i = 2; i < 63; i++)
		if (f->xcr0 >> i & 1) {
			sub = leaf(13, i);
			f->xstate_size = (u32)max_u64(f->xstate_size, (u64)sub.a + sub.b);
		}
}

static enum mitigations mitigations_option(const char *cmdline)
{
	char value[8];

	if (!option_get(cmdline, "mitigations", value, sizeof(value)))
		return MITIGATE_AUTO;
	if (strcmp(value, "off") == 0)
		return MITIGATE_OFF;
	return strcmp(value, "force") == 0 ? MITIGATE_FORCE : MITIGATE_AUTO;
}

static void detect_speculation_control(struct cpu_features *f, u64 arch_cap)
{
	struct cpuid_regs r = leaf(7, 0);
	u32 amd = leaf(0x80000008, 0).b;

	f->has_ibrs = bit(r.d, 26) || bit(amd, 14);
	f->has_ibpb = bit(r.d, 26) || bit(amd, 12);
	f->has_stibp = bit(r.d, 27) || bit(amd, 15);
	f->eibrs = f->has_ibrs && (arch_cap & ARCH_CAP_IBRS_ALL);
	f->auto_ibrs = bit(leaf(0x80000021, 0).a, 8);
}

/*
 * Meltdown (KPTI), buffer sampling (VERW), return-stack poisoning. An emulator that interprets is
 * not exposed to the last two; the first follows from what the CPU model says of itself.
 */
static void detect_mitigations(struct cpu_features *f, enum mitigations mode)
{
	struct cpuid_regs r = leaf(7, 0);
	u64 cap = bit(r.d, 29) ? rdmsr(MSR_ARCH_CAPABILITIES) : 0;
	bool can_clear = bit(r.d, 10); /* VERW clears the buffers */

	if (mode == MITIGATE_OFF) {
		f->fxsave_leak = false;
		return;
	}
	detect_speculation_control(f, cap);
	f->need_kpti = f->intel && !(cap & ARCH_CAP_RDCL_NO);
	f->need_mds_clear = f->intel && can_clear && !f->emulated && !(cap & ARCH_CAP_MDS_NO);
	if ((cap & ARCH_CAP_RFDS_CLEAR) && !(cap & ARCH_CAP_RFDS_NO))
		f->need_mds_clear = true;
	f->need_retpoline_rsb_fill = (f->intel || f->amd) && !f->emulated;
	if (mode == MITIGATE_FORCE)
		f->need_kpti = f->need_mds_clear = f->need_retpoline_rsb_fill = true;
}

void cpufeat_init(const char *cmdline)
{
	struct cpu_features *f = &cpu_feat;

	memset(f, 0, sizeof(*f));
	detect_vendor(f);
	detect_basic(f);
	detect_extended(f);
	detect_xstate(f);
	detect_mitigations(f, mitigations_option(cmdline));
	/* With separate user tables every crossing loads CR3 anyway; tags are not used then. */
	if (f->need_kpti)
		f->pcid = f->invpcid = false;
}

static u64 cr4_value(const struct cpu_features *f)
{
	u64 v = CR4_DE | CR4_PSE | CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT;

	v |= f->mce ? CR4_MCE : 0;
	v |= f->pge ? CR4_PGE : 0;
	v |= f->umip ? CR4_UMIP : 0;
	v |= f->fsgsbase ? CR4_FSGSBASE : 0;
	v |= f->pcid ? CR4_PCIDE : 0;
	v |= f->xsave ? CR4_OSXSAVE : 0;
	v |= f->smep ? CR4_SMEP : 0;
	v |= f->smap ? CR4_SMAP : 0;
	return v;
}

static void enable_speculation_control(const struct cpu_features *f)
{
	if (f->auto_ibrs)
		wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_AIBRSE);
	else if (f->eibrs)
		wrmsr(MSR_SPEC_CTRL, SPEC_CTRL_IBRS);
}

void cpufeat_enable_this_cpu(void)
{
	const struct cpu_features *f = &cpu_feat;
	u64 cr0 = read_cr0();

	cr0 &= ~(CR0_EM | CR0_TS | CR0_AM | CR0_CD | CR0_NW);
	write_cr0(cr0 | CR0_MP | CR0_NE | CR0_WP);
	write_cr4(cr4_value(f));
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE | (f->nx ? EFER_NXE : 0));
	wrmsr(MSR_PAT, PAT_VALUE);
	if (f->xsave)
		xsetbv(0, f->xcr0);
	enable_speculation_control(f);
}

u32 cpufeat_apic_id(void)
{
	struct cpuid_regs topology = leaf(11, 0);

	return topology.b ? topology.d : cpuid(1, 0).b >> 24;
}
