/* SPDX-License-Identifier: MIT */
/*
 * To be included: notes of a guest kernel, and its two functions for hypercalls, in the shape
 * that Linux has and vmm looks for. The second one, iret, is jumped to with its frame on the stack.
 */
#define NOTE(type, value) \
	.balign 4; .long 4, 8, type; .asciz "Xen"; .quad value
#define TEXT_NOTE(type, bytes, text) \
	.balign 4; .long 4, bytes, type; .asciz "Xen"; .asciz text

.macro HYPERCALL_FUNCTIONS name
	.balign 16, 0xcc
\name:
	push %rcx
	push %r11
	syscall
	pop %r11
	pop %rcx
	ret
	.balign 16, 0xcc
\name\()_iret:
	push $0
	push %rcx
	push %r11
	push %rax
	mov $23, %eax
	syscall
	int3
.endm
