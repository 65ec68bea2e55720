/* SPDX-License-Identifier: MIT */
/* Switching off and resetting the machine. ACPI 6.5, 4.8.3 and 16. */
#include <l4/sys/err.h>
#include "x86_64/insn.h"
#include "x86_64/platform.h"

enum {
	PM1_SCI_ENABLE = 1 << 0,
	PM1_SLEEP_TYPE = 7 << 10,
	PM1_SLEEP_ENABLE = 1 << 13,
	PATIENCE = 1000000,
};

/* Firmware owns the power registers until ACPI mode is on. */
static void acpi_mode_on(void)
{
	u16 port = (u16)acpi.pm1a_cnt;

	if (inw(port) & PM1_SCI_ENABLE || !acpi.smi_cmd || !acpi.acpi_enable)
		return;
	outb((u16)acpi.smi_cmd, acpi.acpi_enable);
	for (unsigned i = 0; i < PATIENCE && !(inw(port) & PM1_SCI_ENABLE); i++)
		pause();
}

static void sleep_enter(u32 port, u16 type)
{
	u16 v = inw((u16)port) & (u16)~PM1_SLEEP_TYPE;

	outw((u16)port, v | type | PM1_SLEEP_ENABLE);
}

int power_off(void)
{
	if (!acpi.has_s5)
		return -L4_ENOSYS;
	acpi_mode_on();
	if (acpi.pm1b_cnt) /* the type must be in both before the second one acts */
		outw((u16)acpi.pm1b_cnt,
		     (u16)((inw((u16)acpi.pm1b_cnt) & ~PM1_SLEEP_TYPE) | acpi.slp_typb));
	sleep_enter(acpi.pm1a_cnt, acpi.slp_typa);
	if (acpi.pm1b_cnt)
		sleep_enter(acpi.pm1b_cnt, acpi.slp_typb);
	for (unsigned i = 0; i < PATIENCE; i++)
		pause();
	return -L4_ENOSYS;
}

/* Address in PCI configuration space: device in bits 32..47, function 16..31, offset 0..15. */
static void pci_config_write8(u64 addr, u8 v)
{
	u32 device = addr >> 32 & 0x1f, function = addr >> 16 & 7, offset = addr & 0xff;

	outl(0xcf8, 0x80000000u | device << 11 | function << 8 | (offset & ~3u));
	outb((u16)(0xcfc + (offset & 3)), v);
}

static void reset_by_acpi(void)
{
	enum { MEMORY, IO, PCI_CONFIG };
	volatile u8 *p;

	switch (acpi.reset_space) {
	case MEMORY:
		p = mmio_map(phys(acpi.reset_addr), 1, false);
		if (p)
			*p = acpi.reset_value;
		break;
	case IO:
		outb((u16)acpi.reset_addr, acpi.reset_value);
		break;
	case PCI_CONFIG:
		pci_config_write8(acpi.reset_addr, acpi.reset_value);
		break;
	}
}

static void wait_a_little(void)
{
	for (unsigned i = 0; i < 100000; i++)
		pause();
}

/* Reset control register of PCI chip sets: hard reset of the whole system. */
static void reset_by_chipset(void)
{
	outb(0xcf9, 0x02);
	outb(0xcf9, 0x06);
}

static void reset_by_keyboard_controller(void)
{
	for (unsigned i = 0; i < PATIENCE && inb(0x64) & 2; i++)
		pause();
	outb(0x64, 0xfe);
}

void power_reset(void)
{
	static const struct table_register no_idt;

	if (acpi.has_reset)
		reset_by_acpi();
	wait_a_little();
	reset_by_chipset();
	wait_a_little();
	reset_by_keyboard_controller();
	wait_a_little();
	lidt(&no_idt);
	for (;;)
		__asm__ volatile("int3");
}

bool power_can_suspend(void)
{
	return false; /* suspend to RAM needs a resume path that this kernel does not have */
}
