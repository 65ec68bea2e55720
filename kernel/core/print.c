/* SPDX-License-Identifier: MIT */
/*
 * Formatted output. The formatter writes into a buffer; when it is full, output for the console is
 * written out and the buffer used again, other output is only counted. A message that fits the
 * buffer reaches the console in one piece, so that lines of several CPUs do not mix.
 */
#include "core/print.h"
#include "x86_64/platform.h"

struct out {
	char *buf;
	size_t size; /* room in buf */
	size_t fill; /* bytes in buf */
	int total;   /* bytes produced */
	bool console;
};

struct spec {
	bool left, zero, negative;
	unsigned width, longs;
	int precision; /* -1: none given */
};

static void put_raw(struct out *o, char c)
{
	if (o->console && o->fill == o->size) {
		console_write(o->buf, o->fill);
		o->fill = 0;
	}
	if (o->fill < o->size)
		o->buf[o->fill++] = c;
}

static void put(struct out *o, char c)
{
	if (o->console && c == '\n')
		put_raw(o, '\r');
	put_raw(o, c);
	o->total++;
}

static void pad(struct out *o, char c, unsigned have, unsigned want)
{
	for (; have < want; have++)
		put(o, c);
}

static void put_text(struct out *o, const struct spec *f, const char *s)
{
	unsigned len = 0;

	if (!s)
		s = "(null)";
	while ((f->precision < 0 || len < (unsigned)f->precision) && s[len])
		len++;
	if (!f->left)
		pad(o, ' ', len, f->width);
	for (unsigned i = 0; i < len; i++)
		put(o, s[i]);
	if (f->left)
		pad(o, ' ', len, f->width);
}

static void put_number(struct out *o, const struct spec *f, u64 v, unsigned base)
{
	char digit[20]; /* 2^64 has 20 decimal digits */
	unsigned n = 0;

	do
		digit[n++] = "0123456789abcdef"[v % base];
	while (v /= base);

	unsigned len = n + f->negative;
	bool zeros = f->zero && !f->left;

	if (!zeros && !f->left)
		pad(o, ' ', len, f->width);
	if (f->negative)
		put(o, '-');
	if (zeros)
		pad(o, '0', len, f->width);
	while (n)
		put(o, digit[--n]);
	if (f->left)
		pad(o, ' ', len, f->width);
}

static unsigned parse_number(const char **fmt)
{
	unsigned n = 0;

	for (; **fmt >= '0' && **fmt <= '9'; ++*fmt)
		n = n * 10 + (unsigned)(**fmt - '0');
	return n;
}

/* Flags, width, precision and length; leaves *fmt at the conversion letter. */
static struct spec parse_spec(const char **fmt, va_list *ap)
{
	struct spec f = { .precision = -1 };

	for (;; ++*fmt) {
		if (**fmt == '-')
			f.left = true;
		else if (**fmt == '0')
			f.zero = true;
		else
			break;
	}
	if (**fmt == '*') {
		int w = va_arg(*ap, int);

		f.left |= w < 0;
		f.width = w < 0 ? -(unsigned)w : (unsigned)w;
		++*fmt;
	} else {
		f.width = parse_number(fmt);
	}
	if (**fmt == '.') {
		++*fmt;
		if (**fmt == '*') {
			f.precision = va_arg(*ap, int);
			++*fmt;
		} else {
			f.precision = (int)parse_number(fmt);
		}
	}
	for (; **fmt == 'l' || **fmt == 'z'; ++*fmt)
		f.longs++;
	return f;
}

static u64 get_unsigned(const struct spec *f, va_list *ap)
{
	return f->longs ? va_arg(*ap, u64) : va_arg(*ap, unsigned);
}

static u64 get_signed(struct spec *f, va_list *ap)
{
	s64 v = f->longs ? va_arg(*ap, s64) : va_arg(*ap, int);

	f->negative = v < 0;
	return v < 0 ? 0 - (u64)v : (u64)v;
}

static void put_pointer(struct out *o, struct spec *f, const void *p)
{
	put(o, '0');
	put(o, 'x');
	f->width = f->width > 2 ? f->width - 2 : 0;
	put_number(o, f, (u64)p, 16);
}

static void convert(struct out *o, struct spec *f, char letter, va_list *ap)
{
	switch (letter) {
	case 's':
		put_text(o, f, va_arg(*ap, const char *));
		break;
	case 'c': {
		char c[2] = { (char)va_arg(*ap, int), '\0' };

		put_text(o, f, c);
		break;
	}
	case 'd':
	case 'i': {
		u64 v = get_signed(f, ap);

		put_number(o, f, v, 10);
		break;
	}
	case 'u':
		put_number(o, f, get_unsigned(f, ap), 10);
		break;
	case 'x':
		put_number(o, f, get_unsigned(f, ap), 16);
		break;
	case 'p':
		put_pointer(o, f, va_arg(*ap, void *));
		break;
	default: /* "%%", and unknown letters as they are */
		put(o, letter);
	}
}

static void format(struct out *o, const char *fmt, va_list *ap)
{
	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put(o, *fmt);
			continue;
		}
		fmt++;
		struct spec f = parse_spec(&fmt, ap);

		if (!*fmt)
			return;
		convert(o, &f, *fmt, ap);
	}
}

int kvsnprintf(char *buf, size_t n, const char *fmt, va_list ap)
{
	struct out o = { .buf = buf, .size = n ? n - 1 : 0 };
	va_list copy;

	va_copy(copy, ap);
	format(&o, fmt, &copy);
	va_end(copy);
	if (n)
		buf[o.fill] = '\0';
	return o.total;
}

int ksnprintf(char *buf, size_t n, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = kvsnprintf(buf, n, fmt, ap);
	va_end(ap);
	return len;
}

void vprintk(const char *fmt, va_list ap)
{
	char buf[256];
	struct out o = { .buf = buf, .size = sizeof(buf), .console = true };
	va_list copy;

	va_copy(copy, ap);
	format(&o, fmt, &copy);
	va_end(copy);
	console_write(buf, o.fill);
}

void printk(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintk(fmt, ap);
	va_end(ap);
}
