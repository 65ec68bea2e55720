/* SPDX-License-Identifier: MIT */
/* The kernel info page. Layout and code entry points: abi spec 6. The boot stage fills entry
 * points, user_ptr, platform and memory descriptors; the kernel the clock's factors. */
	.section .kip, "aw", @progbits
	.globl kip
	.balign 4096
kip:
	.long 0x4be6344c, 0x87034444
	.byte 0x490 / 16, 0, 0, 0, 0, 0, 0, 0
	.org kip + 0x50
	.long 1				/* scheduler granularity, us */
	.long 0x90, 64, 0		/* memory descriptors: offset, slots */
	.org kip + 0x80
	.long 1				/* more than one CPU is supported */
	.org kip + 0x490
	.ascii "Zwinger, a microkernel with the L4Re interface\nRev: 0.1 amd64\n\0"
	.asciz "abiver:3"
	.asciz "segments"
	.asciz "mapdb"
	.asciz "pf_tramp"
	.asciz "fi_gr_cputime"
	.asciz "view"
	.globl kip_feature_jdb		/* made empty when there is no debugger */
kip_feature_jdb:
	.asciz "jdb"
	.byte 0
	.org kip + 0x900		/* kernel clock in us */
	rdtsc
	shl $32, %rdx
	or %rdx, %rax
	sub kip_clock_start(%rip), %rax
	mulq kip_scale_us(%rip)
	shrd $32, %rdx, %rax
	ret
	.org kip + 0x980		/* kernel clock in ns */
	rdtsc
	shl $32, %rdx
	or %rdx, %rax
	sub kip_clock_start(%rip), %rax
	mulq kip_scale_ns(%rip)
	shrd $27, %rdx, %rax
	ret
	.globl kip_clock_start, kip_scale_us, kip_scale_ns
	.org kip + 0x9e8
kip_clock_start: .quad 0
kip_scale_us: .quad 0
kip_scale_ns: .quad 0
	.org kip + 0x1000
	.section .note.GNU-stack, "", @progbits
