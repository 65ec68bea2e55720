/* SPDX-License-Identifier: MIT */
/* The invocation of a kernel object; each thread has a record for its own. */
#ifndef KERNEL_INVOCATION_H
#define KERNEL_INVOCATION_H

#include "core/types.h"

struct thread;

/* Decoded from the caller's registers; valid until the next preemption point. */
struct invocation {
	struct thread *caller; /* always the thread that has the record */
	u64 *mr;	       /* caller's message registers (its UTCB), set when it is bound */
	u64 tag;	       /* message tag as sent */
	union {
		u64 cap;   /* that is invoked: struct cap.word */
		u8 rights; /* enum cap_rights; the highest bit is not one of them */
	};
};

#endif
