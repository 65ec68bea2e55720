/* SPDX-License-Identifier: MIT */
/* The system call, second stage: IPC, and methods that take more than their answer. Nothing in this
 * file returns to the entry code. Abi spec 1.1 to 1.6. */
#include "core/captab.h"
#include "core/fault.h"
#include "core/ipc_fast.h"
#include "core/ipc_internal.h"
#include "core/reap.h"
#include "core/sched.h"
#include "core/syscall.h"
#include "core/vcpu.h"
#include "obj/gate.h"
#include "obj/irq.h"
#include "obj/reply.h"
#include "x86_64/context.h"
#include <l4/sys/consts.h>
#include <l4/sys/err.h>
#include <l4/sys/types.h>

/* The IPC of t, which said so by returning, is over. */
static noinline __attribute__((noreturn)) void finish(struct cpu *c, struct thread *t)
{
	if (unlikely(t->flags & (TF_SYSCALL_SLOW | TF_TRIGGER)))
		resume_current(c);
	exit_sysret(&t->regs);
}

/* The operation goes on out of line, where it is found in t: blocking IPC, methods. */
static always_inline void prepare(struct thread *t, u64 dest, u64 tag)
{
	t->op = dest & 0xf;
	t->snd_tag = tag;
	t->timeouts = (u32)t->regs.r8;
	t->reply_slot = &t->reply;
}

static __attribute__((noreturn)) void empty(struct cpu *c, struct thread *t)
{
	ipc_complete_error(c, t, IPC_NOT_EXISTENT);
	finish(c, t);
}

/* Receive phase on something that is not a thread: an IRQ's messages, or (nothing else sends) our
 * own, that is: wait for the timeout. */
static __attribute__((noreturn)) void receive_on(struct cpu *c, struct thread *t, struct kobject *o)
{
	struct sender *from = o->type == KOBJ_IRQ ? irq_sender(o) : &t->sender;

	ipc_receive(c, t, t->op & IPC_OPEN ? NULL : from);
	finish(c, t);
}

/* The method has returned a tag, or that it left things to the scheduler. */
static noinline __attribute__((noreturn)) void replied_slowly(struct thread *t, u64 reply)
{
	struct cpu *c = this_cpu();

	if (reply == REPLY_RESTART) {
		t->cont = syscall_restart;
		c->need_resched |= RESCHED_LOOK;
	} else if (reply == REPLY_GONE) {
		spin_lock(&c->lock);
		schedule(c);
	} else {
		if ((t->regs.rdx & IPC_RECV) || (reply & TAG_ERROR))
			t->regs.rax = reply;
		/* The method deleted something, and nothing else is to be done. */
		if (c->need_resched == RESCHED_REAP && !c->lasting_resched)
			reap_in_current(c, t);
	}
	resume_current(this_cpu());
}

void syscall_replied(struct thread *t, u64 reply)
{
	struct cpu *c = this_cpu();

	if (reply != REPLY_NONE)
		replied_slowly(t, reply);
	if (t->regs.rdx & IPC_RECV) {
		prepare(t, t->regs.rdx, t->regs.rax);
		receive_on(c, t, cap_object(t->invocation.cap));
	}
	resume_current(c);
}

static always_inline long tag_proto(u64 tag)
{
	return (long)tag >> 16;
}

/* IPC with thread r; label is what it receives. */
static __attribute__((noreturn)) void ipc_with(struct cpu *c, struct thread *t, struct thread *r,
					       u64 dest, u64 label, u64 rights)
{
	if (dest & IPC_SEND) {
		t->sender.label = label;
		t->channel_rights = rights & (CAP_W | CAP_S);
		ipc_send(c, t, r, 0);
	} else if (dest & IPC_RECV) {
		ipc_receive(c, t, dest & IPC_OPEN ? NULL : &r->sender);
	}
	finish(c, t);
}

static __attribute__((noreturn)) void thread_invocation(struct cpu *c, struct thread *t, u64 cap,
							u64 dest, u64 tag)
{
	if (tag_proto(tag) == L4_PROTO_THREAD && (dest & (IPC_SEND | IPC_RECV)) != IPC_RECV)
		syscall_replied(t, syscall_invoke(t, cap));
	ipc_with(c, t, thread_of(cap_object(cap)), dest, t->regs.rsi, cap);
}

/* What the fast path does not do: methods of the gate, receiving through it, and IPC in general. */
static __attribute__((noreturn)) void gate_invocation(struct cpu *c, struct thread *t, u64 cap,
						      u64 dest, u64 tag)
{
	struct gate *g = gate_of(cap_object(cap));
	struct thread *r;
	u64 label;

	if (tag_proto(tag) == L4_PROTO_KOBJECT && (cap & CAP_OBJ1) && (dest & IPC_SEND))
		syscall_replied(t, syscall_invoke(t, cap));
	r = gate_target(g, &label);
	if (!r) {
		gate_wait(c, t, g);
		finish(c, t);
	}
	ipc_with(c, t, r, dest, label | (cap & (CAP_W | CAP_S)), cap);
}

static always_inline void try_fast_call(struct cpu *c, struct thread *t, u64 cap, u64 tag)
{
	struct thread *r;
	u64 label;

	if (unlikely(tag_proto(tag) == L4_PROTO_KOBJECT))
		return;
	r = gate_target(gate_of(cap_object(cap)), &label);
	if (likely(r))
		fast_call(c, t, r, tag, label | (cap & (CAP_W | CAP_S)), cap & (CAP_W | CAP_S));
}

