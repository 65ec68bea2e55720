/* SPDX-License-Identifier: MIT */
/* Formatted text. */
#include <stdbool.h>
#include <string.h>
#include "text.h"

struct text text_init(char *to, size_t size)
{
	*to = 0;
	return (struct text){ .to = to, .room = size - 1 };
}

void text_add_bytes(struct text *t, const char *bytes, size_t count)
{
	if (count > t->room - t->length)
		count = t->room - t->length;
	memcpy(t->to + t->length, bytes, count);
	t->length += count;
	t->to[t->length] = 0;
}

static void add_number(struct text *t, unsigned long n, unsigned base, unsigned width, char fill)
{
	char digits[64];
	unsigned at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[n % base];
		n /= base;
	} while (n);
	while (sizeof(digits) - at < width && at)
		digits[--at] = fill;
	text_add_bytes(t, digits + at, sizeof(digits) - at);
}

static void add_signed(struct text *t, long n, unsigned width, char fill)
{
	if (n < 0)
		text_add_bytes(t, "-", 1);
	add_number(t, n < 0 ? 0 - (unsigned long)n : (unsigned long)n, 10, width, fill);
}

static const char *read_width(const char *format, unsigned *width, char *fill)
{
	*fill = *format == '0' ? '0' : ' ';
	*width = 0;
	while (*format >= '0' && *format <= '9')
		*width = *width * 10 + (unsigned)(*format++ - '0');
	return format;
}

void text_add_v(struct text *t, const char *format, va_list ap)
{
	unsigned width;
	char fill, c;

	while (*format) {
		size_t plain = strcspn(format, "%");
		const char *s;
		bool is_long;

		text_add_bytes(t, format, plain);
		format += plain;
		if (!*format++)
			return;
		format = read_width(format, &width, &fill);
		is_long = *format == 'l';
		format += is_long;
		switch (*format++) {
		case 's':
			s = va_arg(ap, const char *);
			text_add_bytes(t, s, strlen(s));
			break;
		case 'c':
			c = (char)va_arg(ap, int);
			text_add_bytes(t, &c, 1);
			break;
		case 'd':
			add_signed(t, is_long ? va_arg(ap, long) : va_arg(ap, int), width, fill);
			break;
		case 'u':
			add_number(t, is_long ? va_arg(ap, unsigned long) : va_arg(ap, unsigned),
				   10, width, fill);
			break;
		case 'x':
			add_number(t, is_long ? va_arg(ap, unsigned long) : va_arg(ap, unsigned),
				   16, width, fill);
			break;
		default:
			text_add_bytes(t, "%", 1);
		}
	}
}

void text_add(struct text *t, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	text_add_v(t, format, ap);
	va_end(ap);
}
