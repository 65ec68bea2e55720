/* SPDX-License-Identifier: MIT */
/*
 * Frames that the guest has given back. Memory comes in large pages, and a part of one cannot be
 * taken away alone; so it is free for others when all of its frames are gone, and comes back as a
 * whole with the first one. Until then the guest could still use what it gave back. Pure.
 */
#ifndef VMM_BALLOON_H
#define VMM_BALLOON_H

#include <stdbool.h>
#include <stdint.h>

enum { BALLOON_ORDER = 9, BALLOON_FRAMES = 1 << BALLOON_ORDER /* of a large page */ };

/* Of a large page, by its first frame. */
struct balloon_effects {
	void (*free)(void *context, uint64_t first); /* its memory is not needed */
	long (*give)(void *context, uint64_t first); /* memory for it again; 0 or an error */
};

struct balloon {
	uint64_t frames;  /* of the guest */
	uint64_t *gone;	  /* bitmap */
	uint16_t *counts; /* frames that are gone, by large page */
	uint64_t freed;	  /* large pages without memory */
	const struct balloon_effects *effects;
	void *context;
};

/* All there. The caller fills in frames, effects and context. False without memory. */
bool balloon_init(struct balloon *b);
void balloon_end(struct balloon *b);

/* Pieces of memory: 2^order frames each, and that is what their first frames are aligned to. */
struct balloon_extents {
	const uint64_t *first;
	unsigned count, order; /* order: up to that of a large page */
};

/* Memory of extents goes, or comes back; what is so already stays. Returns for how many of them,
 * from the first one on, this was done. Nothing is changed if it returns -L4_EINVAL (not aligned),
 * -L4_ERANGE (not the guest's), or the error because of which the first one could not come back. */
long balloon_release(struct balloon *b, const struct balloon_extents *e);
long balloon_populate(struct balloon *b, const struct balloon_extents *e);

/* Has the large page around a frame (below frames) no memory? */
bool balloon_is_free(const struct balloon *b, uint64_t frame);

#endif
