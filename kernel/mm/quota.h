/* SPDX-License-Identifier: MIT */
/*
 * Accounting of kernel memory. Each factory has a quota; whatever a program makes the kernel
 * allocate is charged, in bytes, to the quota of the factory (or of the task created by it).
 * A quota outlives its factory until everything charged to it has been released: the factory
 * itself counts as a charge of QUOTA_ALIVE, and whoever brings the sum to 0 frees the quota.
 */
#ifndef KERNEL_QUOTA_H
#define KERNEL_QUOTA_H

#include "core/types.h"

#define QUOTA_ALIVE (1ULL << 63)

struct quota {
	u64 limit;	      /* bytes, below QUOTA_ALIVE */
	u64 charged;	      /* bytes, plus QUOTA_ALIVE while the factory exists; atomic */
	struct quota *parent; /* where limit + sizeof(struct quota) is charged; NULL for the root */
};

extern struct quota root_quota; /* unlimited */

/* Bytes charged to q at the moment. */
static inline u64 quota_used(const struct quota *q)
{
	return READ_ONCE(q->charged) & ~QUOTA_ALIVE;
}

/* Charge bytes. Returns false, with nothing changed, when the limit would be exceeded. Any CPU,
 * no lock needed. */
static always_inline bool quota_charge(struct quota *q, u64 bytes)
{
	u64 old = __atomic_load_n(&q->charged, __ATOMIC_RELAXED);

	do {
		if (unlikely(bytes > q->limit - (old & ~QUOTA_ALIVE)))
			return false;
	} while (unlikely(!__atomic_compare_exchange_n(&q->charged, &old, old + bytes, true,
						       __ATOMIC_RELAXED, __ATOMIC_RELAXED)));
	return true;
}

/* Nothing is charged to q any more and its factory is gone: free it (and its parent likewise). */
void quota_free(struct quota *q);

/* Give bytes back that were charged before. True: the caller calls quota_free. */
static always_inline bool quota_subtract(struct quota *q, u64 bytes)
{
	return __atomic_sub_fetch(&q->charged, bytes, __ATOMIC_ACQ_REL) == 0;
}

/* The same; frees q if that is due. */
static always_inline void quota_release(struct quota *q, u64 bytes)
{
	if (unlikely(quota_subtract(q, bytes)))
		quota_free(q);
}

/* Make a sub-quota of limit bytes; limit and the record are charged to parent. NULL if that fails
 * (limit 0 or too large, parent's limit, no memory). */
struct quota *quota_create(struct quota *parent, u64 limit);

/* The factory is gone: release q now if nothing is charged to it, otherwise later. */
void quota_orphan(struct quota *q);

#endif
