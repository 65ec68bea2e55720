/* SPDX-License-Identifier: MIT */
/* Error output of the boot stage (32 and 64 bit): serial port and screen. */
#include <stdarg.h>
#include <stddef.h>

#include "console.h"
#include "io.h"
#include "options.h"

#define UART_DATA    0
#define UART_IER     1
#define UART_FCR     2
#define UART_LCR     3
#define UART_MCR     4
#define UART_LSR     5
#define UART_SCRATCH 7
#define LCR_8N1	     0x03
#define LCR_DLAB     0x80
#define LSR_THRE     0x20
#define SEND_TRIES   1000000

#define CRTC_INDEX	  0x3d4
#define CRTC_DATA	  0x3d5
#define CRTC_CURSOR_LOW	  0x0f
#define TEXT_BASE	  0xb8000
#define TEXT_CELLS	  (80 * 25)
#define TEXT_COLUMNS	  80
#define TEXT_WHITE_ON_RED 0x4f00

static uint16_t serial_port;
static unsigned text_at;
static void (*screen_put)(char c);

static int serial_present(uint16_t port)
{
	outb(port + UART_SCRATCH, 0x5a);
	if (inb(port + UART_SCRATCH) != 0x5a)
		return 0;
	outb(port + UART_SCRATCH, 0xa5);
	return inb(port + UART_SCRATCH) == 0xa5;
}

static void serial_init(uint16_t port)
{
	if (!port || !serial_present(port))
		return;
	outb(port + UART_IER, 0);
	outb(port + UART_LCR, LCR_DLAB | LCR_8N1);
	outb(port + UART_DATA, 1); /* divisor 1: 115200 baud */
	outb(port + UART_IER, 0);
	outb(port + UART_LCR, LCR_8N1);
	outb(port + UART_FCR, 0x07);
	outb(port + UART_MCR, 0x03);
	serial_port = port;
}

static void serial_put(char c)
{
	if (!serial_port)
		return;
	for (unsigned i = 0; i < SEND_TRIES; i++)
		if (inb(serial_port + UART_LSR) & LSR_THRE)
			break;
	outb(serial_port + UART_DATA, (uint8_t)c);
}

static void text_put(char c)
{
	volatile uint16_t *text = (volatile uint16_t *)TEXT_BASE;

	if (c == '\n')
		text_at += TEXT_COLUMNS - text_at % TEXT_COLUMNS;
	else if (text_at < TEXT_CELLS)
		text[text_at++] = (uint16_t)(TEXT_WHITE_ON_RED | (uint8_t)c);
}

int console_has_text(void)
{
	uint8_t old, seen;

	outb(CRTC_INDEX, CRTC_CURSOR_LOW);
	old = inb(CRTC_DATA);
	outb(CRTC_DATA, 0x5a);
	seen = inb(CRTC_DATA);
	outb(CRTC_DATA, old);
	return seen == 0x5a;
}

void console_set_screen(void (*put)(char c))
{
	screen_put = put;
}

static void put(char c)
{
	if (c == '\n')
		serial_put('\r');
	serial_put(c);
	if (screen_put)
		screen_put(c);
}

static void put_string(const char *s)
{
	while (s && *s)
		put(*s++);
}

static void put_number(unsigned long value, unsigned base)
{
	char digits[24];
	unsigned n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (n)
		put(digits[--n]);
}

/* One conversion; returns the last character of it in the format. */
static const char *put_argument(const char *format, va_list *args)
{
	int is_long = *format == 'l';

	format += is_long;
	if (*format == 's')
		put_string(va_arg(*args, const char *));
	else
		put_number(is_long ? va_arg(*args, unsigned long) : va_arg(*args, unsigned),
			   *format == 'x' ? 16 : 10);
	return format;
}

void fatal(const char *format, ...)
{
	va_list args;

	put_string("\nzwinger boot: error: ");
	va_start(args, format);
	for (; *format; format++) {
		if (*format == '%')
			format = put_argument(format + 1, &args);
		else
			put(*format);
	}
	va_end(args);
	put('\n');
	for (;;)
		__asm__ volatile("cli; hlt");
}

void console_init(const char *cmdline)
{
	int port = option_serial_port(cmdline);

	screen_put = console_has_text() ? text_put : NULL;
	serial_init(port < 0 ? SERIAL_COM1 : (uint16_t)port);
	if (port < 0)
		fatal("-serial= takes com1 .. com4 or a hexadecimal I/O address");
}
