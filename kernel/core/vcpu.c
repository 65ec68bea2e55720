/* SPDX-License-Identifier: MIT */
/* vCPU mode: entries to the handler and what causes them. Resume is in vcpu_resume.c. */
#include "core/vcpu.h"
#include "core/vcpu_internal.h"
#include "core/fault.h"
#include "core/ipc.h"
#include "core/ipc_internal.h"
#include "core/sched.h"
#include "core/string.h"
#include "mm/kmem.h"
#include "obj/view.h"
#include "x86_64/context.h"
#include "x86_64/insn.h"
#include <l4/sys/err.h>
#include <l4/sys/vcpu.h>
#include <l4/zwinger/vcpu_ext.h>

_Static_assert(offsetof(struct vcpu_state, seg) == 0xf8, "vcpu state");
_Static_assert(offsetof(struct vcpu_state, ipc_tag) == 0x148, "vcpu state");
_Static_assert(offsetof(struct vcpu_state, host_ds) == 0x188, "vcpu state");
_Static_assert(sizeof(struct vcpu_state) == 0x198, "vcpu state");
_Static_assert(sizeof(struct vcpu_ext) == sizeof(l4_zw_vcpu_ext_t), "vcpu extension");

#define VCPU_VERSION	     0x26
#define CONTROL_EXTENDED     0x10000
#define CONTROL_EXT	     0x20000
#define STATE_CLEARED	     (VCPU_IRQ | VCPU_PAGE_FAULTS | VCPU_EXCEPTIONS | VCPU_USER | VCPU_GUEST_KERNEL)
#define ENTRY_RFLAGS	     (RFLAGS_FIXED | RFLAGS_IF)

static SLAB_CACHE(vcpu_cache, sizeof(struct vcpu), 64);

bool vcpu_accepts(const struct thread *r)
{
	return (r->flags & TF_VCPU) && r->state == THREAD_READY && !(r->flags & TF_EXCEPTION) &&
	       (READ_ONCE(r->vcpu->state->state) & VCPU_IRQ);
}

void vcpu_sender_queued(struct thread *r)
{
	__atomic_fetch_or(&r->vcpu->state->sticky, VCPU_STICKY_IPC, __ATOMIC_RELAXED);
}

void vcpu_senders_gone(struct thread *r)
{
	__atomic_fetch_and(&r->vcpu->state->sticky, (u16)~VCPU_STICKY_IPC, __ATOMIC_RELAXED);
}

/* Leave the guest's address space and segments for those of the handler. */
static void leave_guest(struct cpu *c, struct thread *t)
{
	struct vcpu *v = t->vcpu;
	struct vcpu_state *s = v->state;

	context_save_segments(t);
	s->seg = t->seg;
	t->seg.fs_base = canonical(s->host_fs_base);
	t->seg.gs_base = canonical(s->host_gs_base);
	t->seg.ds = s->host_ds;
	t->seg.es = s->host_es;
	t->seg.fs = s->host_fs;
	t->seg.gs = s->host_gs;
	context_load_segments(t);
	t->flags &= ~(u32)TF_VCPU_GUEST;
	t->space = &t->task->space;
	context_load_space(c, t);
}

/* Enter the handler of the current thread at its entry point. The state's registers and trap
 * fields are set already. */
static __attribute__((noreturn)) void enter(struct cpu *c, struct thread *t, u64 sp)
{
	struct vcpu_state *s = t->vcpu->state;

	s->saved_state = s->state;
	s->state &= (u16)~STATE_CLEARED;
	if (t->vcpu->ext)
		t->vcpu->ext->exits++;
	if (t->flags & TF_VCPU_GUEST)
		leave_guest(c, t);
	t->regs.rip = canonical(s->entry_ip);
	t->regs.rsp = sp;
	t->regs.rdi = t->vcpu->state_user;
	t->regs.rflags = ENTRY_RFLAGS;
	t->regs.cs = SEL_USER_CODE64;
	t->regs.ss = SEL_USER_DATA;
	t->regs.vector = SYSCALL_VECTOR; /* nothing but these matters: the short way out */
	exit_to_user(t);
}

