/* SPDX-License-Identifier: MIT */
/* Splitting of address ranges into aligned powers of two. */
#ifndef L4_UTIL_SPLITLOG2_H
#define L4_UTIL_SPLITLOG2_H

#include <l4/sys/compiler.h>
#include <l4/sys/err.h>
#include <l4/util/bitops.h>

/* log2 of the largest aligned piece at start within [start, end], end inclusive. */
L4_INLINE l4_addr_t l4util_splitlog2_size(l4_addr_t start, l4_addr_t end)
{
	int alignment = l4util_bsf(start);
	int size = end - start == ~0UL ? (int)L4_MWORD_BITS - 1 : l4util_bsr(end - start + 1);

	return (l4_addr_t)(alignment >= 0 && alignment < size ? alignment : size);
}

/*
 * Call handler for each piece of [start, end], all ends inclusive. A result that is not 0 ends the
 * loop and is returned; otherwise 0. -L4_EINVAL if end is below start.
 */
L4_INLINE long l4util_splitlog2_hdl(l4_addr_t start, l4_addr_t end,
				    long (*handler)(l4_addr_t s, l4_addr_t e, int log2size))
{
	l4_addr_t last;
	long result;

	if (end < start)
		return -L4_EINVAL;
	for (;; start = last + 1) {
		int order = (int)l4util_splitlog2_size(start, end);

		last = start + ((1UL << order) - 1);
		result = handler(start, last, order);
		if (result || last == end)
			return result;
	}
}

#endif
