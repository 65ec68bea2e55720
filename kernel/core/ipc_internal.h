/* SPDX-License-Identifier: MIT */
/* Shared by the files that make up IPC: ipc.c, transfer.c, syscall.c, and the waits of objects. */
#ifndef KERNEL_IPC_INTERNAL_H
#define KERNEL_IPC_INTERNAL_H

#include "core/ipc.h"

#define TAG_ITEMS 0xfc0 /* number of typed items */

/* Point in time (TSC) of a 16-bit timeout value of t; false: never. In the past: at once. */
bool timeout_deadline(const struct thread *t, u16 to, u64 *when);

/* The current thread's system call ends with an IPC error (with phase bit). As ipc_send(). */
bool ipc_complete_error(struct cpu *c, struct thread *t, unsigned code);

/* The message of t is with r / the message of s is with t: the rest of both phases. Both locks
 * held on entry. */
bool ipc_sent(struct cpu *c, struct cpu *rc, struct thread *t, struct thread *r);
bool ipc_received_from(struct cpu *c, struct cpu *sc, struct thread *t, struct thread *s);
void ipc_sender_done(struct cpu *c, struct cpu *sc, struct thread *s, struct thread *t);

/* Block t, whose wait_for is set, in its receive phase. Own lock held. */
bool ipc_block_receive(struct cpu *c, struct thread *t);
/* Continuation: start an open receive phase. */
void ipc_continue_receive(struct thread *t) __attribute__((noreturn));

/* Messages with typed items or FPU state. Both locks held on entry; r is waiting / s is dequeued.
 */
bool transfer_send(struct cpu *c, struct cpu *rc, struct thread *t, struct thread *r);
bool transfer_receive(struct cpu *c, struct cpu *sc, struct thread *t, struct thread *s);
/* t is being destroyed while it carries out a transfer: set its partner free. No lock held. */
void transfer_abandon(struct cpu *c, struct thread *t);

/* An IRQ's queued message has been received: unmask its source if that waited for it. */
void irq_message_taken(struct sender *s);

/* The timeout of t, which is due, is in own's heap: abort the IPC that it limits. Own lock held on
 * entry, released. If t cannot be locked at once nothing may happen: look at the heap again. */
void ipc_timeout(struct cpu *own, struct thread *t);

/* Take t out of a gate's or semaphore's queue and fail its IPC. Home lock held. False if it was
 * just woken by someone else. */
bool wait_abort(struct thread *t, unsigned code);

#endif
