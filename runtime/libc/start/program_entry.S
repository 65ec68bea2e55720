/* SPDX-License-Identifier: MIT */
/* Entry of a program: rsp points to argc, with arguments, environment and auxiliary vector above. */
	.text
	.weak _DYNAMIC
	.hidden _DYNAMIC, __ehdr_start
	.globl _start
_start:
	xor	%ebp, %ebp
	mov	%rsp, %rbx
	and	$-16, %rsp
	lea	__ehdr_start(%rip), %rdi
	lea	_DYNAMIC(%rip), %rsi	# 0 in a program with an address of its own
	call	program_relocate
	mov	%rbx, %rdi
	call	program_start
	ud2

	.section .note.GNU-stack, "", @progbits
