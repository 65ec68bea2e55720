/* SPDX-License-Identifier: MIT */
/* System calls about signals: actions, masks, sending, waiting. */
#include "backend/calls.h"
#include "backend/clock.h"
#include "backend/signal_state.h"
#include "backend/signals.h"
#include "backend/thread.h"

#include <errno.h>
#include <stddef.h>

long backend_tkill(long id, long signal)
{
	return signal_send((int)id, (int)signal);
}

long backend_tgkill(long process, long id, long signal)
{
	return process == backend_getpid() ? signal_send((int)id, (int)signal) : -ESRCH;
}

long backend_kill(long process, long signal)
{
	if (process != backend_getpid() && process != 0 && process != -1)
		return -ESRCH;
	return signal_send_any((int)signal);
}

static bool is_for_fault(long signal)
{
	const uint64_t set = signal_bit(SIGILL) | signal_bit(SIGTRAP) | signal_bit(SIGBUS) |
			     signal_bit(SIGFPE) | signal_bit(SIGSEGV);

	return set & signal_bit((int)signal);
}

static bool has_handler(const struct signal_action *action)
{
	return action->handler != SIG_DFL && action->handler != SIG_IGN;
}

/* What is pending and would do nothing from now on is gone. With LOCK_WAIT. */
static void forget_ignored(int signal)
{
	struct thread *self = thread_self();
	struct signal_taken taken;

	while (signal_is_ignored(signal) && signal_take(self, signal_bit(signal), &taken))
		;
}

long backend_rt_sigaction(long signal, long new, long old, long bytes)
{
	struct signal_action *action;
	long error = 0;

	if (signal < 1 || signal > SIGNALS || bytes != sizeof(uint64_t))
		return -EINVAL;
	if (new && (signal == SIGKILL || signal == SIGSTOP))
		return -EINVAL;
	if (new &&is_for_fault(signal) && has_handler((const struct signal_action *)new))
		error = exceptions_start();
	if (error)
		return error;
	action = &signal_actions[signal];
	lock_take(LOCK_WAIT);
	if (old)
		*(struct signal_action *)old = *action;
	if (new) {
		*action = *(const struct signal_action *)new;
		forget_ignored((int)signal);
	}
	lock_free(LOCK_WAIT);
	return 0;
}

long backend_rt_sigprocmask(long how, long set, long old, long bytes)
{
	uint64_t before = thread_self()->signal_mask, mask = before;

	if (bytes != sizeof(uint64_t))
		return -EINVAL;
	if (set && how == SIG_BLOCK)
		mask |= *(const uint64_t *)set;
	else if (set && how == SIG_UNBLOCK)
		mask &= ~*(const uint64_t *)set;
	else if (set && how == SIG_SETMASK)
		mask = *(const uint64_t *)set;
	else if (set)
		return -EINVAL;
	if (old)
		*(uint64_t *)old = before;
	if (mask != before)
		signal_mask_replace(mask);
	return 0;
}

long backend_rt_sigpending(long set, long bytes)
{
	struct thread *self = thread_self();

	if (bytes != sizeof(uint64_t))
		return -EINVAL;
	lock_take(LOCK_WAIT);
	*(uint64_t *)set = (self->signal_pending | signal_shared_pending) & self->signal_mask;
	lock_free(LOCK_WAIT);
	return 0;
}

/* Sleep until a signal comes that the mask lets through. */
static long suspend(const uint64_t *mask)
{
	static const char nobody_wakes;
	struct thread *self = thread_self();
	uint64_t before;
	long result = -EINTR;

	lock_take(LOCK_WAIT);
	before = self->signal_mask;
	self->signal_mask = mask ? *mask : before;
	while (!((self->signal_pending | signal_shared_pending) & ~self->signal_mask))
		result = wait_on(&nobody_wakes, ANY_BITS, WAIT_NO_DEADLINE);
	lock_free(LOCK_WAIT);
	signals_deliver();
	signal_mask_replace(before);
	return result;
}

long backend_rt_sigsuspend(long mask, long bytes)
{
	return bytes == sizeof(uint64_t) ? suspend((const uint64_t *)mask) : -EINVAL;
}

long backend_pause(void)
{
	return suspend(NULL);
}

static long wait_for(uint64_t set, uint64_t deadline, siginfo_t *info)
{
	struct thread *self = thread_self();
	struct signal_taken taken;
	long result = 0;
	bool found;

	lock_take(LOCK_WAIT);
	for (;;) {
		found = signal_take(self, set, &taken);
		if (found || result)
			break;
		result = wait_on(&self->signal_pending, ANY_BITS, deadline);
	}
	lock_free(LOCK_WAIT);
	if (found && info)
		*info = taken.info;
	if (found)
		return taken.signal;
	signals_run(result);
	return result == -ETIMEDOUT ? -EAGAIN : result;
}

long backend_rt_sigtimedwait(long set, long info, long time, long bytes)
{
	uint64_t deadline;
	long error = clock_deadline_after((const struct timespec *)time, &deadline);

	if (error || bytes != sizeof(uint64_t))
		return -EINVAL;
	return wait_for(*(const uint64_t *)set, deadline, (siginfo_t *)info);
}
