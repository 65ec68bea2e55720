/* SPDX-License-Identifier: MIT */
/* Signals within the program: what other parts of the back end need of them. */
#ifndef BACKEND_SIGNALS_H
#define BACKEND_SIGNALS_H

#include "backend/platform.h"
#include "backend/thread.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* A program that a signal ends has this and the signal's number as exit code. */
enum { EXIT_OF_SIGNAL = 128 };

/* Implementation; not there (NULL) in programs that neither handle nor send signals. */
bool signals_interrupted(void) __attribute__((weak));
void signals_deferred(void) __attribute__((weak));
uint64_t signal_mask_replace(uint64_t mask) __attribute__((weak));
uint64_t signal_mask_lend(uint64_t mask) __attribute__((weak));
void signal_send_self(int signal) __attribute__((weak));

/*
 * At the end of a call that can block, without locks: if it was interrupted (-EINTR), run the
 * handlers of the signals that are pending. True if the call shall begin anew (SA_RESTART). A
 * handler may leave by siglongjmp(): the caller must not hold anything that has to be given back.
 */
static inline bool signals_run(long result)
{
	return result == -EINTR && signals_interrupted && signals_interrupted();
}

/* The mask for the time of a wait (NULL: the same): signals that it lets through and that are
 * pending end the wait at once. Returns the one to be given back to signal_mask_end(). */
static inline uint64_t signal_mask_begin(const uint64_t *mask)
{
	return mask && signal_mask_lend ? signal_mask_lend(*mask) : thread_self()->signal_mask;
}

static inline void signal_mask_end(uint64_t mask)
{
	if (signal_mask_replace)
		signal_mask_replace(mask);
}

/* The calling thread has written to where nobody reads. Without locks. */
static inline void signal_broken_pipe(void)
{
	if (!signal_send_self)
		platform_exit(EXIT_OF_SIGNAL + SIGPIPE);
	signal_send_self(SIGPIPE);
}

/* Send a signal to a thread of the program, or to whichever takes it. 0 or a negative errno.
 * Without locks. */
long signal_send(int thread, int signal);
long signal_send_any(int signal);

#endif
