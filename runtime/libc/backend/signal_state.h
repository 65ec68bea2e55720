/* SPDX-License-Identifier: MIT */
/* Signals: what the files that implement them share. */
#ifndef BACKEND_SIGNAL_STATE_H
#define BACKEND_SIGNAL_STATE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include <l4/sys/types.h>
#include <l4/sys/utcb.h>

struct thread;

enum { SIGNALS = 64 };

/* As musl passes it. */
struct signal_action {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

/* What goes with a pending signal, in memory of whoever sends it. With LOCK_WAIT. */
struct signal_record {
	struct signal_record *next;
	siginfo_t info;
	bool queued;				     /* it is pending */
	void (*taken)(struct signal_record *record); /* NULL, or called when it is not any more */
};

/* A signal that was pending. */
struct signal_taken {
	int signal;
	struct signal_action action;
	siginfo_t info;
};

extern struct signal_action signal_actions[SIGNALS + 1]; /* with LOCK_WAIT */
extern uint64_t signal_shared_pending;			 /* for any thread; with LOCK_WAIT */

static inline uint64_t signal_bit(int signal)
{
	return 1ULL << (signal - 1);
}

/* Does the action do nothing? With LOCK_WAIT. */
bool signal_is_ignored(int signal);
/* Take a signal of the set that is pending for the thread; false: there is none. With LOCK_WAIT. */
bool signal_take(struct thread *self, uint64_t set, struct signal_taken *taken);
/*
 * Make a signal pending for a thread, or for whichever takes it (NULL), and see that it gets it.
 * record: NULL, or with its info; it is queued then if the signal is not ignored. With LOCK_WAIT.
 */
void signal_post(struct thread *target, int signal, struct signal_record *record);
/* A record is not pending any more, if it was. With LOCK_WAIT. */
void signal_record_drop(struct signal_record *record);
/* The calling thread runs the handlers of what is pending, within the back end, without locks. */
void signals_deliver(void);

/* --- signal_frame.c --- */

/* State of an interrupted thread that signal_entry expects: stack, thread, instruction that was
 * interrupted, size and kind of the processor's extended state. */
void signal_frame_prepare(l4_exc_regs_t *regs, struct thread *thread, l4_addr_t stack);
/* The calling thread makes a frame and runs handlers on that stack (0: the one it is on). */
void signal_frame_here(l4_addr_t stack);
/* Bytes of stack that a frame takes, without what the handler uses. */
unsigned signal_frame_bytes(void);
/* Where the frame of the signal has to begin if not on the stack in use (sp): its end, or 0. */
l4_addr_t signal_stack(const struct thread *thread, l4_addr_t sp, int signal);

/* --- exceptions.c --- */

/* See that the program's threads can be interrupted and that handlers of faults are called. 0 or a
 * negative errno. Without locks. */
long exceptions_start(void);
/* Interrupt a thread that runs, if exceptions_start() has succeeded. With LOCK_WAIT. */
void exceptions_interrupt(struct thread *thread);

#endif
