/* SPDX-License-Identifier: MIT */
/*
 * I/O APICs (82093AA data sheet), and the 8259 pair (8259A data sheet), which is only switched off.
 * A pin is a global system interrupt (GSI) number. The low half of each redirection entry is kept
 * here, too, so that masking writes without reading.
 */
#include <l4/sys/err.h>
#include "core/spinlock.h"
#include "x86_64/insn.h"
#include "x86_64/platform.h"

enum {
	REG_SELECT = 0x00,
	REG_WINDOW = 0x10,
	REG_VERSION = 1,
	REG_REDIRECTION = 0x10,
	ENTRY_LOW = 1 << 13,
	ENTRY_LEVEL = 1 << 15,
	ENTRY_MASKED = 1 << 16,
	PINS = 512,
};

struct ioapic {
	volatile u8 *regs;
	unsigned first, pins; /* GSIs */
};

static struct ioapic chip[ARRAY_SIZE(acpi.ioapic)];
static unsigned chips, pins;
static u32 entry_low[PINS];
static struct spinlock lock; /* REG_SELECT and REG_WINDOW belong together; entry_low */

static u32 reg_read(const struct ioapic *c, u32 reg)
{
	*(volatile u32 *)(c->regs + REG_SELECT) = reg;
	return *(volatile u32 *)(c->regs + REG_WINDOW);
}

static void reg_write(const struct ioapic *c, u32 reg, u32 v)
{
	*(volatile u32 *)(c->regs + REG_SELECT) = reg;
	*(volatile u32 *)(c->regs + REG_WINDOW) = v;
}

static const struct ioapic *chip_of(unsigned pin)
{
	for (unsigned i = 0; i < chips; i++)
		if (pin - chip[i].first < chip[i].pins)
			return &chip[i];
	return NULL;
}

static void write_low(const struct ioapic *c, unsigned pin, u32 v)
{
	entry_low[pin] = v;
	reg_write(c, REG_REDIRECTION + 2 * (pin - c->first), v);
}

/* Initialise both with vectors 0x20..0x2f, where a spurious interrupt does no harm, and mask all.
 */
static void pic_disable(void)
{
	enum { ICW1_INIT_ICW4 = 0x11, ICW4_8086 = 0x01 };
	static const u16 command[2] = { 0x20, 0xa0 };
	static const u8 icw3[2] = { 1 << 2, 2 }; /* second controller on input 2 */

	for (unsigned i = 0; i < 2; i++) {
		outb(command[i], ICW1_INIT_ICW4);
		outb(command[i] + 1, (u8)(0x20 + 8 * i));
		outb(command[i] + 1, icw3[i]);
		outb(command[i] + 1, ICW4_8086);
		outb(command[i] + 1, 0xff);
	}
}

static void chip_add(u64 pa, unsigned first)
{
	struct ioapic *c = &chip[chips];

	c->regs = mmio_map(phys(pa), 0x20, false);
	if (!c->regs || first >= PINS)
		return;
	c->first = first;
	c->pins = (reg_read(c, REG_VERSION) >> 16 & 0xff) + 1;
	c->pins = (unsigned)min_u64(c->pins, PINS - first);
	chips++;
	pins = (unsigned)max_u64(pins, first + c->pins);
	for (unsigned pin = first; pin < first + c->pins; pin++)
		write_low(c, pin, ENTRY_MASKED);
}

void ioapic_init(void)
{
	if (acpi.has_8259)
		pic_disable();
	for (unsigned i = 0; i < acpi.ioapics; i++)
		chip_add(acpi.ioapic[i].phys, acpi.ioapic[i].gsi_base);
}

unsigned ioapic_pins(void)
{
	return pins;
}

static void write_high(const struct ioapic *c, unsigned pin, u32 apic_id)
{
	reg_write(c, REG_REDIRECTION + 2 * (pin - c->first) + 1, apic_id << 24);
}

int ioapic_route(unsigned pin, u8 vector, u32 apic_id, unsigned mode)
{
	const struct ioapic *c = chip_of(pin);
	u32 low = vector | ENTRY_MASKED;

	if (!c || apic_id > APIC_ID_LAST)
		return -L4_EINVAL;
	low |= mode & PIN_LEVEL ? ENTRY_LEVEL : 0;
	low |= mode & PIN_LOW ? ENTRY_LOW : 0;
	spin_lock(&lock);
	write_low(c, pin, low);
	write_high(c, pin, apic_id);
	spin_unlock(&lock);
	return 0;
}

void ioapic_move(unsigned pin, u32 apic_id)
{
	const struct ioapic *c = chip_of(pin);

	if (!c)
		return;
	spin_lock(&lock);
	write_high(c, pin, apic_id);
	spin_unlock(&lock);
}

void ioapic_mask(unsigned pin, bool masked)
{
	const struct ioapic *c = chip_of(pin);

	if (!c)
		return;
	spin_lock(&lock);
	write_low(c, pin, (entry_low[pin] & ~(u32)ENTRY_MASKED) | (masked ? ENTRY_MASKED : 0));
	spin_unlock(&lock);
}
