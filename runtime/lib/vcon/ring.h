/* SPDX-License-Identifier: MIT */
/*
 * The last bytes of an endless text. A position is the number of bytes put before it, so it stays
 * true for ever; begin <= position <= end are those that are still there. Pure.
 */
#ifndef VCON_RING_H
#define VCON_RING_H

#include <stddef.h>
#include <stdint.h>

struct ring {
	char *bytes; /* the owner's */
	size_t size;
	uint64_t begin, end; /* positions */
};

/* An empty ring in size (at least 1) bytes of memory. */
struct ring ring_init(char *bytes, size_t size);

/* Append; the oldest bytes make room. */
void ring_put(struct ring *ring, const char *text, size_t count);

/* Forget all. Positions go on. */
void ring_clear(struct ring *ring);

/*
 * The bytes at a position: *count of them lie together, at most up to `end`. A position that is no
 * longer there is moved to begin. *count is 0 at end.
 */
const char *ring_at(const struct ring *ring, uint64_t *position, uint64_t end, size_t *count);

/* Copy up to count bytes from *position on, which is moved behind them. Returns how many. */
size_t ring_read(const struct ring *ring, uint64_t *position, char *out, size_t count);

/* The position behind the next newline at or after position; end if there is none. */
uint64_t ring_line_end(const struct ring *ring, uint64_t position);

/* Where the last lines begin; an unfinished line is one. */
uint64_t ring_last_lines(const struct ring *ring, unsigned lines);

#endif
