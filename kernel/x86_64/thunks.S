/* SPDX-License-Identifier: MIT */
/* Branches that the indirect branch predictor does not steer: the compiler calls these instead of
 * jumping through a register; and the filling of the return-stack buffer. Speculation runs into a
 * loop that waits. */

.macro THUNK reg
	.section .text.thunk, "ax", @progbits
	.globl __x86_indirect_thunk_\reg
	.balign 32
__x86_indirect_thunk_\reg:
	call 2f
1:	pause
	lfence
	jmp 1b
2:	mov %\reg, (%rsp)
	ret
.endm

	.irp reg, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
	THUNK \reg
	.endr

	.text
	.globl rsb_fill
rsb_fill:
	.rept 32
	call 2f
1:	pause
	lfence
	jmp 1b
2:
	.endr
	add $32 * 8, %rsp
	ret
	.section .note.GNU-stack, "", @progbits
