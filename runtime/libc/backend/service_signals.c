/* SPDX-License-Identifier: MIT */
/* Signals of a service: there are none but the request to cancel a thread. */
#include "backend/calls.h"
#include "backend/thread.h"

#include <errno.h>
#include <signal.h>

enum { SIGNAL_CANCEL = 33 };

long backend_rt_sigaction(long signal, long action, long old, long bytes)
{
	(void)old, (void)bytes;
	return action && signal != SIGNAL_CANCEL ? -ENOSYS : 0;
}

long backend_rt_sigprocmask(long how, long set, long old, long bytes)
{
	struct thread *self = thread_self();
	uint64_t before = self->signal_mask;

	(void)bytes;
	if (set && how == SIG_BLOCK)
		self->signal_mask |= *(const uint64_t *)set;
	else if (set && how == SIG_UNBLOCK)
		self->signal_mask &= ~*(const uint64_t *)set;
	else if (set && how == SIG_SETMASK)
		self->signal_mask = *(const uint64_t *)set;
	else if (set)
		return -EINVAL;
	if (old)
		*(uint64_t *)old = before;
	return 0;
}

/* A request to cancel ends the target's wait; the target then finds the flag by itself. */
long backend_tkill(long id, long signal)
{
	struct thread *thread;

	if (signal != SIGNAL_CANCEL)
		return -ENOSYS;
	lock_take(LOCK_WAIT);
	thread = thread_find((int)id);
	if (thread)
		wait_interrupt(thread);
	lock_free(LOCK_WAIT);
	return thread ? 0 : -ESRCH;
}
