/* SPDX-License-Identifier: MIT */
/* Deferred freeing by quiescent states; see defer.h. */
#include "core/defer.h"
#include "core/sched.h"
#include "x86_64/context.h"

#define BATCH 8 /* calls run at once */

static void run_due(struct cpu *own)
{
	for (unsigned n = 0; own->defer_due && n < BATCH; n++) {
		struct defer *d = own->defer_due;

		own->defer_due = d->next;
		d->run(d);
	}
}

/* Ask every other CPU for a quiescent state. */
static noinline void ask_others(struct cpu *own)
{
	u64 self = 1ULL << own->number;
	u64 all = cpus_online == 64 ? ~0ULL : (1ULL << cpus_online) - 1;

	__atomic_store_n(&own->defer_missing, all & ~self, __ATOMIC_SEQ_CST);
	for (unsigned i = 0; i < cpus_online; i++) {
		if (i == own->number)
			continue;
		__atomic_fetch_or(&cpu_of(i)->quiesce_for, self, __ATOMIC_SEQ_CST);
		cpu_kick(own, cpu_of(i));
	}
}

void defer_quiescent(struct cpu *own)
{
	u64 who;

	context_unload_unused(own);
	who = __atomic_exchange_n(&own->quiesce_for, 0, __ATOMIC_SEQ_CST);

	for (; who; who &= who - 1) {
		struct cpu *c = cpu_of(bit_lowest(who));

		if (!__atomic_and_fetch(&c->defer_missing, ~(1ULL << own->number),
					__ATOMIC_SEQ_CST))
			cpu_kick(own, c);
	}
}

void defer_run(struct cpu *own)
{
	context_unload_unused(own);
	if (!own->defer_now && own->defer_next) {
		own->defer_now = own->defer_next;
		own->defer_next = NULL;
		if (cpus_online > 1)
			ask_others(own);
	}
	if (!own->defer_due && !READ_ONCE(own->defer_missing)) {
		own->defer_due = own->defer_now;
		own->defer_now = NULL;
	}
	run_due(own);
}

void defer_call(struct defer *d, void (*run)(struct defer *d))
{
	struct cpu *own = this_cpu();

	d->run = run;
	d->next = own->defer_next;
	own->defer_next = d;
}

void defer_again(struct defer *d)
{
	struct cpu *own = this_cpu();

	d->next = own->defer_due;
	own->defer_due = d;
}
