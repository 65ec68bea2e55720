/* SPDX-License-Identifier: MIT */
/* The system call: find what the selector denotes, then IPC or a method of a kernel object.
 * Abi spec 1.1 to 1.6. */
#include "core/fault.h"
#include "core/ipc.h"
#include "core/ipc_fast.h"
#include "core/ipc_internal.h"
#include "core/sched.h"
#include "core/vcpu.h"
#include "obj/gate.h"
#include "obj/irq.h"
#include "obj/reply.h"
#include "x86_64/context.h"
#include <l4/sys/consts.h>
#include <l4/sys/err.h>
#include <l4/sys/types.h>

#define SEL_SELF     0x800
#define SEL_EXPLICIT 0x400
#define SEL_SPECIAL  (SEL_SELF | SEL_EXPLICIT)

static bool syscall_run(struct cpu *c, struct thread *t, bool plain);

void syscall_restart(struct thread *t)
{
	struct cpu *c = this_cpu();

	syscall_run(c, t, false);
	resume_current(c);
}

/* Receive phase on something that is not a thread: an IRQ's messages, or (nothing else sends) our
 * own, that is: wait for the timeout. */
static bool receive_on(struct cpu *c, struct thread *t, struct kobject *o)
{
	if (t->op & IPC_OPEN)
		return ipc_receive(c, t, NULL);
	if (o->type == KOBJ_IRQ)
		return ipc_receive(c, t, irq_sender(o));
	return ipc_receive(c, t, &t->sender);
}

/* The operation goes on out of line, where it is found in t: blocking IPC, methods. */
static always_inline void prepare(struct thread *t, u64 dest, u64 tag)
{
	t->op = dest & 0xf;
	t->snd_tag = tag;
	t->timeouts = (u32)t->regs.r8;
	t->reply_slot = &t->reply;
}

static noinline bool special_reply(struct cpu *c, struct thread *t, struct kobject *o, u64 reply,
				   u64 dest)
{
	if (reply == REPLY_NONE) {
		prepare(t, dest, t->regs.rax);
		if (dest & IPC_RECV)
			return receive_on(c, t, o);
		if (c->need_resched)
			resume_current(c);
		return true;
	}
	if (reply == REPLY_RESTART) {
		t->cont = syscall_restart;
		c->need_resched |= RESCHED_LOOK;
		resume_current(c);
	}
	spin_lock(&c->lock);
	schedule(c); /* REPLY_GONE */
}

/* Method of kernel object o. */
static always_inline bool invoke(struct cpu *c, struct thread *t, struct cap_ref ref, u64 dest,
				 u64 tag)
{
	struct invocation *inv = &c->invocation;
	u64 reply;

	inv->caller = t;
	inv->mr = t->utcb;
	inv->tag = tag;
	inv->rights = ref.rights;
	inv->op = (u8)dest;
	reply = ref.obj->ops->invoke(ref.obj, inv);
	if (unlikely(reply & 0x7000))
		return special_reply(c, t, ref.obj, reply, dest);
	if (likely(dest & IPC_RECV))
		t->regs.rax = reply;
	else if (reply & TAG_ERROR)
		t->regs.rax = reply;
	if (unlikely(c->need_resched))
		resume_current(c);
	return true;
}

static always_inline bool syscall_object(struct cpu *c, struct thread *t, struct cap_ref ref,
					 u64 dest, u64 tag)
{
	if (likely(dest & IPC_SEND))
		return invoke(c, t, ref, dest, tag);
	prepare(t, dest, tag);
	if (dest & IPC_RECV)
		return receive_on(c, t, ref.obj);
	return true;
}

static always_inline long tag_proto(u64 tag)
{
	return (long)tag >> 16;
}

static bool thread_invocation(struct cpu *c, struct thread *t, struct cap_ref ref, u64 dest,
			      u64 tag)
{
	struct thread *r = thread_of(ref.obj);

	if (tag_proto(tag) == L4_PROTO_THREAD && (dest & (IPC_SEND | IPC_RECV)) != IPC_RECV)
		return invoke(c, t, ref, dest, tag);
	if (dest & IPC_SEND) {
		t->sender.label = t->regs.rsi;
		t->channel_rights = ref.rights & (CAP_W | CAP_S);
		return ipc_send(c, t, r, 0);
	}
	if (dest & IPC_RECV)
		return ipc_receive(c, t, dest & IPC_OPEN ? NULL : &r->sender);
	return true;
}

static noinline bool syscall_thread(struct cpu *c, struct thread *t, struct cap_ref ref, u64 dest,
				    u64 tag)
{
	prepare(t, dest, tag);
	return thread_invocation(c, t, ref, dest, tag);
}

