/* SPDX-License-Identifier: MIT */
/* Accounting of memory by factory. */
#include "quota.h"

void quota_init(struct quota *q, uint64_t limit)
{
	*q = (struct quota){ .limit = limit };
}

bool quota_init_sub(struct quota *q, struct quota *parent, uint64_t limit)
{
	if (!limit || parent->limit - parent->reserved < limit)
		return false;
	parent->reserved += limit;
	*q = (struct quota){ .parent = parent, .limit = limit };
	return true;
}

void quota_end_sub(struct quota *q)
{
	q->parent->reserved -= q->limit;
}

bool quota_charge(struct quota *q, uint64_t bytes)
{
	if (q->limit - q->reserved < bytes)
		return false;
	q->reserved += bytes;
	for (; q; q = q->parent)
		q->committed += bytes;
	return true;
}

void quota_release(struct quota *q, uint64_t bytes)
{
	q->reserved -= bytes;
	for (; q; q = q->parent)
		q->committed -= bytes;
}

uint64_t quota_left(const struct quota *q, uint64_t free)
{
	uint64_t left = q->limit - q->reserved;

	if (q->limit - q->committed < left)
		left = q->limit - q->committed;
	return left < free ? left : free;
}
