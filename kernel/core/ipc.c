/* SPDX-License-Identifier: MIT */
/*
 * IPC between threads. One path for every message size; only typed items and FPU state leave it
 * (core/transfer.c). Both ends are examined and changed with the locks of both home CPUs held, so
 * that IPC between CPUs is the same code. Abi spec 1.6, 2.3.
 */
#include "core/ipc.h"
#include "core/ipc_fast.h"
#include "core/ipc_internal.h"
#include "core/sched.h"
#include "core/vcpu.h"
#include "kdb/trace.h"
#include "obj/reply.h"

void sender_enqueue(struct thread *r, struct sender *s)
{
	u64 key = (u64)(255 - s->prio) << 56 | (++r->sender_seq & ((1ULL << 56) - 1));

	s->receiver = r;
	s->position = r->sender_seq;
	list_push_back(&r->sender_list, &s->link);
	heap_insert(&r->senders, &s->node, key);
	if (unlikely(r->flags & TF_VCPU))
		vcpu_sender_queued(r);
}

void sender_dequeue(struct sender *s)
{
	struct thread *r = s->receiver;

	heap_remove(&r->senders, &s->node);
	list_remove(&s->link);
	s->receiver = NULL;
	if (unlikely((r->flags & TF_VCPU) && heap_empty(&r->senders)))
		vcpu_senders_gone(r);
}

/* Result of t's system call stored; go on with it. */
static always_inline bool complete(struct cpu *c, struct thread *t, u64 tag, u64 label)
{
	ipc_result(t, tag, label);
	if (unlikely(t->cont || c->need_resched))
		resume_current(c);
	return true;
}

bool ipc_complete_error(struct cpu *c, struct thread *t, unsigned code)
{
	u64 tag = code & IPC_RECV_PHASE ? t->snd_tag | TAG_ERROR : TAG_ERROR;

	t->utcb[UTCB_ERROR] = code;
	return complete(c, t, tag, t->regs.rsi);
}

/* The tag that t sent last. A system call's is still in its register: the fast path does not copy
 * it. */
static u64 last_tag(const struct thread *t)
{
	return t->cont ? t->snd_tag : t->regs.rax;
}

void ipc_fail_tag(struct thread *t, unsigned code, u64 tag)
{
	t->utcb[UTCB_ERROR] = code;
	t->call_token = 0;
	t->state = THREAD_READY;
	ipc_result(t, code & IPC_RECV_PHASE ? tag | TAG_ERROR : TAG_ERROR, t->regs.rsi);
}

void ipc_fail(struct thread *t, unsigned code)
{
	ipc_fail_tag(t, code, last_tag(t));
}

/* Block the current thread in its receive phase with a finite timeout; lock held, state set up but
 * for `state`. True if the timeout is over already: t goes on with an error. */
static noinline bool receive_timeout_over(struct cpu *c, struct cpu *home, struct thread *t)
{
	u64 when;

	if (!timeout_deadline(t, (u16)t->timeouts, &when))
		return false;
	if (when <= rdtsc())
		return true;
	timeout_set(c, home, &t->timeout, when);
	return false;
}

/* Is the wait that t begins over before it starts? Lock held, state set up but for `state`. */
static always_inline bool wait_is_over(struct cpu *c, struct cpu *home, struct thread *t)
{
	if (unlikely(t->flags & TF_VCPU) && !t->wait_for && vcpu_wait_is_over(t))
		return true;
	return unlikely((u16)t->timeouts) && receive_timeout_over(c, home, t);
}

/* t waits in its receive phase, which is set up. */
static always_inline void block(struct thread *t)
{
	t->plain_wait = !t->cont && !heap_contains(&t->timeout.node) && t->reply_slot == &t->reply;
	t->state = THREAD_RECV;
}

/* s, the sender of a call, is the caller that r answers next: remember it. Both locks held. */
static always_inline void set_reply_cap(struct cpu *c, struct thread *s, struct thread *r)
{
	struct reply_cap *slot = &r->reply;

	s->call_token = ++c->token;
	if (unlikely(r->reply_slot != slot)) {
		reply_slot_put(r->reply_slot, s);
		return;
	}
	slot->caller = s;
	slot->token = s->call_token;
	slot->rights = s->channel_rights;
}

