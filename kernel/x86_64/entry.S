/* SPDX-License-Identifier: MIT */
/*
 * All ways into and out of the kernel. The register frame of the current thread is built in place:
 * its end, %gs:CPU_REGS_TOP, is the entry stack pointer. C code then runs on the CPU's one kernel
 * stack.
 *
 * With address-space isolation user page tables have of the kernel only this section, struct cpu and
 * the descriptor tables: CR3 is switched before anything else is touched, and traps come in on a
 * small stack in struct cpu.
 */
#include "offsets.h"
#include "x86_64/stage.h"

.macro PUSH_GPRS
	push %rax; push %rcx; push %rdx; push %rbx; push $0; push %rbp; push %rsi; push %rdi
	push %r8; push %r9; push %r10; push %r11; push %r12; push %r13; push %r14; push %r15
.endm

.macro POP_GPRS
	pop %r15; pop %r14; pop %r13; pop %r12; pop %r11; pop %r10; pop %r9; pop %r8
	pop %rdi; pop %rsi; pop %rbp; add $8, %rsp; pop %rbx; pop %rdx; pop %rcx; pop %rax
.endm

.macro KERNEL_CR3 reg			/* with isolation */
	testb $EXIT_ISOLATE, %gs:CPU_EXIT_WORK; jz 9f
	mov %gs:CPU_KERNEL_CR3, \reg; mov \reg, %cr3; 9:
.endm

.macro EXIT_WORK reg			/* what few processors need; memory of the kernel is gone after it */
	mov %gs:CPU_USER_CR3, \reg
	testb $EXIT_CLEAR, %gs:CPU_EXIT_WORK; jz 8f
	verw %gs:CPU_VERW_SEL
8:	testb $EXIT_ISOLATE, %gs:CPU_EXIT_WORK; jz 9f
	mov \reg, %cr3
9:
.endm

.macro SET_GS_BASE low, high
	mov $0xc0000101, %ecx
	mov \low, %eax; mov \high, %edx; wrmsr
.endm

/*
 * The system call. What C code may change is saved, the rest (rbx, rbp, r12 to r15) it preserves, or
 * core/syscall.c completes the frame; then it does not return. work: the CPU has exit work. sysret
 * with a non-canonical rip would fault in ring 0: no frame has one (doc/kernel.md, 4).
 */
.macro SYSCALL_STUB work
	swapgs; mov %rsp, %gs:CPU_SCRATCH
	.if \work; KERNEL_CR3 %rsp; .endif
	mov %gs:CPU_REGS_TOP, %rsp
	push $USER_DATA; push %gs:CPU_SCRATCH; push %r11; push $USER_CODE64; push %rcx; push $0
	mov %rax, R_RAX+48(%rsp); mov %rdx, R_RDX+48(%rsp)
	mov %rsi, R_RSI+48(%rsp); mov %rdi, R_RDI+48(%rsp)
	mov %r8, R_R8+48(%rsp); mov %r9, R_R9+48(%rsp); mov %r10, R_R10+48(%rsp)
	.if ENTRY_SAVES_ALL; mov %rbx, R_RBX+48(%rsp); mov %rbp, R_RBP+48(%rsp)
	mov %r12, R_R12+48(%rsp); mov %r13, R_R13+48(%rsp)
	mov %r14, R_R14+48(%rsp); mov %r15, R_R15+48(%rsp); .endif
	mov %gs:CPU_STACK_TOP, %rsp; mov %gs:CPU_CURRENT, %rdi
	call syscall_entry		/* returns only for the fast way back */
	mov %gs:CPU_REGS_TOP, %rdx
	mov R_R8(%rdx), %r8; mov R_R9(%rdx), %r9; mov R_R10(%rdx), %r10
	mov R_RDI(%rdx), %rdi; mov R_RSI(%rdx), %rsi
	mov R_RFLAGS(%rdx), %r11; mov R_RIP(%rdx), %rcx
	mov R_RSP(%rdx), %rsp
	.if \work; EXIT_WORK %rdx; .endif
	xor %edx, %edx; swapgs; sysretq
