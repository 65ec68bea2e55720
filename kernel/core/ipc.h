/* SPDX-License-Identifier: MIT */
/* Inter-process communication: rendezvous of two threads, or of an IRQ and a thread. */
#ifndef KERNEL_IPC_H
#define KERNEL_IPC_H

#include "obj/thread.h"

enum ipc_op { IPC_SEND = 1, IPC_RECV = 2, IPC_OPEN = 4, IPC_REPLY = 8 };

enum {
	TAG_FPU = 0x1000,
	TAG_SCHEDULE = 0x2000,
	TAG_ERROR = 0x8000,
};

/* Does the caller of a method wait for the answer? */
static always_inline bool inv_receives(const struct invocation *inv)
{
	return inv->caller->regs.rdx & IPC_RECV;
}

/* Errors of the send phase; the receive phase has bit 0 set. Abi spec 2.3. */
enum ipc_error {
	IPC_TIMEOUT = 2,
	IPC_NOT_EXISTENT = 4,
	IPC_CANCELED = 6,
	IPC_OVERFLOW = 8,
	IPC_MAP_FAILED = 0x10,
	IPC_NO_REPLY_SLOT = 0x13,
};
#define IPC_RECV_PHASE 1

/*
 * Send phase from the current thread t to thread r, then t's receive phase. t->op, snd_tag,
 * timeouts, channel_rights and sender.label are set. token != 0: r must be waiting for exactly
 * this reply. No lock held. True: the
 * system call is over, the result in the registers; t can go on at once.
 */
bool ipc_send(struct cpu *c, struct thread *t, struct thread *r, u64 token);

/* Receive phase alone (t->op, timeouts set) from one sender, or open (NULL). */
bool ipc_receive(struct cpu *c, struct thread *t, struct sender *from);

/* Finish the IPC of t (not in any queue any more) with an error: result and state; t becomes ready
 * but is not enqueued. Home lock held. */
void ipc_fail(struct thread *t, unsigned code);
/* The same with the tag that a receive error shows. */
void ipc_fail_tag(struct thread *t, unsigned code, u64 tag);

/* Abort the IPC in which t is blocked, for any reason but a timeout, with code IPC_CANCELED (the
 * phase is added). No lock held. t is woken. True if t was blocked. */
bool ipc_abort(struct cpu *own, struct thread *t, unsigned code);

/* An IRQ message for its thread: deliver now or queue. Both CPUs' locks held (own, r's home). */
void ipc_send_irq(struct cpu *own, struct thread *r, struct sender *s);

/* Queue a sender at r; r's home lock held. */
void sender_enqueue(struct thread *r, struct sender *s);
void sender_dequeue(struct sender *s);

/* Store a result for t: registers, or rcv_tag when it has a continuation. */
static always_inline void ipc_result(struct thread *t, u64 tag, u64 label)
{
	if (unlikely(t->cont != NULL)) {
		t->rcv_tag = tag;
		t->rcv_label = label;
	} else {
		t->regs.rax = tag;
		t->regs.rsi = label;
	}
}

/*
 * Transfer the typed items of from's message to `to`, whose UTCB describes the receive windows.
 * p: all 0 at first, kept across MAPDB_AGAIN; p->item counts items done.
 * 0: done; MAPDB_AGAIN: preemption; otherwise an enum ipc_error (send side).
 */
int items_transfer(struct thread *from, struct thread *to, u8 channel_rights, struct restart *p);

#endif
