/* SPDX-License-Identifier: MIT */
/*
 * Quotas: how much memory the objects of a factory may use. `reserved` is what the factory's own
 * objects have and what its sub-factories may have; `committed` is what it and all below it have.
 * Pure: no system calls.
 */
#ifndef MOE_QUOTA_H
#define MOE_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#define QUOTA_UNLIMITED (~0UL)

struct quota {
	struct quota *parent;		     /* NULL: root */
	uint64_t limit, reserved, committed; /* bytes */
};

/* A root quota. */
void quota_init(struct quota *q, uint64_t limit);

/* Take limit bytes (more than 0) of parent for q. False if they are not left there. */
bool quota_init_sub(struct quota *q, struct quota *parent, uint64_t limit);

/* Give a sub-quota back; nothing may be charged to it. */
void quota_end_sub(struct quota *q);

/* Charge bytes. False, and nothing charged, if the limit does not allow it. */
bool quota_charge(struct quota *q, uint64_t bytes);

void quota_release(struct quota *q, uint64_t bytes);

/* Bytes that can still be charged; free = what the machine has left. */
uint64_t quota_left(const struct quota *q, uint64_t free);

#endif
