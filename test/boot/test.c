/* SPDX-License-Identifier: MIT */
/* Output and small helpers of the test kernel. */
#include <stdarg.h>

#include "kernel/bootinfo.h"
#include "test.h"

#define PORT_COM1 0x3f8
#define PORT_EXIT 0xf4

static unsigned checks, failures;

static void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static void put(char c)
{
	outb(PORT_COM1, (uint8_t)c);
}

static void put_number(uint64_t value, unsigned base)
{
	if (value >= base)
		put_number(value / base, base);
	put("0123456789abcdef"[value % base]);
}

void print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	for (; *format; format++) {
		if (*format != '%')
			put(*format);
		else
			put_number(va_arg(args, uint64_t), *++format == 'x' ? 16 : 10);
	}
	va_end(args);
}

static void put_string(const char *s)
{
	while (*s)
		put(*s++);
}

void check(bool ok, const char *promise)
{
	if (!ok)
		failures++;
	put_string(ok ? "ok " : "not ok ");
	put_number(++checks, 10);
	put_string(" - ");
	put_string(promise);
	put('\n');
}

void finish(void)
{
	put_string("1..");
	put_number(checks, 10);
	put('\n');
	outb(PORT_EXIT, failures != 0);
	for (;;)
		__asm__ volatile("cli; hlt");
}

bool equal(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

bool differ(const void *a, const void *b, unsigned size)
{
	const char *x = a, *y = b;

	for (unsigned i = 0; i < size; i++)
		if (x[i] != y[i])
			return true;
	return false;
}

uint64_t option(const char *cmdline, const char *name)
{
	unsigned length = 0;
	uint64_t value = 0;

	while (name[length])
		length++;
	while (*cmdline && differ(cmdline, name, length))
		cmdline++;
	if (!*cmdline)
		return 0;
	for (cmdline += length; *cmdline >= '0' && *cmdline <= '9'; cmdline++)
		value = value * 10 + (uint64_t)(*cmdline - '0');
	return value;
}

uint64_t rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}
