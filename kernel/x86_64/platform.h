/* SPDX-License-Identifier: MIT */
/*
 * What the processor and the board provide, as seen by the rest of the kernel: features, CPUs,
 * interrupt controllers, timer, console line, power. Implemented by the files of this folder; each
 * group names its file.
 */
#ifndef KERNEL_PLATFORM_H
#define KERNEL_PLATFORM_H

#include "core/types.h"

struct bootinfo;

#define MAX_CPUS 64

/* --- cpufeat.c: CPUID of the boot CPU, with the boot options applied. --- */
struct cpu_features {
	bool nx, mce, pge, pcid, invpcid, fsgsbase, smep, smap, umip, x2apic, tsc_deadline,
	    invariant_tsc, page1g, xsave, xsaveopt, xsavec, xsaves, monitor, arat, rdtscp, la57,
	    pku, syscall32;
	bool svm, vmx;
	bool intel, amd;
	bool emulated;	       /* an interpreter (QEMU TCG): does not speculate */
	bool eibrs, auto_ibrs; /* IBRS is set once and left on: Intel's and AMD's way */
	bool fxsave_leak; /* x87 pointers survive (F)XRSTOR: clear them by hand (AMD, before Zen 2)
			   */
	/* Mitigations: needed by this CPU and not switched off with -mitigations=off. */
	bool need_kpti, has_ibrs, has_ibpb, has_stibp, need_retpoline_rsb_fill, need_mds_clear;
	u64 xcr0;	 /* extended-state components that the kernel enables */
	u32 xstate_size; /* bytes of an XSAVE (or FXSAVE: 512) area for xcr0, standard format, for
			    each CPU */
	u8 phys_bits;
};
extern struct cpu_features cpu_feat;
/* Detect; cmdline is the kernel's option line. Call first on the boot CPU. */
void cpufeat_init(const char *cmdline);
/* Program this CPU's CR0, CR4, EFER, XCR0, PAT, speculation MSRs according to cpu_feat. */
void cpufeat_enable_this_cpu(void);
/* APIC id of this CPU as CPUID tells it: before the local APIC is set up. */
u32 cpufeat_apic_id(void);
/* PAT layout: entry 0 WB, 1 WT, 2 UC-, 3 UC, 4 WB, 5 WC, 6 UC-, 7 UC (PAT bit + PCD + PWT index).
 */

/* --- acpi.c --- */
struct acpi_info {
	u32 cpu_apic_id[MAX_CPUS]; /* of usable CPUs, boot CPU first */
	unsigned cpus;
	u64 lapic_phys;
	struct {
		u64 phys;
		u32 gsi_base;
		u8 id;
	} ioapic[16];
	unsigned ioapics;
	struct {
		u32 gsi;
		u8 mode; /* PIN_* */
	} isa_irq[16];	 /* where the ISA interrupts arrive: overrides applied */
	bool has_8259;
	/* FADT: for power off and reset */
	u32 pm1a_cnt, pm1b_cnt; /* I/O ports, 0 if none */
	u32 smi_cmd; /* I/O port where acpi_enable switches to ACPI mode, 0 if there is none */
	u8 acpi_enable;
	u16 slp_typa, slp_typb; /* of \_S5, already shifted to bits 10..12 */
	bool has_s5;
	u8 reset_space, reset_value; /* reset register: 0 memory, 1 I/O, 2 PCI config */
	u64 reset_addr;
	bool has_reset;
	u64 hpet_phys;	   /* 0 if none */
	u32 pm_timer_port; /* 0 if none */
	bool pm_timer_32bit;
};
extern struct acpi_info acpi;
/* Parse RSDP/XSDT/RSDT, MADT, FADT, HPET (checksums verified, lengths bounded). Without ACPI: one
 * CPU, one I/O APIC at the usual address. Every table is reached through phys_to_virt. */
void acpi_init(phys_t rsdp);

/* --- mmio.c: kernel mapping of device registers (slot 257, from 1 GiB above KERNEL_BASE up;
 * uncached). Needs directmap_init and cpufeat_enable_this_cpu. NULL: the window is full. --- */
void *mmio_map(phys_t pa, u64 bytes, bool write_combining);

/* --- lapic.c: xAPIC or x2APIC --- */
void lapic_init(void); /* this CPU: enable, mask LVTs, spurious vector */
u32 lapic_id(void);    /* this CPU's APIC id */
bool lapic_is_x2apic(void);
u32 lapic_error(void);	      /* read and clear the error status: for VECTOR_LAPIC_ERROR */
u32 lapic_read(unsigned reg); /* register offset of the xAPIC page, Intel SDM vol. 3, 10.4.1 */
void lapic_write(unsigned reg, u32 v);
void lapic_eoi(void);
void lapic_ipi(u32 apic_id, u8 vector); /* fixed delivery */
void lapic_ipi_init(u32 apic_id);
void lapic_ipi_startup(u32 apic_id, u8 page); /* page = physical address >> 12 */
void lapic_nmi(u32 apic_id);

