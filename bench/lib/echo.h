/* SPDX-License-Identifier: MIT */
/* A server that sends each message back as it came (words and tag; items not) and does nothing
 * else. */
#ifndef BENCH_ECHO_H
#define BENCH_ECHO_H

#include "thread.h"

struct echo {
	struct thread *thread;
	l4_cap_idx_t gate;
};

/* Start it in task t, on the cpu-th CPU with priority prio, behind a gate of its own. */
void echo_start(struct echo *e, struct task *t, unsigned cpu, unsigned prio);
/* Delete gate and thread. */
void echo_end(struct echo *e);

#endif
