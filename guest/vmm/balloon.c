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

static uint64_t frames_of(const struct balloon_extents *e)
{
	return 1UL << e->order;
}

static long check(const struct balloon *b, const struct balloon_extents *e)
{
	if (e->order > BALLOON_ORDER)
		return -L4_EINVAL;
	for (unsigned i = 0; i < e->count; i++) {
		if (e->first[i] % frames_of(e))
			return -L4_EINVAL;
		if (e->first[i] >= b->frames || frames_of(e) > b->frames - e->first[i])
			return -L4_ERANGE;
	}
	return 0;
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

static void populate(struct balloon *b, uint64_t frame)
{
	if (!is_gone(b, frame))
		return;
	b->gone[frame / WORD_BITS] &= ~bit(frame);
	b->counts[frame / BALLOON_FRAMES]--;
}

/* The memory of the large page in which a frame is. */
static long give(struct balloon *b, uint64_t frame)
{
	long error;

	if (!balloon_is_free(b, frame))
		return 0;
	error = b->effects->give(b->context, frame / BALLOON_FRAMES * BALLOON_FRAMES);
	if (error >= 0)
		b->freed--;
	return error < 0 ? error : 0;
}

long balloon_release(struct balloon *b, const struct balloon_extents *e)
{
	long error = check(b, e);

	if (error)
		return error;
	for (unsigned i = 0; i < e->count; i++)
		for (uint64_t n = 0; n < frames_of(e); n++)
			release(b, e->first[i] + n);
	return e->count;
}

/* An extent lies in one large page, so all of it comes back or nothing. */
long balloon_populate(struct balloon *b, const struct balloon_extents *e)
{
	long error = check(b, e);
	unsigned done = 0;

	for (; !error && done < e->count; done++) {
		error = give(b, e->first[done]);
		if (error)
			break;
		for (uint64_t n = 0; n < frames_of(e); n++)
			populate(b, e->first[done] + n);
	}
	return done ? done : error;
}
