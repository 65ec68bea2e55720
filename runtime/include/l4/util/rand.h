/* SPDX-License-Identifier: MIT */
/* Pseudo-random numbers, for tests: not for secrets. One sequence for all threads. */
#ifndef L4_UTIL_RAND_H
#define L4_UTIL_RAND_H

#include <l4/sys/compiler.h>
#include <l4/sys/l4int.h>

EXTERN_C_BEGIN

/* The next number, 0..0xffff. */
L4_CV l4_uint32_t l4util_rand(void);

/* Begin the sequence of that seed. */
L4_CV void l4util_srand(l4_uint32_t seed);

EXTERN_C_END

#endif
