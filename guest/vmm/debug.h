/* SPDX-License-Identifier: MIT */
/*
 * A debugger at a machine: the vCPUs that stand still for it, steps, and the line it is at, which
 * the scenario gives as capability `gdb` (a console of bytes).
 *
 * A step sets the trap flag of the vCPU's context, and no event enters the guest until it is done.
 * Breakpoints of the processor for data are off meanwhile (shim/breakpoints.h).
 * A hypercall is one step: an int3 where it returns to takes the place of the flag. One that
 * changes the context as a whole (iret) gets the flag into its frame instead.
 */
#ifndef VMM_DEBUG_H
#define VMM_DEBUG_H

#include "server/server.h"
#include "vmm/gdb.h"

struct debug {
	struct gdb gdb;
	struct server_object input; /* interrupt of the line */
	l4_cap_idx_t line;
	uint32_t paused, stepping;	/* bit: a vCPU */
	uint64_t watched[GDB_HARDWARE]; /* what there was before a step */
	uint32_t trapping;		/* its context has a trap flag that the guest did not set */
	bool stopping;			/* all are to stand still because of: */
	struct gdb_stop stop;
	uint8_t *landing; /* int3 behind a hypercall that is a step, or NULL */
	uint8_t original; /* what was there */
};

struct guest;

/* Serve the line, if there is one. 0 or an error. */
long debug_open(struct guest *g);

/* The machine goes. */
void debug_close(struct guest *g);

/* A vCPU has an exception, GUEST_TRAP: 1 it is of the debugger's making, 0, or an error. */
long debug_trap(struct guest *g, uint64_t vcpu, uint64_t vector, uint64_t hits);

/*
 * Where a vCPU that stands still in a hypercall goes on. False: its stack is not there.
 */
bool debug_caller(struct guest *g, unsigned vcpu, uint64_t *rip, uint64_t *rsp);

/* The registers of a hypercall's caller that are known, as text: " rip 1234 rsp ...", in room
 * bytes. */
void debug_caller_text(struct guest *g, unsigned vcpu, char *to, size_t room);

/* vCPUs may have come to stand still. */
void debug_look(struct guest *g);

#endif
