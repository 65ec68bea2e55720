/* SPDX-License-Identifier: MIT */
/*
 * Trace buffer: a ring of records a CPU, written without locks. Each kind of event is switched on
 * and off by itself; a hook whose kind is off costs one predictable test.
 */
#ifndef KERNEL_TRACE_H
#define KERNEL_TRACE_H

#include "core/types.h"

enum trace_kind {
	TRACE_IPC,    /* sender id, receiver id, tag, label */
	TRACE_FAULT,  /* thread id, address, error code, instruction pointer */
	TRACE_SWITCH, /* from thread id, to thread id, instruction pointer of the latter, priority
		       */
	TRACE_IRQ,    /* vector, 0, 0, 0 */
	TRACE_USER,   /* three values and 8 characters, given by a program */
	TRACE_TEXT,   /* 32 characters, given by a program */
	TRACE_KINDS,
};

struct trace_record {
	u64 tsc;
	u32 kind;
	u32 cpu;
	u64 word[4];
};

extern u32 trace_mask; /* a bit for each enum trace_kind that is on */

/* Note an event on this CPU. Interrupts off, any lock may be held. */
#define trace(kind, a, b, c, d)                                                       \
	do {                                                                          \
		if (unlikely(trace_mask & 1u << (kind)))                              \
			trace_record((kind), (u64)(a), (u64)(b), (u64)(c), (u64)(d)); \
	} while (0)

/* What the macro does when the kind is on. */
void trace_record(enum trace_kind kind, u64 a, u64 b, u64 c, u64 d);

/* Kind with this name ("ipc", "fault", ...), -1 if there is none; its name, NULL likewise. */
int trace_kind_find(const char *name);
const char *trace_kind_name(unsigned kind);

/* Switch a kind on or off. -L4_ENOMEM: there are no buffers (no debugger, or no memory at boot). */
int trace_switch(unsigned kind, bool on);

/* Forget all records / print the newest `count` of all CPUs in order of time. */
void trace_clear(void);
void trace_dump(unsigned count);

#endif
