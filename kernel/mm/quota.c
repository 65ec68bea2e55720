/* SPDX-License-Identifier: MIT */
/* Making and freeing quotas; charging is inline in quota.h. */
#include "mm/quota.h"
#include "mm/kmem.h"

struct quota root_quota = { .limit = QUOTA_ALIVE - 1, .charged = QUOTA_ALIVE };

static SLAB_CACHE(quota_cache, sizeof(struct quota), 16);

struct quota *quota_create(struct quota *parent, u64 limit)
{
	struct quota *q;

	if (limit == 0 || limit >= QUOTA_ALIVE || !quota_charge(parent, limit))
		return NULL;
	q = slab_alloc(&quota_cache, parent);
	if (!q) {
		quota_release(parent, limit);
		return NULL;
	}
	*q = (struct quota){ .limit = limit, .charged = QUOTA_ALIVE, .parent = parent };
	return q;
}

/* The record's own charge goes back last, as it may free the parent: then the parent is next. */
void quota_free(struct quota *q)
{
	while (q->parent) {
		struct quota *parent = q->parent;
		u64 bytes = q->limit + quota_cache.size;

		slab_free_uncharged(&quota_cache, q);
		if (__atomic_sub_fetch(&parent->charged, bytes, __ATOMIC_ACQ_REL) != 0)
			return;
		q = parent;
	}
}

void quota_orphan(struct quota *q)
{
	quota_release(q, QUOTA_ALIVE);
}
