/* SPDX-License-Identifier: MIT */
/* Synchronous calls on other CPUs, for what only the CPU that runs a thread can do to it. */
#ifndef KERNEL_REMOTE_H
#define KERNEL_REMOTE_H

#include "core/cpu.h"

struct remote_call {
	void (*fn)(struct cpu *own, void *arg);
	void *arg;
	bool done;
};

/*
 * Run fn(c, arg) on CPU c and wait until it is done. c may be the caller's CPU. fn must not block
 * or switch threads, and holds no lock when it starts. No lock may be held: meanwhile the calls of
 * other CPUs to this one are served, so that two CPUs that call each other both get on.
 */
void remote_call(struct cpu *own, struct cpu *c, void (*fn)(struct cpu *own, void *arg), void *arg);

/* Serve the call that waits for this CPU, if any: in the handler of VECTOR_RESCHED. */
void remote_serve(struct cpu *own);

#endif
