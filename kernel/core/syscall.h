/* SPDX-License-Identifier: MIT */
/*
 * The system call in two stages. The entry code saves the registers that C code may change; the
 * others (rbx, rbp, r12 to r15) are still the user's in core/syscall.c, which is compiled to keep
 * away from them. What needs no more returns from there. Everything else first makes the register
 * frame whole and goes on in core/syscall_whole.c, never to return.
 */
#ifndef KERNEL_SYSCALL_H
#define KERNEL_SYSCALL_H

#include "core/ipc.h"
#include "x86_64/stage.h"

#define SEL_SELF     0x800
#define SEL_EXPLICIT 0x400
#define SEL_SPECIAL  (SEL_SELF | SEL_EXPLICIT)

/*
 * System call of the current thread t, registers in t->regs; dest is its rdx. Returns the rax to go
 * back to user mode with at once. Does not return if another thread is to run or the full frame
 * must be loaded.
 */
u64 syscall_entry(struct thread *t, u64 label, u64 dest);

/* In the first stage, too: the system call of t, in vCPU mode, is not a quick resume. */
void syscall_not_quick(struct thread *t) __attribute__((noreturn));

/* All below: system call of the current thread t, whose frame is whole. No lock held. */

/* Destination is a reply capability or the caller itself, or it must not be looked up. */
void syscall_special(struct thread *t, u64 label, u64 dest) __attribute__((noreturn));

/* IPC with, or a method of, what a capability (struct cap.word) denotes. */
void syscall_object(struct thread *t, u64 cap, u64 dest) __attribute__((noreturn));

/* The method of t->invocation has returned: with a special reply, or another thread has to run. */
void syscall_replied(struct thread *t, u64 reply) __attribute__((noreturn));

/* t has any of the flags TF_SYSCALL_SLOW or TF_CANCEL. */
void syscall_slowly(struct cpu *c, struct thread *t) __attribute__((noreturn));

/* Continuation: run the system call of t again from its registers. */
void syscall_restart(struct thread *t) __attribute__((noreturn));

#define OFFSET_OF_REG(reg) offsetof(struct thread, regs.reg)

/* In the first stage: save the registers that the entry code has left alone. */
static always_inline void frame_complete(struct thread *t)
{
	t->regs.vector = SYSCALL_VECTOR;
	if (ENTRY_SAVES_ALL)
		return;
	__asm__ volatile("mov %%rbx, %c1(%0); mov %%rbp, %c2(%0); mov %%r12, %c3(%0);"
			 "mov %%r13, %c4(%0); mov %%r14, %c5(%0); mov %%r15, %c6(%0)"
			 :
			 : "r"(t), "i"(OFFSET_OF_REG(rbx)), "i"(OFFSET_OF_REG(rbp)),
			   "i"(OFFSET_OF_REG(r12)), "i"(OFFSET_OF_REG(r13)),
			   "i"(OFFSET_OF_REG(r14)), "i"(OFFSET_OF_REG(r15))
			 : "memory");
}

/* Method of the object that a capability denotes; returns its reply. */
static always_inline u64 syscall_invoke(struct thread *t, u64 cap)
{
	struct invocation *inv = &t->invocation;
	struct kobject *o = cap_object(cap);

	inv->tag = t->regs.rax;
	inv->cap = cap;
	return o->ops->invoke(o, inv);
}

#endif