/* --- timer.c: calibrated TSC and this CPU's one-shot timer --- */
extern u64 tsc_khz;
void timer_init_boot(
    void); /* calibrate TSC and APIC timer (CPUID 0x15/0x16, else HPET/PM timer/PIT) */
void timer_init_cpu(void);
/* Raise vector VECTOR_TIMER on this CPU when the TSC reaches deadline (absolute; in the past: at
 * once). A new call replaces the old deadline. TSC-deadline mode, else the APIC count (capped at
 * its width; may fire early: the kernel re-arms). */
void timer_arm(u64 tsc_deadline);
void timer_stop(void);
static inline u64 rdtsc(void)
{
	u32 lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (u64)hi << 32 | lo;
}

/* --- ioapic.c (8259 masked), msi.c --- */
void ioapic_init(void);
unsigned ioapic_pins(void); /* total number of GSIs */
enum { PIN_LEVEL = 1, PIN_LOW = 2 };
/* Route pin (GSI) to vector on the CPU with apic_id, masked; mode PIN_*. -L4_EINVAL: no such pin.
 */
int ioapic_route(unsigned pin, u8 vector, u32 apic_id, unsigned mode);
void ioapic_mask(unsigned pin, bool masked);
/* Send a pin that is routed to another CPU. Nothing else changes. */
void ioapic_move(unsigned pin, u32 apic_id);
/* APIC ids beyond it cannot be named by I/O APICs and MSIs (physical mode; 0xff: all CPUs). */
enum { APIC_ID_LAST = 0xfe };

/* --- serial.c, fbcon.c, console.c: the kernel's own output and input line --- */
void console_init(const struct bootinfo *bi); /* -serial=, -noserial, framebuffer if no serial */
void console_putc(char c); /* ONLCR applied by the caller; takes the console lock itself */
void console_write(const char *s, size_t n);
int console_getc(void); /* polled; -1: nothing */
bool console_has_serial(void);
int console_rx_irq(void);     /* GSI of the serial port (ISA 4/3), or -1 */
void console_rx_enable(void); /* let the UART raise it */
void console_emergency(void); /* panic: break the console lock, stop buffering */

/* --- smp.c --- */
/* Start the other CPUs (at most max_cpus in total, -maxcpus=): each runs smp_cpu_main(cpu number)
 * on its own kernel stack. Waits until each has reported, with a time limit. Returns number online.
 * low_page: physical address below 1 MiB for the real-mode trampoline. A CPU that does not report
 * is taken out of acpi.cpu_apic_id, so that CPU numbers are 0..online-1. smp_cpu_main runs after
 * cpufeat_enable_this_cpu and lapic_init, with interrupts off, GS at cpu_of(cpu), and no IDT; it
 * reports by counting cpus_online up, and only then is the next CPU started. */
unsigned smp_start(phys_t low_page, unsigned max_cpus);
void smp_cpu_main(unsigned cpu);   /* provided by the core kernel; must not return */
void *smp_stack_for(unsigned cpu); /* provided by the core kernel: top of the kernel stack */

/* --- power.c --- */
int power_off(void); /* ACPI S5; returns -L4_ENOSYS if not possible */
void power_reset(void)
    __attribute__((noreturn)); /* ACPI reset register, 0xcf9, 8042, triple fault */
bool power_can_suspend(void);

/* --- msr/port/cpu instructions: x86_64/insn.h --- */

/* Vectors. Device vectors 0x30..0xdf are given out by obj/icu.c. */
enum {
	VECTOR_DEVICE_FIRST = 0x30,
	VECTOR_DEVICE_LAST = 0xdf,
	VECTOR_TIMER = 0xf0,
	VECTOR_RESCHED = 0xf1, /* another CPU made a thread ready here, or wants its attention */
	VECTOR_TLB = 0xf2,
	VECTOR_LAPIC_ERROR = 0xfe,
	VECTOR_SPURIOUS = 0xff,
};

/* Direct map (kernel/bootinfo.h): any RAM, and the first 4 GiB of physical addresses. mmio.c.
 * directmap_init tells where the image lies; call it before anything else of this file. */
void directmap_init(phys_t kernel_image);
void *phys_to_virt(phys_t pa);
phys_t virt_to_phys(const void *va); /* direct-map or kernel-image address */

#endif
