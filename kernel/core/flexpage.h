/* SPDX-License-Identifier: MIT */
/* Decoding of flexpages, send items and receive buffers. Pure. Abi spec 4. */
#ifndef KERNEL_FLEXPAGE_H
#define KERNEL_FLEXPAGE_H

#include "core/types.h"

enum fpage_type { FPAGE_SPECIAL, FPAGE_MEM, FPAGE_IO, FPAGE_OBJ };

#define FPAGE_ALL_ORDER 63 /* "everything" */

struct fpage {
	u64 base; /* bytes, ports or capability indices; aligned to the order */
	u8 type;  /* enum fpage_type */
	u8 order; /* log2 of bytes, ports or capabilities; FPAGE_ALL_ORDER: everything */
	u8 rights;
};

/* Units of the address space of a type, as shift from the raw word's address bits. */
static inline struct fpage fpage_decode(u64 raw)
{
	struct fpage f = { .type = raw >> 4 & 3, .order = raw >> 6 & 63, .rights = raw & 15 };
	u64 base = f.type == FPAGE_MEM ? raw & ~0xfffULL : raw >> 12;

	f.base = f.order >= 63 ? 0 : base & ~((1ULL << f.order) - 1);
	return f;
}

static inline bool fpage_is_all(struct fpage f)
{
	return f.type == FPAGE_SPECIAL && f.order == FPAGE_ALL_ORDER;
}

struct snd_item {
	struct fpage fp;
	u64 raw;      /* of the flexpage */
	u64 hot_spot; /* in units of the type */
	u8 attr;      /* bits 4..7 of word 0, in place */
	bool compound, grant, map, is_void;
};

static inline struct snd_item snd_item_decode(u64 w0, u64 w1)
{
	struct snd_item i = { .fp = fpage_decode(w1),
			      .raw = w1,
			      .attr = w0 & 0xf0,
			      .compound = w0 & 1,
			      .grant = w0 & 2,
			      .map = w0 & 8,
			      .is_void = !w0 };

	i.hot_spot = i.fp.type == FPAGE_MEM ? w0 & ~0xfffULL : w0 >> 12;
	return i;
}

struct rcv_buffer {
	struct fpage window;
	u64 task_sel; /* capability selector of the task to map into */
	bool forward, local_id, small;
	unsigned words; /* buffer registers taken */
};

/* Decode the receive buffer at br[at], of n registers. False: void, malformed, or beyond the end.
 */
static inline bool rcv_buffer_decode(const u64 *br, unsigned n, unsigned at, struct rcv_buffer *b)
{
	u64 w;

	if (at >= n || !((w = br[at]) & 8))
		return false;
	b->forward = w & 1;
	b->small = w & 2;
	b->local_id = (w & 4) && b->small && !b->forward;
	b->words = 1 + !b->small + b->forward;
	b->task_sel = 0;
	if (at + b->words > n)
		return false;
	b->window =
	    b->small ? (struct fpage){ w >> 12, FPAGE_OBJ, 0, 15 } : fpage_decode(br[at + 1]);
	if (b->forward)
		b->task_sel = br[at + b->words - 1];
	return true;
}

/* Match send flexpage and receive window by the hot spot (4.5): where the transfer starts on both
 * sides and its order. Windows of "all" have base 0. */
static inline void fpage_match(struct fpage snd, struct fpage rcv, u64 hot, u64 *from, u64 *to,
			       u8 *order)
{
	if (fpage_is_all(rcv))
		rcv = (struct fpage){ .order = FPAGE_ALL_ORDER };
	*order = snd.order < rcv.order ? snd.order : rcv.order;
	*from = snd.base;
	*to = rcv.base;
	if (rcv.order >= snd.order) {
		u64 off = rcv.order >= 63 ? hot : hot & ((1ULL << rcv.order) - 1);

		*to += snd.order >= 63 ? 0 : off & ~((1ULL << snd.order) - 1);
	} else {
		u64 off = snd.order >= 63 ? hot : hot & ((1ULL << snd.order) - 1);

		*from += off & ~((1ULL << rcv.order) - 1);
	}
}

#endif
