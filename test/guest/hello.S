/* SPDX-License-Identifier: MIT */
/*
 * The smallest guest kernel: it prints a line by hypercall console_io and ends by sched_op. Its two
 * functions for hypercalls have the shape that vmm looks for in a kernel.
 */
#define NOTE(type, value) \
	.balign 4; .long 4, 8, type; .asciz "Xen"; .quad value
#define TEXT_NOTE(type, bytes, text) \
	.balign 4; .long 4, bytes, type; .asciz "Xen"; .asciz text

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

	.balign 16
hypercall:
	push %rcx
	push %r11
	syscall
	pop %r11
	pop %rcx
	ret
	.balign 16, 0xcc
iret:
	push $0
	push %rcx
	push %r11
	push %rax
	mov $23, %eax
	syscall
	int3

	.section .rodata
text:
	.ascii "ok - hello from a guest kernel\n"
text_end:
	.balign 4
reason:
	.long 0				/* power off */
	.section .note.GNU-stack, "", @progbits
