/* SPDX-License-Identifier: MIT */
/*
 * Kernel debugger on the serial line, as the rest of the kernel sees it. A kernel can be linked
 * with kdb/absent.c in place of all other files of this folder: then nothing below does anything.
 *
 * While it is active all other CPUs stand still in an NMI, perhaps in the middle of a critical
 * section. So the debugger takes no locks, allocates nothing, and reads memory only through a
 * page-table walk of its own.
 */
#ifndef KERNEL_KDB_H
#define KERNEL_KDB_H

#include "core/types.h"

struct regs;

/* Option -nojdb: switched off for good. -noesc: ESC is ordinary input. Call after the memory
 * allocator is up and the number of CPUs is known (trace buffers); until then it is off. */
void kdb_init(const char *cmdline);

/* True with -nojdb. */
bool kdb_forbidden(void);

/* Can it be entered (built in, not switched off, and there is a serial line)? By the ESC key? */
bool kdb_available(void);
bool kdb_wants_escape(void);

/* Enter and return when the user says "continue". why: n bytes of text to show; one that starts
 * with "*#" is run as commands, separated by ';', instead of a dialogue. No effect if not
 * available. Interrupts off. */
void kdb_enter(const char *why, size_t n);

/* A byte that was received right before kdb_enter() and is meant for the debugger. */
void kdb_type_ahead(int c);

/* The dialogue on a system that a panic has stopped for good; r may be NULL. */
void kdb_panic(const struct regs *r);

/* A fault inside the debugger itself: gives up the command and does not return. Returns if the
 * debugger is not what runs on this CPU. */
void kdb_fault(const struct regs *r);

/* Remember that a program or library lies at user address base in the task with this id (shown with
 * the task). The name has n bytes, of which 31 are kept. */
void kdb_image_add(u64 task_id, u64 base, const char *name, size_t n);

#endif
