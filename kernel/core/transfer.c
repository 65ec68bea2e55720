/* SPDX-License-Identifier: MIT */
/*
 * Messages with typed items or FPU state. They can be long, so no CPU lock is held meanwhile: the
 * partner is parked in state THREAD_XFER, where nothing but its destruction can reach it, and the
 * current thread does the work with preemption points. When it comes back it checks that the
 * partner is still there.
 */
#include "core/ipc.h"
#include "core/ipc_internal.h"
#include "core/sched.h"
#include "core/string.h"
#include "mm/mapdb.h"
#include "x86_64/fpu.h"

#define BDR_FPU (1u << 24)

static bool transfer_run(struct cpu *c, struct thread *t);

/* The partner of t's transfer, with both locks held; NULL (own lock held) if it is gone. */
static struct thread *lock_peer(struct cpu *c, struct thread *t, struct cpu **pc)
{
	struct thread *p = t->xfer_peer;

	*pc = thread_lock(c, p);
	t->xfer_peer = NULL;
	if (p->state == THREAD_XFER && p->sender.id == t->xfer_peer_id)
		return p;
	if (*pc != c)
		spin_unlock(&(*pc)->lock);
	return NULL;
}

static void transfer_continue(struct thread *t)
{
	struct cpu *c = this_cpu();

	t->cont = t->cont_saved;
	transfer_run(c, t);
	resume_current(c);
}

/* Preempted, or the items replaced capabilities and objects died with them: these are taken apart
 * first. */
static void transfer_pause(struct cpu *c, struct thread *t)
{
	t->cont_saved = t->cont;
	t->cont = transfer_continue;
	c->need_resched |= RESCHED_LOOK;
	resume_current(c);
}

/* Both ends fail: codes of the send phase for the sender, of the receive phase for the receiver. */
static bool transfer_failed(struct cpu *c, struct cpu *pc, struct thread *t, struct thread *p,
			    unsigned code)
{
	struct thread *from = t->xfer_recv ? p : t, *to = t->xfer_recv ? t : p;

	timeout_clear(pc, &p->timeout);
	ipc_fail(from, code);
	ipc_fail_tag(to, code | IPC_RECV_PHASE, from->snd_tag);
	sched_wake(c, pc, p);
	cpu_unlock_pair(c, pc);
	if (t->cont || c->need_resched)
		resume_current(c);
	return true;
}

static void transfer_fpu(struct thread *t, struct thread *from, struct thread *to)
{
	if (!(from->snd_tag & TAG_FPU) || !(from->channel_rights & CAP_S) ||
	    !(to->utcb[UTCB_BDR] & BDR_FPU))
		return;
	if (t == from)
		fpu_save(to->fpu);
	else
		fpu_load(from->fpu);
}

static bool transfer_end(struct cpu *c, struct thread *t, int result)
{
	struct cpu *pc;
	struct thread *p = lock_peer(c, t, &pc);

	if (!p) {
		spin_unlock(&c->lock);
		return ipc_complete_error(c, t, IPC_NOT_EXISTENT | (t->xfer_recv ? 1 : 0));
	}
	if (result)
		return transfer_failed(c, pc, t, p, (unsigned)result);
	if (t->xfer_recv) {
		transfer_fpu(t, p, t);
		return ipc_received_from(c, pc, t, p);
	}
	transfer_fpu(t, t, p);
	return ipc_sent(c, pc, t, p);
}

static bool transfer_run(struct cpu *c, struct thread *t)
{
	struct thread *p = t->xfer_peer, *from = t->xfer_recv ? p : t, *to = t->xfer_recv ? t : p;
	int r = 0;

	if (READ_ONCE(p->state) == THREAD_XFER && p->sender.id == t->xfer_peer_id)
		r = items_transfer(from, to, from->channel_rights, &t->restart);
	if (t->state == THREAD_DEAD) {
		transfer_abandon(c, t);
		c->need_resched |= RESCHED_LOOK;
		resume_current(c);
	}
	if (r == MAPDB_AGAIN || (!list_empty(&c->zombies) && !r))
		transfer_pause(c, t);
	return transfer_end(c, t, r);
}

static bool transfer_begin(struct cpu *c, struct cpu *pc, struct thread *t, struct thread *p,
			   bool recv)
{
	struct thread *from = recv ? p : t, *to = recv ? t : p;

	timeout_clear(pc, &p->timeout);
	p->state = THREAD_XFER;
	t->xfer_peer = p;
	t->xfer_peer_id = p->sender.id;
	t->xfer_recv = recv;
	t->restart = (struct restart){ 0 };
	memcpy(to->utcb, from->utcb, (from->snd_tag & 63) * 8);
	cpu_unlock_pair(c, pc);
	return transfer_run(c, t);
}

bool transfer_send(struct cpu *c, struct cpu *rc, struct thread *t, struct thread *r)
{
	return transfer_begin(c, rc, t, r, false);
}

bool transfer_receive(struct cpu *c, struct cpu *sc, struct thread *t, struct thread *s)
{
	return transfer_begin(c, sc, t, s, true);
}

void transfer_abandon(struct cpu *c, struct thread *t)
{
	struct cpu *pc;
	struct thread *p;

	if (!t->xfer_peer)
		return;
	p = lock_peer(c, t, &pc);
	if (!p) {
		spin_unlock(&c->lock);
		return;
	}
	timeout_clear(pc, &p->timeout);
	ipc_fail(p, t->xfer_recv ? IPC_NOT_EXISTENT : IPC_NOT_EXISTENT | IPC_RECV_PHASE);
	sched_wake(c, pc, p);
	cpu_unlock_pair(c, pc);
}
