/* SPDX-License-Identifier: MIT */
/* Drops that are collected and told together. */
#include "shim/drops.h"
#include "shim/lock.h"
#include "shim/offers.h"

static void tell(struct vcpu *v, unsigned base, const struct drop_range *ranges, unsigned count)
{
	host_drop(v, base, ranges, ranges[0].bytes ? count : 0);
}

void drops_send(struct vcpu *v)
{
	struct drops *d = &v->machine->drops;

	if (!d->count)
		return;
	tell(v, d->base, d->ranges, d->count);
	__atomic_store_n(&d->count, 0, __ATOMIC_SEQ_CST);
}

/* Nothing needs to be added to "everything", which is the only one in the queue then. */
void drops_add(struct vcpu *v, unsigned base, uint64_t start, uint64_t bytes)
{
	struct drops *d = &v->machine->drops;
	bool all = d->count && d->base == base && !d->ranges[0].bytes;
	unsigned count;

	if (base != TRACK_KERNEL)
		offers_withdraw(v->machine);
	if (all)
		return;
	if (d->base != base || (bytes && d->count == DROPS_MAX))
		drops_send(v);
	count = bytes ? d->count : 0;
	d->base = base;
	d->ranges[count] = (struct drop_range){ start, bytes };
	__atomic_store_n(&d->count, count + 1, __ATOMIC_SEQ_CST);
}

/* They are on their way before the queue is seen to be empty. */
static unsigned take(struct vcpu *v, unsigned *base, struct drop_range *ranges)
{
	struct drops *d = &v->machine->drops;
	unsigned count;

	lock_take(v, &v->machine->lock);
	count = d->count;
	*base = d->base;
	for (unsigned i = 0; i < count; i++)
		ranges[i] = d->ranges[i];
	__atomic_fetch_add(&v->telling, 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&d->count, 0, __ATOMIC_SEQ_CST);
	lock_drop(&v->machine->lock);
	return count;
}

/* What another vCPU takes from now on was added too late to matter. */
static void wait_for(struct vcpu *v, const struct vcpu *other)
{
	uint32_t telling = __atomic_load_n(&other->telling, __ATOMIC_SEQ_CST);
	unsigned spins = 0;

	while (telling & 1 && __atomic_load_n(&other->telling, __ATOMIC_SEQ_CST) == telling)
		lock_pause(v, &spins);
}

static void wait_for_others(struct vcpu *v)
{
	const struct machine *m = v->machine;

	for (unsigned i = 0; i < m->vcpus; i++)
		if (m->vcpu[i] != v)
			wait_for(v, m->vcpu[i]);
}

void drops_finish(struct vcpu *v)
{
	drops_send(v);
	wait_for_others(v);
}

static __attribute__((noinline)) void settle_together(struct vcpu *v)
{
	struct drop_range ranges[DROPS_MAX];
	unsigned base, count;

	if (__atomic_load_n(&v->machine->drops.count, __ATOMIC_SEQ_CST)) {
		count = take(v, &base, ranges);
		if (count)
			tell(v, base, ranges, count);
		__atomic_fetch_add(&v->telling, 1, __ATOMIC_SEQ_CST);
	}
	wait_for_others(v);
}

void drops_settle(struct vcpu *v)
{
	if (v->machine->vcpus > 1)
		settle_together(v);
	else
		drops_send(v);
}
