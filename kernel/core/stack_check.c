/* SPDX-License-Identifier: MIT */
/* The compiler's stack protector found a damaged stack. */
#include "core/print.h"

void __stack_chk_fail(void) __attribute__((noreturn));

void __stack_chk_fail(void)
{
	panic("kernel stack overrun");
}
