/* SPDX-License-Identifier: MIT */
/* A line at a time to the kernel log. */
#include "sigma0.h"

#include <stdarg.h>
#include <l4/sys/vcon.h>

enum { LINE_BYTES = 160 };

struct line {
	char text[LINE_BYTES];
	unsigned length;
};

static void put(struct line *l, char c)
{
	if (l->length < LINE_BYTES)
		l->text[l->length++] = c;
}

static void put_number(struct line *l, unsigned long n, unsigned base)
{
	char digits[20];
	unsigned count = 0;

	do {
		digits[count++] = "0123456789abcdef"[n % base];
		n /= base;
	} while (n);
	while (count > 0)
		put(l, digits[--count]);
}

static void put_string(struct line *l, const char *s)
{
	while (*s)
		put(l, *s++);
}

void log_printf(const char *format, ...)
{
	struct line l = { .length = 0 };
	va_list ap;

	va_start(ap, format);
	for (; *format; format++) {
		if (*format != '%')
			put(&l, *format);
		else if (*++format == 's')
			put_string(&l, va_arg(ap, const char *));
		else
			put_number(&l, va_arg(ap, unsigned long), *format == 'x' ? 16 : 10);
	}
	va_end(ap);
	l4_vcon_write(L4_BASE_LOG_CAP, l.text, (int)l.length);
}
