/* SPDX-License-Identifier: MIT */
/*
 * Signals within the program. A thread runs handlers itself, at the end of a call that was
 * interrupted, of one that sends a signal to itself, or of one that changes its mask. A signal for
 * another thread ends that thread's wait; if it computes, it gets the signal at its next such call.
 */
#include "backend/calls.h"
#include "backend/clock.h"
#include "backend/platform.h"
#include "backend/signals.h"
#include "backend/thread.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <ucontext.h>

enum { SIGNALS = 64, EXIT_OF_SIGNAL = 128, INTERNAL_FIRST = 32, INTERNAL_LAST = 34 };

/* As musl passes it. */
struct action {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

static struct action actions[SIGNALS + 1]; /* with LOCK_WAIT */
static uint64_t shared_pending;		   /* for any thread; with LOCK_WAIT */

static uint64_t bit(int signal)
{
	return 1ULL << (signal - 1);
}

static bool by_default_nothing(int signal)
{
	const uint64_t set = bit(SIGCHLD) | bit(SIGURG) | bit(SIGWINCH) | bit(SIGCONT) |
			     bit(SIGSTOP) | bit(SIGTSTP) | bit(SIGTTIN) | bit(SIGTTOU);

	return set & bit(signal) || (signal >= INTERNAL_FIRST && signal <= INTERNAL_LAST);
}

static bool is_ignored(int signal)
{
	void (*handler)(int) = actions[signal].handler;

	return handler == SIG_IGN || (handler == SIG_DFL && by_default_nothing(signal));
}

static uint64_t pending_of(const struct thread *thread)
{
	return (thread->signal_pending | shared_pending) & ~thread->signal_mask;
}

/* Take one signal that can be handled now; 0 if there is none. With LOCK_WAIT. */
static int take_one(struct thread *self, uint64_t set, struct action *action)
{
	uint64_t pending = (self->signal_pending | shared_pending) & set;
	int signal = pending ? __builtin_ctzll(pending) + 1 : 0;

	if (!signal)
		return 0;
	if (self->signal_pending & bit(signal))
		self->signal_pending &= ~bit(signal);
	else
		shared_pending &= ~bit(signal);
	*action = actions[signal];
	if (actions[signal].flags & SA_RESETHAND)
		actions[signal].handler = SIG_DFL;
	return signal;
}

static void call_handler(struct thread *self, int signal, const struct action *action)
{
	siginfo_t info = { .si_signo = signal, .si_code = SI_TKILL };
	ucontext_t context;
	uint64_t before = self->signal_mask;

	memset(&context, 0, sizeof(context));
	memcpy(&context.uc_sigmask, &before, sizeof(before));
	self->signal_mask |= action->mask | (action->flags & SA_NODEFER ? 0 : bit(signal));
	if (action->flags & SA_SIGINFO)
		((void (*)(int, siginfo_t *, void *))(void *)action->handler)(signal, &info,
									      &context);
	else
		action->handler(signal);
	memcpy(&before, &context.uc_sigmask, sizeof(before));
	self->signal_mask = before;
}

/* Run handlers until nothing is pending. Returns how many ran; *restart: all wish a restart. */
static unsigned run_pending(bool *restart)
{
	struct thread *self = thread_self();
	struct action action;
	unsigned count = 0;
	int saved_errno = errno;

	*restart = true;
	for (;;) {
		lock_take(LOCK_WAIT);
		int signal = take_one(self, ~self->signal_mask, &action);
		bool ignored = signal && is_ignored(signal);
		if (!signal)
			self->interrupted = false;
		lock_free(LOCK_WAIT);
		if (!signal)
			break;
		if (action.handler == SIG_DFL && !ignored)
			platform_exit(EXIT_OF_SIGNAL + signal);
		if (action.handler == SIG_DFL || action.handler == SIG_IGN)
			continue;
		*restart &= (action.flags & SA_RESTART) != 0;
		call_handler(self, signal, &action);
		count++;
	}
	errno = saved_errno;
	return count;
}

bool signals_run(long result)
{
	bool restart;

	return result == -EINTR && run_pending(&restart) && restart;
}

uint64_t signal_mask_set(const uint64_t *mask)
{
	const uint64_t never = bit(SIGKILL) | bit(SIGSTOP);
	struct thread *self = thread_self();
	uint64_t before = self->signal_mask, pending;
	bool restart;

	if (!mask)
		return before;
	lock_take(LOCK_WAIT);
	self->signal_mask = *mask & ~never;
	pending = pending_of(self);
	lock_free(LOCK_WAIT);
	if (pending)
		run_pending(&restart);
	return before;
}

/* With LOCK_WAIT. */
static void make_pending(struct thread *thread, int signal)
{
	if (is_ignored(signal))
		return;
	thread->signal_pending |= bit(signal);
	if (thread->signal_mask & bit(signal))
		wake_up(&thread->signal_pending, ANY_BITS, 1);
	else if (thread != thread_self())
		wait_interrupt(thread);
}

long signal_send(int id, int signal)
{
	struct thread *thread;
	bool restart;

	if (signal < 0 || signal > SIGNALS)
		return -EINVAL;
	lock_take(LOCK_WAIT);
	thread = thread_find(id);
	if (thread && signal)
		make_pending(thread, signal);
	lock_free(LOCK_WAIT);
	if (thread == thread_self())
		run_pending(&restart);
	return thread ? 0 : -ESRCH;
}

/* The calling thread takes it if it does not mask it, otherwise the first that does not. */
long signal_send_any(int signal)
{
	struct thread *self = thread_self(), *target;
	bool restart;

	if (signal < 0 || signal > SIGNALS)
		return -EINVAL;
	if (!signal)
		return 0;
	lock_take(LOCK_WAIT);
	target = self->signal_mask & bit(signal) ? thread_unmasked(bit(signal)) : self;
	if (target)
		make_pending(target, signal);
	else if (!is_ignored(signal))
		shared_pending |= bit(signal);
	lock_free(LOCK_WAIT);
	if (target == self)
		run_pending(&restart);
	return 0;
}

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

long backend_rt_sigaction(long signal, long new, long old, long bytes)
{
	struct action *action;

	if (signal < 1 || signal > SIGNALS || bytes != sizeof(uint64_t))
		return -EINVAL;
	if (new && (signal == SIGKILL || signal == SIGSTOP))
		return -EINVAL;
	action = &actions[signal];
	lock_take(LOCK_WAIT);
	if (old)
		*(struct action *)old = *action;
	if (new)
		*action = *(const struct action *)new;
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
		signal_mask_set(&mask);
	return 0;
}

long backend_rt_sigpending(long set, long bytes)
{
	struct thread *self = thread_self();

	if (bytes != sizeof(uint64_t))
		return -EINVAL;
	lock_take(LOCK_WAIT);
	*(uint64_t *)set = (self->signal_pending | shared_pending) & self->signal_mask;
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
	bool restart;

	lock_take(LOCK_WAIT);
	before = self->signal_mask;
	self->signal_mask = mask ? *mask : before;
	while (!pending_of(self))
		result = wait_on(&nobody_wakes, ANY_BITS, WAIT_NO_DEADLINE);
	lock_free(LOCK_WAIT);
	run_pending(&restart);
	signal_mask_set(&before);
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

static long wait_for(uint64_t set, uint64_t deadline)
{
	struct thread *self = thread_self();
	struct action action;
	long result = 0;
	int signal;

	lock_take(LOCK_WAIT);
	for (;;) {
		signal = take_one(self, set, &action);
		if (signal || result)
			break;
		result = wait_on(&self->signal_pending, ANY_BITS, deadline);
	}
	lock_free(LOCK_WAIT);
	if (!signal && result == -EINTR)
		signals_run(result);
	return signal ? signal : result == -ETIMEDOUT ? -EAGAIN : result;
}

long backend_rt_sigtimedwait(long set, long info, long time, long bytes)
{
	uint64_t deadline;
	long error = clock_deadline_after((const struct timespec *)time, &deadline);
	long signal;

	if (error || bytes != sizeof(uint64_t))
		return -EINVAL;
	signal = wait_for(*(const uint64_t *)set, deadline);
	if (signal > 0 && info)
		*(siginfo_t *)info = (siginfo_t){ .si_signo = (int)signal, .si_code = SI_TKILL };
	return signal;
}