static bool fixed_stack(const struct vcpu *v)
{
	return v->ext && (v->ext->flags & L4_ZW_VCPU_EXT_F_FIXED_STACK);
}

/* Copy the interrupted context into the state. */
static void save_context(struct thread *t, u64 vector, u64 error)
{
	struct vcpu_state *s = t->vcpu->state;

	memcpy(&s->regs, &t->regs, sizeof(s->regs));
	s->regs.vector = vector;
	s->regs.error = error;
}

void vcpu_try_exit(struct cpu *c, struct thread *t, u64 vector, u64 error)
{
	struct vcpu *v = t->vcpu;
	struct vcpu_state *s = v->state;
	bool guest = t->flags & TF_VCPU_GUEST;
	u64 sp = s->entry_sp;

	if (guest && vector == 14 && v->ext &&
	    view_sync(v->process_view, v->kernel_view, t->space, t->regs.pfa))
		resume_current(c);
	if (!guest && !(s->state & (vector == 14 ? VCPU_PAGE_FAULTS : VCPU_EXCEPTIONS)))
		return;
	if (vector != 14 && !guest && !(s->state & VCPU_USER) && !fixed_stack(v))
		sp = t->regs.rsp;
	save_context(t, vector, error);
	enter(c, t, sp);
}

bool vcpu_syscall_allowed(struct thread *t)
{
	struct vcpu_ext *e = t->vcpu->ext;
	u64 ip = t->regs.rip - 2;

	return e && (t->vcpu->state->state & VCPU_GUEST_KERNEL) && ip >= e->shim_start &&
	       ip < e->shim_end;
}

void vcpu_exit_syscall(struct cpu *c, struct thread *t)
{
	if (t->vcpu->ext)
		t->vcpu->ext->syscalls++;
	t->regs.rip -= 2;
	t->regs.r11 = t->regs.rflags;
	save_context(t, TRAP_SYSCALL, 0);
	enter(c, t, t->vcpu->state->entry_sp);
}

/* A message has been received for the handler. */
static void message_arrived(struct thread *t)
{
	struct vcpu_state *s = t->vcpu->state;

	s->ipc_label = t->rcv_label;
	s->ipc_tag = t->rcv_tag;
	save_context(t, TRAP_IPC, 0);
	enter(this_cpu(), t, s->entry_sp);
}

void vcpu_receive(struct cpu *c, struct thread *t, continuation done)
{
	t->cont = done;
	t->op = IPC_RECV | IPC_OPEN;
	t->timeouts = 0x0400;
	t->snd_tag = 0;
	t->reply_slot = &t->reply;
	ipc_receive(c, t, NULL);
	resume_current(c);
}

static void deliver_events(struct cpu *c, struct thread *t)
{
	struct vcpu *v = t->vcpu;

	if (!(v->state->state & VCPU_IRQ) || (t->flags & TF_EXCEPTION))
		return;
	if (!heap_empty(&t->senders))
		vcpu_receive(c, t, message_arrived);
	if (v->ext && (READ_ONCE(v->ext->pending) & L4_ZW_VCPU_PENDING_TIMER)) {
		v->ext->pending &= ~(u32)L4_ZW_VCPU_PENDING_TIMER;
		save_context(t, TRAP_TIMER, 0);
		enter(c, t, v->state->entry_sp);
	}
}

void vcpu_before_user(struct cpu *c, struct thread *t)
{
	if (t->flags & TF_TRIGGER) {
		bool after = t->flags & TF_ALIEN_AFTER;

		t->flags &= ~(u32)(TF_TRIGGER | TF_ALIEN_AFTER);
		t->regs.r11 = t->regs.vector == SYSCALL_VECTOR ? t->regs.rflags : t->regs.r11;
		fault_exception(c, t, after ? TRAP_SYSCALL : TRAP_ARTIFICIAL, after);
	}
	if (t->flags & TF_VCPU)
		deliver_events(c, t);
}