.endm

	.section .entry, "ax", @progbits
	.globl syscall_stub, syscall_stub_work, syscall32_stub, trap_stubs, interrupt_stubs
	.globl exit_sysret, exit_iret, exit_handler, exit_handler_of_guest, exit_direct, exit_guest
syscall_stub:
	SYSCALL_STUB 0
syscall_stub_work:
	SYSCALL_STUB 1

syscall32_stub:				/* `syscall` of 32-bit code (AMD): becomes a trap */
	swapgs; mov %rsp, %gs:CPU_SCRATCH
	KERNEL_CR3 %rsp
	mov %gs:CPU_REGS_TOP, %rsp
	push $USER_DATA; push %gs:CPU_SCRATCH; push %r11; push $USER_CODE32; push %rcx; push $0
	push $SYSCALL_VEC; PUSH_GPRS
	mov %rsp, %rdi; mov %gs:CPU_STACK_TOP, %rsp
	call syscall32_from_user

exit_sysret:				/* rdi = struct regs: full frame, sysret */
	mov %rdi, %rsp; cmpb $0, %gs:CPU_EXIT_WORK; jne exit_iret
	pop %r15; pop %r14; pop %r13; pop %r12; add $8, %rsp
	pop %r10; pop %r9; pop %r8; pop %rdi; pop %rsi; pop %rbp
	mov 8(%rsp), %rbx; mov 16(%rsp), %rdx; mov 32(%rsp), %rax
	mov 56(%rsp), %rcx; mov 72(%rsp), %r11; mov 80(%rsp), %rsp
	swapgs; sysretq

exit_iret:				/* rdi = struct regs: full frame, iret */
	mov %rdi, %rsp; POP_GPRS
	cmpb $0, %gs:CPU_EXIT_WORK; jne 1f; add $16, %rsp; swapgs
exit_iretq: iretq
1:	mov %rax, %gs:CPU_SCRATCH; mov %rsp, %rax
	mov %gs:CPU_ENTRY_TOP, %rsp
	push 48(%rax); push 40(%rax); push 32(%rax); push 24(%rax); push 16(%rax)
	EXIT_WORK %rax; mov %gs:CPU_SCRATCH, %rax; swapgs; jmp exit_iretq

exit_handler:				/* rdi, rsi = rsp, rcx = rip; nothing else may be told */
	swapgs; jmp 1f
exit_handler_of_guest:			/* the same; rdx = GS base, its old value goes to (r8) */
	swapgs; rdgsbase %rax; mov %rax, (%r8); wrgsbase %rdx
1:	mov $USER_RFLAGS, %r11d; mov %rsi, %rsp
	xor %eax, %eax; xor %edx, %edx; xor %ebx, %ebx; xor %ebp, %ebp; xor %esi, %esi; xor %r8d, %r8d
	xor %r9d, %r9d; xor %r10d, %r10d; xor %r12d, %r12d; xor %r13d, %r13d; xor %r14d, %r14d
	xor %r15d, %r15d; sysretq

exit_direct:	/* rdi = end of the frame, rsi = rsp, rdx = rip, rcx = rflags, r8 = GS base; old one to (r9) */
	swapgs; rdgsbase %rax; mov %rax, (%r9); wrgsbase %r8
	mov %rcx, %r11; mov %rdx, %rcx; mov %rsi, %rsp
	.if ENTRY_SAVES_ALL; mov R_RBX(%rdi), %rbx; mov R_RBP(%rdi), %rbp; mov R_R12(%rdi), %r12
	mov R_R13(%rdi), %r13; mov R_R14(%rdi), %r14; mov R_R15(%rdi), %r15; .endif
	mov R_RAX(%rdi), %rax; mov R_RDX(%rdi), %rdx; mov R_RSI(%rdi), %rsi; mov R_R8(%rdi), %r8
	mov R_R9(%rdi), %r9; mov R_R10(%rdi), %r10; mov R_RDI(%rdi), %rdi; sysretq

