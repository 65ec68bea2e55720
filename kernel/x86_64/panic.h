/* SPDX-License-Identifier: MIT */
/*
 * Fatal errors: everything that helps to find the cause is printed, then the machine stops, or does
 * what the option -panic= says. See also panic() in core/print.h.
 */
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H

#include "core/types.h"

struct regs;

/* Option -panic=: "halt" (stand still), "reboot", "exit" (QEMU's isa-debug-exit device at port
 * 0xf4, else halt). Without it: the debugger if there is one, then halt. */
void panic_init(const char *cmdline);

/* A trap in the kernel, a double fault or a machine check. */
void panic_trap(struct regs *r) __attribute__((noreturn));

/* Non-maskable interrupt: stops this CPU if another one wants it, else enters the debugger if there
 * is one, else is ignored. */
void panic_nmi(struct regs *r);

/* Name of a processor exception (Intel SDM vol. 3, table 6-1). */
const char *trap_name(u64 vector);

#endif
