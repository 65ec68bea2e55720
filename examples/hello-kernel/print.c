/* SPDX-License-Identifier: MIT */
/* Lines to the kernel log. One line is one message, so lines of several threads stay whole. */
#include "print.h"

#include <stdarg.h>
#include <l4/sys/vcon.h>

enum { LINE_BYTES = 120 };

struct line {
	char text[LINE_BYTES + 1];
	unsigned length;
};

static void put(struct line *l, char c)
{
	if (l->length < LINE_BYTES)
		l->text[l->length++] = c;
}

static void put_string(struct line *l, const char *s)
{
	while (*s)
		put(l, *s++);
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

void print(const char *format, ...)
{
	struct line l;
	va_list ap;

	l.length = 0;
	va_start(ap, format);
	for (; *format; format++) {
		if (*format != '%') {
			put(&l, *format);
			continue;
		}
		format++;
		if (*format == 's')
			put_string(&l, va_arg(ap, const char *));
		else if (*format == 'l')
			put_number(&l, va_arg(ap, unsigned long), *++format == 'x' ? 16 : 10);
		else
			put(&l, *format);
	}
	va_end(ap);
	l.text[l.length++] = '\n';
	l4_vcon_write(L4_BASE_LOG_CAP, l.text, l.length);
}
