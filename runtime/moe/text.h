/* SPDX-License-Identifier: MIT */
/* Formatted text into a buffer of fixed size. Pure. */
#ifndef MOE_TEXT_H
#define MOE_TEXT_H

#include <stdarg.h>
#include <stddef.h>

struct text {
	char *to;
	size_t room, length; /* room without the NUL */
};

/* An empty text in size bytes (at least 1). */
struct text text_init(char *to, size_t size);

/*
 * Append; what does not fit is cut. Knows %s, %c, %u, %x, %d, the last three with l too, %%, and a
 * width with optional 0 for numbers. Always NUL-terminated.
 */
void text_add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_v(struct text *t, const char *format, va_list arguments);

/* Append so many bytes. */
void text_add_bytes(struct text *t, const char *bytes, size_t count);

#endif
