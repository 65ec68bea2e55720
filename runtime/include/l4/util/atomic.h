/* SPDX-License-Identifier: MIT */
/* Atomic operations, sequentially consistent, on numbers of 8 to 64 bits. */
#ifndef L4_UTIL_ATOMIC_H
#define L4_UTIL_ATOMIC_H

#include <l4/sys/compiler.h>
#include <l4/sys/l4int.h>

/*
 * For each size: cmpxchg (1 if *dest was cmp_val and is new_val now, otherwise 0), xchg (returns
 * the old value), add, sub, and, or, inc, dec, and these with _res, which return the new value.
 */
#define L4UTIL_ATOMIC_OP(bits, op, builtin)                                                       \
	L4_INLINE void l4util_##op##bits(volatile l4_uint##bits##_t *dest, l4_uint##bits##_t val) \
	{                                                                                         \
		__atomic_##builtin##_fetch(dest, val, __ATOMIC_SEQ_CST);                          \
	}                                                                                         \
	L4_INLINE l4_uint##bits##_t l4util_##op##bits##_res(volatile l4_uint##bits##_t *dest,     \
							    l4_uint##bits##_t val)                \
	{                                                                                         \
		return __atomic_##builtin##_fetch(dest, val, __ATOMIC_SEQ_CST);                   \
	}

#define L4UTIL_ATOMIC_STEP(bits, op, builtin)                                                 \
	L4_INLINE void l4util_##op##bits(volatile l4_uint##bits##_t *dest)                    \
	{                                                                                     \
		__atomic_##builtin##_fetch(dest, 1, __ATOMIC_SEQ_CST);                        \
	}                                                                                     \
	L4_INLINE l4_uint##bits##_t l4util_##op##bits##_res(volatile l4_uint##bits##_t *dest) \
	{                                                                                     \
		return __atomic_##builtin##_fetch(dest, 1, __ATOMIC_SEQ_CST);                 \
	}

#define L4UTIL_ATOMIC(bits)                                                                      \
	L4_INLINE int l4util_cmpxchg##bits(volatile l4_uint##bits##_t *dest,                     \
					   l4_uint##bits##_t cmp_val, l4_uint##bits##_t new_val) \
	{                                                                                        \
		return __atomic_compare_exchange_n(dest, &cmp_val, new_val, 0, __ATOMIC_SEQ_CST, \
						   __ATOMIC_SEQ_CST);                            \
	}                                                                                        \
	L4_INLINE l4_uint##bits##_t l4util_xchg##bits(volatile l4_uint##bits##_t *dest,          \
						      l4_uint##bits##_t val)                     \
	{                                                                                        \
		return __atomic_exchange_n(dest, val, __ATOMIC_SEQ_CST);                         \
	}                                                                                        \
	L4UTIL_ATOMIC_OP(bits, add, add)                                                         \
	L4UTIL_ATOMIC_OP(bits, sub, sub)                                                         \
	L4UTIL_ATOMIC_OP(bits, and, and)                                                         \
	L4UTIL_ATOMIC_OP(bits, or, or)                                                           \
	L4UTIL_ATOMIC_STEP(bits, inc, add)                                                       \
	L4UTIL_ATOMIC_STEP(bits, dec, sub)

L4UTIL_ATOMIC(8)
L4UTIL_ATOMIC(16)
L4UTIL_ATOMIC(32)
L4UTIL_ATOMIC(64)

#undef L4UTIL_ATOMIC
#undef L4UTIL_ATOMIC_OP
#undef L4UTIL_ATOMIC_STEP

/* 1 if *dest was cmp_val and is new_val now, otherwise 0. */
L4_INLINE int l4util_cmpxchg(volatile l4_umword_t *dest, l4_umword_t cmp_val, l4_umword_t new_val)
{
	return __atomic_compare_exchange_n(dest, &cmp_val, new_val, 0, __ATOMIC_SEQ_CST,
					   __ATOMIC_SEQ_CST);
}

/* Exchange; returns the old value. */
L4_INLINE l4_umword_t l4util_xchg(volatile l4_umword_t *dest, l4_umword_t val)
{
	return __atomic_exchange_n(dest, val, __ATOMIC_SEQ_CST);
}

/* Decrement; returns the new value. */
L4_INLINE l4_umword_t l4util_dec_res(volatile l4_umword_t *dest)
{
	return __atomic_sub_fetch(dest, 1, __ATOMIC_SEQ_CST);
}

/* Add. */
L4_INLINE void l4util_atomic_add(volatile long *dest, long val)
{
	__atomic_add_fetch(dest, val, __ATOMIC_SEQ_CST);
}

/* Increment. */
L4_INLINE void l4util_atomic_inc(volatile long *dest)
{
	__atomic_add_fetch(dest, 1, __ATOMIC_SEQ_CST);
}

#endif