static always_inline bool is_call(const struct thread *t)
{
	return (t->op & (IPC_RECV | IPC_OPEN)) == IPC_RECV;
}

/* r has got its message: make it ready, but in no queue yet. */
static always_inline void received(struct cpu *rc, struct thread *r, u64 tag, u64 label)
{
	timeout_clear(rc, &r->timeout);
	r->call_token = 0;
	r->state = THREAD_READY;
	ipc_result(r, tag, label);
}

/* Send without receive phase: r runs now if it is more urgent, t goes on otherwise. */
static always_inline bool sent_only(struct cpu *c, struct cpu *rc, struct thread *t,
				    struct thread *r)
{
	ipc_result(t, t->snd_tag & ~(u64)TAG_ERROR, t->regs.rsi);
	if (rc != c) {
		sched_wake(c, rc, r);
		cpu_unlock_pair(c, rc);
	} else if (r->prio > c->cur_prio) {
		t->eff_prio = c->cur_prio;
		sched_enqueue_front(c, t);
		switch_to(c, r, r->prio);
	} else {
		r->eff_prio = r->prio;
		sched_enqueue(c, r);
		spin_unlock(&c->lock);
	}
	if (unlikely(t->cont || c->need_resched))
		resume_current(c);
	return true;
}

/* t is blocked; hand the CPU to r, on t's time and priority if t waits for r's answer. */
static always_inline void hand_over(struct cpu *c, struct cpu *rc, struct thread *t,
				    struct thread *r)
{
	if (unlikely(rc != c)) {
		sched_wake(c, rc, r);
		spin_unlock(&rc->lock);
		schedule(c);
	}
	if (likely(!(t->snd_tag & TAG_SCHEDULE))) {
		if (is_call(t))
			switch_to(c, r, r->prio > c->cur_prio ? r->prio : c->cur_prio);
		sched_put_back_next(c);
		if (r->prio >= sched_top(c))
			switch_to(c, r, r->prio);
	}
	r->eff_prio = r->prio;
	sched_enqueue(c, r);
	schedule(c);
}

/* The message is with r. Make r ready and carry out t's receive phase. Both locks held. */
bool ipc_sent(struct cpu *c, struct cpu *rc, struct thread *t, struct thread *r)
{
	if (is_call(t) && !r->wait_for)
		set_reply_cap(c, t, r);
	received(rc, r, t->snd_tag & ~(u64)TAG_ERROR, t->sender.label);
	if (unlikely(!(t->op & IPC_RECV)))
		return sent_only(c, rc, t, r);
	if (t->op & IPC_OPEN) {
		t->wait_for = 0;
		if (unlikely(!heap_empty(&t->senders))) {
			sched_wake(c, rc, r);
			cpu_unlock_pair(c, rc);
			return ipc_receive(c, t, NULL);
		}
	} else {
		t->wait_for = r->sender.id;
	}
	if (wait_is_over(c, c, t)) {
		t->call_token = 0;
		sched_wake(c, rc, r);
		cpu_unlock_pair(c, rc);
		return ipc_complete_error(c, t, IPC_TIMEOUT | IPC_RECV_PHASE);
	}
	block(t);
	hand_over(c, rc, t, r);
	__builtin_unreachable();
}

/*
 * A message was queued at r, whose home is another CPU. If r runs there and is a vCPU, it has to
 * look: its state says whether it takes messages, but what it wrote there last may not be visible
 * yet, as it does not wait for that before it looks whether something was queued.
 */
static void tell_running(struct cpu *own, struct cpu *rc, const struct thread *r)
{
	if ((r->flags & TF_VCPU) && rc->current == r)
		cpu_kick(own, rc);
}

/* r cannot take the message now. Both locks held. */
static noinline bool send_wait(struct cpu *c, struct cpu *rc, struct thread *t, struct thread *r,
			       u64 token)
{
	u16 to = t->timeouts >> 16;
	u64 when = 0;
	unsigned error = 0;

	if (token || r->state == THREAD_NEW || r->state == THREAD_DEAD)
		error = IPC_NOT_EXISTENT;
	else if (to && timeout_deadline(t, to, &when) && when <= rdtsc() && !vcpu_accepts(r))
		error = IPC_TIMEOUT;
	if (error) {
		cpu_unlock_pair(c, rc);
		return ipc_complete_error(c, t, error);
	}
	t->state = THREAD_SEND;
	t->sender.prio = t->prio;
	sender_enqueue(r, &t->sender);
	if (when)
		timeout_set(c, c, &t->timeout, when);
	if (rc != c) {
		tell_running(c, rc, r);
		spin_unlock(&rc->lock);
	}
	schedule(c);
}

