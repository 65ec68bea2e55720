/* SPDX-License-Identifier: MIT */
/*
 * All ways into the shim and out of it (doc/pv-guest.md). What the handler may find interrupted in
 * an open state restarts or goes on: between *_restart and *_restart_end nothing but rax, rcx, r11
 * has changed, and after an instruction that opens the state everything is the guest's again.
 */
#include "offsets.h"

	.section .text.entry, "ax", @progbits
	.globl go_resume, go_jump, handler_entry, short_entry, short_entry_end, short_refused, short_exit
	.globl return_exit
	.globl call_restart, call_restart_end, iret_restart, iret_restart_end
	.globl call_pending, jump_pending, iret_pending, call_trapped, iret_trapped

/* The fixed places of guest/layout.h. */
	.org 0
	lea -VCPU_BYTES(%rsp), %rdi
	call own_start
	.org 0x40
	jmp hypercall
	.org 0x80
	jmp iret

.macro FIND own, own32, scratch		/* the memory of the vCPU that this is */
	mov $SELECTOR, \own32
	lsl \own32, \own32
	shl $VCPU_SHIFT, \own
	movabs $(VCPU_MEMORY << 16), \scratch
	add \scratch, \own
.endm

.macro SAVE_REGS state			/* all but rax, rcx, r11, rsp */
	mov %r15, ST_R15(\state); mov %r14, ST_R14(\state); mov %r13, ST_R13(\state)
	mov %r12, ST_R12(\state); mov %r10, ST_R10(\state); mov %r9, ST_R9(\state)
	mov %r8, ST_R8(\state); mov %rdi, ST_RDI(\state); mov %rsi, ST_RSI(\state)
	mov %rbp, ST_RBP(\state); mov %rbx, ST_RBX(\state); mov %rdx, ST_RDX(\state)
.endm

/*
 * The short system call of a process: rsp = end of the vCPU's memory, the rest as the process has it,
 * but for rcx and r11. The frame goes to where stack_top points, the alias of the kernel's stack, which
 * is known only if system calls mask events. An event up to short_entry_end finds the process before its
 * system call.
 */
	.balign 64
short_entry:
	mov OWN_STACK_TOP-VCPU_BYTES(%rsp), %r11; test %r11, %r11; jz short_refused
	mov OWN_STATE-VCPU_BYTES(%rsp), %rsp
	movq $CS64, -32(%r11); movq $SS64, -8(%r11)
	mov ST_CALL_RIP(%rsp), %rcx; mov %rcx, -56(%r11); mov %rcx, -40(%r11)
	mov ST_CALL_FLAGS(%rsp), %rcx; mov %rcx, -48(%r11); mov %rcx, -24(%r11)
	mov ST_CALL_RSP(%rsp), %rcx; mov %rcx, -16(%r11)
	mov ST_OWN(%rsp), %rsp
	mov OWN_SYSCALL(%rsp), %rcx
	mov OWN_INFO(%rsp), %r11
	mov OWN_KERNEL_RSP(%rsp), %rsp
	lea -56(%rsp), %rsp
	movb $1, INFO_MASK(%r11)
short_entry_end:
	jmp *%rcx
short_refused:				/* the handler has more to do */
	ud2

/*
 * A vCPU entry: rdi = state, rsp = end of the vCPU's memory. Where there are no short system calls
 * those of processes come here, and are done in one piece too.
 */
	.balign 64
handler_entry:
	mov ST_OWN(%rdi), %rbx
	cmpb $TRAP_SYSCALL, ST_TRAP(%rdi); jne handle
	testb $USER_BIT, ST_SAVED(%rdi); jz handle
	mov OWN_STACK_TOP(%rbx), %rdx; test %rdx, %rdx; jz handle
	cmpw $CS64, ST_CS(%rdi); jne handle
	mov OWN_INFO(%rbx), %rcx; movb $1, INFO_MASK(%rcx)
	mov ST_RIP(%rdi), %rax; add $2, %rax
	mov %rax, -56(%rdx); mov %rax, -40(%rdx)
	mov ST_RFLAGS(%rdi), %rax
	mov %rax, -48(%rdx); mov %rax, -24(%rdx)
	movq $CS64, -32(%rdx); movq $SS64, -8(%rdx)
	mov ST_RSP(%rdi), %rax; mov %rax, -16(%rdx)
	mov OWN_KERNEL_RSP(%rbx), %rsp; sub $56, %rsp
	mov OWN_SYSCALL(%rbx), %rcx
	mov %rdi, %r11
	jmp to_kernel

handle:	mov %rbx, %rdi
	call own_entered

go_jump:				/* rdi = struct own */
	mov OWN_STATE(%rdi), %r11
	mov ST_RIP(%r11), %rcx; mov ST_RSP(%r11), %rsp
