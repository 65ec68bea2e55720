/* SPDX-License-Identifier: MIT */
/* Entry of the 64-bit part, exception stubs, and the jump into the kernel. */

	.section .text.start, "ax"
	.globl	stage64_start
stage64_start:
	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$stack_end, %rsp
	xor	%ebp, %ebp
	mov	%edi, %edi
	call	boot_main
	ud2

/* void kernel_jump(cr3, entry, bootinfo, stack): enter the kernel in its page tables. */
	.text
	.globl	kernel_jump
kernel_jump:
	mov	%rdi, %cr3
	mov	%rcx, %rsp
	mov	%rdx, %rdi
	xor	%ebp, %ebp
	push	%rbp
	jmp	*%rsi

/* Stubs of the 32 processor exceptions, 16 bytes each. */
	.balign	16
	.globl	trap_stubs
trap_stubs:
	.set	vector, 0
	.rept	32
	.balign	16
	.if	!((vector == 8) || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
	push	$0
	.endif
	push	$vector
	jmp	1f
	.set	vector, vector + 1
	.endr
1:	mov	%rsp, %rdi
	mov	%cr2, %rsi
	and	$-16, %rsp
	cld
	call	trap_report
	ud2

	.section .bss.stack, "aw", @nobits
	.balign	4096
	.skip	0x4000
	.globl	stack_end
stack_end:

	.section .note.GNU-stack, "", @progbits
