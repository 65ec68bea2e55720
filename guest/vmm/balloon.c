/* SPDX-License-Identifier: MIT */
/* Frames that the guest has given back. */
#include "vmm/balloon.h"

#include <stdlib.h>
#include <l4/sys/err.h>

enum { WORD_BITS = 64 };

bool balloon_init(struct balloon *b)
{
	b->gone = calloc(b->frames / WORD_BITS + 1, sizeof(*b->gone));
	b->counts = calloc(b->frames / BALLOON_FRAMES + 1, sizeof(*b->counts));
	if (b->gone && b->counts)
		return true;
	balloon_end(b);
	return false;
}

void balloon_end(struct balloon *b)
{
	free(b->gone);
	free(b->counts);
	b->gone = NULL;
	b->counts = NULL;
}

static uint64_t bit(uint64_t frame)
{
	return 1UL << frame % WORD_BITS;
}

static bool is_gone(const struct balloon *b, uint64_t frame)
{
	return b->gone[frame / WORD_BITS] & bit(frame);
}

bool balloon_is_free(const struct balloon *b, uint64_t frame)
{
	return b->counts[frame / BALLOON_FRAMES] == BALLOON_FRAMES;
}

static bool inside(const struct balloon *b, uint64_t first, uint64_t count)
{
	return first <= b->frames && count <= b->frames - first;
}

static void release(struct balloon *b, uint64_t frame)
{
	uint16_t *count = &b->counts[frame / BALLOON_FRAMES];

	if (is_gone(b, frame))
		return;
	b->gone[frame / WORD_BITS] |= bit(frame);
	if (++*count < BALLOON_FRAMES)
		return;
	b->freed++;
	b->effects->free(b->context, frame / BALLOON_FRAMES * BALLOON_FRAMES);
}

static long populate(struct balloon *b, uint64_t frame)
{
	bool free = balloon_is_free(b, frame);
	long error = 0;

	if (!is_gone(b, frame))
		return 0;
	if (free)
		error = b->effects->give(b->context, frame / BALLOON_FRAMES * BALLOON_FRAMES);
	if (error < 0)
		return error;
	b->freed -= free;
	b->gone[frame / WORD_BITS] &= ~bit(frame);
	b->counts[frame / BALLOON_FRAMES]--;
	return 0;
}

long balloon_release(struct balloon *b, uint64_t first, uint64_t count)
{
	if (!inside(b, first, count))
		return -L4_ERANGE;
	for (uint64_t i = 0; i < count; i++)
		release(b, first + i);
	return 0;
}

long balloon_populate(struct balloon *b, uint64_t first, uint64_t count)
{
	long error = inside(b, first, count) ? 0 : -L4_ERANGE;

	for (uint64_t i = 0; !error && i < count; i++)
		error = populate(b, first + i);
	return error;
}
