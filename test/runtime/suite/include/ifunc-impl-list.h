/* SPDX-License-Identifier: MIT */
/* Implementations of a function that the processor's features choose from: musl has one of each. */
#ifndef SUITE_IFUNC_IMPL_LIST_H
#define SUITE_IFUNC_IMPL_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct libc_ifunc_impl {
	const char *name;
	void (*fn)(void);
	bool usable;
};

static inline size_t __libc_ifunc_impl_list(const char *name, struct libc_ifunc_impl *list,
					    size_t max)
{
	(void)name, (void)list, (void)max;
	return 0;
}

#endif
