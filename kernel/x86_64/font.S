/* SPDX-License-Identifier: MIT */
/* The screen console's font: a PSF file that font.mk puts into the build folder. */
	.section .rodata
	.globl font_start, font_end
	.hidden font_start, font_end
	.balign 8
font_start:
	.incbin "font.psf"
font_end:
	.section .note.GNU-stack, "", @progbits
