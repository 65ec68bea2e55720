/* SPDX-License-Identifier: MIT */
/* Allocation of memory as dataspaces. To free one: l4re_util_cap_free_um(). */
#ifndef L4_RE_C_MEM_ALLOC_H
#define L4_RE_C_MEM_ALLOC_H

#include <l4/re/c/dataspace.h>
#include <l4/re/env.h>

EXTERN_C_BEGIN

enum l4re_ma_flags {
	L4RE_MA_CONTINUOUS = 1, /* physically contiguous, allocated and cleared at once */
	L4RE_MA_PINNED = 2,	/* never moved */
	L4RE_MA_SUPER_PAGES = 4 /* aligned for superpages */
};

/*
 * Make a dataspace of size bytes with flags of l4re_ma_flags; its capability goes to the slot mem.
 * A negative size with L4RE_MA_CONTINUOUS leaves that many bytes of the quota. align: log2 bytes of
 * the physical alignment, 0 for any. 0, -L4_ENOMEM, -L4_ERANGE.
 */
L4_CV long l4re_ma_alloc_align_srv(l4_cap_idx_t srv, long size, l4re_ds_t const mem,
				   unsigned long flags, unsigned long align) L4_NOTHROW;

/* l4re_ma_alloc_align_srv() with the program's own allocator. */
L4_INLINE long l4re_ma_alloc_align(long size, l4re_ds_t const mem, unsigned long flags,
				   unsigned long align) L4_NOTHROW
{
	return l4re_ma_alloc_align_srv(l4re_env()->mem_alloc, size, mem, flags, align);
}

/* The same with any alignment. */
L4_INLINE long l4re_ma_alloc(long size, l4re_ds_t const mem, unsigned long flags) L4_NOTHROW
{
	return l4re_ma_alloc_align(size, mem, flags, 0);
}

/*
 * Old name: give this program's capability to the dataspace up, and the memory with it if nobody
 * else has one. The slot stays the caller's. 0.
 */
L4_CV long l4re_ma_free_srv(l4_cap_idx_t srv, l4re_ds_t const mem) L4_NOTHROW;

/* l4re_ma_free_srv() with the program's own allocator. */
L4_INLINE long l4re_ma_free(l4re_ds_t const mem) L4_NOTHROW
{
	return l4re_ma_free_srv(l4re_env()->mem_alloc, mem);
}

EXTERN_C_END

#endif
