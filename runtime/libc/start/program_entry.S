/* SPDX-License-Identifier: MIT */
/* Entry of a program: rsp points to argc, with arguments, environment and auxiliary vector above. */
	.text
	.globl _start
_start:
	xor	%ebp, %ebp
	mov	%rsp, %rdi
	and	$-16, %rsp
	call	program_start
	ud2

	.section .note.GNU-stack, "", @progbits
