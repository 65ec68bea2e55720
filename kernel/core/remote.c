/* SPDX-License-Identifier: MIT */
/* Synchronous calls on other CPUs. */
#include "core/remote.h"
#include "core/sched.h"

void remote_serve(struct cpu *own)
{
	struct remote_call *r = __atomic_load_n(&own->remote, __ATOMIC_ACQUIRE);

	if (!r)
		return;
	r->fn(own, r->arg);
	__atomic_store_n(&own->remote, NULL, __ATOMIC_RELEASE);
	__atomic_store_n(&r->done, true, __ATOMIC_RELEASE);
}

void remote_call(struct cpu *own, struct cpu *c, void (*fn)(struct cpu *own, void *arg), void *arg)
{
	struct remote_call r = { fn, arg, false };
	struct remote_call *none = NULL;

	if (c == own) {
		fn(own, arg);
		return;
	}
	while (!__atomic_compare_exchange_n(&c->remote, &none, &r, false, __ATOMIC_ACQ_REL,
					    __ATOMIC_RELAXED)) {
		none = NULL;
		remote_serve(own);
		spin_relax();
	}
	cpu_kick(own, c);
	while (!__atomic_load_n(&r.done, __ATOMIC_ACQUIRE)) {
		remote_serve(own);
		spin_relax();
	}
}
