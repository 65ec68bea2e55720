/* SPDX-License-Identifier: MIT */
/*
 * Cancellation of threads. A request is a flag in the target, followed by the signal SIGCANCEL. The
 * signal ends a call that blocks with -EINTR, after which the flag is looked at; its handler does
 * something only if the target has asked for cancellation at any time.
 */
#include <string.h>
#include <ucontext.h>
#include "pthread_impl.h"
#include "syscall.h"

hidden long __cancel(void);

long __cancel(void)
{
	pthread_t self = __pthread_self();

	if (self->canceldisable == PTHREAD_CANCEL_ENABLE || self->cancelasync)
		pthread_exit(PTHREAD_CANCELED);
	self->canceldisable = PTHREAD_CANCEL_DISABLE;
	return -ECANCELED;
}

long __cancel_check(long n)
{
	pthread_t self = __pthread_self();
	int disabled = self->canceldisable;

	if (!self->cancel || disabled == PTHREAD_CANCEL_DISABLE || (disabled && n == SYS_close))
		return 0;
	return __cancel();
}

void __testcancel(void)
{
	pthread_t self = __pthread_self();

	if (self->cancel && !self->canceldisable)
		__cancel();
}

static void cancel_handler(int signal, siginfo_t *info, void *context)
{
	pthread_t self = __pthread_self();

	(void)signal, (void)info, (void)context;
	if (self->cancel && self->cancelasync && self->canceldisable != PTHREAD_CANCEL_DISABLE)
		pthread_exit(PTHREAD_CANCELED);
}

static void init_cancellation(void)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO };

	action.sa_sigaction = cancel_handler;
	memset(&action.sa_mask, -1, _NSIG / 8);
	__libc_sigaction(SIGCANCEL, &action, 0);
}

int pthread_cancel(pthread_t thread)
{
	static volatile int ready;

	if (!ready) {
		init_cancellation();
		ready = 1;
	}
	a_store(&thread->cancel, 1);
	if (thread != __pthread_self())
		return pthread_kill(thread, SIGCANCEL);
	if (thread->canceldisable == PTHREAD_CANCEL_ENABLE && thread->cancelasync)
		pthread_exit(PTHREAD_CANCELED);
	return 0;
}
