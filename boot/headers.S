/* SPDX-License-Identifier: MIT */
/* Multiboot 1 and 2 headers; not linked into the image that boots by PVH alone. */

#define MB1_MAGIC	0x1badb002
#define MB1_FLAGS	0x00000003	/* page-aligned modules, memory map */
#define MB2_MAGIC	0xe85250d6
#define MB2_ARCH_I386	0
#define MB2_LENGTH	(mb2_end - mb2_header)

	.section .multiboot, "a"
	.balign	8
mb1_header:
	.long	MB1_MAGIC, MB1_FLAGS, -(MB1_MAGIC + MB1_FLAGS)

	.balign	8
mb2_header:
	.long	MB2_MAGIC, MB2_ARCH_I386, MB2_LENGTH, -(MB2_MAGIC + MB2_ARCH_I386 + MB2_LENGTH)
	.short	4, 1			/* console: text is understood */
	.long	12, 2
	.balign	8
	.short	5, 1			/* frame buffer: any size, 32 bits a pixel preferred */
	.long	20, 0, 0, 32
	.balign	8
	.short	6, 0			/* page-aligned modules */
	.long	8
	.balign	8
	.short	0, 0			/* end */
	.long	8
mb2_end:

	.section .note.GNU-stack, "", @progbits