bool ipc_send(struct cpu *c, struct thread *t, struct thread *r, u64 token)
{
	struct cpu *rc = thread_lock(c, r);

	trace(TRACE_IPC, t->obj.id, r->obj.id, t->snd_tag, t->sender.label);
	if (unlikely(r->state != THREAD_RECV))
		return send_wait(c, rc, t, r, token);
	if (token ? r->call_token != token : (r->wait_for && r->wait_for != t->sender.id))
		return send_wait(c, rc, t, r, token);
	if (unlikely(t->snd_tag & (TAG_ITEMS | TAG_FPU)))
		return transfer_send(c, rc, t, r);
	copy_words(r->utcb, t->utcb, t->snd_tag & 63);
	return ipc_sent(c, rc, t, r);
}

/* The send phase of s, taken by the receiver t, is over: start s's receive phase or wake it. Both
 * locks held. */
void ipc_sender_done(struct cpu *c, struct cpu *sc, struct thread *s, struct thread *t)
{
	timeout_clear(sc, &s->timeout);
	s->state = THREAD_READY;
	if (!(s->op & IPC_RECV)) {
		ipc_result(s, s->snd_tag & ~(u64)TAG_ERROR, s->regs.rsi);
		sched_wake(c, sc, s);
		return;
	}
	s->wait_for = s->op & IPC_OPEN ? 0 : t->sender.id;
	if (!s->wait_for && !heap_empty(&s->senders)) {
		s->cont = ipc_continue_receive;
		sched_wake(c, sc, s);
		return;
	}
	if (wait_is_over(c, sc, s)) {
		ipc_fail(s, IPC_TIMEOUT | IPC_RECV_PHASE);
		sched_wake(c, sc, s);
		return;
	}
	block(s);
}

/* t has received something while running: let a more urgent thread run first. Locks released. */
static bool received_running(struct cpu *c, struct thread *t)
{
	if (unlikely(c->need_resched || sched_top(c) > c->cur_prio)) {
		spin_lock(&c->lock);
		sched_preempt(c, false);
	}
	if (unlikely(t->cont != NULL))
		resume_current(c);
	return true;
}

bool ipc_received_from(struct cpu *c, struct cpu *sc, struct thread *t, struct thread *s)
{
	if (is_call(s) && !t->wait_for)
		set_reply_cap(c, s, t);
	t->state = THREAD_READY;
	t->call_token = 0;
	ipc_result(t, s->snd_tag & ~(u64)TAG_ERROR, s->sender.label);
	ipc_sender_done(c, sc, s, t);
	cpu_unlock_pair(c, sc);
	return received_running(c, t);
}

/* Take the message of thread s, which is queued at t. Own lock held; it may have to be dropped to
 * get s's: false then means that s went away and the search must start again. */
static int receive_thread(struct cpu *c, struct thread *t, struct thread *s)
{
	struct cpu *sc = s->cpu;

	if (sc != c) {
		spin_unlock(&c->lock);
		sc = thread_lock(c, s);
		if (s->sender.receiver != t || s->state != THREAD_SEND) {
			if (sc != c)
				spin_unlock(&sc->lock);
			return -1;
		}
	}
	sender_dequeue(&s->sender);
	if (unlikely(s->snd_tag & (TAG_ITEMS | TAG_FPU)))
		return transfer_receive(c, sc, t, s);
	copy_words(t->utcb, s->utcb, s->snd_tag & 63);
	return ipc_received_from(c, sc, t, s);
}

static bool receive_irq(struct cpu *c, struct thread *t, struct sender *s)
{
	u64 label = s->label;

	sender_dequeue(s);
	t->state = THREAD_READY;
	t->call_token = 0;
	ipc_result(t, 0, label);
	spin_unlock(&c->lock);
	irq_message_taken(s);
	return received_running(c, t);
}

