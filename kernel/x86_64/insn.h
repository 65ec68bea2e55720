/* SPDX-License-Identifier: MIT */
/*
 * One inline function for each processor instruction that C has no word for. Intel SDM vol. 2,
 * AMD APM vol. 3. Ports are I/O port numbers; addresses are kernel-virtual unless said otherwise.
 */
#ifndef KERNEL_INSN_H
#define KERNEL_INSN_H

#include "core/types.h"

/* Model-specific registers (Intel SDM vol. 4). */
enum {
	MSR_APIC_BASE = 0x1b,
	MSR_SPEC_CTRL = 0x48,
	MSR_PRED_CMD = 0x49,
	MSR_ARCH_CAPABILITIES = 0x10a,
	MSR_FLUSH_CMD = 0x10b,
	MSR_SYSENTER_CS = 0x174,
	MSR_PAT = 0x277,
	MSR_TSC_DEADLINE = 0x6e0,
	MSR_X2APIC_BASE = 0x800,
};
#define MSR_EFER	   0xc0000080u
#define MSR_STAR	   0xc0000081u
#define MSR_LSTAR	   0xc0000082u
#define MSR_CSTAR	   0xc0000083u
#define MSR_SFMASK	   0xc0000084u
#define MSR_FS_BASE	   0xc0000100u
#define MSR_GS_BASE	   0xc0000101u
#define MSR_KERNEL_GS_BASE 0xc0000102u
#define MSR_TSC_AUX	   0xc0000103u

enum {
	EFER_SCE = 1 << 0,
	EFER_LME = 1 << 8,
	EFER_LMA = 1 << 10,
	EFER_NXE = 1 << 11,
	EFER_SVME = 1 << 12,
	EFER_AIBRSE = 1 << 21,
};

#define CR0_PE 0x00000001ul
#define CR0_MP 0x00000002ul
#define CR0_EM 0x00000004ul
#define CR0_TS 0x00000008ul
#define CR0_ET 0x00000010ul
#define CR0_NE 0x00000020ul
#define CR0_WP 0x00010000ul
#define CR0_AM 0x00040000ul
#define CR0_NW 0x20000000ul
#define CR0_CD 0x40000000ul
#define CR0_PG 0x80000000ul

#define CR4_DE	       (1ul << 3)
#define CR4_PSE	       (1ul << 4)
#define CR4_PAE	       (1ul << 5)
#define CR4_MCE	       (1ul << 6)
#define CR4_PGE	       (1ul << 7)
#define CR4_OSFXSR     (1ul << 9)
#define CR4_OSXMMEXCPT (1ul << 10)
#define CR4_UMIP       (1ul << 11)
#define CR4_LA57       (1ul << 12)
#define CR4_FSGSBASE   (1ul << 16)
#define CR4_PCIDE      (1ul << 17)
#define CR4_OSXSAVE    (1ul << 18)
#define CR4_SMEP       (1ul << 20)
#define CR4_SMAP       (1ul << 21)

/* With CR4.PCIDE: bit 63 of a value written to CR3 keeps the entries of its tag. */
#define CR3_NOFLUSH (1ul << 63)
#define CR3_ADDRESS 0x000ffffffffff000ul

/* --- I/O ports --- */

static always_inline u8 inb(u16 port)
{
	u8 v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static always_inline u16 inw(u16 port)
{
	u16 v;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static always_inline u32 inl(u16 port)
{
	u32 v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static always_inline void outb(u16 port, u8 v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port) : "memory");
}

static always_inline void outw(u16 port, u16 v)
{
	__asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port) : "memory");
}

static always_inline void outl(u16 port, u32 v)
{
	__asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port) : "memory");
}

/* Write n bytes from p to one port. */
static always_inline void outsb(u16 port, const void *p, size_t n)
{
	__asm__ volatile("rep outsb" : "+S"(p), "+c"(n) : "d"(port) : "memory");
}

/* --- Model-specific registers --- */

static always_inline u64 rdmsr(u32 msr)
{
	u32 lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (u64)hi << 32 | lo;
}

static always_inline void wrmsr(u32 msr, u64 v)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)v), "d"((u32)(v >> 32)) : "memory");
}

/* --- Control and debug registers --- */

