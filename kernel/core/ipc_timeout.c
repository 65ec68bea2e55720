/* SPDX-License-Identifier: MIT */
/*
 * The end of an IPC whose time is over. The timeout stays in the heap until the IPC is aborted
 * under the same locks: if it were taken out first, another CPU could finish the send phase in
 * between, and the receive phase, perhaps without a limit, would be aborted in its place.
 */
#include "core/ipc_internal.h"
#include "core/sched.h"

static bool is_due(const struct timeout *to)
{
	return heap_contains(&to->node) && to->node.key <= rdtsc();
}

/* Own lock and that of the receiver in whose queue t stands held. True if t was blocked. */
static bool time_out(struct thread *t)
{
	switch (t->state) {
	case THREAD_RECV:
		ipc_fail(t, IPC_TIMEOUT | IPC_RECV_PHASE);
		return true;
	case THREAD_SEND:
		sender_dequeue(&t->sender);
		ipc_fail(t, IPC_TIMEOUT);
		return true;
	case THREAD_GATE:
	case THREAD_SEM:
		return wait_abort(t, IPC_TIMEOUT); /* false: who woke it will make it ready */
	default:
		return false;
	}
}

void ipc_timeout(struct cpu *own, struct thread *t)
{
	struct thread *r = t->sender.receiver;
	struct cpu *rc = r ? READ_ONCE(r->cpu) : own;

	if (rc != own) {
		spin_unlock(&own->lock);
		cpu_lock_pair(own, rc);
	}
	if (rc == own ||
	    (t->cpu == own && is_due(&t->timeout) && t->sender.receiver == r && r->cpu == rc)) {
		timeout_clear(own, &t->timeout);
		if (time_out(t))
			sched_wake(own, own, t);
	}
	cpu_unlock_pair(own, rc);
}
