/* SPDX-License-Identifier: MIT */
/* Making the other CPUs stand still, wherever they are, for the debugger or for good. */
#ifndef KERNEL_STOP_H
#define KERNEL_STOP_H

#include "core/types.h"

struct regs;

/* This CPU's number; 0 as long as there is no per-CPU data. */
unsigned stop_own_number(void);

/* Stop all other CPUs by NMI. Waits until each stands still, at most a tenth of a second; those
 * that do not answer are left alone. If another CPU is stopping everybody, first stands still for
 * it. Interrupts off, any lock may be held. */
void cpus_stop(void);
/* The same for good, whoever else is at it. */
void cpus_stop_forever(void);
/* Let them go on. */
void cpus_resume(void);

/* Registers of CPU n at the place where it stopped; NULL if it did not. */
const struct regs *cpu_stopped_regs(unsigned n);

/* Non-maskable interrupt: true if it was one of ours (returns when the CPU may go on). */
bool stop_nmi(const struct regs *r);

#endif
