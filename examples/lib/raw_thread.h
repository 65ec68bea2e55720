/* SPDX-License-Identifier: MIT */
/* Threads for examples of the kernel interface: made by hand, not by the C library. */
#ifndef EXAMPLES_RAW_THREAD_H
#define EXAMPLES_RAW_THREAD_H

#include <l4/sys/err.h>
#include <l4/sys/types.h>
#include <l4/sys/utcb.h>

struct raw_thread {
	l4_cap_idx_t cap;
	l4_utcb_t *utcb;
};

/* What is asked of a thread beside the usual. */
enum raw_thread_flags {
	RAW_THREAD_ALIEN = 1, /* each system call of it is an exception first */
	RAW_THREAD_EXCEPTION =
	    2 /* it begins with an exception, in which its registers can be set */
};

/*
 * Start a thread at entry (L4UTIL_THREAD_FUNC). The region map is its pager; exceptions go to
 * handler, a thread of this program. Such a thread has no thread-local storage: it calls the kernel
 * and the l4re library, not stdio. Ends the program if it cannot be made.
 */
void raw_thread_start(struct raw_thread *thread, void (*entry)(void), l4_cap_idx_t handler,
		      unsigned flags);

/* Print a message and end the program if result is an error. */
void check(long result, const char *what);

#endif
