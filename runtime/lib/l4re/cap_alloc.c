/* SPDX-License-Identifier: MIT */
/*
 * Allocator of capability slots: a reference count for each slot, changed by atomic operations
 * alone, so that no thread can hold up another. A count of BUSY keeps a slot while its last owner
 * empties it.
 */
#include <stdbool.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/env.h>
#include <l4/sys/task.h>

enum { SLOTS = 16384, FREE = 0, BUSY = 0xffff, MAX_REFERENCES = 0xfffe };

static l4_uint16_t references[SLOTS];
static unsigned first_guess; /* most slots below are taken */

/* Index of a slot of the pool, or SLOTS for any other. */
static unsigned index_of(l4_cap_idx_t cap)
{
	l4_umword_t slot = cap >> L4_CAP_SHIFT, first = l4re_env()->first_free_cap;

	if (!l4_is_valid_cap(cap) || slot < first || slot - first >= SLOTS)
		return SLOTS;
	return (unsigned)(slot - first);
}

static bool change(unsigned i, l4_uint16_t from, l4_uint16_t to)
{
	return __atomic_compare_exchange_n(&references[i], &from, to, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_RELAXED);
}

static l4_uint16_t count_of(unsigned i)
{
	return __atomic_load_n(&references[i], __ATOMIC_ACQUIRE);
}

/* Take the first free slot of [from, to); false if there is none. */
static bool take_free(unsigned from, unsigned to, unsigned *found)
{
	for (unsigned i = from; i < to; i++) {
		if (count_of(i) == FREE && change(i, FREE, 1)) {
			*found = i;
			return true;
		}
	}
	return false;
}

l4_cap_idx_t l4re_util_cap_alloc(void)
{
	unsigned guess = __atomic_load_n(&first_guess, __ATOMIC_RELAXED), i;

	if (!take_free(guess, SLOTS, &i) && !take_free(0, guess, &i))
		return L4_INVALID_CAP;
	__atomic_store_n(&first_guess, i + 1, __ATOMIC_RELAXED);
	return (l4re_env()->first_free_cap + i) << L4_CAP_SHIFT;
}

/* Only a guess: a wrong one costs a search from the start. */
static void give_back(unsigned i)
{
	__atomic_store_n(&references[i], FREE, __ATOMIC_RELEASE);
	if (i < __atomic_load_n(&first_guess, __ATOMIC_RELAXED))
		__atomic_store_n(&first_guess, i, __ATOMIC_RELAXED);
}

void l4re_util_cap_free(l4_cap_idx_t cap)
{
	unsigned i = index_of(cap);

	if (i < SLOTS)
		give_back(i);
}

void l4re_util_cap_free_um(l4_cap_idx_t cap)
{
	if (!l4_is_valid_cap(cap))
		return;
	l4_task_release_cap(L4RE_THIS_TASK_CAP, cap & L4_CAP_MASK);
	l4re_util_cap_free(cap);
}

void l4re_util_cap_take(l4_cap_idx_t cap)
{
	unsigned i = index_of(cap);
	l4_uint16_t n;

	if (i == SLOTS)
		return;
	do {
		n = count_of(i);
	} while (n != FREE && n < MAX_REFERENCES && !change(i, n, (l4_uint16_t)(n + 1)));
}

int l4re_util_cap_release(l4_cap_idx_t cap)
{
	unsigned i = index_of(cap);
	l4_uint16_t n, next;

	if (i == SLOTS)
		return 0;
	do {
		n = count_of(i);
		if (n == FREE || n >= MAX_REFERENCES)
			return 0;
		next = n == 1 ? BUSY : (l4_uint16_t)(n - 1);
	} while (!change(i, n, next));
	if (next != BUSY)
		return 0;
	l4_task_release_cap(L4RE_THIS_TASK_CAP, cap & L4_CAP_MASK);
	give_back(i);
	return 1;
}

long l4re_util_cap_last(void)
{
	return (long)((l4re_env()->first_free_cap + SLOTS - 1) << L4_CAP_SHIFT);
}
