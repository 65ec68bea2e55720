/* SPDX-License-Identifier: MIT */
/*
 * A partner is a thread that performs one IPC operation, or the same one in a loop, and notes what
 * came of it. Tests describe both sides of a rendezvous with it: the partner's in the structure,
 * their own by calling invoke().
 */
#ifndef TEST_PARTNER_H
#define TEST_PARTNER_H

#include "thread.h"

enum { PARTNER_BUFFERS = 8 };

struct partner {
	/* What to do; all of it may be set until partner_start(). */
	l4_cap_idx_t cap; /* with the flags: where to send, or receive from */
	unsigned flags;	  /* phases, l4_syscall_flags_t */
	l4_msgtag_t tag;
	l4_timeout_t timeout;
	l4_umword_t label; /* for a thread as destination */
	l4_umword_t words[L4_UTCB_GENERIC_DATA_SIZE];
	l4_umword_t bdr, buffers[PARTNER_BUFFERS];
	unsigned rounds;   /* how often; 0 = once */
	unsigned delay_us; /* sleep before the operation */

	/* What happened in the last round. */
	volatile bool started, done;
	volatile unsigned count; /* rounds finished */
	l4_msgtag_t result;
	long error; /* IPC error code, 0 for none */
	l4_umword_t got_label;
	l4_umword_t got[L4_UTCB_GENERIC_DATA_SIZE];
	uint64_t took_us; /* kernel clock over the last round */

	struct thread *thread;
};

/* A partner of task t that is going to do flags on cap, with no words and no time limit. */
void partner_init(struct partner *p, struct task *t, l4_cap_idx_t cap, unsigned flags);
/* Let it run on the cpu-th CPU; returns when it is about to do its operation. */
void partner_start(struct partner *p, unsigned cpu, unsigned prio);
/* partner_start(), and time for it to block in the operation. */
void partner_block(struct partner *p, unsigned cpu, unsigned prio);
/* Has it finished, or does it within ms milliseconds? */
bool partner_done(struct partner *p, unsigned ms);
/* Destroy its thread, finished or not. */
void partner_end(struct partner *p);

/*
 * A server that answers every call with the message it got, its label, tag and words unchanged
 * (items not). Runs until server_end().
 */
struct server {
	volatile unsigned calls;
	volatile l4_umword_t label; /* of the last message */
	l4_msgtag_t tag;
	struct thread *thread;
	l4_cap_idx_t gate;
};
void server_start(struct server *s, struct task *t, l4_umword_t label, unsigned cpu, unsigned prio);
void server_end(struct server *s);

#endif