/* What the fast path does not do: methods of the gate, receiving through it, and IPC in general. */
static noinline bool syscall_gate(struct cpu *c, struct thread *t, struct cap_ref ref, u64 dest,
				  u64 tag)
{
	struct gate *g = gate_of(ref.obj);
	struct thread *r;
	u64 label;

	prepare(t, dest, tag);
	if (tag_proto(tag) == L4_PROTO_KOBJECT && (ref.rights & CAP_OBJ1) && (dest & IPC_SEND))
		return invoke(c, t, ref, dest, tag);
	r = gate_target(g, &label);
	if (!r)
		return gate_wait(c, t, g);
	if (dest & IPC_SEND) {
		t->sender.label = label | (ref.rights & (CAP_W | CAP_S));
		t->channel_rights = ref.rights & (CAP_W | CAP_S);
		return ipc_send(c, t, r, 0);
	}
	if (dest & IPC_RECV)
		return ipc_receive(c, t, dest & IPC_OPEN ? NULL : &r->sender);
	return true;
}

/* Send phase to a reply capability, the implicit one or an explicit slot. */
static noinline bool syscall_reply(struct cpu *c, struct thread *t, u64 dest, u64 tag)
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
		return ipc_complete_error(c, t, IPC_NOT_EXISTENT);
	t->sender.label = t->regs.rsi;
	t->channel_rights = cap.rights;
	return ipc_send(c, t, cap.caller, cap.token);
}

/* Selectors that denote the caller itself; bit 10 names the reply slot for an open wait. */
static noinline bool syscall_self(struct cpu *c, struct thread *t, u64 dest, u64 tag)
{
	struct cap_ref self = { .obj = &t->obj, .rights = CAP_W | CAP_S };

	prepare(t, dest, tag);
	if ((dest & SEL_SPECIAL) == SEL_EXPLICIT && (dest & IPC_OPEN)) {
		t->reply_slot = reply_table_slot(t->task, dest >> 12, true);
		if (!t->reply_slot)
			return ipc_complete_error(c, t, IPC_NO_REPLY_SLOT);
	}
	return thread_invocation(c, t, self, dest, tag);
}

/* The implicit reply capability and an open wait; returns if it is not the common case. */
static always_inline void try_fast_reply(struct cpu *c, struct thread *t, u64 tag)
{
	struct reply_cap *slot = &t->reply;

	if (likely(slot->caller))
		fast_reply_wait(c, t, slot->caller, slot, tag);
}

static always_inline void try_fast_call(struct cpu *c, struct thread *t, struct cap_ref ref,
					u64 tag)
{
	struct thread *r;
	u64 label;

	if (unlikely(tag_proto(tag) == L4_PROTO_KOBJECT))
		return;
	r = gate_target(gate_of(ref.obj), &label);
	if (likely(r))
		fast_call(c, t, r, tag, label | (ref.rights & (CAP_W | CAP_S)),
			  ref.rights & (CAP_W | CAP_S));
}

static noinline bool syscall_empty(struct cpu *c, struct thread *t, u64 dest, u64 tag)
{
	prepare(t, dest, tag);
	return ipc_complete_error(c, t, IPC_NOT_EXISTENT);
}

/* plain: not in vCPU mode, in which an open wait may be over before it begins. */
static always_inline bool syscall_run(struct cpu *c, struct thread *t, bool plain)
{
	u64 dest = t->regs.rdx, tag = t->regs.rax;
	struct cap_ref ref;

	if ((dest & (0xf | SEL_EXPLICIT)) == (IPC_SEND | IPC_RECV | IPC_OPEN | IPC_REPLY)) {
		t->reply_slot = &t->reply;
		if (plain)
			try_fast_reply(c, t, tag);
	}
	if (dest & IPC_REPLY)
		return syscall_reply(c, t, dest, tag);
	if (unlikely(dest & SEL_SPECIAL))
		return syscall_self(c, t, dest, tag);
	ref = captab_lookup(&t->task->caps, dest >> 12);
	if (unlikely(!ref.obj))
		return syscall_empty(c, t, dest, tag);
	if (likely(ref.obj->type == KOBJ_GATE)) {
		if (likely((dest & 0xf) == (IPC_SEND | IPC_RECV)))
			try_fast_call(c, t, ref, tag);
		return syscall_gate(c, t, ref, dest, tag);
	}
	if (unlikely(ref.obj->type == KOBJ_THREAD))
		return syscall_thread(c, t, ref, dest, tag);
	return syscall_object(c, t, ref, dest, tag);
}

/* Of an alien thread the system call is (also) an exception. */
bool syscall_slowly(struct cpu *c, struct thread *t)
{
	t->flags &= ~(u32)TF_CANCEL;
	if ((t->flags & (TF_ALIEN | TF_VCPU_GUEST)) == TF_ALIEN) {
		if (!(t->flags & TF_ALIEN_ALLOW)) {
			t->regs.rip -= 2;
			fault_exception(c, t, SYSCALL_VECTOR, 0);
		}
		t->flags = (t->flags & ~(u32)TF_ALIEN_ALLOW) | TF_ALIEN_AFTER | TF_TRIGGER;
	}
	syscall_run(c, t, false);
	resume_current(c);
}

static noinline bool syscall_special(struct thread *t)
{
	struct cpu *c = this_cpu();

	return t->flags & TF_VCPU ? vcpu_syscall(c, t) : syscall_slowly(c, t);
}

bool syscall_entry(struct thread *t)
{
	if (unlikely(t->flags & (TF_SYSCALL_SLOW | TF_CANCEL)))
		return syscall_special(t);
	return syscall_run(this_cpu(), t, true);
}