static always_inline u64 read_cr0(void)
{
	u64 v;

	__asm__ volatile("movq %%cr0, %0" : "=r"(v));
	return v;
}

static always_inline void write_cr0(u64 v)
{
	__asm__ volatile("movq %0, %%cr0" : : "r"(v) : "memory");
}

/* Linear address of the last page fault. */
static always_inline u64 read_cr2(void)
{
	u64 v;

	__asm__ volatile("movq %%cr2, %0" : "=r"(v));
	return v;
}

static always_inline void write_cr2(u64 v)
{
	__asm__ volatile("movq %0, %%cr2" : : "r"(v));
}

static always_inline u64 read_cr3(void)
{
	u64 v;

	__asm__ volatile("movq %%cr3, %0" : "=r"(v));
	return v;
}

/* v: physical address of the root table, tag, CR3_NOFLUSH. Serialising. */
static always_inline void write_cr3(u64 v)
{
	__asm__ volatile("movq %0, %%cr3" : : "r"(v) : "memory");
}

static always_inline u64 read_cr4(void)
{
	u64 v;

	__asm__ volatile("movq %%cr4, %0" : "=r"(v));
	return v;
}

static always_inline void write_cr4(u64 v)
{
	__asm__ volatile("movq %0, %%cr4" : : "r"(v) : "memory");
}

static always_inline u64 read_dr6(void)
{
	u64 v;

	__asm__ volatile("movq %%dr6, %0" : "=r"(v));
	return v;
}

static always_inline void write_dr6(u64 v)
{
	__asm__ volatile("movq %0, %%dr6" : : "r"(v));
}

static always_inline u64 read_dr7(void)
{
	u64 v;

	__asm__ volatile("movq %%dr7, %0" : "=r"(v));
	return v;
}

static always_inline void write_dr7(u64 v)
{
	__asm__ volatile("movq %0, %%dr7" : : "r"(v));
}

/* Addresses of the four break points. */
static always_inline void write_break_points(const u64 *dr)
{
	__asm__ volatile("movq %0, %%dr0; movq %1, %%dr1; movq %2, %%dr2; movq %3, %%dr3"
			 :
			 : "r"(dr[0]), "r"(dr[1]), "r"(dr[2]), "r"(dr[3]));
}

static always_inline u64 read_rflags(void)
{
	u64 v;

	__asm__ volatile("pushfq; popq %0" : "=r"(v) : : "memory");
	return v;
}

/* --- TLB --- */

static always_inline void invlpg(u64 va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

enum { INVPCID_ADDRESS, INVPCID_TAG, INVPCID_ALL_GLOBAL, INVPCID_ALL };

static always_inline void invpcid(u64 type, u64 tag, u64 va)
{
	u64 desc[2] = { tag, va };

	__asm__ volatile("invpcid %0, %1" : : "m"(desc), "r"(type) : "memory");
}

/* --- CPUID and time stamp --- */

struct cpuid_regs {
	u32 a, b, c, d;
};

static always_inline struct cpuid_regs cpuid(u32 leaf, u32 sub)
{
	struct cpuid_regs r;

	__asm__ volatile("cpuid"
			 : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d)
			 : "a"(leaf), "c"(sub));
	return r;
}

/* TSC after all earlier instructions; *aux = IA32_TSC_AUX. Needs cpu_feat.rdtscp. */
static always_inline u64 rdtscp(u32 *aux)
{
	u32 lo, hi;

	__asm__ volatile("rdtscp" : "=a"(lo), "=d"(hi), "=c"(*aux));
	return (u64)hi << 32 | lo;
}

/* --- Segments --- */

struct table_register {
	u16 limit; /* bytes - 1 */
	u64 base;
} __attribute__((packed));

static always_inline void lgdt(const struct table_register *t)
{
	__asm__ volatile("lgdt %0" : : "m"(*t) : "memory");
}

static always_inline void lidt(const struct table_register *t)
{
	__asm__ volatile("lidt %0" : : "m"(*t) : "memory");
}

static always_inline void lldt(u16 sel)
{
	__asm__ volatile("lldt %0" : : "r"(sel) : "memory");
}

static always_inline void ltr(u16 sel)
{
	__asm__ volatile("ltr %0" : : "r"(sel) : "memory");
}

