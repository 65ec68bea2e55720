/* SPDX-License-Identifier: MIT */
/* Stands for sigma0 and the root task: never runs; the test kernel finds the record before the
 * entry point and checks that the program was loaded, relocated and its .bss cleared. */

	.section .text, "ax"
	.balign	16
	.quad	0x6d6172676f72705a	/* "Zprogram" */
	.quad	data
	.quad	bss
	.quad	8192
	.globl	_start
_start:	ud2

	.section .data, "aw"
	.balign	8
data:	.quad	data			/* its own address */
	.quad	0x1122334455667788

	.section .bss, "aw", @nobits
	.balign	4096
bss:	.skip	8192

	.section .note.GNU-stack, "", @progbits
