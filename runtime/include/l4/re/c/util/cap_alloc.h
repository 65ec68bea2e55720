/* SPDX-License-Identifier: MIT */
/*
 * Allocator of capability slots, from env->first_free_cap on. All functions may be called by any
 * thread at any time; none blocks for long, none allocates memory.
 */
#ifndef L4_RE_C_UTIL_CAP_ALLOC_H
#define L4_RE_C_UTIL_CAP_ALLOC_H

#include <l4/sys/compiler.h>
#include <l4/sys/types.h>

EXTERN_C_BEGIN

/* A free slot, with one reference; L4_INVALID_CAP if there is none. */
L4_CV l4_cap_idx_t l4re_util_cap_alloc(void) L4_NOTHROW;

/* Give the slot back whatever its references; what is in it stays. */
L4_CV void l4re_util_cap_free(l4_cap_idx_t cap) L4_NOTHROW;

/* Empty the slot and give it back. */
L4_CV void l4re_util_cap_free_um(l4_cap_idx_t cap) L4_NOTHROW;

/* One reference more. */
L4_CV void l4re_util_cap_take(l4_cap_idx_t cap) L4_NOTHROW;

/* One reference less; with the last one the slot is emptied and given back. 1 if it was, else 0. */
L4_CV int l4re_util_cap_release(l4_cap_idx_t cap) L4_NOTHROW;

/* The last selector that the allocator can return. */
L4_CV long l4re_util_cap_last(void) L4_NOTHROW;

EXTERN_C_END

#endif
