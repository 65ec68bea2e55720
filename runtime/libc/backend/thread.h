/* SPDX-License-Identifier: MIT */
/*
 * Threads of the program as the back end sees them, how they wait, and the locks of the back end.
 *
 * A thread waits on a channel, an address that stands for an event. LOCK_WAIT guards all conditions
 * that threads wait for, so a condition that is checked under it cannot change before the thread
 * waits. Lock order: LOCK_FILES, LOCK_MEMORY, LOCK_WAIT. None is recursive.
 */
#ifndef BACKEND_THREAD_H
#define BACKEND_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include <l4/sys/types.h>
#include <l4/sys/utcb.h>

#include "backend/threads.h"

enum { THREAD_NAME_BYTES = 16 }; /* with a 0 */

/* THREAD_OWN: one of the back end's, which the program does not know; it gets no signals. */
enum thread_state { THREAD_FREE, THREAD_RUNNING, THREAD_EXITED, THREAD_OWN };

struct signal_record;

struct thread {
	struct thread *next; /* of all threads, the first one included */
	l4_cap_idx_t cap;
	l4_cap_idx_t semaphore;	    /* what it sleeps on; L4_INVALID_CAP until needed */
	l4_cap_idx_t own_semaphore; /* while that is not its own */
	l4_utcb_t *utcb;
	enum thread_state state;
	int *clear_tid;
	struct backend_thread_start start;
	unsigned priority;  /* as told to the scheduler, 1..255 */
	unsigned long cpus; /* bit n: may run on CPU n; 0: anywhere */
	char *exit_stack;   /* end of a stack for its last moments */

	struct thread *next_waiter;   /* on the same hash chain */
	const volatile void *channel; /* NULL: does not wait */
	uint32_t wait_bits;	      /* woken by wake-ups that share a bit */
	bool interrupted;	      /* its wait, or else its next one, ends with -EINTR */

	char name[THREAD_NAME_BYTES]; /* for people */
	/*
	 * Signals, see signal_frame.c. The first three are written by the thread itself, or while
	 * it is stopped by an exception: never at the same time.
	 */
	volatile unsigned depth; /* calls of the back end that it is in */
	volatile bool deferred;	 /* look for signals at the end of the call */
	volatile bool entering;	 /* saved is what the next frame is made of */
	bool restart;		 /* all handlers that the last frame has run wish a restart */
	l4_exc_regs_t saved;
	struct thread_fault {
		int signal, code; /* as siginfo_t has it */
		l4_addr_t address;
	} fault;			      /* of saved, if it is not an artificial exception */
	uint64_t signal_mask, signal_pending; /* bit n - 1 for signal n */
	struct signal_record *signal_records; /* what is known of pending ones */
	char *alternate;		      /* stack for handlers, of that many bytes (0: none) */
	size_t alternate_bytes;
};

enum lock {
	LOCK_FILES,  /* descriptors, folders, files */
	LOCK_MEMORY, /* list of mapped regions */
	LOCK_WAIT,   /* threads, waiting, pipes, signals */
	LOCKS
};

enum { ANY_BITS = 0xffffffff };
#define WAIT_NO_DEADLINE (~0ULL)

/* The calling thread. */
static inline struct thread *thread_self(void)
{
	return (struct thread *)l4_utcb_tcr()->user[0];
}

static inline int thread_id(const struct thread *thread)
{
	return (int)(thread->cap >> L4_CAP_SHIFT);
}

/* Make the structure of the program's first thread; called once, before all else. */
void thread_init(l4_cap_idx_t main_thread);
/* The running thread with an identifier, or NULL. With LOCK_WAIT. */
struct thread *thread_find(int id);
/* Tell the scheduler the thread's priority and CPUs; a negative L4 error. With LOCK_WAIT. */
long thread_schedule(struct thread *thread);

/* Start a thread of the back end's own, at the highest priority that the program has, on a stack
 * that ends there. It has no thread-local storage: no errno. NULL: not possible. With LOCK_MEMORY
 * and LOCK_WAIT, after lock_prepare(). */
struct thread *thread_start_own(int (*function)(void *), void *stack_end);
/* The thread of a UTCB, or NULL. Without locks: threads are listed for ever. */
struct thread *thread_of_utcb(l4_addr_t utcb);
/* From now on this is the exception handler of all threads but the back end's own. With LOCK_WAIT.
 */
void thread_handler_set(l4_cap_idx_t handler);

/* The oldest running thread whose mask has none of the signals, or NULL. With LOCK_WAIT. */
struct thread *thread_unmasked(uint64_t signals);
/* All running threads, beginning with NULL and ending with NULL. With LOCK_WAIT. */
struct thread *thread_next(struct thread *thread);

/* CPU time in nanoseconds that a running thread, or for 0 all that there ever were, has used. *ns
 * is set, or the result is -ESRCH. Takes LOCK_WAIT. */
long thread_cpu_time(int id, uint64_t *ns);

/* Take and free a lock. Costs no system call unless two threads want it. */
void lock_take(enum lock lock);
void lock_free(enum lock lock);
/* Get what the locks need when there is more than one thread; before the second is made. */
bool lock_prepare(void);

/*
 * With LOCK_WAIT: wait until wake_up() for the channel with a common bit, a signal, or the deadline
 * (kernel clock, microseconds). LOCK_WAIT is free meanwhile and held again afterwards. Returns 0
 * (also when the semaphore was counted up by somebody who knows no channels), -EINTR, -ETIMEDOUT,
 * or -ENOMEM if the kernel has no semaphore left.
 */
long wait_on(const volatile void *channel, uint32_t bits, uint64_t deadline);
/* With LOCK_WAIT: wake at most count threads of a channel; returns how many. */
unsigned wake_up(const volatile void *channel, uint32_t bits, unsigned count);
/* With LOCK_WAIT: let at most count waiters of one channel wait on another; returns how many. */
unsigned wait_move(const volatile void *from, const volatile void *to, unsigned count);
/* With LOCK_WAIT: end the wait of a thread with -EINTR, or the next one if it does not wait now. */
void wait_interrupt(struct thread *thread);

#endif
