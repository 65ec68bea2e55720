/* SPDX-License-Identifier: MIT */
/*
 * What few threads have of the processor beside registers: a local descriptor table and debug
 * registers. Intel SDM vol. 3, 3.5 and 17.2. A thread without a table of its own uses its task's.
 *
 * A CPU keeps what the last thread had; cpu.special sends each switch from then on the long way,
 * where it is replaced. Nobody loads a selector of a table, or runs with break points, before that.
 */
#ifndef KERNEL_SPECIAL_H
#define KERNEL_SPECIAL_H

#include "core/spinlock.h"
#include "core/types.h"

struct cpu;
struct quota;
struct task;
struct thread;

enum { LDT_ENTRIES_MAX = 8192, LDT_TASK_ENTRIES = 512, BREAKPOINTS = 4 };

struct ldt {
	u64 id; /* of this memory, never used again; 0: there is no table */
	u64 *entries;
	u32 count;
};

struct special {
	struct ldt ldt;
	u64 dr[BREAKPOINTS];
	u64 dr7; /* 0: none is enabled */
};

/* Guards the tables of tasks, from the look at an entry to its use. Innermost. */
extern struct spinlock ldt_lock;

/* Make an empty table for count entries (1 to LDT_ENTRIES_MAX), all absent: 0 or -L4_ENOMEM. */
int ldt_create(struct ldt *l, struct quota *q, u32 count);
/* No CPU loads it any more. */
void ldt_free(struct ldt *l, struct quota *q);

/* Can user land have the raw descriptor in a table: absent, or a 16- or 32-bit segment? */
bool ldt_entry_ok(u64 raw);

/* The table that t uses; one without entries if there is none. t is bound to a task. */
const struct ldt *ldt_of(const struct thread *t);

/* Break points that are enabled in dr7 are for addresses that are not the kernel's, and not for
 * ports. */
bool debug_ok(const u64 *dr, u64 dr7);

/* Load what t, which is or becomes current, has; or has not. */
void special_load(struct cpu *c, struct thread *t);

/* The current thread t used its task's table for the first time on this CPU: true, try again. */
bool special_was_missing(struct cpu *c, struct thread *t, u64 error);

#endif