exit_guest:				/* rdi = end of general registers, rsi = GS base; iret from the frame */
	mov %gs:CPU_REGS_TOP, %rsp; sub $40, %rsp; swapgs; wrgsbase %rsi
	mov R_R15(%rdi), %r15; mov R_R14(%rdi), %r14; mov R_R13(%rdi), %r13; mov R_R12(%rdi), %r12
	mov R_R11(%rdi), %r11; mov R_R10(%rdi), %r10; mov R_R9(%rdi), %r9; mov R_R8(%rdi), %r8
	mov R_RBP(%rdi), %rbp; mov R_RBX(%rdi), %rbx; mov R_RDX(%rdi), %rdx; mov R_RCX(%rdi), %rcx
	mov R_RAX(%rdi), %rax; mov R_RSI(%rdi), %rsi; mov R_RDI(%rdi), %rdi
exit_guest_iretq: iretq

/* Exceptions: 16 bytes each; those with an error code have it pushed already. */
	.balign 16; trap_stubs: vector = 0
	.rept 32
	.balign 16
	.if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
	push $0
	.endif
	push $vector
	.if vector == 1 || vector == 2 || vector == 8 || vector == 18; jmp trap_ist; .else; jmp trap_common; .endif
	vector = vector + 1
	.endr

/* Interrupts: 4 bytes each, in groups of 32, as a short jump reaches no further. They push the
 * vector, as a signed byte, where the error code belongs. */
	.balign 8; interrupt_stubs:
	.rept 7; .rept 32; .byte 0x6a, vector, 0xeb, 124 - vector % 32 * 4; vector = vector + 1; .endr
	jmp 1f; .balign 8; .endr
1:	push (%rsp); andq $0xff, (%rsp); movq $0, 8(%rsp)
trap_common:				/* vector, error, rip, cs, rflags, rsp, ss */
	testb $3, 24(%rsp); jz trap_in_kernel
	swapgs; lfence				/* no speculation with the wrong GS */
	testb $EXIT_ISOLATE, %gs:CPU_EXIT_WORK; jnz trap_move
trap_user:
	PUSH_GPRS; cld
	mov %rsp, %rdi; mov %gs:CPU_STACK_TOP, %rsp
	call trap_from_user

trap_in_kernel:
	push %rax; lea exit_iretq(%rip), %rax; cmp %rax, 24(%rsp); je exit_failed
	lea exit_guest_iretq(%rip), %rax; cmp %rax, 24(%rsp); je exit_failed; pop %rax
	PUSH_GPRS; cld; mov %rsp, %rdi; call trap_from_kernel
	POP_GPRS; add $16, %rsp; iretq

exit_failed:				/* iretq cannot load what the user has: the user's fault */
	pop %rax; swapgs; mov %rax, %gs:CPU_SCRATCH; KERNEL_CR3 %rax
	mov %rsp, %rax; mov %gs:CPU_REGS_TOP, %rsp; sub $40, %rsp
	push 8(%rax); push (%rax); mov %gs:CPU_SCRATCH, %rax; jmp trap_user

trap_move:				/* from user mode, on another stack than the frame */
	mov %rax, %gs:CPU_SCRATCH
	KERNEL_CR3 %rax
	mov %rsp, %rax; mov %gs:CPU_REGS_TOP, %rsp
	push 48(%rax); push 40(%rax); push 32(%rax); push 24(%rax); push 16(%rax)
	push 8(%rax); push (%rax)
	mov %gs:CPU_SCRATCH, %rax; jmp trap_user

/* On a stack of its own because it can hit before GS and CR3 are right; above the frame stand the
 * address of struct cpu and the kernel's CR3. */
trap_ist:
	testb $3, 24(%rsp); jz 1f
	swapgs; lfence; jmp trap_move
1:	PUSH_GPRS; cld
	mov $0xc0000101, %ecx		/* GS base */
	rdmsr; mov %eax, %ebx; mov %edx, %r12d
	SET_GS_BASE REGS_SIZE(%rsp), REGS_SIZE+4(%rsp)
	mov %cr3, %r13; mov REGS_SIZE+8(%rsp), %rax
	test %rax, %rax; jz 1f; mov %rax, %cr3	/* 0: no isolation, CR3 is fine */
1:	mov %rsp, %rdi; call trap_from_kernel
	mov %r13, %cr3; SET_GS_BASE %ebx, %r12d
	POP_GPRS; add $16, %rsp; iretq

	.section .note.GNU-stack, "", @progbits
