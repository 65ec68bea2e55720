/* SPDX-License-Identifier: MIT */
/* Pseudo-random numbers by the linear congruence that the C standard shows for rand(). */
#include <l4/util/rand.h>

static l4_uint32_t state = 1;

l4_uint32_t l4util_rand(void)
{
	l4_uint32_t old = __atomic_load_n(&state, __ATOMIC_RELAXED), new;

	do {
		new = old * 1103515245 + 12345;
	} while (
	    !__atomic_compare_exchange_n(&state, &old, new, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return new >> 16;
}

void l4util_srand(l4_uint32_t seed)
{
	__atomic_store_n(&state, seed, __ATOMIC_RELAXED);
}
