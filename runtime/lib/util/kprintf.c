/* SPDX-License-Identifier: MIT */
/* printf to the kernel debugger. */
#include <stdio.h>
#include <l4/sys/kdebug.h>
#include <l4/util/kprintf.h>

enum { LINE_MAX_BYTES = 500, PIECE = 400 };

int l4_kprintf(const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;
	int all, n;

	va_start(args, fmt);
	all = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	n = all < (int)sizeof(line) ? all : (int)sizeof(line) - 1;
	for (int at = 0; at < n; at += PIECE)
		l4_kd_outnstring(line + at, (unsigned)(n - at < PIECE ? n - at : PIECE));
	return all;
}
