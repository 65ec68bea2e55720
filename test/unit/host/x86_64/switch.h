/* SPDX-License-Identifier: MIT */
/* Host stand-in: a thread switch without registers and address spaces. */
#ifndef KERNEL_SWITCH_H
#define KERNEL_SWITCH_H

#include "core/cpu.h"
#include "obj/thread.h"

void exit_sysret(struct regs *r) __attribute__((noreturn));

void context_account(struct cpu *own, struct thread *next);

static always_inline void account_switch(struct cpu *own, struct thread *next)
{
	context_account(own, next);
}

static always_inline void switch_user(struct cpu *own, struct thread *prev, struct thread *t)
{
	(void)prev;
	own->current = t;
}

#endif
