/* SPDX-License-Identifier: MIT */
/* Offsets for the assembler: compiled to text, from which the build makes offsets.h. */
#include "core/cpu.h"
#include "obj/thread.h"
#include "x86_64/regs.h"

#define DEFINE(name, value) __asm__ volatile("\n.ascii \"->" #name " %c0\"" : : "i"(value))

void offsets(void);
void offsets(void)
{
	DEFINE(CPU_SCRATCH, offsetof(struct cpu, scratch));
	DEFINE(CPU_STACK_TOP, offsetof(struct cpu, stack_top));
	DEFINE(CPU_REGS_TOP, offsetof(struct cpu, regs_top));
	DEFINE(CPU_CURRENT, offsetof(struct cpu, current));
	DEFINE(CPU_KERNEL_CR3, offsetof(struct cpu, kernel_cr3));
	DEFINE(CPU_USER_CR3, offsetof(struct cpu, user_cr3));
	DEFINE(CPU_ENTRY_TOP, offsetof(struct cpu, entry_top));
	DEFINE(CPU_EXIT_WORK, offsetof(struct cpu, exit_work));
	DEFINE(CPU_VERW_SEL, offsetof(struct cpu, verw_sel));
	DEFINE(EXIT_ISOLATE, EXIT_ISOLATE);
	DEFINE(EXIT_CLEAR, EXIT_CLEAR);
	DEFINE(USER_DATA, SEL_USER_DATA);
	DEFINE(USER_CODE32, SEL_USER_CODE32);
	DEFINE(USER_CODE64, SEL_USER_CODE64);
	DEFINE(SYSCALL_VEC, SYSCALL_VECTOR);
	DEFINE(USER_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	DEFINE(REGS_SIZE, sizeof(struct regs));
	/* Relative to the end of the frame. */
	DEFINE(R_R15, (long)offsetof(struct regs, r15) - (long)sizeof(struct regs));
	DEFINE(R_R14, (long)offsetof(struct regs, r14) - (long)sizeof(struct regs));
	DEFINE(R_R13, (long)offsetof(struct regs, r13) - (long)sizeof(struct regs));
	DEFINE(R_R12, (long)offsetof(struct regs, r12) - (long)sizeof(struct regs));
	DEFINE(R_R11, (long)offsetof(struct regs, r11) - (long)sizeof(struct regs));
	DEFINE(R_RCX, (long)offsetof(struct regs, rcx) - (long)sizeof(struct regs));
	DEFINE(R_RBX, (long)offsetof(struct regs, rbx) - (long)sizeof(struct regs));
	DEFINE(R_RBP, (long)offsetof(struct regs, rbp) - (long)sizeof(struct regs));
	DEFINE(R_R8, (long)offsetof(struct regs, r8) - (long)sizeof(struct regs));
	DEFINE(R_R9, (long)offsetof(struct regs, r9) - (long)sizeof(struct regs));
	DEFINE(R_R10, (long)offsetof(struct regs, r10) - (long)sizeof(struct regs));
	DEFINE(R_RDI, (long)offsetof(struct regs, rdi) - (long)sizeof(struct regs));
	DEFINE(R_RSI, (long)offsetof(struct regs, rsi) - (long)sizeof(struct regs));
	DEFINE(R_RDX, (long)offsetof(struct regs, rdx) - (long)sizeof(struct regs));
	DEFINE(R_RAX, (long)offsetof(struct regs, rax) - (long)sizeof(struct regs));
	DEFINE(R_RFLAGS, (long)offsetof(struct regs, rflags) - (long)sizeof(struct regs));
	DEFINE(R_RIP, (long)offsetof(struct regs, rip) - (long)sizeof(struct regs));
	DEFINE(R_RSP, (long)offsetof(struct regs, rsp) - (long)sizeof(struct regs));
}
