/* SPDX-License-Identifier: MIT */
/* Thread switch, exits to user mode, and the interrupt window. */
#ifndef KERNEL_CONTEXT_H
#define KERNEL_CONTEXT_H

#include "core/cpu.h"
#include "obj/thread.h"

/* Set own->odd from what is loaded on this CPU and what it lacks. */
void cpu_update_odd(struct cpu *own);

/* Time up to now is slice_owner's; from now on next pays, with what is left of its time slice.
 * own->cur_prio is that of next already. */
void context_account(struct cpu *own, struct thread *next);

/* Save the current thread's processor state and load that of t: extended state, segments, bases,
 * address space, entry stack. Lock of own held. */
void context_switch(struct cpu *own, struct thread *t);

/* Load the address space of the current thread (it changed). */
void context_load_space(struct cpu *own, struct thread *t);

/* Load the kernel's own tables if those that are loaded are not the current thread's: they may be
 * about to be freed. */
void context_unload_unused(struct cpu *own);

/* Is extended state within reach of the current thread? The kernel itself uses it only when it is.
 */
void context_allow_fpu(struct cpu *own, bool allow);

/* Bring segment registers and bases of the current thread into t->seg / load them from there. */
void context_save_segments(struct thread *t);
void context_load_segments(struct thread *t);

/* Load the GS base of the current thread from t->seg, whatever the selector is. */
void context_load_gs_base(const struct thread *t);

/* Fill the return-stack buffer with harmless targets (x86_64/thunks.S). */
void rsb_fill(void);

/* Go to user mode with the frame of the current thread t. */
void exit_to_user(struct thread *t) __attribute__((noreturn));

/* Let pending interrupts be handled (interrupts on for an instant). No lock may be held. */
void irq_window(void);

/* Abandon the stack: go on with fn on the one that ends at top. */
void stack_switch_call(u64 top, void (*fn)(void)) __attribute__((noreturn));

/* Wait for an interrupt, unless one is pending already. */
void cpu_idle(struct cpu *own);

#endif
