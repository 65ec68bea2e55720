/* SPDX-License-Identifier: MIT */
/*
 * All ways into and out of the kernel. The register frame of the current thread is built in place:
 * the entry stack pointer (TSS rsp0, %gs:CPU_REGS_TOP) is the end of its struct regs. C code then
 * runs on the CPU's one kernel stack.
 */
#include "offsets.h"

.macro PUSH_GPRS
	push %rax; push %rcx; push %rdx; push %rbx; push $0; push %rbp; push %rsi; push %rdi
	push %r8; push %r9; push %r10; push %r11; push %r12; push %r13; push %r14; push %r15
.endm

.macro POP_GPRS
	pop %r15; pop %r14; pop %r13; pop %r12; pop %r11; pop %r10; pop %r9; pop %r8
	pop %rdi; pop %rsi; pop %rbp; add $8, %rsp; pop %rbx; pop %rdx; pop %rcx; pop %rax
.endm

	.text
	.globl syscall_stub
syscall_stub:
	swapgs
	mov %rsp, %gs:CPU_SCRATCH
	mov %gs:CPU_REGS_TOP, %rsp
	push $USER_DATA
	push %gs:CPU_SCRATCH
	push %r11
	push $USER_CODE64
	push %rcx
	push $0
	push $SYSCALL_VEC
	push %rax
	push %r8
	push %rdx
	push %rbx
	push $0
	push %rbp
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	sub $8, %rsp			/* r11 is in the rflags slot */
	push %r12
	push %r13
	push %r14
	push %r15
	mov %gs:CPU_STACK_TOP, %rsp
	mov %gs:CPU_CURRENT, %rdi
	call syscall_entry		/* returns only for the fast way back */
	mov %gs:CPU_REGS_TOP, %rdx
	mov R_R8(%rdx), %r8
	mov R_R9(%rdx), %r9
	mov R_R10(%rdx), %r10
	mov R_RDI(%rdx), %rdi
	mov R_RSI(%rdx), %rsi
	mov R_RAX(%rdx), %rax
	mov R_RFLAGS(%rdx), %r11
	mov R_RIP(%rdx), %rcx
	shl $16, %rcx			/* a non-canonical rip would fault in ring 0 */
	sar $16, %rcx
	mov R_RSP(%rdx), %rsp
	xor %edx, %edx
	swapgs
	sysretq

	.globl exit_sysret		/* rdi = struct regs: full frame, sysret */
exit_sysret:
	mov %rdi, %rsp
	POP_GPRS
	mov 16(%rsp), %rcx
	mov 32(%rsp), %r11
	mov 40(%rsp), %rsp
	shl $16, %rcx
	sar $16, %rcx
	swapgs
	sysretq

	.globl exit_iret		/* rdi = struct regs: full frame, iret */
exit_iret:
	mov %rdi, %rsp
	POP_GPRS
	add $16, %rsp
	swapgs
	iretq

/* Vectors 0..255; those with an error code have it pushed already. */
	.balign 16
	.globl trap_stubs
trap_stubs:
	vector = 0
	.rept 256
	.balign 16
	.if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
	push $0
	.endif
	push $vector
	.if vector == 1 || vector == 2 || vector == 8 || vector == 18
	jmp trap_ist
	.else
	jmp trap_common
	.endif
	vector = vector + 1
	.endr

trap_common:				/* vector, error, rip, cs, rflags, rsp, ss */
	testb $3, 24(%rsp)
	jz trap_in_kernel
	swapgs
	lfence				/* no speculation with the wrong GS */
trap_user:
	PUSH_GPRS
	cld
	mov %rsp, %rdi
	mov %gs:CPU_STACK_TOP, %rsp
	call trap_from_user

trap_in_kernel:
	PUSH_GPRS
	cld
	mov %rsp, %rdi
	call trap_from_kernel
	POP_GPRS
	add $16, %rsp
	iretq

/* On a stack of its own because it can hit before GS is right; above the frame: struct cpu. */
trap_ist:
	testb $3, 24(%rsp)
	jz 1f
	swapgs
	lfence
	mov %rax, %gs:CPU_SCRATCH
	mov %rsp, %rax
	mov %gs:CPU_REGS_TOP, %rsp
	push 48(%rax); push 40(%rax); push 32(%rax); push 24(%rax); push 16(%rax); push 8(%rax)
	push (%rax)
	mov %gs:CPU_SCRATCH, %rax
	jmp trap_user
1:	PUSH_GPRS
	cld
	mov $0xc0000101, %ecx		/* GS base */
	rdmsr
	mov %eax, %ebx
	mov %edx, %r12d
	mov REGS_SIZE(%rsp), %rax
	mov REGS_SIZE+4(%rsp), %edx
	wrmsr
	mov %rsp, %rdi
	call trap_from_kernel
	mov $0xc0000101, %ecx
	mov %ebx, %eax
	mov %r12d, %edx
	wrmsr
	POP_GPRS
	add $16, %rsp
	iretq

	.globl irq_window
irq_window:
	sti
	nop
	cli
	ret

/* idle_wait: sti; hlt without a gap. */
	.globl idle_halt
idle_halt:
	sti
	hlt
	cli
	ret

/* stack_switch_call(rdi = new stack top, rsi = function): abandon this stack. */
	.globl stack_switch_call
stack_switch_call:
	mov %rdi, %rsp
	call *%rsi

	.section .note.GNU-stack, "", @progbits
