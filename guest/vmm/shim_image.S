/* SPDX-License-Identifier: MIT */
/* The shim's ELF file, as a part of vmm. */
	.section .rodata
	.balign 4096
	.globl shim_image
shim_image:
	.incbin SHIM_ELF
	.section .note.GNU-stack, "", @progbits
