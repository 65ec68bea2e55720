/* SPDX-License-Identifier: MIT */
/* User register frame, in the order in which the interface shows it to user land (abi spec 8.2). */
#ifndef KERNEL_REGS_H
#define KERNEL_REGS_H

#include "core/types.h"

/*
 * Lies in struct thread; the entry code pushes it from the end (ring-0 stack pointer) downwards.
 * vector SYSCALL_VECTOR marks a frame made by the syscall instruction: rip and rflags are then
 * also what rcx and r11 will hold, and the rcx slot holds r8 (the timeout).
 */
struct regs {
	u64 r15, r14, r13, r12, r11, r10, r9, r8;
	u64 rdi, rsi, rbp, pfa, rbx, rdx, rcx, rax;
	u64 vector, error;
	u64 rip, cs, rflags, rsp, ss;
};

#define REGS_WORDS     (sizeof(struct regs) / 8)
#define SYSCALL_VECTOR 0xfd

enum {
	SEL_KERNEL_CODE = 0x08,
	SEL_KERNEL_DATA = 0x10,
	SEL_USER_CODE32 = 0x23,
	SEL_USER_DATA = 0x2b,
	SEL_USER_CODE64 = 0x33,
	SEL_TSS = 0x40,
	SEL_LDT = 0x80,
	SEL_XEN_CODE32 = 0xe023,
	SEL_XEN_DATA = 0xe02b,
	SEL_XEN_CODE64 = 0xe033,
	GDT_USER_FIRST = 11, /* entries 11..15: set by thread op GDT */
	GDT_USER_COUNT = 5,
};

enum {
	RFLAGS_FIXED = 0x2,
	RFLAGS_TF = 0x100,
	RFLAGS_IF = 0x200,
	RFLAGS_DF = 0x400,
	RFLAGS_IOPL = 0x3000,
	RFLAGS_NT = 0x4000,
	RFLAGS_RF = 0x10000,
	RFLAGS_VM = 0x20000,
	RFLAGS_AC = 0x40000,
	RFLAGS_ID = 0x200000,
	/* Bits that user land may choose: arithmetic flags, TF, DF, NT, RF, AC, ID. */
	RFLAGS_USER = 0x254dd5,
};

#define DR6_NONE 0xffff0ff0u /* debug status: nothing has happened */

/* Debug control: bits that enable a break point, and all that user land may choose. */
#define DR7_ANY	 0xffu
#define DR7_USER 0xffff03ffu

/* A selector of the local descriptor table with privilege 3. */
static inline bool sel_is_local(u64 sel)
{
	return (sel & ~0xfff8ull) == 7;
}

/* FS/GS bases and data selectors: not part of the entry frame. */
struct segments {
	u64 fs_base, gs_base;
	u16 ds, es, fs, gs;
};

#endif
