/* SPDX-License-Identifier: MIT */
/*
 * First instructions of a benchmark and of the sigma0 that runs below it: note the time, then go on
 * as usual. sigma0 stores through the physical address of first_tsc_sigma0 in the benchmark's
 * image: it has all memory 1:1. All registers but rdi (sigma0: kernel info page) are free here.
 */
	.text
	.globl bench_start
bench_start:
	rdtsc
	shl $32, %rdx
	or %rdx, %rax
	mov %rax, STAMP
	jmp _start

	.section .note.GNU-stack, "", @progbits
