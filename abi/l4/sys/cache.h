/* SPDX-License-Identifier: MIT */
/* Cache maintenance: amd64 keeps caches and DMA coherent, so nothing is to be done. */
#ifndef L4_SYS_CACHE_H
#define L4_SYS_CACHE_H

#include <l4/sys/compiler.h>

/* Write back the range [start, end) of user addresses; returns 0. */
L4_INLINE int l4_cache_clean_data(unsigned long start, unsigned long end) L4_NOTHROW
{
	(void)start;
	(void)end;
	return 0;
}

/* Write back and invalidate the range [start, end); returns 0. */
L4_INLINE int l4_cache_flush_data(unsigned long start, unsigned long end) L4_NOTHROW
{
	return l4_cache_clean_data(start, end);
}

/* Invalidate the range [start, end); returns 0. */
L4_INLINE int l4_cache_inv_data(unsigned long start, unsigned long end) L4_NOTHROW
{
	return l4_cache_clean_data(start, end);
}

/* Make instruction fetches see stores to [start, end); returns 0. */
L4_INLINE int l4_cache_coherent(unsigned long start, unsigned long end) L4_NOTHROW
{
	return l4_cache_clean_data(start, end);
}

/* Make devices and CPU see the same in [start, end); returns 0. */
L4_INLINE int l4_cache_dma_coherent(unsigned long start, unsigned long end) L4_NOTHROW
{
	return l4_cache_clean_data(start, end);
}

/* The same for all memory; returns 0. */
L4_INLINE int l4_cache_dma_coherent_full(void) L4_NOTHROW
{
	return 0;
}

#endif
