/* SPDX-License-Identifier: MIT */
/*
 * The kernel's console line: a serial port, or the screen where there is none.
 * Options: -serial=comN or -serial=0xPORT (default com1), -noserial.
 */
#include "bootinfo.h"
#include "core/print.h"
#include "core/spinlock.h"
#include "core/string.h"
#include "obj/vlog.h"
#include "x86_64/insn.h"
#include "x86_64/platform.h"
#include "x86_64/serial.h"

static const u16 com_port[] = { 0x3f8, 0x2f8, 0x3e8, 0x2e8 };
static const u8 com_irq[] = { 4, 3, 4, 3 };

static struct spinlock lock; /* the device */
static bool has_serial, has_screen;
static bool emergency; /* a panicking CPU does not wait for the lock */
static int isa_irq = -1;

static u32 parse_hex(const char *s)
{
	u32 v = 0;

	for (;; s++) {
		if (*s >= '0' && *s <= '9')
			v = v * 16 + (u32)(*s - '0');
		else if ((*s | 32) >= 'a' && (*s | 32) <= 'f')
			v = v * 16 + (u32)((*s | 32) - 'a' + 10);
		else
			return v;
	}
}

/* Port named by the option; 0: no serial console is wanted. The boot stage reads it alike. */
static u16 chosen_port(const char *cmdline)
{
	char value[16];

	if (option_get(cmdline, "noserial", value, sizeof(value)))
		return 0;
	if (!option_get(cmdline, "serial", value, sizeof(value)))
		return com_port[0];
	if (strncmp(value, "com", 3) == 0 && value[3] >= '1' && value[3] <= '4')
		return com_port[value[3] - '1'];
	return (u16)parse_hex(strncmp(value, "0x", 2) == 0 ? value + 2 : value);
}

void console_init(const struct bootinfo *bi)
{
	u16 port = chosen_port(bi->cmdline);

	has_serial = port && serial_init(port);
	for (unsigned i = 0; has_serial && i < ARRAY_SIZE(com_port); i++)
		if (com_port[i] == port)
			isa_irq = com_irq[i];
	if (!has_serial)
		has_screen = fbcon_init(&bi->fb);
}

static void device_lock(void)
{
	if (!READ_ONCE(emergency))
		spin_lock(&lock);
}

void console_write(const char *s, size_t n)
{
	device_lock();
	vlog_note(s, n);
	if (has_serial)
		serial_write(s, n);
	else if (has_screen)
		fbcon_write(s, n);
	spin_unlock(&lock);
}

void console_putc(char c)
{
	console_write(&c, 1);
}

int console_getc(void)
{
	int c = -1;

	if (!has_serial)
		return -1;
	device_lock();
	c = serial_getc();
	spin_unlock(&lock);
	return c;
}

bool console_has_serial(void)
{
	return has_serial;
}

int console_rx_irq(void)
{
	return isa_irq < 0 ? -1 : (int)acpi.isa_irq[isa_irq].gsi;
}

void console_rx_enable(void)
{
	if (has_serial)
		serial_rx_enable();
}

void console_emergency(void)
{
	WRITE_ONCE(emergency, true);
	spin_unlock(&lock);
}
