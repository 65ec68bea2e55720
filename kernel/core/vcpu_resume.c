/* SPDX-License-Identifier: MIT */
/* vCPU resume: leave the handler for the interrupted host code or the guest. Abi spec 9.4. */
#include "core/fault.h"
#include "core/ipc.h"
#include "core/map.h"
#include "core/sched.h"
#include "core/string.h"
#include "core/vcpu.h"
#include "core/vcpu_internal.h"
#include "mm/mapdb.h"
#include "obj/view.h"
#include "x86_64/context.h"
#include <l4/sys/err.h>
#include <l4/zwinger/vcpu_ext.h>

#define SEL_INVALID 0x800
#define SEL_LOW	    0xf
#define SEL_CACHED  1
#define SEL_RELEASE 8

/* A message was waiting when the handler resumed: enter it again instead. */
static void message_at_resume(struct thread *t)
{
	struct vcpu_state *s = t->vcpu->state;

	s->ipc_label = t->rcv_label;
	s->ipc_tag = t->rcv_tag;
	s->regs.vector = TRAP_IPC;
	s->regs.error = 0;
	s->state = s->saved_state & (u16)~(VCPU_IRQ | VCPU_PAGE_FAULTS | VCPU_EXCEPTIONS |
					   VCPU_USER | VCPU_GUEST_KERNEL);
	t->regs.rip = canonical(s->entry_ip);
	t->regs.rsp = (s->saved_state & (VCPU_USER | VCPU_GUEST_KERNEL)) ||
				      (t->vcpu->ext && (t->vcpu->ext->flags &
							L4_ZW_VCPU_EXT_F_FIXED_STACK)) ?
			      s->entry_sp :
			      s->regs.rsp;
	t->regs.rdi = t->vcpu->state_user;
	t->regs.rflags = RFLAGS_FIXED | RFLAGS_IF;
	t->regs.vector = SYSCALL_VECTOR;
	exit_to_user(t);
}

/* Step 2: the user task named in the state becomes the cached one. Reply tag, 0 if fine. */
static u64 select_user_task(struct thread *t, struct vcpu *v)
{
	u64 sel = v->state->user_task;
	struct cap_ref ref;
	struct task *task = NULL;

	if (likely((sel & SEL_LOW) == SEL_CACHED) || (sel & SEL_INVALID))
		return 0;
	if (!(sel & SEL_LOW)) {
		ref = captab_lookup(&t->task->caps, sel >> 12);
		if (ref.obj && ref.obj->type == KOBJ_TASK) {
			if (!(ref.rights & CAP_S))
				return reply_error(-L4_EPERM);
			task = task_of(ref.obj);
		}
	} else if ((sel & SEL_LOW) != SEL_RELEASE) {
		return 0;
	}
	if (task)
		task_pin(task);
	if (v->user_task)
		task_unpin(v->user_task);
	v->user_task = task;
	v->state->user_task = (sel & ~(u64)SEL_LOW) | (sel & SEL_LOW ? 0 : SEL_CACHED);
	return 0;
}

/* The same for a view selector of the extension. */
static u64 select_view(struct thread *t, u64 *field, struct view **cached)
{
	u64 sel = *field;
	struct cap_ref ref;
	struct view *view = NULL;

	if (likely((sel & SEL_LOW) == SEL_CACHED) || (sel & SEL_INVALID))
		return 0;
	if (!(sel & SEL_LOW)) {
		ref = captab_lookup(&t->task->caps, sel >> 12);
		if (ref.obj && ref.obj->type == KOBJ_VIEW) {
			view = view_of(ref.obj);
			if (view->home != t->task || !(ref.rights & CAP_S))
				return reply_error(-L4_EPERM);
		}
	} else if ((sel & SEL_LOW) != SEL_RELEASE) {
		return 0;
	}
	view_pin(view);
	view_unpin(*cached);
	*cached = view;
	*field = (sel & ~(u64)SEL_LOW) | (sel & SEL_LOW ? 0 : SEL_CACHED);
	return 0;
}

