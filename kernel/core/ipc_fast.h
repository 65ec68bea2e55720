/* SPDX-License-Identifier: MIT */
/*
 * The common round trip, inline and without detours: a call, or a reply and open wait, between two
 * threads of this CPU, where the other one is waiting and nothing but words is sent. Any number of
 * words; every other case goes to core/ipc.c, which does the same in general. Nothing is changed
 * before all conditions are known to hold.
 */
#ifndef KERNEL_IPC_FAST_H
#define KERNEL_IPC_FAST_H

#include "core/ipc.h"
#include "core/ipc_internal.h"
#include "core/sched.h"
#include "x86_64/context.h"
#include "x86_64/switch.h"

static always_inline void copy_words(u64 *to, const u64 *from, u64 n)
{
	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

/* t has sent and waits, r goes on. */
static always_inline void fast_switch(struct cpu *c, struct thread *t, struct thread *r, u64 tag,
				      u64 label, u8 prio)
{
	copy_words(r->utcb, t->utcb, tag & 63);
	r->call_token = 0;
	r->state = THREAD_READY;
	r->regs.rax = tag & ~(u64)TAG_ERROR;
	r->regs.rsi = label;
	t->state = THREAD_RECV;
	t->plain_wait = true;
	c->cur_prio = prio;
	switch_user(c, t, r);
	spin_unlock(&c->lock);
	exit_sysret(&r->regs);
}

/* Conditions that call and reply share; own lock held. */
static always_inline bool fast_receiver(const struct cpu *c, const struct thread *r)
{
	return r->cpu == c && r->state == THREAD_RECV && r->plain_wait &&
	       !(r->flags & (TF_VCPU | TF_TRIGGER));
}

static always_inline void fast_account(struct cpu *c, struct thread *r)
{
	c->cur_prio = r->prio;
	context_account(c, r);
}

/* Conditions on the message; no lock needed. */
static always_inline bool fast_message(const struct thread *t, u64 tag)
{
	return !(tag & (TAG_ITEMS | TAG_FPU | TAG_SCHEDULE)) && !(u16)t->regs.r8;
}

/* Call through a gate; returns if the conditions do not hold. */
static always_inline void fast_call(struct cpu *c, struct thread *t, struct thread *r, u64 tag,
				    u64 label, u8 rights)
{
	struct reply_cap *slot;

	if (!fast_message(t, tag))
		return;
	spin_lock(&c->lock);
	if (likely(fast_receiver(c, r) && !r->wait_for)) {
		slot = &r->reply;
		t->call_token = slot->token = ++c->token;
		slot->caller = t;
		slot->rights = rights;
		t->wait_for = r->sender.id;
		fast_switch(c, t, r, tag, label, r->prio > c->cur_prio ? r->prio : c->cur_prio);
	}
	spin_unlock(&c->lock);
}

/* Reply through slot to r, which must still wait for it, and open wait; returns if the conditions
 * do not hold. */
static always_inline void fast_reply_wait(struct cpu *c, struct thread *t, struct thread *r,
					  struct reply_cap *slot, u64 tag)
{
	if (!fast_message(t, tag))
		return;
	spin_lock(&c->lock);
	if (likely(fast_receiver(c, r) && r->call_token == slot->token && heap_empty(&t->senders) &&
		   sched_may_run(c, r->prio))) {
		slot->caller = NULL;
		t->wait_for = 0;
		if (unlikely(r != c->slice_owner))
			fast_account(c, r);
		fast_switch(c, t, r, tag, t->regs.rsi, r->prio);
	}
	spin_unlock(&c->lock);
}

#endif
