/* SPDX-License-Identifier: MIT */
/* Entry from the boot stage: rdi = struct bootinfo (direct-map address). */
	.text
	.globl kernel_entry
kernel_entry:
	lea boot_stack_top(%rip), %rsp
	xor %ebp, %ebp
	call kernel_main
	.section .note.GNU-stack, "", @progbits
