/* SPDX-License-Identifier: MIT */
/*
 * Starting the other CPUs, one after the other: INIT, start-up IPI, wait for its report (Intel SDM
 * vol. 3, 8.4). A CPU that is too late gets another INIT, which puts it back to sleep: it cannot
 * come up later and use what was meant for the next.
 *
 * The step into paging needs the trampoline mapped 1:1, which the kernel's tables do not have.
 * For that moment there is a second root table that shares all kernel slots and maps the first
 * 2 MiB in slot 0; it is emptied when all CPUs are up.
 */
#include "core/cpu.h"
#include "core/print.h"
#include "core/string.h"
#include "x86_64/insn.h"
#include "x86_64/platform.h"

enum {
	ENTRIES = 512,
	FIRST_KERNEL_SLOT = 256,
	TABLE_FLAGS = 0x3,	 /* present, writable */
	LARGE_PAGE_FLAGS = 0x83, /* present, writable, 2 MiB */
	INIT_DELAY_US = 20,
	TIMER_US = 80, /* after INIT */
	SECOND_TRY_US = 300,
	TIMEOUT_US = 1000000,
};

/* As laid out in trampoline.S. */
struct mailbox {
	u64 entry, stack;
	u32 cr3, efer;
	u32 jump_offset;
	u16 jump_selector;
	u16 gdt_limit;
	u32 gdt_base;
	u32 cpu;
} __attribute__((packed, aligned(8)));

extern const u8 trampoline_start[], trampoline_long[], trampoline_gdt[], trampoline_mailbox[],
    trampoline_end[];

static u64 start_pml4[ENTRIES] __attribute__((aligned(4096)));
static u64 start_pdpt[ENTRIES] __attribute__((aligned(4096)));
static u64 start_pd[ENTRIES] __attribute__((aligned(4096)));

static u64 kernel_cr3;

static void delay_us(u64 us)
{
	u64 end = rdtsc() + us * tsc_khz / 1000;

	while (rdtsc() < end)
		pause();
}

/* The timer is armed (its interrupt stays pending: the kernel takes it as one that came early) for
 * emulators that let a CPU run until the next timer event before they look at another one. */
static void init_and_wait(u32 apic_id)
{
	timer_arm(rdtsc() + TIMER_US * tsc_khz / 1000);
	lapic_ipi_init(apic_id);
	delay_us(INIT_DELAY_US);
}

/* First C code of a started CPU, on its kernel stack. this_cpu() must work before anything else:
 * the stack protector's guard lies there. */
static void cpu_entry(unsigned cpu)
{
	wrmsr(MSR_GS_BASE, (u64)cpu_of(cpu));
	write_cr3(kernel_cr3);
	cpufeat_enable_this_cpu();
	lapic_init();
	smp_cpu_main(cpu);
}

static void start_tables_make(void)
{
	const u64 *kernel = phys_to_virt(phys(kernel_cr3));

	memcpy(&start_pml4[FIRST_KERNEL_SLOT], &kernel[FIRST_KERNEL_SLOT],
	       (ENTRIES - FIRST_KERNEL_SLOT) * sizeof(u64));
	start_pml4[0] = virt_to_phys(start_pdpt).v | TABLE_FLAGS;
	start_pdpt[0] = virt_to_phys(start_pd).v | TABLE_FLAGS;
	start_pd[0] = LARGE_PAGE_FLAGS;
}

static void start_tables_remove(void)
{
	start_pd[0] = start_pdpt[0] = 0;
	memset(start_pml4, 0, sizeof(start_pml4));
}

static struct mailbox *trampoline_install(phys_t page)
{
	u8 *copy = phys_to_virt(page);
	struct mailbox *box = (void *)(copy + (trampoline_mailbox - trampoline_start));

	memcpy(copy, trampoline_start, (size_t)(trampoline_end - trampoline_start));
	box->entry = (u64)cpu_entry;
	box->cr3 = (u32)virt_to_phys(start_pml4).v;
	box->efer = EFER_SCE | EFER_LME | (cpu_feat.nx ? EFER_NXE : 0);
	box->jump_offset = (u32)(page.v + (u64)(trampoline_long - trampoline_start));
	box->gdt_base = (u32)(page.v + (u64)(trampoline_gdt - trampoline_start));
	return box;
}

/* A CPU reports by counting cpus_online up. */
static bool wait_report(unsigned wanted, u64 us)
{
	u64 end = rdtsc() + us * tsc_khz / 1000;

	while (__atomic_load_n(&cpus_online, __ATOMIC_ACQUIRE) != wanted) {
		if (rdtsc() >= end)
			return false;
		pause();
	}
	return true;
}

static bool start_cpu(unsigned cpu, struct mailbox *box, u8 page)
{
	u32 id = acpi.cpu_apic_id[cpu];
	unsigned wanted = cpu + 1;

	if (id >= 0xff && !lapic_is_x2apic())
		return false;
	box->stack = (u64)smp_stack_for(cpu);
	box->cpu = cpu;
	init_and_wait(id);
	lapic_ipi_startup(id, page);
	if (wait_report(wanted, SECOND_TRY_US))
		return true;
	lapic_ipi_startup(id, page);
	if (wait_report(wanted, TIMEOUT_US))
		return true;
	lapic_ipi_init(id);
	return false;
}

static void forget_cpu(unsigned cpu)
{
	printk("smp: CPU with APIC id %u does not start, left out\n", acpi.cpu_apic_id[cpu]);
	acpi.cpus--;
	for (; cpu < acpi.cpus; cpu++)
		acpi.cpu_apic_id[cpu] = acpi.cpu_apic_id[cpu + 1];
}

unsigned smp_start(phys_t low_page, unsigned max_cpus)
{
	unsigned online = 1;
	struct mailbox *box;

	if (max_cpus < 2 || acpi.cpus < 2)
		return online;
	if (!low_page.v || low_page.v >> 20 || virt_to_phys(start_pml4).v >> 32) {
		printk("smp: no memory where other CPUs can start, only one is used\n");
		return online;
	}
	kernel_cr3 = read_cr3() & CR3_ADDRESS;
	start_tables_make();
	box = trampoline_install(low_page);
	while (online < acpi.cpus && online < max_cpus) {
		if (start_cpu(online, box, (u8)(low_page.v >> PAGE_SHIFT)))
			online++;
		else
			forget_cpu(online);
	}
	timer_stop();
	memset(phys_to_virt(low_page), 0, PAGE_SIZE);
	start_tables_remove();
	return online;
}
