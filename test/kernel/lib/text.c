/* SPDX-License-Identifier: MIT */
/* A small printf for test programs. */
#include "tap.h"

struct out {
	char *to;
	unsigned size, length;
};

static void put(struct out *o, char c)
{
	if (o->length + 1 < o->size)
		o->to[o->length++] = c;
}

struct spec {
	bool zero, wide;
	unsigned width;
};

static void put_number(struct out *o, const struct spec *s, unsigned long n, unsigned base,
		       bool negative)
{
	char digits[24];
	unsigned count = 0;

	do {
		digits[count++] = "0123456789abcdef"[n % base];
		n /= base;
	} while (n);
	if (negative)
		digits[count++] = '-';
	for (unsigned i = count; i < s->width; i++)
		put(o, s->zero ? '0' : ' ');
	while (count > 0)
		put(o, digits[--count]);
}

static void put_string(struct out *o, const char *s)
{
	for (s = s ? s : "(null)"; *s; s++)
		put(o, *s);
}

/* Flags, width and length letters; returns the position of the conversion letter. */
static const char *parse_spec(const char *f, struct spec *s)
{
	*s = (struct spec){ .zero = *f == '0' };
	while (*f >= '0' && *f <= '9')
		s->width = s->width * 10 + (unsigned)(*f++ - '0');
	for (; *f == 'l' || *f == 'z'; f++)
		s->wide = true;
	return f;
}

static unsigned long get_unsigned(const struct spec *s, va_list *ap)
{
	return s->wide ? va_arg(*ap, unsigned long) : va_arg(*ap, unsigned);
}

static void put_signed(struct out *o, const struct spec *s, va_list *ap)
{
	long n = s->wide ? va_arg(*ap, long) : va_arg(*ap, int);

	put_number(o, s, n < 0 ? -(unsigned long)n : (unsigned long)n, 10, n < 0);
}

static void convert(struct out *o, char letter, const struct spec *s, va_list *ap)
{
	switch (letter) {
	case 's':
		put_string(o, va_arg(*ap, const char *));
		return;
	case 'c':
		put(o, (char)va_arg(*ap, int));
		return;
	case 'd':
	case 'i':
		put_signed(o, s, ap);
		return;
	case 'u':
		put_number(o, s, get_unsigned(s, ap), 10, false);
		return;
	case 'x':
		put_number(o, s, get_unsigned(s, ap), 16, false);
		return;
	case 'p':
		put_number(o, s, (unsigned long)va_arg(*ap, void *), 16, false);
		return;
	default:
		put(o, letter);
	}
}

unsigned text_vformat(char *to, unsigned size, const char *format, va_list ap)
{
	struct out o = { .to = to, .size = size };
	struct spec s;
	va_list args;

	va_copy(args, ap);
	for (; *format; format++) {
		if (*format != '%') {
			put(&o, *format);
			continue;
		}
		format = parse_spec(format + 1, &s);
		if (!*format)
			break;
		convert(&o, *format, &s, &args);
	}
	va_end(args);
	to[o.length] = '\0';
	return o.length;
}
