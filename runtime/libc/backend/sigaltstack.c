/* SPDX-License-Identifier: MIT */
/* Alternate stacks of signal handlers. */
#include "backend/calls.h"
#include "backend/signal_state.h"
#include "backend/thread.h"

#include <errno.h>

long backend_sigaltstack(long new, long old)
{
	const stack_t *stack = (const stack_t *)new;
	struct thread *self = thread_self();
	bool in_use = (l4_addr_t)&self - (l4_addr_t)self->alternate < self->alternate_bytes;
	stack_t before = { .ss_sp = self->alternate, .ss_size = self->alternate_bytes };

	before.ss_flags = in_use ? SS_ONSTACK : self->alternate_bytes ? 0 : SS_DISABLE;
	if (stack && in_use)
		return -EPERM;
	if (stack && stack->ss_flags & ~SS_DISABLE)
		return -EINVAL;
	if (stack && !stack->ss_flags && stack->ss_size < signal_frame_bytes())
		return -ENOMEM;
	if (stack) {
		self->alternate = stack->ss_sp;
		self->alternate_bytes = stack->ss_flags ? 0 : stack->ss_size;
	}
	if (old)
		*(stack_t *)old = before;
	return 0;
}
