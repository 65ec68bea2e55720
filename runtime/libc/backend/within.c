/* SPDX-License-Identifier: MIT */
/* Begin and end of a call of the back end: signals that come in between are run at the end. */
#include "backend/calls.h"
#include "backend/signals.h"
#include "backend/thread.h"

static void begin(void)
{
	struct thread *self = thread_self();

	self->depth++;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static long end(long result)
{
	struct thread *self = thread_self();

	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	self->depth--;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (!self->depth && self->deferred && signals_deferred)
		signals_deferred();
	return result;
}

long backend_within_0(long (*call)(BACKEND_PARAMETERS_0))
{
	begin();
	return end(call());
}

#define WITHIN(count, ...)                                                    \
	long backend_within_##count(long (*call)(BACKEND_PARAMETERS_##count), \
				    BACKEND_PARAMETERS_##count)               \
	{                                                                     \
		begin();                                                      \
		return end(call(__VA_ARGS__));                                \
	}

WITHIN(1, a)
WITHIN(2, a, b)
WITHIN(3, a, b, c)
WITHIN(4, a, b, c, d)
WITHIN(5, a, b, c, d, e)
WITHIN(6, a, b, c, d, e, f)
