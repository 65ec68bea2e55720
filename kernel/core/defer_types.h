/* SPDX-License-Identifier: MIT */
/* Record of a deferred call; see core/defer.h. */
#ifndef KERNEL_DEFER_TYPES_H
#define KERNEL_DEFER_TYPES_H

struct defer {
	struct defer *next;
	void (*run)(struct defer *d);
};

#endif
