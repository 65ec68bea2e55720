/* SPDX-License-Identifier: MIT */
/* vCPU mode: what causes entries to the handler, and control. The way to the handler is in
 * vcpu_exit.c, resume in vcpu_resume.c. */
#include "core/vcpu.h"
#include "core/ipc.h"
#include "core/ipc_internal.h"
#include "core/sched.h"
#include "core/string.h"
#include "core/vcpu_internal.h"
#include "mm/kmem.h"
#include "obj/composition.h"
#include "x86_64/insn.h"
#include <l4/sys/consts.h>
#include <l4/sys/err.h>
#include <l4/sys/thread.h>
#include <l4/sys/types.h>
#include <l4/sys/vcpu.h>
#include <l4/zwinger/vcpu_ext.h>

_Static_assert(offsetof(struct vcpu_state, seg) == 0xf8, "vcpu state");
_Static_assert(offsetof(struct vcpu_state, ipc_tag) == 0x148, "vcpu state");
_Static_assert(offsetof(struct vcpu_state, host_ds) == 0x188, "vcpu state");
_Static_assert(sizeof(struct vcpu_state) == 0x198, "vcpu state");
_Static_assert(sizeof(struct vcpu_ext) == sizeof(l4_zw_vcpu_ext_t), "vcpu extension");

#define VCPU_VERSION	 0x26
#define CONTROL_EXTENDED 0x10000
#define CONTROL_EXT	 0x20000

static SLAB_CACHE(vcpu_cache, sizeof(struct vcpu), 64);

/* --- Senders --- */

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

/* --- Extended state. Only guest user mode can be without it: it makes no system calls. --- */

void vcpu_fpu_off(struct cpu *c, struct thread *t)
{
	t->flags |= TF_FPU_OFF;
	vcpu_note_leave(t->vcpu);
	t->odd = true;
	context_allow_fpu(c, false);
}

void vcpu_fpu_on(struct cpu *c, struct thread *t)
{
	t->flags &= ~(u32)TF_FPU_OFF;
	vcpu_note_leave(t->vcpu);
	context_allow_fpu(c, true);
}

/* --- Segments of the host --- */

static void load_host_segments(struct thread *t)
{
	const struct vcpu_state *s = t->vcpu->state;

	t->seg.fs_base = canonical(s->host_fs_base);
	t->seg.gs_base = canonical(s->host_gs_base);
	t->seg.ds = s->host_ds;
	t->seg.es = s->host_es;
	t->seg.fs = s->host_fs;
	t->seg.gs = s->host_gs;
	context_load_segments(t);
}

void vcpu_leave_kernel(struct cpu *c, struct thread *t)
{
	load_host_segments(t);
	t->flags &= ~(u32)TF_VCPU_GUEST;
	t->space = &t->task->space;
	space_load(c, t->space);
}

void vcpu_keep_views(struct cpu *c, struct thread *t)
{
	struct vcpu *v = t->vcpu;
	struct vcpu_state *s = v->state;

	s->state |= VCPU_GUEST_KERNEL;
	if (v->kernel_mode && (t->flags & TF_VCPU_GUEST))
		return;
	context_save_segments(t);
	if (t->flags & TF_VCPU_GUEST)
		s->seg.gs_base = t->seg.gs_base;
	if (t->flags & TF_FPU_OFF)
		vcpu_fpu_on(c, t);
	t->seg.gs_base = canonical(s->host_gs_base);
	context_load_gs_base(t);
	t->flags |= TF_VCPU_GUEST;
	v->kernel_mode = true;
	t->space = v->space[MODE_KERNEL];
	space_load(c, t->space);
}

/* --- Faults --- */

static bool fixed_stack(const struct vcpu *v)
{
	return v->ext && (v->ext->flags & L4_ZW_VCPU_EXT_F_FIXED_STACK);
}

