/* SPDX-License-Identifier: MIT */
/* What the ways of a hostile guest have in common. */
#ifndef TEST_GUEST_WORST_H
#define TEST_GUEST_WORST_H

#include <l4/sys/irq.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>
#include <l4/zwinger/vcpu_ext.h>

#include "guest/start.h"
#include "lib/kernel.h"

enum { HOSTILE_VCPUS = 4, HOSTILE_WORDS = 512 };

/* A vCPU. */
struct hostile {
	uint64_t words[HOSTILE_WORDS]; /* arguments in memory */
	unsigned number;
	unsigned round; /* from 1 on */
	uint64_t seed;
} __attribute__((aligned(4096)));

/* One round of each way; it may return, fault, or do neither. */
typedef void hostile_way(struct hostile *h);
hostile_way way_calls, way_everything, way_multicalls, way_tables, way_views, way_shim, way_track,
    way_own, way_jumps, way_segments, way_frames, way_spins, way_floods;
/* L4 system calls (l4.c). */
hostile_way way_system, way_own_objects, way_own_memory, way_capabilities, way_requests,
    way_reports, way_state, way_resumes, way_offers;

/* A random number; one that is more often a limit, or an address that matters. */
uint64_t chance(struct hostile *h);
uint64_t wild(struct hostile *h);

/* Fill the words with wild ones. */
void fill_words(struct hostile *h);

/* Read or write there. */
void poke(struct hostile *h, uint64_t address);

static inline const struct guest_start *guest_start(void)
{
	return (const struct guest_start *)GUEST_START;
}

static inline l4_utcb_t *own_utcb(const struct hostile *h)
{
	return (l4_utcb_t *)guest_start()->vcpu[h->number].utcb;
}

#endif