static u64 select_spaces(struct thread *t, struct vcpu *v)
{
	u64 err = select_user_task(t, v);

	if (!err && v->ext)
		err = select_view(t, &v->ext->kernel_view, &v->kernel_view);
	if (!err && v->ext)
		err = select_view(t, &v->ext->process_view, &v->process_view);
	return err;
}

/* Step 3: map the items of the message into the user task. */
static u64 map_items(struct thread *t, struct vcpu *v, struct invocation *inv)
{
	unsigned at = inv_words(inv), n = inv_items(inv);
	u64 within = t->progress & ((1ULL << 56) - 1);

	for (unsigned i = (unsigned)(t->progress >> 56); i < n && at + 2 * i + 1 < UTCB_MRS; i++) {
		struct map_args m = {
			.src = t->task, .dst = v->user_task, .progress = within,
			.item = snd_item_decode(inv->mr[at + 2 * i], inv->mr[at + 2 * i + 1]),
			.window = { .type = FPAGE_SPECIAL, .order = FPAGE_ALL_ORDER }
		};
		int r = m.item.is_void ? 0 : map_item(&m);

		within = 0;
		if (r == MAPDB_AGAIN) {
			t->progress = (u64)i << 56 | m.progress;
			return REPLY_RESTART;
		}
		if (r)
			return reply_ipc_error(t, IPC_MAP_FAILED);
	}
	return 0;
}

/* The address space of the guest mode that `saved` asks for; NULL: none was given. */
static struct space *guest_space(struct vcpu *v, u16 saved)
{
	if (v->ext && (saved & VCPU_GUEST_KERNEL))
		return view_composed(v->process_view, v->kernel_view);
	if (v->ext && v->process_view)
		return view_user_space(v->process_view);
	return v->user_task ? &v->user_task->space : NULL;
}

static u64 guest_code_selector(u64 cs)
{
	return cs == SEL_USER_CODE32 || cs == SEL_XEN_CODE64 || cs == SEL_XEN_CODE32 ?
		       cs :
		       SEL_USER_CODE64;
}

/* Step 5: enter the guest, or go back to interrupted host code. Does not return on success. */
static u64 leave_handler(struct cpu *c, struct thread *t, struct vcpu *v)
{
	struct vcpu_state *s = v->state;
	u16 saved = s->saved_state;
	bool guest = saved & (VCPU_USER | (v->ext ? VCPU_GUEST_KERNEL : 0));
	struct space *space = guest ? guest_space(v, saved) : NULL;
	u64 cs = s->regs.cs;

	s->state = saved;
	if (guest && !space)
		return reply_error(-L4_ENOENT);
	t->progress = 0;
	regs_load_user(&t->regs, (const u64 *)&s->regs);
	t->regs.cs = guest_code_selector(cs);
	if (guest) {
		s->state |= VCPU_IRQ | VCPU_PAGE_FAULTS | VCPU_EXCEPTIONS;
		t->flags |= TF_VCPU_GUEST;
		t->space = space;
		context_load_space(c, t);
		/* An entry from host code leaves segments alone, and so does the way back to it. */
		t->seg = s->seg;
		t->seg.fs_base = canonical(t->seg.fs_base);
		t->seg.gs_base = canonical(t->seg.gs_base);
		context_load_segments(t);
	}
	resume_current(c);
}

u64 vcpu_resume(struct thread *t, struct invocation *inv)
{
	struct cpu *c = this_cpu();
	struct vcpu *v = t->vcpu;
	u64 err;

	if (t != inv->caller || !(t->flags & TF_VCPU))
		return reply_error(-L4_EINVAL);
	err = select_spaces(t, v);
	if (!err && unlikely(inv_items(inv)) && v->user_task)
		err = map_items(t, v, inv);
	if (err)
		return err;
	if (t->state == THREAD_DEAD)
		return REPLY_GONE;
	if (v->ext)
		vcpu_arm_deadline(c, v);
	if ((v->state->saved_state & VCPU_IRQ) && (v->state->sticky & VCPU_STICKY_IPC))
		vcpu_receive(c, t, message_at_resume);
	return leave_handler(c, t, v);
}
