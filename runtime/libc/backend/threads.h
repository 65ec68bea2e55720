/* SPDX-License-Identifier: MIT */
/* Threads: what musl's own files need of the back end. */
#ifndef BACKEND_THREADS_H
#define BACKEND_THREADS_H

#include <stddef.h>

struct backend_thread_start {
	int (*function)(void *);
	void *argument;
	void *stack;	      /* end of the new thread's stack */
	int *parent_tid;      /* gets the identifier before the thread runs */
	void *thread_pointer; /* FS base of the new thread */
	int *clear_tid; /* gets 0, and one waiter is woken, when the thread has left its stack */
};

/* Start a thread. Returns its identifier (slot number of its capability) or a negative errno. */
int backend_thread_start(const struct backend_thread_start *start);

/* End the calling thread; first free its stack of that many bytes at base, if base is not NULL. */
_Noreturn void backend_thread_exit(void *base, size_t bytes);

/* Capability of the thread with that identifier; 0: L4_INVALID_CAP. Its UTCB, or 0, for
 * backend_within_1(). */
unsigned long backend_thread_cap(int id);
long backend_thread_utcb(long id);

/* Set the FS base of the calling thread. 0 or a negative errno. */
int backend_set_thread_pointer(void *pointer);

#endif