/* FS and GS bases without MSRs: need cpu_feat.fsgsbase. */
static always_inline u64 rdfsbase(void)
{
	u64 v;

	__asm__ volatile("rdfsbase %0" : "=r"(v));
	return v;
}

static always_inline void wrfsbase(u64 v)
{
	__asm__ volatile("wrfsbase %0" : : "r"(v) : "memory");
}

static always_inline u64 rdgsbase(void)
{
	u64 v;

	__asm__ volatile("rdgsbase %0" : "=r"(v));
	return v;
}

static always_inline void wrgsbase(u64 v)
{
	__asm__ volatile("wrgsbase %0" : : "r"(v) : "memory");
}

/* The inactive (user) GS base while the kernel runs: interrupts must be off. Needs fsgsbase. */
static always_inline u64 rdgsbase_user(void)
{
	u64 v;

	__asm__ volatile("swapgs; rdgsbase %0; swapgs" : "=r"(v) : : "memory");
	return v;
}

static always_inline void wrgsbase_user(u64 v)
{
	__asm__ volatile("swapgs; wrgsbase %0; swapgs" : : "r"(v) : "memory");
}

static always_inline void swapgs(void)
{
	__asm__ volatile("swapgs" : : : "memory");
}

/* --- Interrupt flag, waiting --- */

static always_inline void sti(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static always_inline void cli(void)
{
	__asm__ volatile("cli" : : : "memory");
}

static always_inline void hlt(void)
{
	__asm__ volatile("hlt" : : : "memory");
}

/* Let interrupts in and wait for one, without a gap between the two. */
static always_inline void sti_hlt(void)
{
	__asm__ volatile("sti; hlt" : : : "memory");
}

static always_inline void pause(void)
{
	__asm__ volatile("pause" : : : "memory");
}

/* Arm the monitor on the cache line of p, then wait with mwait for a store to it. */
static always_inline void monitor(const void *p)
{
	__asm__ volatile("monitor" : : "a"(p), "c"(0), "d"(0) : "memory");
}

/* hint: target C-state; ext bit 0: masked interrupts wake it, too. */
static always_inline void mwait(u32 hint, u32 ext)
{
	__asm__ volatile("mwait" : : "a"(hint), "c"(ext) : "memory");
}

static always_inline void mfence(void)
{
	__asm__ volatile("mfence" : : : "memory");
}

static always_inline void lfence(void)
{
	__asm__ volatile("lfence" : : : "memory");
}

/* --- Access to user memory (need cpu_feat.smap) --- */

static always_inline void clac(void)
{
	__asm__ volatile("clac" : : : "memory", "cc");
}

static always_inline void stac(void)
{
	__asm__ volatile("stac" : : : "memory", "cc");
}

/* Overwrite microarchitectural buffers; sel: a readable data selector. */
static always_inline void verw(const u16 *sel)
{
	__asm__ volatile("verw %0" : : "m"(*sel) : "cc");
}

/* --- Extended state: areas are 64-byte aligned; mask: components (and XCR0). --- */

static always_inline u64 xgetbv(u32 reg)
{
	u32 lo, hi;

	__asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(reg));
	return (u64)hi << 32 | lo;
}

static always_inline void xsetbv(u32 reg, u64 v)
{
	__asm__ volatile("xsetbv" : : "c"(reg), "a"((u32)v), "d"((u32)(v >> 32)));
}

static always_inline void xsave(void *area, u64 mask)
{
	__asm__ volatile("xsave64 (%0)"
			 :
			 : "r"(area), "a"((u32)mask), "d"((u32)(mask >> 32))
			 : "memory");
}

static always_inline void xsaveopt(void *area, u64 mask)
{
	__asm__ volatile("xsaveopt64 (%0)"
			 :
			 : "r"(area), "a"((u32)mask), "d"((u32)(mask >> 32))
			 : "memory");
}

static always_inline void xrstor(const void *area, u64 mask)
{
	__asm__ volatile("xrstor64 (%0)"
			 :
			 : "r"(area), "a"((u32)mask), "d"((u32)(mask >> 32))
			 : "memory");
}

static always_inline void fxsave(void *area)
{
	__asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

static always_inline void fxrstor(const void *area)
{
	__asm__ volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

#endif
