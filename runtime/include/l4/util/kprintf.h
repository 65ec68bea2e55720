/* SPDX-License-Identifier: MIT */
/* printf to the kernel debugger, which is there before any log is. */
#ifndef L4_UTIL_KPRINTF_H
#define L4_UTIL_KPRINTF_H

#include <stdarg.h>
#include <l4/sys/compiler.h>

EXTERN_C_BEGIN

/* Print; lines above 500 bytes are cut. Returns the length of the whole text. */
L4_CV int l4_kprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

EXTERN_C_END

#endif