to_kernel:				/* r11 = state, rcx = target, rsp */
	mov ST_R15(%r11), %r15; mov ST_R14(%r11), %r14; mov ST_R13(%r11), %r13
	mov ST_R12(%r11), %r12; mov ST_R10(%r11), %r10; mov ST_R9(%r11), %r9
	mov ST_R8(%r11), %r8; mov ST_RDI(%r11), %rdi; mov ST_RSI(%r11), %rsi
	mov ST_RBP(%r11), %rbp; mov ST_RBX(%r11), %rbx; mov ST_RDX(%r11), %rdx
	mov ST_RAX(%r11), %rax
	movw $OPEN, ST_STATE(%r11)
	cmpb $0, ST_STICKY(%r11); jne jump_pending
	cmpl $0, ST_PENDING(%r11); jne jump_pending
	jmp *%rcx
jump_pending:				/* events came while the state was closed */
	ud2
	jmp *%rcx

/*
 * The guest's stub for hypercalls: a function with the number in rax, arguments in rdi, rsi, rdx,
 * r10, r8, that changes no other register.
 */
	.balign 64
hypercall:
	push %r11; push %rcx
call_restart:
	FIND %r11, %r11d, %rcx
	mov OWN_STATE(%r11), %rcx
	movw $CLOSED, ST_STATE(%rcx)
call_restart_end:
	mov %rsp, OWN_GUEST_RSP(%r11)
	lea CALL_STACK(%r11), %rsp
	push %rbx; push %r9
	push %r9; push %r8; push %r10; push %rdx; push %rsi; push %rdi
	mov %r11, %rbx
	lea OWN_VCPU(%r11), %rdi; mov %rax, %rsi; mov %rsp, %rdx
	call call
	cmpl $0, OWN_FINISH(%rbx); jne call_sync
call_synced:
	mov %rbx, %r11
	add $48, %rsp; pop %r9; pop %rbx
	mov OWN_GUEST_RSP(%r11), %rsp
	mov OWN_INFO(%r11), %rcx; cmpw $1, (%rcx); je call_finish
	mov OWN_STATE(%r11), %r11
	movw $OPEN, ST_STATE(%r11)
	cmpb $0, ST_STICKY(%r11); jne call_pending
	cmpl $0, ST_PENDING(%r11); jne call_pending
1:	pop %rcx; pop %r11
	ret
call_pending:
	ud2
	jmp 1b

call_sync:				/* views, bases or the deadline have changed */
	push %rax
	movl $0, OWN_FINISH(%rbx)
	mov OWN_UTCB(%rbx), %rcx
	movq $SYNC_OP, (%rcx)
	mov $RESUME_TAG, %rax; mov $RESUME_TO, %rdx; xor %r8d, %r8d
	syscall
	test %rax, %rax; jnz failed
	pop %rax
	jmp call_synced

call_finish:				/* closed; what is read from the guest's stack may fault */
	pop %rcx; pop %rdx; pop %rsi
	mov OWN_STATE(%r11), %rdi
	SAVE_REGS %rdi
	mov %rax, ST_RAX(%rdi); mov %rcx, ST_RCX(%rdi); mov %rdx, ST_R11(%rdi)
	mov %rsi, ST_RIP(%rdi); mov %rsp, ST_RSP(%rdi); movq $0x202, ST_RFLAGS(%rdi)
	mov %r11, %rdi
	lea VCPU_BYTES(%rdi), %rsp
	call own_call_left

/*
 * The guest's stub for hypercall iret, entered before it has pushed anything: rip, cs, rflags, rsp,
 * ss are on the stack, the rest is in registers. To 64-bit code a short way does, with registers as they
 * are; behind a system call rcx and r11 are what `syscall` left, and need not be told either. It is open:
 * an event closes the mask and restarts it.
 */
	.balign 64
iret:	push %rax; push %rcx
iret_restart:
	FIND %rcx, %ecx, %rax
	mov 16(%rsp), %rax
	cmp %rax, (%rsp); jne iret_user
	cmp %r11, 32(%rsp); jne iret_user
	shr $HALF_BITS, %rax; jnz iret_whole
	cmpw $CS64, 24(%rsp); jne iret_whole
	cmpw $SS64, 48(%rsp); jne iret_whole
	mov %r11d, %eax; and $FLAGS_SHORT, %eax
	cmp $FLAG_IF, %eax; jne iret_whole
	cmpl $0, OWN_SLOW_EXIT(%rcx); jne iret_whole
	mov OWN_INFO(%rcx), %rax; movb $0, INFO_MASK(%rax)
	cmpb $0, (%rax); jne iret_whole
	mov OWN_STATE(%rcx), %rcx
	mov 16(%rsp), %rax; mov %rax, ST_CALL_RIP(%rcx)
	mov %r11, ST_CALL_FLAGS(%rcx)
	mov 40(%rsp), %rax; mov %rax, ST_CALL_RSP(%rcx)
	mov 8(%rsp), %rax
short_exit:
	syscall
	mov %rax, %rsi
	FIND %rdi, %edi, %rcx
	lea VCPU_BYTES(%rdi), %rsp
	call own_resume_failed