/* The sender that t's receive phase takes next; NULL if there is none. Own lock held. */
static struct sender *next_sender(struct thread *t, struct sender *from)
{
	if (from)
		return from->receiver == t ? from : NULL;
	return t->senders.root ? container_of(t->senders.root, struct sender, node) : NULL;
}

/* Own lock held; wait_for is set. */
static noinline bool receive_or_block(struct cpu *c, struct thread *t, struct sender *from)
{
	struct sender *s;

	while ((s = next_sender(t, from))) {
		int r;

		if (s->kind == SENDER_IRQ)
			return receive_irq(c, t, s);
		r = receive_thread(c, t, container_of(s, struct thread, sender));
		if (r >= 0)
			return r;
	}
	return ipc_block_receive(c, t);
}

bool ipc_receive(struct cpu *c, struct thread *t, struct sender *from)
{
	t->wait_for = from ? from->id : 0;
	spin_lock(&c->lock);
	if (unlikely((u16)t->timeouts || (t->flags & (TF_VCPU | TF_CANCEL)) ||
		     next_sender(t, from)))
		return receive_or_block(c, t, from);
	block(t);
	schedule(c);
}

bool ipc_block_receive(struct cpu *c, struct thread *t)
{
	unsigned error = 0;

	if (wait_is_over(c, c, t))
		error = IPC_TIMEOUT | IPC_RECV_PHASE;
	else if (t->flags & TF_CANCEL)
		error = IPC_CANCELED | IPC_RECV_PHASE;
	if (error) {
		t->flags &= ~(u32)TF_CANCEL;
		timeout_clear(c, &t->timeout);
		t->call_token = 0;
		t->state = THREAD_READY;
		spin_unlock(&c->lock);
		return ipc_complete_error(c, t, error);
	}
	block(t);
	schedule(c);
}

void ipc_continue_receive(struct thread *t)
{
	struct cpu *c = this_cpu();

	t->wait_for = 0;
	ipc_receive(c, t, NULL);
	resume_current(c);
}

void ipc_send_irq(struct cpu *own, struct thread *r, struct sender *s)
{
	struct cpu *rc = r->cpu;

	if (r->state == THREAD_RECV && (!r->wait_for || r->wait_for == s->id)) {
		received(rc, r, 0, s->label);
		sched_wake(own, rc, r);
		return;
	}
	s->prio = 255;
	sender_enqueue(r, s);
	if (rc != own)
		tell_running(own, rc, r);
}

/* Lock t's home and, when it stands in a thread's sender queue, that thread's home too, which
 * guards the queue. Returns the receiver or NULL; *other = its CPU (or t's). */
static struct thread *lock_with_receiver(struct thread *t, struct cpu **home, struct cpu **other)
{
	for (;;) {
		struct thread *r = READ_ONCE(t->sender.receiver);
		struct cpu *tc = READ_ONCE(t->cpu), *rc = r ? READ_ONCE(r->cpu) : tc;

		cpu_lock_pair(tc, rc);
		if (t->cpu == tc && t->sender.receiver == r && (!r || r->cpu == rc)) {
			*home = tc;
			*other = rc;
			return r;
		}
		cpu_unlock_pair(tc, rc);
	}
}

bool ipc_abort(struct cpu *own, struct thread *t, unsigned code)
{
	struct cpu *home, *other;
	struct thread *r = lock_with_receiver(t, &home, &other);
	bool blocked = true;

	if (t->state == THREAD_RECV) {
		ipc_fail(t, code | IPC_RECV_PHASE);
	} else if (t->state == THREAD_SEND && r) {
		sender_dequeue(&t->sender);
		ipc_fail(t, code);
	} else if (t->state == THREAD_GATE || t->state == THREAD_SEM) {
		blocked = wait_abort(t, code);
	} else {
		if (code == IPC_CANCELED && (t->state == THREAD_XFER || t->xfer_peer))
			t->flags |= TF_CANCEL;
		blocked = false;
	}
	if (blocked) {
		timeout_clear(home, &t->timeout);
		sched_wake(own, home, t);
	}
	cpu_unlock_pair(home, other);
	return blocked;
}
