/* SPDX-License-Identifier: MIT */
/* Slots of moe's capability space. */
#include <limits.h>
#include "moe.h"

enum { FIRST = 0x40, SLOTS = 0x10000, WORD_BITS = 64 };

static unsigned long used[SLOTS / WORD_BITS];
static unsigned hint = FIRST / WORD_BITS; /* no word below has a free slot */

l4_cap_idx_t slot_alloc(void)
{
	for (unsigned i = hint; i < SLOTS / WORD_BITS; i++) {
		unsigned bit;

		hint = i;
		if (used[i] == ULONG_MAX)
			continue;
		bit = (unsigned)__builtin_ctzl(~used[i]);
		used[i] |= 1UL << bit;
		return (l4_cap_idx_t)(i * WORD_BITS + bit) << L4_CAP_SHIFT;
	}
	return L4_INVALID_CAP;
}

void slot_free(l4_cap_idx_t slot)
{
	unsigned n = (unsigned)(slot >> L4_CAP_SHIFT);

	used[n / WORD_BITS] &= ~(1UL << n % WORD_BITS);
	if (n / WORD_BITS < hint)
		hint = n / WORD_BITS;
}
