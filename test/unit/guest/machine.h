/* SPDX-License-Identifier: MIT */
/*
 * A guest for tests of its hypercalls: a few frames with real page tables, which accesses walk, and
 * vCPUs whose host writes down what it was told.
 */
#ifndef TEST_UNIT_GUEST_MACHINE_H
#define TEST_UNIT_GUEST_MACHINE_H

#include "shim/calls.h"
#include "shim/pte.h"

enum { FRAMES = 96, RAM_FRAMES = 80, GRANT_FRAMES = 4, VCPUS = 3, PORTS = 64 };

/* Use of the frames. From FREE on they are the test's; KERNEL_ADDRESS + n pages shows frame n. */
enum { ROOT = 1, L3, L2, L1, SHARED_FRAME = RAM_FRAMES, GRANT_FRAME, FREE = 8 };

#define KERNEL_ADDRESS 0xffff888000000000UL
#define NOWHERE	       0xffff888000200000UL /* no table of level 1 */
#define ABSENT	       0xffff888000180000UL /* no page */
#define READ_ONLY      (KERNEL_ADDRESS + (FREE + 20) * 4096UL)

/* What the host was told, and what it answers. */
struct told {
	uint64_t now; /* system time */
	unsigned kicks[VCPUS], yields, waits, looks, timers, notified;
	unsigned bases; /* bit: enum xen_segment_base */
	unsigned tasks;
	uint64_t wait_until; /* of the last wait */
	unsigned drops;	     /* messages about views */
	unsigned switches, flushes, page_flushes, mask_flushes, page_mask_flushes;
	uint64_t flushed, mask; /* last address, last mask */
	int shutdown;		/* reason, or -1 */
	uint64_t descriptors[16];
	uint64_t ldt[64];
	unsigned ldt_entries;
	long ldt_error;
	unsigned debugs;
	uint64_t dr[8];
	long debug_error;
	char text[1024];
	unsigned text_bytes;
	unsigned accesses_left; /* of guest memory, before they fail */
	uint64_t populate_max;	/* frames that there are to give */
	uint64_t given_back, taken;
	uint64_t displaced;	 /* bit: a vCPU that others have the processor of */
	unsigned messages;	 /* about frames */
	unsigned pinned[FRAMES]; /* level + 1 that was said; 0: nothing */
	uint64_t away;		 /* ns for which the vCPU has no processor, until it asks */
	/* What happens while a vCPU waits. */
	void (*meanwhile)(struct vcpu *v);
};

struct guest_frames {
	_Alignas(4096) uint64_t words[FRAMES][TABLE_ENTRIES];
};

extern struct guest_frames guest;
extern struct machine machine;
extern struct told told;

/* Everything as at the start; vCPU 0 is up, the others are down. A cmocka setup. */
int machine_start(void **state);

/* Write the tables that show all frames at KERNEL_ADDRESS. */
void machine_map(void);

static inline struct vcpu *vcpu_of(unsigned id)
{
	return machine.vcpu[id];
}

/* The guest address at which a frame is seen, and its memory. */
static inline uint64_t shown(unsigned frame)
{
	return KERNEL_ADDRESS + frame * 4096UL;
}

static inline void *at(unsigned frame)
{
	return guest.words[frame];
}

/* One call of vCPU 0 with up to six arguments. */
#define CALL(number, ...) call(vcpu_of(0), (number), (const uint64_t[CALL_ARGS]){ __VA_ARGS__ })
#define CALL_BY(id, number, ...) \
	call(vcpu_of(id), (number), (const uint64_t[CALL_ARGS]){ __VA_ARGS__ })

#endif
