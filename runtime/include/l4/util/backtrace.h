/* SPDX-License-Identifier: MIT */
/* Return addresses of the functions that are running. */
#ifndef L4_UTIL_BACKTRACE_H
#define L4_UTIL_BACKTRACE_H

#include <l4/sys/compiler.h>

EXTERN_C_BEGIN

/*
 * Fill pc_array with at most max_len return addresses, the innermost first; returns how many. Needs
 * frame pointers.
 */
L4_CV int l4util_backtrace(void **pc_array, int max_len);

EXTERN_C_END

#endif
