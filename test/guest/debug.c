/* SPDX-License-Identifier: MIT */
/*
 * A guest to be debugged (test/guest/gdb.py): it counts, and ends when the debugger lets it. It has
 * a breakpoint of its own in the processor, whose hits it counts too, and a second vCPU.
 */
#include "lib/kernel.h"
#include "xen/trap.h"
#include "xen/vcpu.h"

enum { VECTOR_DB = 1, STACK = 8192, DR_STATUS = 6, DR_CONTROL = 7 };

/* Register 0 is on, for 8 bytes that are written. */
#define OWN_CONTROL 0x90001UL

volatile uint64_t counter, second, seen, finished, written, looked_at;
volatile uint64_t vector[2] = { 0x1111111111111111, 0x2222222222222222 }, seen_vector[2];
volatile uint64_t own_word, debug_hits, debug_status;

void debug_entry(void);
void stop_here(uint64_t n);
void second_here(void);
void after_call(void);

/* The frame has rcx and r11 on top, and the function for iret wants them back in the registers. */
__asm__(".text\n"
	"debug_entry:\n\tpop %rcx\n\tpop %r11\n\tpush %rax\n\tpush %rdi\n\tpush %rsi\n"
	"\tmov $6, %edi\n\tmov $9, %eax\n\tcall hypercall_stub\n"
	"\tmov %rax, debug_status\n\tincq debug_hits\n"
	"\tpop %rsi\n\tpop %rdi\n\tpop %rax\n\tjmp hypercall_stub_iret\n");

/* Its argument is in a register at its first instruction. */
__attribute__((noinline)) void stop_here(uint64_t n)
{
	seen = n;
}

__attribute__((noinline)) void after_call(void)
{
	__asm__ volatile("");
}

__attribute__((noinline)) void second_here(void)
{
	second++;
}

static void second_main(void)
{
	for (;;)
		second_here();
}

static bool set_own_breakpoint(void)
{
	static const struct xen_trap_info traps[2] = { { VECTOR_DB, XEN_TRAP_MASK_EVENTS, XEN_CS64,
							 0, (uint64_t)debug_entry } };

	return !hypercall(XEN_CALL_SET_TRAP_TABLE, (uint64_t)traps, 0, 0, 0, 0) &&
	       !hypercall(XEN_CALL_SET_DEBUGREG, 0, (uint64_t)&own_word, 0, 0, 0) &&
	       !hypercall(XEN_CALL_SET_DEBUGREG, DR_CONTROL, OWN_CONTROL, 0, 0, 0);
}

void kernel_main(void)
{
	ok(!finished, "the guest to be debugged starts");
	ok(set_own_breakpoint() && start_vcpu(1, second_main),
	   "with a breakpoint and a second vCPU");
	__asm__ volatile("fninit; fldpi");
	while (!finished) {
		__asm__ volatile("movdqu vector, %xmm3");
		stop_here(++counter);
		__asm__ volatile("movdqu %xmm3, seen_vector");
		written = counter;
		hypercall(XEN_CALL_XEN_VERSION, XEN_VERSION, 0, 0, 0, 0);
		after_call();
		own_word = counter;
		(void)looked_at;
	}
	ok(debug_hits && (debug_status & 15) == 1, "its breakpoint was hit, and no other");
	ok(true, "and goes on to its end");
}
