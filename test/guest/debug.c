/* SPDX-License-Identifier: MIT */
/* A guest to be debugged (test/guest/gdb.py): it counts, and ends when the debugger lets it. */
#include "lib/kernel.h"

volatile uint64_t counter, seen, finished;

void stop_here(uint64_t n);
void after_call(void);

/* Its argument is in a register at its first instruction. */
__attribute__((noinline)) void stop_here(uint64_t n)
{
	seen = n;
}

__attribute__((noinline)) void after_call(void)
{
	__asm__ volatile("");
}

void kernel_main(void)
{
	ok(!finished, "the guest to be debugged starts");
	while (!finished) {
		stop_here(++counter);
		hypercall(XEN_CALL_XEN_VERSION, XEN_VERSION, 0, 0, 0, 0);
		after_call();
	}
	ok(true, "and goes on to its end");
}
