/* SPDX-License-Identifier: MIT */
/*
 * Stages of the worst-case program: each is one long operation, or one per object. What is prepared
 * before counts as well, for the stage "other". bench/insncount.c measures; nothing is timed here.
 */
#ifndef BENCH_LATENCY_STAGES_H
#define BENCH_LATENCY_STAGES_H

#include "measure.h"

enum { PRIO_ABOVE = PRIO_MAIN + 20, WAITERS = 50, CAPS = 1000 };

/* CAPS selectors from here on are for stages; naturally aligned to CAPS_ORDER. */
#define CAPS_FIRST ((l4_cap_idx_t)FREE_CAP_FIRST << L4_CAP_SHIFT)
#define CAPS_ORDER 12
#define NTH_CAP(n) (CAPS_FIRST + ((l4_cap_idx_t)(n) << L4_CAP_SHIFT))

#define STAGE(name, statement)                       \
	do {                                         \
		unsigned number_ = stage_open(name); \
		profile_mark(number_);               \
		statement;                           \
		profile_mark(0);                     \
	} while (0)

/* Announce a stage; returns the number of its mark. */
unsigned stage_open(const char *name);

void stages_memory(void);
void stages_message(void);
void stages_view(void);
void stages_caps(void);
void stages_waiters(void);
void stages_objects(void);

#endif
