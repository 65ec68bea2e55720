/* SPDX-License-Identifier: MIT */
/*
 * The context that the state of a vCPU describes, and entries to the guest's kernel on top of it.
 * Used on the handler's stack, so nothing here touches guest-virtual memory: guest stacks are
 * written through the alias of guest memory.
 */
#ifndef GUEST_SHIM_FRAME_H
#define GUEST_SHIM_FRAME_H

#include "shim/own.h"
#include "shim/walk.h"

/* Is the context user mode of the guest? If not: is it code of the shim that is closed to events?
 */
static inline bool context_is_user(const struct own *o)
{
	return o->state->saved_state & L4_VCPU_F_USER_MODE;
}

static inline bool context_is_closed(const struct own *o)
{
	return !context_is_user(o) && !(o->state->saved_state & L4_VCPU_F_IRQ);
}

/* Copy from the guest's memory as its kernel, or the context, sees it; how many bytes were there.
 */
size_t context_read(struct own *o, void *to, uint64_t from, size_t bytes);

/* Write into user memory, all or nothing. WALK_FAULT: with *error, and the state's fault address is
 * where it happened. */
enum walk_result context_write(struct own *o, uint64_t to, const void *from, size_t bytes,
			       unsigned *error);

/*
 * The context becomes the guest's kernel at point, with a frame of what it was on its stack.
 * syscall: it is a system call.
 */
void context_enter(struct own *o, const struct entry_point *point, bool syscall);

/* An exception of the context: enter its vector, or crash if there is none. */
void context_raise(struct own *o, unsigned vector, uint32_t error);

/*
 * Go on with the context, after events that are due. exact: with all registers of the state, not
 * only those that an entry promises.
 */
void context_leave(struct own *o, bool exact) __attribute__((noreturn));

#endif
