/* SPDX-License-Identifier: MIT */
/*
 * Start of the other CPUs: copied to a page below 1 MiB, where a start-up IPI makes them begin in
 * real mode with cs = page address / 16 and ip = 0. Straight to long mode (Intel SDM vol. 3,
 * 9.8.5), with page tables that map this page 1:1 as well as the kernel. smp.c fills the mailbox.
 */
#define OFFSET(label) ((label) - trampoline_start)

	.section .rodata
	.globl trampoline_start, trampoline_long, trampoline_gdt, trampoline_mailbox, trampoline_end
	.hidden trampoline_start, trampoline_long, trampoline_gdt, trampoline_mailbox, trampoline_end
	.balign 16
trampoline_start:
	.code16
	cli
	cld
	movw	%cs, %ax
	movw	%ax, %ds
	lgdtl	OFFSET(gdt_register)
	movl	$0xa0, %eax		/* CR4: PAE, PGE */
	movl	%eax, %cr4
	movl	OFFSET(box_cr3), %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx	/* EFER */
	movl	OFFSET(box_efer), %eax
	xorl	%edx, %edx
	wrmsr
	movl	$0x80010031, %eax	/* CR0: PG, WP, NE, ET, PE */
	movl	%eax, %cr0
	ljmpl	*OFFSET(box_jump)

	.code64
trampoline_long:
	movl	$0x10, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	movq	box_stack(%rip), %rsp
	movl	box_cpu(%rip), %edi
	xorl	%ebp, %ebp
	movq	box_entry(%rip), %rax
	call	*%rax
	ud2

	.balign 8
trampoline_gdt:
	.quad	0
	.quad	0x00af9b000000ffff	/* 0x08: 64-bit code */
	.quad	0x00cf93000000ffff	/* 0x10: data */

	.balign 8
trampoline_mailbox:			/* struct mailbox in smp.c */
box_entry:	.quad	0		/* kernel function, called with the CPU's number */
box_stack:	.quad	0		/* top of its stack */
box_cr3:	.long	0		/* page tables for the start */
box_efer:	.long	0
box_jump:	.long	0		/* far pointer: physical address of trampoline_long */
		.word	0x08
gdt_register:	.word	23		/* limit */
gdt_base:	.long	0		/* physical address of trampoline_gdt */
box_cpu:	.long	0
trampoline_end:
	.section .note.GNU-stack, "", @progbits
