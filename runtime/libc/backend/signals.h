/* SPDX-License-Identifier: MIT */
/* Signals within the program. */
#ifndef BACKEND_SIGNALS_H
#define BACKEND_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * At the end of a call that can block, without locks: if it was interrupted (-EINTR), run the
 * handlers of the signals that are pending. True if the call shall begin anew (SA_RESTART). Does
 * nothing in programs without signals.
 */
bool signals_run(long result);

/* Replace the calling thread's mask (NULL: keep it), run what is not masked any more; the old mask.
 */
uint64_t signal_mask_set(const uint64_t *mask);

/* Send a signal to a thread of the program, or to whichever takes it. 0 or a negative errno. */
long signal_send(int thread, int signal);
long signal_send_any(int signal);

#endif
