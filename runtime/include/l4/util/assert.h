/* SPDX-License-Identifier: MIT */
/* Assertions that stay in all builds; a wrong one ends the program. */
#ifndef L4_UTIL_ASSERT_H
#define L4_UTIL_ASSERT_H

#include <l4/sys/compiler.h>
#include <l4/sys/err.h>
#include <l4/sys/types.h>

EXTERN_C_BEGIN

/* Print what was expected and where, and end the program. */
L4_CV L4_NORETURN void l4util_assert_failed(const char *what, const char *file, int line);

EXTERN_C_END

#define ASSERT_ASSERT(x)	     ((x) ? (void)0 : l4util_assert_failed(#x, __FILE__, __LINE__))
#define ASSERT_VALID(c)		     ASSERT_ASSERT(l4_is_valid_cap(c))
#define ASSERT_EQUAL(a, b)	     ASSERT_ASSERT((a) == (b))
#define ASSERT_NOT_EQUAL(a, b)	     ASSERT_ASSERT((a) != (b))
#define ASSERT_LOWER_EQ(a, b)	     ASSERT_ASSERT((a) <= (b))
#define ASSERT_GREATER_EQ(a, b)	     ASSERT_ASSERT((a) >= (b))
#define ASSERT_BETWEEN(v, low, high) ASSERT_ASSERT((v) >= (low) && (v) <= (high))
#define ASSERT_OK(v)		     ASSERT_EQUAL(v, 0)
#define ASSERT_NOT_NULL(p)	     ASSERT_ASSERT((p) != NULL)

#endif
