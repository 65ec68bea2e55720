/* SPDX-License-Identifier: MIT */
/* First instructions of sigma0: no stack yet, rdi = physical address of the kernel info page. */

	.text
	.globl	_start
_start:
	leaq	stack_top(%rip), %rsp
	xorl	%ebp, %ebp
	call	sigma0_main
	ud2

	.bss
	.balign	16
stack:
	.skip	16384
stack_top:

	.section .note.GNU-stack, "", @progbits
