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

	.globl stack_switch_call	/* rdi = new stack top, rsi = function */
stack_switch_call:
	mov %rdi, %rsp
	call *%rsi

	.section .note.GNU-stack, "", @progbits
