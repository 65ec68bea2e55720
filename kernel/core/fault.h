/* SPDX-License-Identifier: MIT */
/* Faults and exceptions of user programs, and the messages made of them. Abi spec 8. */
#ifndef KERNEL_FAULT_H
#define KERNEL_FAULT_H

#include "obj/thread.h"

enum fault_kind { FAULT_NONE, FAULT_PAGE, FAULT_IO, FAULT_EXCEPTION };

#define EXCEPTION_WORDS 26
#define TRAP_ARTIFICIAL 0xff
#define TRAP_IPC	0xfe
#define TRAP_SYSCALL	0xfd
#define TRAP_TIMER	0xfc

/* The current thread t touched user address addr; error = CPU error code. */
void fault_page(struct cpu *c, struct thread *t, u64 addr, u64 error) __attribute__((noreturn));

/* Any other trap of the current thread. */
void fault_exception(struct cpu *c, struct thread *t, u64 vector, u64 error)
    __attribute__((noreturn));

/* A general-protection fault: perhaps an I/O port that only has to be loaded or asked for. */
void fault_gp(struct cpu *c, struct thread *t, u64 error) __attribute__((noreturn));

/* Continuation: the gate of the pager or handler has been bound, send the message again. */
void fault_retry(struct thread *t) __attribute__((noreturn));

/* Load register values given by user land, words in the order of struct regs (cs is kept); what
 * would let user mode do harm is corrected. */
void regs_load_user(struct regs *r, const u64 *words);
/* Leave code and stack segments of the thread's own GDT entries, for entries that change: an iret
 * to a segment that is not there would fault in the kernel. */
void regs_drop_gdt(struct regs *r);
/* Another ip, such that the iret to it does not fault. */
void regs_set_ip(struct regs *r, u64 ip);
static inline u64 canonical(u64 a)
{
	return (u64)((s64)(a << 16) >> 16);
}

/* Thread method 9: page-fault trampoline. Sub-operation in bits 16..31 of mr[0]. Reply tag. */
struct invocation;
u64 trampoline_invoke(struct thread *t, struct invocation *inv);

#endif
