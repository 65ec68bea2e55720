/* SPDX-License-Identifier: MIT */
/* The system call: find what the selector denotes, then IPC or a method of a kernel object.
 * Abi spec 1.1 to 1.6. */
#include "core/fault.h"
#include "core/ipc.h"
#include "core/ipc_internal.h"
#include "core/irqoff.h"
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

static bool syscall_run(struct cpu *c, struct thread *t);

void syscall_restart(struct thread *t)
{
	struct cpu *c = this_cpu();

	syscall_run(c, t);
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

static noinline bool special_reply(struct cpu *c, struct thread *t, struct kobject *o, u64 reply)
{
	if (reply == REPLY_NONE) {
		t->progress = 0;
		if (t->op & IPC_RECV)
			return receive_on(c, t, o);
		if (c->need_resched || t->cont)
			resume_current(c);
		return true;
	}
	if (reply == REPLY_RESTART) {
		t->cont = syscall_restart;
		c->need_resched = true;
		resume_current(c);
	}
	spin_lock(&c->lock);
	schedule(c); /* REPLY_GONE */
}

/* Method of kernel object o. */
static always_inline bool invoke(struct cpu *c, struct thread *t, struct kobject *o, u8 rights)
{
	struct invocation *inv = &c->invocation;
	u64 reply;

	inv->caller = t;
	inv->mr = t->utcb;
	inv->tag = t->snd_tag;
	inv->rights = rights;
	inv->op = (u8)t->op;
	reply = o->ops->invoke(o, inv);
	if (unlikely(reply & 0x7000))
		return special_reply(c, t, o, reply);
	t->progress = 0;
	if (likely(t->op & IPC_RECV) || (reply & TAG_ERROR))
		t->regs.rax = reply;
	if (unlikely(c->need_resched || t->cont))
		resume_current(c);
	return true;
}

static bool invoke_object(struct cpu *c, struct thread *t, struct cap_ref ref)
{
	if (likely(t->op & IPC_SEND))
		return invoke(c, t, ref.obj, ref.rights);
	if (t->op & IPC_RECV)
		return receive_on(c, t, ref.obj);
	return true;
}

static always_inline long tag_proto(u64 tag)
{
	return (long)tag >> 16;
}

static bool syscall_thread(struct cpu *c, struct thread *t, struct thread *r, u8 rights)
{
	if (tag_proto(t->snd_tag) == L4_PROTO_THREAD && (t->op & (IPC_SEND | IPC_RECV)) != IPC_RECV)
		return invoke(c, t, &r->obj, rights);
	if (t->op & IPC_SEND) {
		t->sender.label = t->regs.rsi;
		t->channel_rights = rights & (CAP_W | CAP_S);
		return ipc_send(c, t, r, 0);
	}
	if (t->op & IPC_RECV)
		return ipc_receive(c, t, t->op & IPC_OPEN ? NULL : &r->sender);
	return true;
}

static always_inline bool syscall_gate(struct cpu *c, struct thread *t, struct cap_ref ref)
{
	struct gate *g = gate_of(ref.obj);
	struct thread *r;
	u64 label;

	if (unlikely(tag_proto(t->snd_tag) == L4_PROTO_KOBJECT) && (ref.rights & CAP_OBJ1) &&
	    (t->op & IPC_SEND))
		return invoke(c, t, ref.obj, ref.rights);
	r = gate_target(g, &label);
	if (unlikely(!r))
		return gate_wait(c, t, g, ref.rights);
	if (unlikely(!(t->op & IPC_SEND))) {
		if (!(t->op & IPC_RECV))
			return true;
		return ipc_receive(c, t, t->op & IPC_OPEN ? NULL : &r->sender);
	}
	t->sender.label = label | (ref.rights & (CAP_W | CAP_S));
	t->channel_rights = ref.rights & (CAP_W | CAP_S);
	return ipc_send(c, t, r, 0);
}

bool syscall_on(struct cpu *c, struct thread *t, struct cap_ref ref)
{
	if (ref.obj->type == KOBJ_GATE)
		return syscall_gate(c, t, ref);
	if (ref.obj->type == KOBJ_THREAD)
		return syscall_thread(c, t, thread_of(ref.obj), ref.rights);
	return invoke_object(c, t, ref);
}

/* Send phase to a reply capability, the implicit one or an explicit slot. */
static bool syscall_reply(struct cpu *c, struct thread *t, u64 dest)
{
	struct reply_cap *slot = &t->reply;
	struct thread *r;

	if (unlikely((dest & SEL_SPECIAL) == SEL_EXPLICIT)) {
		slot = reply_table_slot(t->task, dest >> 12, false);
		if (!slot)
			return ipc_complete_error(c, t, IPC_NOT_EXISTENT);
		t->reply_slot = slot;
	}
	r = slot->caller;
	slot->caller = NULL;
	if (unlikely(!r))
		return ipc_complete_error(c, t, IPC_NOT_EXISTENT);
	t->sender.label = t->regs.rsi;
	t->channel_rights = slot->rights;
	return ipc_send(c, t, r, slot->token);
}

/* Selectors that denote the caller itself; bit 10 names the reply slot for an open wait. */
static noinline bool syscall_self(struct cpu *c, struct thread *t, u64 dest)
{
	if ((dest & SEL_SPECIAL) == SEL_EXPLICIT && (t->op & IPC_OPEN)) {
		t->reply_slot = reply_table_slot(t->task, dest >> 12, true);
		if (!t->reply_slot)
			return ipc_complete_error(c, t, IPC_NO_REPLY_SLOT);
	}
	return syscall_thread(c, t, t, CAP_W | CAP_S);
}

static always_inline bool syscall_run(struct cpu *c, struct thread *t)
{
	u64 dest = t->regs.rdx;
	struct cap_ref ref;

	t->op = dest & 0xf;
	t->snd_tag = t->regs.rax;
	t->timeouts = (u32)t->regs.r8;
	t->reply_slot = &t->reply;
	if (dest & IPC_REPLY)
		return syscall_reply(c, t, dest);
	if (unlikely(dest & SEL_SPECIAL))
		return syscall_self(c, t, dest);
	ref = captab_lookup(&t->task->caps, dest >> 12);
	if (unlikely(!ref.obj))
		return ipc_complete_error(c, t, IPC_NOT_EXISTENT);
	if (likely(ref.obj->type == KOBJ_GATE))
		return syscall_gate(c, t, ref);
	if (ref.obj->type == KOBJ_THREAD)
		return syscall_thread(c, t, thread_of(ref.obj), ref.rights);
	return invoke_object(c, t, ref);
}

/* Alien threads and guests: the system call is (also) an exception. */
static noinline bool syscall_special(struct cpu *c, struct thread *t)
{
	t->flags &= ~(u32)TF_CANCEL;
	if (t->flags & TF_VCPU_GUEST) {
		if (!vcpu_syscall_allowed(t))
			vcpu_exit_syscall(c, t);
	} else if (t->flags & TF_ALIEN) {
		if (!(t->flags & TF_ALIEN_ALLOW)) {
			t->regs.rip -= 2;
			fault_exception(c, t, SYSCALL_VECTOR, 0);
		}
		t->flags = (t->flags & ~(u32)TF_ALIEN_ALLOW) | TF_ALIEN_AFTER | TF_TRIGGER;
	}
	syscall_run(c, t);
	resume_current(c);
}

bool syscall_entry(struct thread *t)
{
	struct cpu *c = this_cpu();

	irqoff_begin(c);
	if (unlikely(t->flags & (TF_SYSCALL_SLOW | TF_CANCEL)))
		return syscall_special(c, t);
	if (IRQS_OFF_MEASURED) {
		syscall_run(c, t);
		resume_current(c);
	}
	return syscall_run(c, t);
}
