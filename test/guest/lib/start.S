/* SPDX-License-Identifier: MIT */
/* Start of guest kernels of tests, and their two functions for hypercalls as Linux has them. */
#define NOTE(type, value) \
	.balign 4; .long 4, 8, type; .asciz "Xen"; .quad value
#define TEXT_NOTE(type, bytes, text) \
	.balign 4; .long 4, bytes, type; .asciz "Xen"; .asciz text

	.section .notes, "a", @note
	NOTE(1, start)
	NOTE(3, 0xffffffff80000000)
	TEXT_NOTE(5, 8, "xen-3.0")
	NOTE(15, 0x8000000000)
	NOTE(16, 1)
	.balign 4

	.text
	.globl start, hypercall_stub
start:
	lea stack_end(%rip), %rsp
	mov %rsi, %rdi
	xor %ebp, %ebp
	call kernel_start
	ud2

	.balign 16, 0xcc
hypercall_stub:
	push %rcx
	push %r11
	syscall
	pop %r11
	pop %rcx
	ret
	.balign 16, 0xcc
	push $0
	push %rcx
	push %r11
	push %rax
	mov $23, %eax
	syscall
	int3

	.bss
	.balign 16
	.skip 16384
stack_end:
	.section .note.GNU-stack, "", @progbits
