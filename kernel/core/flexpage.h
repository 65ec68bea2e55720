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

/* The low bits of an address that stand for a place within 2^order. */
static always_inline u64 order_mask(u8 order)
{
	return order >= FPAGE_ALL_ORDER ? ~0ULL : (1ULL << order) - 1;
}

static always_inline u8 fpage_type(u64 raw)
{
	return raw >> 4 & 3;
}

/* A raw word of a known type. The address bits count bytes of memory, others are a number. */
static always_inline struct fpage fpage_decode_as(enum fpage_type type, u64 raw)
{
	struct fpage f = { .type = (u8)type, .order = raw >> 6 & 63, .rights = raw & 15 };

	f.base = (type == FPAGE_MEM ? raw & ~0xfffULL : raw >> 12) & ~order_mask(f.order);
	return f;
}

static always_inline struct fpage fpage_decode(u64 raw)
{
	return fpage_decode_as(fpage_type(raw), raw);
}

/* Raw word of "everything", whatever the type. */
#define FPAGE_ALL ((u64)FPAGE_ALL_ORDER << 6)

static always_inline bool fpage_is_all(u64 raw)
{
	return (raw & 0xff0) == FPAGE_ALL;
}

static always_inline bool fpage_is_one_object(u64 raw)
{
	return (raw & 0xff0) == FPAGE_OBJ << 4;
}

/* A map item as it stands in a message. */
struct snd_item {
	u64 word0; /* hot spot, attributes and kind */
	u64 fpage;
};

/* Bits 4..7 of word 0, in place. */
static always_inline u8 item_attributes(struct snd_item i)
{
	return i.word0 & 0xf0;
}

static always_inline bool item_grants(struct snd_item i)
{
	return i.word0 & 2;
}

/* In units of the type. */
static always_inline u64 item_hot_spot(struct snd_item i, enum fpage_type type)
{
	return type == FPAGE_MEM ? i.word0 & ~0xfffULL : i.word0 >> 12;
}

struct rcv_buffer {
	u64 window;   /* raw flexpage */
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
	b->window = b->small ? (w & ~0xfffULL) | FPAGE_OBJ << 4 | 15 : br[at + 1];
	if (b->forward)
		b->task_sel = br[at + b->words - 1];
	return true;
}

/* Match send flexpage and receive window by the hot spot (4.5): where the transfer starts on both
 * sides and its order. */
static always_inline void fpage_match(struct fpage snd, struct fpage rcv, u64 hot, u64 *from,
				      u64 *to, u8 *order)
{
	*from = snd.base;
	*to = rcv.base;
	if (rcv.order >= snd.order) {
		*to += hot & order_mask(rcv.order) & ~order_mask(snd.order);
		*order = snd.order;
	} else {
		*from += hot & order_mask(snd.order) & ~order_mask(rcv.order);
		*order = rcv.order;
	}
}

#endif
