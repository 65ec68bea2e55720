/* SPDX-License-Identifier: MIT */
/* Table of attached dataspaces of other servers. */
#include "l4re/foreign.h"

enum { FOREIGN_FREE, FOREIGN_BUSY, FOREIGN_USED, STATE_MASK = 3, GENERATION = 4 };

struct entry {
	unsigned long state; /* low bits as above; the rest counts changes */
	struct foreign_region region;
};

static struct entry table[L4RE_RM_FOREIGN_MAX];
static unsigned high_water; /* entries from here on were never used */

static unsigned long state_of(struct entry *e)
{
	return __atomic_load_n(&e->state, __ATOMIC_ACQUIRE);
}

/* Become the owner of an entry that is in the state seen. */
static bool own(struct entry *e, unsigned long seen)
{
	unsigned long busy = ((seen & ~(unsigned long)STATE_MASK) + GENERATION) | FOREIGN_BUSY;

	return __atomic_compare_exchange_n(&e->state, &seen, busy, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_RELAXED);
}

static void disown(struct entry *e, unsigned state)
{
	unsigned long busy = __atomic_load_n(&e->state, __ATOMIC_RELAXED);

	__atomic_store_n(&e->state, (busy & ~(unsigned long)STATE_MASK) | state, __ATOMIC_RELEASE);
}

/* A copy of the entry as it was in one moment, and the state of then; false: not used. */
static bool snapshot(struct entry *e, struct foreign_region *copy, unsigned long *seen)
{
	do {
		*seen = state_of(e);
		if ((*seen & STATE_MASK) != FOREIGN_USED)
			return false;
		*copy = e->region;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (__atomic_load_n(&e->state, __ATOMIC_RELAXED) != *seen);
	return true;
}

static void raise_high_water(unsigned to)
{
	unsigned old = __atomic_load_n(&high_water, __ATOMIC_RELAXED);

	while (old < to && !__atomic_compare_exchange_n(&high_water, &old, to, false,
							__ATOMIC_RELEASE, __ATOMIC_RELAXED))
		;
}

bool foreign_add(const struct foreign_region *region)
{
	for (unsigned i = 0; i < L4RE_RM_FOREIGN_MAX; i++) {
		unsigned long seen = state_of(&table[i]);

		if ((seen & STATE_MASK) != FOREIGN_FREE || !own(&table[i], seen))
			continue;
		table[i].region = *region;
		raise_high_water(i + 1);
		disown(&table[i], FOREIGN_USED);
		return true;
	}
	return false;
}

bool foreign_find(l4_addr_t addr, unsigned long size, struct foreign_region *region)
{
	unsigned n = __atomic_load_n(&high_water, __ATOMIC_ACQUIRE);
	struct foreign_region copy;
	unsigned long seen;
	bool found = false;

	for (unsigned i = 0; i < n; i++) {
		if (!snapshot(&table[i], &copy, &seen) || copy.end <= addr)
			continue;
		if (copy.start > addr && copy.start - addr >= size)
			continue;
		if (found && region->start < copy.start)
			continue;
		*region = copy;
		found = true;
	}
	return found;
}

bool foreign_take(l4_addr_t addr, struct foreign_region *region)
{
	unsigned n = __atomic_load_n(&high_water, __ATOMIC_ACQUIRE);
	unsigned long seen;

	for (unsigned i = 0; i < n; i++) {
		if (!snapshot(&table[i], region, &seen))
			continue;
		if (addr < region->start || addr >= region->end || !own(&table[i], seen))
			continue;
		disown(&table[i], FOREIGN_FREE);
		return true;
	}
	return false;
}