/* All but the common call. */
static noinline __attribute__((noreturn)) void object_slowly(struct thread *t, u64 cap, u64 dest)
{
	struct cpu *c = this_cpu();
	u64 tag = t->regs.rax;

	prepare(t, dest, tag);
	if (cap_object(cap)->type == KOBJ_GATE)
		gate_invocation(c, t, cap, dest, tag);
	if (cap_object(cap)->type == KOBJ_THREAD)
		thread_invocation(c, t, cap, dest, tag);
	if (dest & IPC_SEND)
		syscall_replied(t, syscall_invoke(t, cap));
	if (dest & IPC_RECV)
		receive_on(c, t, cap_object(cap));
	finish(c, t);
}

static __attribute__((noreturn)) void wait_for_irq(struct cpu *c, struct thread *t, u64 cap,
						   u64 dest)
{
	prepare(t, dest, t->regs.rax);
	if (likely(dest & IPC_RECV))
		ipc_receive(c, t, dest & IPC_OPEN ? NULL : irq_sender(cap_object(cap)));
	finish(c, t);
}

void syscall_object(struct thread *t, u64 cap, u64 dest)
{
	if (likely(cap_object(cap)->type == KOBJ_GATE && (dest & 0xf) == (IPC_SEND | IPC_RECV)))
		try_fast_call(this_cpu(), t, cap, t->regs.rax);
	if (likely(cap_object(cap)->type == KOBJ_IRQ && !(dest & IPC_SEND)))
		wait_for_irq(this_cpu(), t, cap, dest);
	object_slowly(t, cap, dest);
}

/* Send phase to a reply capability, the implicit one or an explicit slot. */
static __attribute__((noreturn)) void reply_invocation(struct cpu *c, struct thread *t, u64 label,
						       u64 dest, u64 tag)
{
	struct reply_cap cap = { 0 };

	prepare(t, dest, tag);
	if ((dest & SEL_SPECIAL) == SEL_EXPLICIT) {
		t->reply_slot = reply_table_slot(t->task, dest >> 12, false);
		if (t->reply_slot)
			cap = reply_slot_take(t->reply_slot);
	} else {
		cap = t->reply;
		t->reply.caller = NULL;
	}
	if (!cap.caller)
		empty(c, t);
	t->sender.label = label;
	t->channel_rights = cap.rights;
	ipc_send(c, t, cap.caller, cap.token);
	finish(c, t);
}

/* Selectors that denote the caller itself; bit 10 names the reply slot for an open wait. */
static __attribute__((noreturn)) void self_invocation(struct cpu *c, struct thread *t, u64 dest,
						      u64 tag)
{
	prepare(t, dest, tag);
	if ((dest & SEL_SPECIAL) == SEL_EXPLICIT && (dest & IPC_OPEN)) {
		t->reply_slot = reply_table_slot(t->task, dest >> 12, true);
		if (!t->reply_slot) {
			ipc_complete_error(c, t, IPC_NO_REPLY_SLOT);
			finish(c, t);
		}
	}
	thread_invocation(c, t, (u64)&t->obj | CAP_W | CAP_S, dest, tag);
}

/* The implicit reply capability and an open wait; returns if it is not the common case. */
static always_inline void try_fast_reply(struct cpu *c, struct thread *t, u64 tag)
{
	struct reply_cap *slot = &t->reply;

	t->reply_slot = slot;
	if (likely(slot->caller))
		fast_reply_wait(c, t, slot->caller, slot, tag);
}

static noinline __attribute__((noreturn)) void special_slowly(struct thread *t, u64 label, u64 dest)
{
	struct cpu *c = this_cpu();

	if (dest & IPC_REPLY)
		reply_invocation(c, t, label, dest, t->regs.rax);
	self_invocation(c, t, dest, t->regs.rax);
}

void syscall_special(struct thread *t, u64 label, u64 dest)
{
	/* In vCPU mode an open wait may be over before it begins. */
	if (likely((dest & (0xf | SEL_EXPLICIT)) == (IPC_SEND | IPC_RECV | IPC_OPEN | IPC_REPLY)) &&
	    likely(!(t->flags & TF_VCPU)))
		try_fast_reply(this_cpu(), t, t->regs.rax);
	special_slowly(t, label, dest);
}

static noinline __attribute__((noreturn)) void run(struct cpu *c, struct thread *t)
{
	u64 dest = t->regs.rdx;
	u64 cap;

	if (dest & (IPC_REPLY | SEL_SPECIAL))
		syscall_special(t, t->regs.rsi, dest);
	cap = captab_word(&t->task->caps, dest);
	if (!cap)
		empty(c, t);
	syscall_object(t, cap, dest);
}

void syscall_restart(struct thread *t)
{
	run(this_cpu(), t);
}

/* Of an alien thread the system call is (also) an exception. */
void syscall_slowly(struct cpu *c, struct thread *t)
{
	t->flags &= ~(u32)TF_CANCEL;
	if ((t->flags & (TF_ALIEN | TF_VCPU_GUEST)) == TF_ALIEN) {
		if (!(t->flags & TF_ALIEN_ALLOW)) {
			t->regs.rip -= 2;
			fault_exception(c, t, SYSCALL_VECTOR, 0);
		}
		t->flags = (t->flags & ~(u32)TF_ALIEN_ALLOW) | TF_ALIEN_AFTER | TF_TRIGGER;
	}
	run(c, t);
}
