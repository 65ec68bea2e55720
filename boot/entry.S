/* SPDX-License-Identifier: MIT */
/* 32-bit entry of the boot stage: from Multiboot 1/2 or PVH into long mode. */

#define CR0_PE		0x00000001
#define CR0_MP		0x00000002
#define CR0_NE		0x00000020
#define CR0_WP		0x00010000
#define CR0_PG		0x80000000
#define CR4_PAE		0x00000020
#define CR4_PGE		0x00000080
#define MSR_EFER	0xc0000080
#define EFER_SCE	0x001
#define EFER_LME	0x100
#define EFER_NXE	0x800
#define MAGIC_PVH	0x336ec578

	.code32
	.section .text.entry, "ax"

/* Multiboot 1 and 2: eax = magic, ebx = information structure. */
	.globl	_start
_start:	mov	%eax, %ecx
	rdtsc
	jmp	1f

/* PVH: ebx = hvm_start_info; eax is undefined. */
	.globl	pvh_start
pvh_start:
	rdtsc
	mov	$MAGIC_PVH, %ecx

1:	cli
	cld
	mov	%eax, handover
	mov	%edx, handover + 4
	mov	%ecx, handover + 8
	mov	%ebx, handover + 12
	mov	$stack32_end, %esp
	push	$2
	popf
	lgdt	gdt_pointer
	ljmp	$0x18, $1f
1:	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	xor	%eax, %eax
	mov	%eax, %fs
	mov	%eax, %gs
	push	$handover
	call	check_cpu

	mov	$CR4_PAE | CR4_PGE, %eax
	mov	%eax, %cr4
	mov	$early_pml4, %eax
	mov	%eax, %cr3
	mov	$MSR_EFER, %ecx
	mov	$EFER_SCE | EFER_LME | EFER_NXE, %eax
	xor	%edx, %edx
	wrmsr
	mov	$CR0_PG | CR0_WP | CR0_NE | CR0_MP | CR0_PE, %eax
	mov	%eax, %cr0
	mov	$handover, %edi
	ljmp	$0x08, $STAGE64_BASE

	.section .data, "aw"
	.balign	8
/* struct handover (handover.h) */
handover:
	.quad	0			/* time stamp */
	.long	0			/* protocol magic */
	.long	0			/* information structure */
	.long	kernel_file
	.long	kernel_file_end
	.long	image_start
	.long	image_end
	.long	modules_start
	.long	modules_end

/* Null, 64-bit code, data, 32-bit code. */
	.balign	8
gdt:	.quad	0
	.quad	0x00af9b000000ffff
	.quad	0x00cf93000000ffff
	.quad	0x00cf9b000000ffff
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt

/* Identity map of the first 4 GiB in 2 MiB pages, built by the assembler. */
	.balign	4096
early_pml4:
	.long	early_pdpt + 0x3, 0
	.fill	511, 8, 0
early_pdpt:
	.long	early_pd + 0x0003, 0
	.long	early_pd + 0x1003, 0
	.long	early_pd + 0x2003, 0
	.long	early_pd + 0x3003, 0
	.fill	508, 8, 0
early_pd:
	.set	page, 0x83
	.rept	2048
	.quad	page
	.set	page, page + 0x200000
	.endr

	.fill	4096, 1, 0
stack32_end:

	.section .stage64, "a"
	.incbin	"stage64.bin"

	.section .kernel, "a"
	.balign	4096
kernel_file:
	.incbin	"kernel.elf"
kernel_file_end:

/* PVH entry point: Xen ELF note 18 (PHYS32_ENTRY). */
	.section .note.pvh, "a", @note
	.balign	4
	.long	4, 4, 18
	.asciz	"Xen"
	.long	pvh_start

	.section .note.GNU-stack, "", @progbits
