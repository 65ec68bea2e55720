/* SPDX-License-Identifier: MIT */
/* Small routines that cannot be said in C. */

	.text
	.globl irq_window		/* interrupts on for an instant */
irq_window:
	sti
	nop
	cli
	ret

	.globl idle_halt		/* no interrupt gets lost between sti and hlt */
idle_halt:
	sti
	hlt
	cli
	ret

	.globl spin_lock_slowly		/* rdi = lock; changes no register */
spin_lock_slowly:
	push %rax; push %rcx; push %rdx; push %rsi
	push %r8; push %r9; push %r10; push %r11
	call spin_lock_wait
	pop %r11; pop %r10; pop %r9; pop %r8
	pop %rsi; pop %rdx; pop %rcx; pop %rax
	ret

	.globl stack_switch_call	/* rdi = new stack top, rsi = function */
stack_switch_call:
	mov %rdi, %rsp
	call *%rsi

	.section .note.GNU-stack, "", @progbits
