/* SPDX-License-Identifier: MIT */
/* Entry of a root task, which the kernel starts without a stack. */
	.text
	.globl _start
_start:
	lea	service_stack_end(%rip), %rsp
	xor	%ebp, %ebp
	call	service_start
	ud2

	.bss
	.balign	16
	.skip	65536
service_stack_end:

	.section .note.GNU-stack, "", @progbits
