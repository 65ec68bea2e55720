/* SPDX-License-Identifier: MIT */
/* Start of guest kernels of tests, and their two functions for hypercalls. */
#include "lib/calls.S"

	.section .notes, "a", @note
	NOTE(1, start)
	NOTE(3, 0xffffffff80000000)
	TEXT_NOTE(5, 8, "xen-3.0")
	NOTE(15, 0x8000000000)
	NOTE(16, 1)
	.balign 4

	.text
	.globl start, hypercall_stub, hypercall_stub_iret
start:
	lea stack_end(%rip), %rsp
	mov %rsi, %rdi
	xor %ebp, %ebp
	call kernel_start
	ud2

	HYPERCALL_FUNCTIONS hypercall_stub

	.bss
	.balign 16
	.skip 16384
stack_end:
	.section .note.GNU-stack, "", @progbits
