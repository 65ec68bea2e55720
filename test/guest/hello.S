/* SPDX-License-Identifier: MIT */
/* The smallest guest kernel: it prints a line by hypercall console_io and ends by sched_op. */
#include "lib/calls.S"

	.section .notes, "a", @note
	NOTE(1, start)			/* entry */
	NOTE(3, 0xffffffff80000000)	/* address of physical 0 */
	TEXT_NOTE(5, 8, "xen-3.0")
	TEXT_NOTE(6, 8, "example")
	NOTE(15, 0x8000000000)		/* place of the frame list */
	NOTE(16, 1)			/* the ramdisk need not be mapped */
	.balign 4

	.text
	.globl start
start:
	mov $0, %edi			/* console_io: write */
	mov $text_end - text, %esi
	lea text(%rip), %rdx
	mov $18, %eax
	call hypercall
	mov $2, %edi			/* sched_op: shutdown */
	lea reason(%rip), %rsi
	mov $29, %eax
	call hypercall
	ud2

	HYPERCALL_FUNCTIONS hypercall

	.section .rodata
text:
	.ascii "ok - hello from a guest kernel\n"
text_end:
	.balign 4
reason:
	.long 0				/* power off */
	.section .note.GNU-stack, "", @progbits
