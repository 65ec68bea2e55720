/* SPDX-License-Identifier: MIT */
/* The invocation of a kernel object that a CPU is working on; kept in struct cpu. */
#ifndef KERNEL_INVOCATION_H
#define KERNEL_INVOCATION_H

#include "core/types.h"

struct thread;

/* Decoded from the caller's registers; valid until the next preemption point. */
struct invocation {
	struct thread *caller;
	u64 *mr;   /* caller's message registers (its UTCB) */
	u64 tag;   /* message tag as sent */
	u8 rights; /* of the invoked capability */
	u8 op;	   /* send, receive ... bits */
};

#endif
