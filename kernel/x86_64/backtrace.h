/* SPDX-License-Identifier: MIT */
/*
 * Back-traces without frame pointers: every word on the stack that is an address in the kernel's
 * code right behind a call instruction. Old return addresses that happen to lie in unused parts of
 * frames appear too, so a back-trace may have lines too many, never too few.
 */
#ifndef KERNEL_BACKTRACE_H
#define KERNEL_BACKTRACE_H

#include "core/types.h"

struct cpu;

/* Collect up to max return addresses above rsp, which lies on a kernel stack of CPU c (may be NULL:
 * unknown). Returns how many. */
unsigned backtrace_scan(const struct cpu *c, u64 rsp, u64 *out, unsigned max);

/* True if the instruction that ends at p may be a call; the 7 bytes before p are readable. Pure. */
bool ends_with_call(const u8 *p);

#endif
