/* SPDX-License-Identifier: MIT */
/* Formatted kernel output and the ends of the world. */
#ifndef KERNEL_PRINT_H
#define KERNEL_PRINT_H

#include <stdarg.h>
#include "core/types.h"

/* printf to the kernel console: %s %c %d %i %u %x %p %% with l, ll, z, width,
 * '*', '-', 0 padding and (strings) precision. Any context; "\n" becomes "\r\n". */
void printk(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void vprintk(const char *fmt, va_list ap);
/* Same into a buffer of n bytes, always terminated. Returns the length without truncation. */
int ksnprintf(char *buf, size_t n, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int kvsnprintf(char *buf, size_t n, const char *fmt, va_list ap);

/* Fatal error: message, registers of the caller, back-trace; stops all CPUs. */
void panic(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
#define BUG_ON(cond)                                                   \
	do {                                                           \
		if (unlikely(cond))                                    \
			panic("%s:%d: %s", __FILE__, __LINE__, #cond); \
	} while (0)

/* Value of the option word "-name=value" in an option line, copied to buf (n bytes); true if the
 * option is there (also as plain "-name": empty value). */
bool option_get(const char *cmdline, const char *name, char *buf, size_t n);

#endif
