/* SPDX-License-Identifier: MIT */
/* On the host a panic ends the test, and so does a lock that is taken twice. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "core/print.h"
#include "core/spinlock.h"

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

__attribute__((weak)) void spin_lock_wait(struct spinlock *l)
{
	(void)l;
	panic("deadlock: a lock is taken twice");
}