iret_user:				/* behind an exception of 64-bit code */
	shr $HALF_BITS, %rax; jnz iret_whole
	cmpw $CS64, 24(%rsp); jne iret_whole
	cmpw $SS64, 48(%rsp); jne iret_whole
	testb $2, 33(%rsp); jz iret_whole
	cmpl $0, OWN_SLOW_EXIT(%rcx); jne iret_whole
	mov OWN_INFO(%rcx), %rax; movb $0, INFO_MASK(%rax)
	cmpb $0, (%rax); jne iret_whole
	mov OWN_STATE(%rcx), %rcx
	mov %r11, ST_CALL_R11(%rcx)
	mov (%rsp), %rax; mov %rax, ST_CALL_RCX(%rcx)
	mov 16(%rsp), %rax; mov %rax, ST_CALL_RIP(%rcx)
	mov 32(%rsp), %rax; mov %rax, ST_CALL_FLAGS(%rcx)
	mov 40(%rsp), %rax; mov %rax, ST_CALL_RSP(%rcx)
	mov 8(%rsp), %rax
return_exit:
	syscall
	mov %rax, %rsi
	FIND %rdi, %edi, %rcx
	lea VCPU_BYTES(%rdi), %rsp
	call own_resume_failed
iret_whole:
	testb $3, 24(%rsp); jz iret_kernel
	mov OWN_STATE(%rcx), %rax
	movw $CLOSED, ST_STATE(%rax)
	SAVE_REGS %rax
	mov %r11, ST_R11(%rax)
	mov (%rsp), %rcx; mov %rcx, ST_RCX(%rax)
	mov 8(%rsp), %rcx; mov %rcx, ST_RAX(%rax)
	mov 16(%rsp), %rcx; mov %rcx, ST_RIP(%rax)
	mov 24(%rsp), %rcx; mov %rcx, ST_CS(%rax)
	mov 32(%rsp), %rcx; mov %rcx, ST_RFLAGS(%rax)
	mov 40(%rsp), %rcx; mov %rcx, ST_RSP(%rax)
	mov 48(%rsp), %rcx; mov %rcx, ST_SS(%rax)
iret_restart_end:
	mov ST_OWN(%rax), %rbx
	mov OWN_INFO(%rbx), %rcx
	testb $2, ST_RFLAGS+1(%rax); jz 1f
	cmpw $SS64, ST_SS(%rax); jne 1f
	cmpw $CS32, ST_CS(%rax); je 2f
	cmpw $CS64, ST_CS(%rax); jne 1f
2:	mov ST_RIP(%rax), %rdx; shr $HALF_BITS, %rdx; jnz 1f
	cmpl $0, OWN_SLOW_EXIT(%rbx); jne 1f
	movb $0, INFO_MASK(%rcx)
	cmpb $0, (%rcx); jne 1f
	movw $USER, ST_SAVED(%rax)
resume:	mov OWN_UTCB(%rbx), %rcx
	movq $RESUME_OP, (%rcx)
	mov $RESUME_TAG, %rax; mov $RESUME_TO, %rdx; xor %r8d, %r8d
	syscall
failed:	mov %rbx, %rdi; mov %rax, %rsi
	lea VCPU_BYTES(%rbx), %rsp
	call own_resume_failed
1:	mov %rbx, %rdi
	lea VCPU_BYTES(%rbx), %rsp
	call own_iret_left

go_resume:				/* rdi = struct own, esi = saved state */
	mov %rdi, %rbx
	mov OWN_STATE(%rdi), %rax
	movw %si, ST_SAVED(%rax)
	jmp resume

iret_kernel:				/* within the guest's kernel: as the processor does it */
	mov OWN_INFO(%rcx), %rax
	testb $2, 33(%rsp); jz 2f
	movb $0, INFO_MASK(%rax)
	cmpb $0, (%rax); jne iret_pending
1:	movq $KERNEL_CS, 24(%rsp); movq $KERNEL_SS, 48(%rsp)
	pop %rcx; pop %rax
	iretq
2:	movb $1, INFO_MASK(%rax)
	jmp 1b
iret_pending:				/* the handler takes the frame from the stack */
	ud2

/* `syscall` of a stub that is not patched; the handler has set rip and rcx as the processor does. */
call_trapped:
	push %rcx
	jmp hypercall
iret_trapped:				/* rax, r11, rcx, flags, then what iret wants */
	mov 8(%rsp), %r11; mov 16(%rsp), %rcx; mov (%rsp), %rax
	lea 32(%rsp), %rsp
	jmp iret

/* size_t copy_guest(void *to, const void *from, size_t bytes): how many were not copied. */
	.globl copy_guest, copy_words, copy_bytes, copy_failed
copy_guest:
	mov %rdx, %rcx
	testb $7, %dl; jnz 1f
	shr $3, %rcx
copy_words:
	rep movsq
	xor %eax, %eax
	ret
1:
copy_bytes:
	rep movsb
copy_failed:
	mov %rcx, %rax
	ret

	.section .note.GNU-stack, "", @progbits
