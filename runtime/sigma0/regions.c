/* SPDX-License-Identifier: MIT */
/* Ownership of ranges: a sorted array, searched by bisection. */
#include "regions.h"

#include <l4/sys/err.h>

#define PAGE_BYTES 4096ULL

/* Places that one claim may use up: both ends of the range can split a neighbour. */
enum { CLAIM_PLACES = 2 };

void region_map_init(struct region_map *m, struct region *storage, size_t capacity)
{
	*m = (struct region_map){ .r = storage, .capacity = capacity };
}

bool region_map_short(const struct region_map *m)
{
	return m->capacity - m->count < 2 * CLAIM_PLACES;
}

struct region *region_map_move(struct region_map *m, struct region *storage, size_t capacity)
{
	struct region *old = m->r;

	for (size_t i = 0; i < m->count; i++)
		storage[i] = old[i];
	m->r = storage;
	m->capacity = capacity;
	return old;
}

/* Index of the first range that ends at or after n; m->count if there is none. */
static size_t first_reaching(const struct region_map *m, uint64_t n)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (m->r[mid].end < n)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool can_merge(const struct region *a, const struct region *b)
{
	return a->end + 1 == b->start && a->owner == b->owner && a->kind == b->kind &&
	       a->rights == b->rights;
}

/* Append b to the n ranges of out, into the last one where possible. Returns the new n. */
static size_t append(struct region *out, size_t n, const struct region *b)
{
	if (n > 0 && can_merge(&out[n - 1], b)) {
		out[n - 1].end = b->end;
		return n;
	}
	out[n] = *b;
	return n + 1;
}

/* Replace the ranges [from, to) by the n ranges of with; the caller has checked the room. */
static void splice(struct region_map *m, size_t from, size_t to, const struct region *with,
		   size_t n)
{
	size_t tail = m->count - to;

	if (from + n <= to)
		for (size_t i = 0; i < tail; i++)
			m->r[from + n + i] = m->r[to + i];
	else
		for (size_t i = tail; i-- > 0;)
			m->r[from + n + i] = m->r[to + i];
	for (size_t i = 0; i < n; i++)
		m->r[from + i] = with[i];
	m->count = from + n + tail;
}

int region_map_paint(struct region_map *m, const struct region *what)
{
	struct region out[5]; /* neighbour, rest on the left, new, rest on the right, neighbour */
	size_t n = 0, from = first_reaching(m, what->start), to = from;
	struct region rest;

	if (from > 0)
		n = append(out, n, &m->r[--from]);
	if (to < m->count && m->r[to].start < what->start) {
		rest = m->r[to];
		rest.end = what->start - 1;
		n = append(out, n, &rest);
	}
	n = append(out, n, what);
	while (to < m->count && m->r[to].end <= what->end)
		to++;
	if (to < m->count) {
		rest = m->r[to++];
		if (rest.start <= what->end)
			rest.start = what->end + 1;
		n = append(out, n, &rest);
	}
	if (m->count - (to - from) + n > m->capacity)
		return -L4_ENOMEM;
	splice(m, from, to, out, n);
	return 0;
}

/* May owner have all of [start, end]? *rights = what all of it allows. */
static bool claimable(const struct region_map *m, uint64_t start, uint64_t end, uint32_t owner,
		      uint8_t *rights)
{
	uint64_t next = start;

	*rights = REGION_RWX;
	for (size_t i = first_reaching(m, start); i < m->count; i++) {
		const struct region *r = &m->r[i];

		if (r->start > next || r->kind != REGION_RAM)
			return false;
		if (r->owner != owner && r->owner != REGION_OWNER_NONE)
			return false;
		*rights &= r->rights;
		if (r->end >= end)
			return true;
		next = r->end + 1;
	}
	return false;
}

/* Give the free parts of [start, end] to owner; claimable() has agreed and there is room. */
static void take_free_parts(struct region_map *m, uint64_t start, uint64_t end, uint32_t owner)
{
	for (uint64_t at = start;;) {
		struct region part = m->r[first_reaching(m, at)];
		uint64_t last = part.end < end ? part.end : end;

		if (part.owner == REGION_OWNER_NONE) {
			part.start = at;
			part.end = last;
			part.owner = owner;
			region_map_paint(m, &part);
		}
		if (last == end)
			return;
		at = last + 1;
	}
}

int region_map_claim(struct region_map *m, uint64_t start, uint64_t end, uint32_t owner,
		     uint8_t *rights)
{
	if (start > end || !claimable(m, start, end, owner, rights))
		return -L4_ENOMEM;
	if (m->capacity - m->count < CLAIM_PLACES)
		return -L4_ENOMEM;
	take_free_parts(m, start, end, owner);
	return 0;
}

int region_map_claim_any(struct region_map *m, unsigned order, uint32_t owner, uint64_t *start)
{
	uint64_t mask = (1ULL << order) - 1;

	for (size_t i = 0; i < m->count; i++) {
		const struct region *r = &m->r[i];
		uint64_t low = r->start < PAGE_BYTES ? PAGE_BYTES : r->start;
		uint64_t at = (low + mask) & ~mask;
		uint8_t rights;

		if (r->kind != REGION_RAM || r->owner != REGION_OWNER_NONE)
			continue;
		if (at < low || at > r->end || r->end - at < mask)
			continue;
		*start = at;
		return region_map_claim(m, at, at + mask, owner, &rights);
	}
	return -L4_ENOMEM;
}

bool region_map_is_device(const struct region_map *m, uint64_t start, uint64_t end)
{
	for (size_t i = first_reaching(m, start); i < m->count && m->r[i].start <= end; i++)
		if (m->r[i].kind != REGION_PLATFORM)
			return false;
	return true;
}
