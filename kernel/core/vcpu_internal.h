/* SPDX-License-Identifier: MIT */
/* Between vcpu.c and vcpu_resume.c: segments, and the way into and out of a guest. */
#ifndef KERNEL_VCPU_INTERNAL_H
#define KERNEL_VCPU_INTERNAL_H

#include "core/fault.h"
#include "core/ipc.h"
#include "core/vcpu.h"
#include "x86_64/context.h"
#include "x86_64/switch.h"
#include <l4/sys/thread.h>
#include <l4/sys/types.h>

/* Bits of the state that an entry to the handler clears, and those that say what is interrupted. */
#define VCPU_OPEN	(VCPU_IRQ | VCPU_PAGE_FAULTS | VCPU_EXCEPTIONS)
#define VCPU_GUEST_BITS (VCPU_USER | VCPU_GUEST_KERNEL)

enum { MODE_USER, MODE_KERNEL }; /* of a guest: index of vcpu.space */

/* To user mode: general registers from r[-1], which may be in memory that user land can write, the
 * rest from the frame of the current thread; gs_base is canonical. Only without exit work
 * (x86_64/entry.S), as all below. */
void exit_guest(const struct regs *r, u64 gs_base) __attribute__((noreturn));

/* Low bits of the selectors in the state. */
#define SEL_LOW	    0xf
#define SEL_CACHED  1
#define SEL_RELEASE 8
#define SEL_INVALID 0x800

/* The system call for a resume that maps nothing: call of the thread itself, one word. */
#define RESUME_TAG	 ((u64)L4_PROTO_THREAD << 16 | 1)
#define RESUME_DEST	 (0x800 | IPC_SEND | IPC_RECV)
#define RESUME_DEST_MASK (0xc00 | 0xf)

/* The operation of the current thread on itself that a call of that form is; 0: it is another one.
 */
static always_inline u16 vcpu_own_operation(const struct thread *t)
{
	if (t->regs.rax != RESUME_TAG || (t->regs.rdx & RESUME_DEST_MASK) != RESUME_DEST)
		return 0;
	return (u16)t->utcb[0];
}

/* To the handler: rdi, rsp, rip (canonical); all other registers are 0. */
void exit_handler(u64 state, u64 sp, u64 unused, u64 ip) __attribute__((noreturn));

/* The same with GS base gs_base (canonical), the old one being saved first. */
void exit_handler_of_guest(u64 state, u64 sp, u64 gs_base, u64 ip, u64 *old_gs_base)
    __attribute__((noreturn));

/* To user mode, as from a system call. */
void exit_sysret(struct regs *r) __attribute__((noreturn));

/* A resume without items, system call of the current thread: enter the guest if nothing else is to
 * be done, else syscall_not_quick(). First stage of a system call (core/syscall.h). */
void vcpu_resume_quickly(struct thread *t) __attribute__((noreturn));

/* System calls between the modes of a guest with short system calls, frame as in the first stage:
 * from user mode to v->syscall_entry; from the instruction before v->syscall_exit back. */
void vcpu_syscall_directly(struct thread *t) __attribute__((noreturn));
void vcpu_sysret_directly(struct thread *t) __attribute__((noreturn));

/* The short return of a guest, from the instruction before v->return_exit. */
void vcpu_return_directly(struct thread *t) __attribute__((noreturn));

/* To user mode with the registers that the first stage has saved or left alone: frame_end is the
 * end of the frame; rip and gs_base are canonical, the old GS base is saved. */
void exit_direct(u64 frame_end, u64 rsp, u64 rip, u64 rflags, u64 gs_base, u64 *old_gs_base)
    __attribute__((noreturn));

/* Open receive with zero timeout; `done` runs with the result in rcv_tag and rcv_label. */
void vcpu_receive(struct cpu *c, struct thread *t, continuation done) __attribute__((noreturn));

/* Set the timer for the deadline in the extension, which has changed. */
void vcpu_set_deadline(struct cpu *c, struct vcpu *v);

/* Go to the entry point of the handler of the current thread, which is in host mode; its state is
 * complete. */
void vcpu_enter_handler(struct thread *t, u64 sp) __attribute__((noreturn));

/* The message that a receive got is in the UTCB: note it in the state. */
void vcpu_note_message(struct thread *t);

/* From guest-kernel to host mode: address space and segments. The state is left alone. */
void vcpu_leave_kernel(struct cpu *c, struct thread *t);

/* Do entries to the handler of v, in guest mode or not, go to guest-kernel mode? Then it has an
 * address space for it. */
static always_inline bool keeps_views(const struct vcpu *v)
{
	return v->keeps;
}

/* Has a trap interrupted a handler that keeps views and is closed to such traps (VCPU_PAGE_FAULTS
 * or VCPU_EXCEPTIONS)? Then only its pager or exception handler can take it. In a guest. */
static always_inline bool vcpu_handler_traps(const struct vcpu *v, u16 open)
{
	return keeps_views(v) && v->kernel_mode && !(READ_ONCE(v->state->state) & open);
}

/* From any mode to guest-kernel mode, for the handler of the current thread; keeps_views() holds.
 * The state has that mode then, and the bases of guest user mode if that was left. */
void vcpu_keep_views(struct cpu *c, struct thread *t);

/* Note where guests execute: the user task or view was changed, or the extension. */
void vcpu_note_spaces(struct vcpu *v);

/* Note how guests are left: what it depends on was changed. */
void vcpu_note_leave(struct vcpu *v);

/* The interrupted context of the current thread, which is a guest's or the handler's own, becomes
 * the state's; then the handler runs, on stack sp. */
void vcpu_enter(struct thread *t, u64 vector, u64 error, u64 sp) __attribute__((noreturn));

/* From now on extended state traps (7) in the guest of the current thread. */
void vcpu_fpu_off(struct cpu *c, struct thread *t);
/* It is within reach again. */
void vcpu_fpu_on(struct cpu *c, struct thread *t);

/*
 * Are the selectors in the segment registers those at `sel` (ds, es, fs, gs, as in struct segments
 * and in the state), with fs and gs null? Then a switch between the two has to load bases only.
 */
static always_inline bool selectors_are(const u16 *sel)
{
	u32 ds, es, fs, gs;

	__asm__ volatile("mov %%ds, %0; mov %%es, %1; mov %%fs, %2; mov %%gs, %3"
			 : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
	return (u16)ds == sel[0] && (u16)es == sel[1] && !(fs | gs | *(const u32 *)&sel[2]);
}

/* Load the tables of s; only for vcpu.quick. The modes of a vCPU belong together: there is no
 * barrier for branch predictors between them, as there is between threads. */
static always_inline void space_load_quick(struct thread *t, struct space *s)
{
	t->space = s;
	set_loaded_space(s);
	write_cr3(tlb_cr3_for(s));
}

#endif
