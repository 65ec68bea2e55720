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

enum { BALLOON_FRAMES = 512 /* of a large page */ };

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

/* So many frames from the first one on go, or come back; what is so already stays. Returns 0,
 * -L4_ERANGE (nothing is changed), or the error of the first one that could not come back. */
long balloon_release(struct balloon *b, uint64_t first, uint64_t count);
long balloon_populate(struct balloon *b, uint64_t first, uint64_t count);

/* Has the large page around a frame (below frames) no memory? */
bool balloon_is_free(const struct balloon *b, uint64_t frame);

#endif