void vcpu_try_exit(struct thread *t, u64 vector, u64 error)
{
	struct vcpu *v = t->vcpu;
	struct vcpu_state *s = v->state;
	bool page_fault = vector == 14;
	u16 open = page_fault ? VCPU_PAGE_FAULTS : VCPU_EXCEPTIONS;
	u64 sp = s->entry_sp;

	if (t->flags & TF_VCPU_GUEST) {
		if (vcpu_handler_traps(v, open))
			return;
	} else {
		if (!(s->state & open))
			return;
		if (!page_fault && !(s->state & VCPU_USER) && !fixed_stack(v))
			sp = t->regs.rsp;
	}
	vcpu_enter(t, vector, error, sp);
}

/* --- Events --- */

/* A frame made by `syscall` lacks what the instruction put into rcx and r11. */
static void complete_frame(struct thread *t)
{
	if (t->regs.vector != SYSCALL_VECTOR)
		return;
	t->regs.rcx = t->regs.rip;
	t->regs.r11 = t->regs.rflags;
}

void vcpu_note_message(struct thread *t)
{
	t->vcpu->state->ipc_label = t->rcv_label;
	t->vcpu->state->ipc_tag = t->rcv_tag;
}

static void message_arrived(struct thread *t)
{
	vcpu_note_message(t);
	vcpu_enter(t, TRAP_IPC, 0, t->vcpu->state->entry_sp);
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

/* A thread that comes back to a processor passes here. */
static void note_processor(const struct cpu *c, const struct thread *t, struct vcpu_ext *e)
{
	e->cpu = c->number;
	e->displaced = 0;
	if (likely(c->slice_owner == t))
		e->away = c->switched_at - t->cpu_time;
}

void vcpu_displaced(struct thread *t)
{
	if (t->flags & TF_VCPU && t->vcpu->ext)
		WRITE_ONCE(t->vcpu->ext->displaced, rdtsc());
}

static void deliver_events(struct cpu *c, struct thread *t)
{
	struct vcpu *v = t->vcpu;

	if (v->ext)
		note_processor(c, t, v->ext);
	if (!(v->state->state & VCPU_IRQ) || (t->flags & TF_EXCEPTION))
		return;
	if (!heap_empty(&t->senders)) {
		if (t->flags & TF_FPU_OFF)
			vcpu_fpu_on(c, t); /* the message may come with extended state */
		complete_frame(t);
		vcpu_receive(c, t, message_arrived);
	}
	if (v->ext && (READ_ONCE(v->ext->pending) & L4_ZW_VCPU_PENDING_TIMER)) {
		v->ext->pending &= ~(u32)L4_ZW_VCPU_PENDING_TIMER;
		complete_frame(t);
		vcpu_enter(t, TRAP_TIMER, 0, v->state->entry_sp);
	}
}

void vcpu_before_user(struct cpu *c, struct thread *t)
{
	if (t->flags & TF_TRIGGER) {
		bool after = t->flags & TF_ALIEN_AFTER;

		t->flags &= ~(u32)(TF_TRIGGER | TF_ALIEN_AFTER);
		if (t->regs.vector == SYSCALL_VECTOR) {
			t->regs.rcx = t->regs.r8;
			t->regs.r11 = t->regs.rflags;
		}
		fault_exception(c, t, after ? TRAP_SYSCALL : TRAP_ARTIFICIAL, after);
	}
	if (t->flags & TF_VCPU)
		deliver_events(c, t);
}

/* --- The deadline --- */

bool vcpu_wait_is_over(const struct thread *t)
{
	const struct vcpu_ext *e = t->flags & TF_VCPU ? t->vcpu->ext : NULL;

	return e && (READ_ONCE(e->pending) & L4_ZW_VCPU_PENDING_TIMER);
}

/* The deadline that was set has passed. User land may have written another one meanwhile. */
static void deadline_passed(struct vcpu *v)
{
	u64 passed = v->armed;

	v->armed = 0;
	__atomic_compare_exchange_n(&v->ext->deadline, &passed, 0, false, __ATOMIC_RELAXED,
				    __ATOMIC_RELAXED);
	__atomic_fetch_or(&v->ext->pending, (u32)L4_ZW_VCPU_PENDING_TIMER, __ATOMIC_RELAXED);
}

void vcpu_deadline_reached(struct cpu *c, struct timeout *to)
{
	struct vcpu *v = container_of(to, struct vcpu, deadline);
	struct thread *t = v->thread;

	deadline_passed(v);
	if (t->state != THREAD_RECV || t->wait_for || (t->flags & TF_EXCEPTION))
		return;
	/* It waits for events in the kernel: the receive ends, the pending bit tells why. */
	timeout_clear(c, &t->timeout);
	ipc_fail(t, IPC_TIMEOUT | IPC_RECV_PHASE);
	sched_wake(c, c, t);
}

void vcpu_set_deadline(struct cpu *c, struct vcpu *v)
{
	u64 when = READ_ONCE(v->ext->deadline);

	spin_lock(&c->lock);
	timeout_clear(c, &v->deadline);
	v->armed = when;
	if (when > rdtsc())
		timeout_set(c, c, &v->deadline, when);
	else if (when)
		deadline_passed(v);
	spin_unlock(&c->lock);
}

rarely void vcpu_move(struct cpu *own, struct cpu *from, struct cpu *to, struct thread *t)
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

/* --- Control --- */

rarely void vcpu_free(struct thread *t)
{
	struct vcpu *v = t->vcpu;

	if (!v)
		return;
	composition_put(v->composed, t->task);
	if (v->user_task)
		task_unpin(v->user_task);
	view_unpin(v->kernel_view);
	view_unpin(v->process_view);
	slab_free(&vcpu_cache, t->obj.quota, v);
}

static rarely void init_state(struct thread *t, struct vcpu *v)
{
	struct vcpu_state *s = v->state;

	if (t == this_cpu()->current && !(t->flags & TF_VCPU_GUEST))
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

struct control {
	struct vcpu *fresh; /* used if the thread has none yet */
	void *state;
	u64 state_user;
	bool ext;
};

/* See thread_call(). */
static rarely void control_here(struct cpu *own, struct thread *t, void *arg)
{
	struct control *x = arg;
	struct vcpu *v = t->vcpu ? t->vcpu : x->fresh;

	(void)own;
	if (v == x->fresh)
		x->fresh = NULL;
	timeout_clear(t->cpu, &v->deadline);
	v->armed = 0;
	v->state = x->state;
	v->state_user = x->state_user;
	v->ext = x->ext ? (struct vcpu_ext *)((char *)x->state + VCPU_EXT_OFFSET) : NULL;
	vcpu_note_spaces(v);
	init_state(t, v);
	t->vcpu = v;
	__atomic_fetch_or(&t->flags, TF_VCPU, __ATOMIC_RELEASE);
	if (!heap_empty(&t->senders))
		vcpu_sender_queued(t);
}

static struct vcpu *vcpu_create(const struct cpu *own, struct thread *t)
{
	struct vcpu *v = slab_alloc(&vcpu_cache, t->obj.quota);

	if (!v)
		return NULL;
	memset(v, 0, sizeof(*v));
	v->thread = t;
	v->quick = cpu_feat.fsgsbase && !own->exit_work;
	v->deadline.kind = TIMEOUT_VCPU;
	return v;
}

rarely u64 vcpu_control(struct thread *t, struct invocation *inv)
{
	bool ext = inv->mr[0] & CONTROL_EXT;
	u64 a = inv->mr[1];
	struct control x = { .state_user = a, .ext = ext };
	struct cpu *own = this_cpu();

	if (inv_words(inv) < 2 || !t->task || !a || (ext && (a & PAGE_MASK)))
		return reply_error(-L4_EINVAL);
	if (inv->mr[0] & CONTROL_EXTENDED)
		return reply_error(-L4_ENOSYS); /* no hardware virtualisation yet */
	x.state = task_ku_ptr(t->task, a, ext ? PAGE_SIZE : sizeof(struct vcpu_state));
	if (!x.state)
		return reply_error(-L4_EINVAL);
	if (!t->vcpu)
		x.fresh = vcpu_create(own, t);
	if (!t->vcpu && !x.fresh)
		return reply_error(-L4_ENOMEM);
	thread_call(own, t, control_here, &x);
	if (x.fresh)
		slab_free(&vcpu_cache, t->obj.quota, x.fresh);
	return 0;
}
