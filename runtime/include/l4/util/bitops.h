/* SPDX-License-Identifier: MIT */
/* Bits: atomic changes in arrays of machine words, searches, powers of two. */
#ifndef L4_UTIL_BITOPS_H
#define L4_UTIL_BITOPS_H

#include <l4/sys/compiler.h>
#include <l4/sys/consts.h>
#include <l4/sys/l4int.h>

#define l4util_test_and_clear_bit(b, dest)  l4util_btr(b, dest)
#define l4util_test_and_set_bit(b, dest)    l4util_bts(b, dest)
#define l4util_test_and_change_bit(b, dest) l4util_btc(b, dest)
#define l4util_log2(word)		    l4util_bsr(word)

/* The word of bit b. */
L4_INLINE volatile l4_umword_t *l4util_bit_word(int b, volatile l4_umword_t *dest)
{
	return dest + (unsigned)b / L4_MWORD_BITS;
}

/* The bit in its word. */
L4_INLINE l4_umword_t l4util_bit_mask(int b)
{
	return 1UL << ((unsigned)b % L4_MWORD_BITS);
}

/* Set bit b; returns its old value. Atomic. */
L4_INLINE int l4util_bts(int b, volatile l4_umword_t *dest)
{
	l4_umword_t mask = l4util_bit_mask(b);

	return !!(__atomic_fetch_or(l4util_bit_word(b, dest), mask, __ATOMIC_SEQ_CST) & mask);
}

/* Clear bit b; returns its old value. Atomic. */
L4_INLINE int l4util_btr(int b, volatile l4_umword_t *dest)
{
	l4_umword_t mask = l4util_bit_mask(b);

	return !!(__atomic_fetch_and(l4util_bit_word(b, dest), ~mask, __ATOMIC_SEQ_CST) & mask);
}

/* Invert bit b; returns its old value. Atomic. */
L4_INLINE int l4util_btc(int b, volatile l4_umword_t *dest)
{
	l4_umword_t mask = l4util_bit_mask(b);

	return !!(__atomic_fetch_xor(l4util_bit_word(b, dest), mask, __ATOMIC_SEQ_CST) & mask);
}

/* Set bit b. Atomic. */
L4_INLINE void l4util_set_bit(int b, volatile l4_umword_t *dest)
{
	l4util_bts(b, dest);
}

/* Clear bit b. Atomic. */
L4_INLINE void l4util_clear_bit(int b, volatile l4_umword_t *dest)
{
	l4util_btr(b, dest);
}

/* Invert bit b. Atomic. */
L4_INLINE void l4util_complement_bit(int b, volatile l4_umword_t *dest)
{
	l4util_btc(b, dest);
}

/* Value of bit b. */
L4_INLINE int l4util_test_bit(int b, const volatile l4_umword_t *dest)
{
	return !!(dest[(unsigned)b / L4_MWORD_BITS] & l4util_bit_mask(b));
}

/* Number of the highest bit that is set; -1 for 0. */
L4_INLINE int l4util_bsr(l4_umword_t word)
{
	return word ? (int)L4_MWORD_BITS - 1 - __builtin_clzl(word) : -1;
}

/* Number of the lowest bit that is set; -1 for 0. */
L4_INLINE int l4util_bsf(l4_umword_t word)
{
	return word ? __builtin_ctzl(word) : -1;
}

/* First bit of value `set` in words, an array of size bits; size or more if there is none. */
L4_INLINE int l4util_find_bit(const l4_umword_t *words, l4_size_t size, int set)
{
	l4_size_t at;

	for (at = 0; at < size; at += L4_MWORD_BITS) {
		l4_umword_t w = words[at / L4_MWORD_BITS];
		int bit = l4util_bsf(set ? w : ~w);

		if (bit >= 0)
			return (int)at + bit;
	}
	return (int)size;
}

/* First bit that is set among size bits (whole words); size or more if there is none. */
L4_INLINE int l4util_find_first_set_bit(const void *dest, l4_size_t size)
{
	return l4util_find_bit((const l4_umword_t *)dest, size, 1);
}

/* First bit that is clear among size bits (whole words); size or more if there is none. */
L4_INLINE int l4util_find_first_zero_bit(const void *dest, l4_size_t size)
{
	return l4util_find_bit((const l4_umword_t *)dest, size, 0);
}

/* Smallest power of two that is at least val; 1 for 0. */
L4_INLINE int l4util_next_power2(unsigned long val)
{
	return val <= 1 ? 1 : (int)(1UL << (l4util_bsr(val - 1) + 1));
}

#endif