void vcpu_deadline_reached(struct cpu *c, struct timeout *to)
{
	struct vcpu *v = container_of(to, struct vcpu, deadline);

	v->armed = 0;
	v->ext->deadline = 0;
	__atomic_fetch_or(&v->ext->pending, (u32)L4_ZW_VCPU_PENDING_TIMER, __ATOMIC_RELAXED);
	if (v->thread->state == THREAD_RECV && (v->thread->op & IPC_OPEN) &&
	    (v->thread->flags & TF_VCPU)) {
		/* It waits for events in the kernel: the receive ends, the pending bit tells why. */
		timeout_clear(c, &v->thread->timeout);
		ipc_fail(v->thread, IPC_TIMEOUT | IPC_RECV_PHASE);
		sched_wake(c, c, v->thread);
	}
}

void vcpu_arm_deadline(struct cpu *c, struct vcpu *v)
{
	u64 when = v->ext->deadline;

	if (likely(when == v->armed))
		return;
	spin_lock(&c->lock);
	timeout_clear(c, &v->deadline);
	v->armed = when;
	if (when)
		timeout_set(c, c, &v->deadline, when);
	spin_unlock(&c->lock);
}

void vcpu_move(struct cpu *own, struct cpu *from, struct cpu *to, struct thread *t)
{
	struct vcpu *v = t->vcpu;

	if (!v || !heap_contains(&v->deadline.node))
		return;
	timeout_clear(from, &v->deadline);
	timeout_set(own, to, &v->deadline, v->armed);
}

void vcpu_stop(struct cpu *home, struct thread *t)
{
	if (t->vcpu)
		timeout_clear(home, &t->vcpu->deadline);
}

void vcpu_free(struct thread *t)
{
	struct vcpu *v = t->vcpu;

	if (!v)
		return;
	if (v->user_task)
		task_unpin(v->user_task);
	view_unpin(v->kernel_view);
	view_unpin(v->process_view);
	slab_free(&vcpu_cache, t->obj.quota, v);
}

static void init_state(struct thread *t, struct vcpu *v)
{
	struct vcpu_state *s = v->state;

	if (t == this_cpu()->current)
		context_save_segments(t);
	s->version = VCPU_VERSION;
	s->host_fs_base = t->seg.fs_base;
	s->host_gs_base = t->seg.gs_base;
	s->host_ds = t->seg.ds;
	s->host_es = t->seg.es;
	s->host_fs = t->seg.fs;
	s->host_gs = t->seg.gs;
	s->sel_data = SEL_USER_DATA;
	s->sel_code64 = SEL_USER_CODE64;
	s->sel_code32 = SEL_USER_CODE32;
	if (v->ext)
		v->ext->version = L4_ZW_VCPU_EXT_VERSION;
}

u64 vcpu_control(struct thread *t, struct invocation *inv)
{
	bool ext = inv->mr[0] & CONTROL_EXT;
	u64 a = inv->mr[1], bytes = ext ? PAGE_SIZE : sizeof(struct vcpu_state);
	void *state;
	struct vcpu *v = t->vcpu;

	if (inv_words(inv) < 2 || !t->task || (ext && (a & PAGE_MASK)))
		return reply_error(-L4_EINVAL);
	if (inv->mr[0] & CONTROL_EXTENDED)
		return reply_error(-L4_ENOSYS); /* no hardware virtualisation yet */
	state = a ? task_ku_ptr(t->task, a, bytes) : NULL;
	if (!state)
		return reply_error(-L4_EINVAL);
	if (!v) {
		v = slab_alloc(&vcpu_cache, t->obj.quota);
		if (!v)
			return reply_error(-L4_ENOMEM);
		memset(v, 0, sizeof(*v));
		v->thread = t;
		v->deadline.kind = TIMEOUT_VCPU;
	}
	v->state = state;
	v->state_user = a;
	v->ext = ext ? (struct vcpu_ext *)((char *)state + VCPU_EXT_OFFSET) : NULL;
	init_state(t, v);
	t->vcpu = v;
	__atomic_fetch_or(&t->flags, TF_VCPU, __ATOMIC_RELEASE);
	return 0;
}
