/* SPDX-License-Identifier: MIT */
/* vCPU resume: leave the handler for the interrupted host code or the guest. Abi spec 9.4. */
#include "core/ipc.h"
#include "core/map.h"
#include "core/sched.h"
#include "core/string.h"
#include "core/vcpu_internal.h"
#include "mm/mapdb.h"
#include "obj/composition.h"
#include <l4/sys/err.h>
#include <l4/zwinger/vcpu_ext.h>

enum { SYSCALL_BYTES = 2 };

/* No instruction ends here; one may end at 0. */
#define NOT_AN_ADDRESS (1ULL << 63)

/* --- Which address spaces --- */

/* The object that a selector of the state names, if it was written since the last resume; NULL for
 * an empty slot or another type. False: the cached one stays. */
static bool select_object(struct thread *t, u64 sel, u8 type, struct cap_ref *ref)
{
	if ((sel & SEL_LOW) == SEL_RELEASE) {
		ref->obj = NULL;
		return true;
	}
	if ((sel & SEL_LOW) || (sel & SEL_INVALID))
		return false;
	*ref = captab_lookup(&t->task->caps, sel >> 12);
	if (ref->obj && ref->obj->type != type)
		ref->obj = NULL;
	return true;
}

/* What is written back to the field. */
static u64 cached_selector(u64 sel)
{
	return (sel & ~(u64)SEL_LOW) | (sel & SEL_LOW ? 0 : SEL_CACHED);
}

static u64 select_user_task(struct thread *t, struct vcpu *v)
{
	u64 sel = READ_ONCE(v->state->user_task);
	struct cap_ref ref;

	if (!select_object(t, sel, KOBJ_TASK, &ref))
		return 0;
	if (ref.obj && !(ref.rights & CAP_S))
		return reply_error(-L4_EPERM);
	if (ref.obj)
		task_pin(task_of(ref.obj));
	if (v->user_task)
		task_unpin(v->user_task);
	v->user_task = ref.obj ? task_of(ref.obj) : NULL;
	v->state->user_task = cached_selector(sel);
	return 0;
}

static u64 select_view(struct thread *t, u64 *field, struct view **cached)
{
	u64 sel = READ_ONCE(*field);
	struct cap_ref ref;

	if (!select_object(t, sel, KOBJ_VIEW, &ref))
		return 0;
	if (ref.obj && (!(ref.rights & CAP_S) || view_of(ref.obj)->home != t->task))
		return reply_error(-L4_EPERM);
	if (ref.obj)
		view_pin(view_of(ref.obj));
	view_unpin(*cached);
	*cached = ref.obj ? view_of(ref.obj) : NULL;
	*field = cached_selector(sel);
	return 0;
}

/* Is any selector not marked as cached? */
static always_inline bool selectors_new(const struct vcpu *v)
{
	u64 sel = v->state->user_task ^ SEL_CACHED;

	if (v->ext)
		sel |= (v->ext->kernel_view ^ SEL_CACHED) | (v->ext->process_view ^ SEL_CACHED);
	return sel & SEL_LOW;
}

/* Behind the `syscall` at an address that the extension names; 0: none. */
static u64 behind(u64 address)
{
	return address ? address + SYSCALL_BYTES : NOT_AN_ADDRESS;
}

static void note_short_ways(struct vcpu *v)
{
	bool any = v->keeps && READ_ONCE(v->ext->syscall_entry);

	v->syscall_exit = behind(any ? READ_ONCE(v->ext->syscall_exit) : 0);
	v->syscall_entry = any && v->quick ? canonical(READ_ONCE(v->ext->syscall_entry)) : 0;
	v->return_exit = behind(v->keeps ? READ_ONCE(v->ext->return_exit) : 0);
}

static always_inline void set_spaces(struct vcpu *v, struct space *user, struct space *kernel)
{
	v->space[MODE_USER] = user;
	v->space[MODE_KERNEL] = kernel;
	v->quick_space[MODE_USER] = v->quick ? user : NULL;
	v->quick_space[MODE_KERNEL] = v->quick ? kernel : NULL;
}

void vcpu_note_leave(struct vcpu *v)
{
	v->leave = VCPU_LEAVE_SLOWLY;
	if (v->quick && !(v->thread->flags & TF_FPU_OFF))
		v->leave = v->keeps ? VCPU_KEEP : VCPU_LEAVE_ALL;
}

void vcpu_note_spaces(struct vcpu *v)
{
	struct space *user = v->user_task ? &v->user_task->space : NULL;

	if (v->ext && v->process_view)
		user = &v->process_view->user;
	set_spaces(v, user, v->ext && v->composed ? &v->composed->space : NULL);
	v->keeps = v->space[MODE_KERNEL] && (READ_ONCE(v->ext->flags) & VCPU_KEEP_VIEWS);
	vcpu_note_leave(v);
	note_short_ways(v);
}

/* The spaces of the guest modes may be about to change: do not stay in one of them. If resume fails
 * then, its caller goes on in host mode. */
static void leave_spaces(struct cpu *c, struct thread *t)
{
	if (!(t->flags & TF_VCPU_GUEST))
		return;
	t->vcpu->state->state &= (u16) ~(VCPU_OPEN | VCPU_GUEST_BITS);
	if (!vcpu_keeps_views(t)) {
		vcpu_leave_kernel(c, t);
		return;
	}
	t->flags &= ~(u32)TF_VCPU_GUEST;
	t->space = &t->task->space;
	space_load(c, t->space);
}

/* Look up what the selectors name, and what guests of each mode see then. */
static noinline u64 select_spaces(struct thread *t, struct vcpu *v)
{
	struct view *kernel = v->kernel_view, *process = v->process_view;
	u64 err = select_user_task(t, v);

	if (!err && v->ext)
		err = select_view(t, &v->ext->kernel_view, &v->kernel_view);
	if (!err && v->ext)
		err = select_view(t, &v->ext->process_view, &v->process_view);
	if (kernel != v->kernel_view || process != v->process_view) {
		composition_put(v->composed, t->task);
		v->composed = NULL;
	}
	vcpu_note_spaces(v);
	return err;
}

/* Put the address space of guest-kernel mode together. A view that is missing is replaced by the
 * other one. */
static noinline u64 compose(struct vcpu *v)
{
	struct view *lower = v->process_view ? v->process_view : v->kernel_view;
	struct view *upper = v->kernel_view ? v->kernel_view : v->process_view;
	int err;

	if (!lower)
		return reply_error(-L4_ENOENT);
	composition_put(v->composed, v->thread->task);
	v->composed = NULL;
	err = composition_get(lower, upper, &v->composed);
	if (err)
		return reply_error(err);
	vcpu_note_spaces(v);
	return 0;
}

/* Step 3: map the items of the message into the user task. */
static noinline u64 map_items(struct thread *t, struct vcpu *v, struct invocation *inv)
{
	unsigned at = inv_words(inv), n = inv_items(inv);
	struct restart *p = restart_begin(t);

	for (; p->item < n && at + 2 * p->item + 1 < UTCB_MRS; p->item++) {
		const u64 *w = inv->mr + at + 2 * p->item;
		struct snd_item it = { w[0], w[1] };
		int r = it.word0 ? map_item(t->task, v->user_task, it, FPAGE_ALL, &p->map) : 0;

		if (r == MAPDB_AGAIN)
			return REPLY_RESTART;
		if (r)
			return reply_ipc_error(t, IPC_MAP_FAILED);
		p->map = (struct map_progress){ 0 };
	}
	return 0;
}

/* --- Going on --- */

/* A message was waiting when the handler resumed: enter it again instead. */
static void message_at_resume(struct thread *t)
{
	struct vcpu *v = t->vcpu;
	struct vcpu_state *s = v->state;
	u16 saved = s->saved_state;
	bool entry_stack =
	    (saved & VCPU_GUEST_BITS) || (v->ext && (v->ext->flags & L4_ZW_VCPU_EXT_F_FIXED_STACK));

	vcpu_note_message(t);
	s->regs.vector = TRAP_IPC;
	s->regs.error = 0;
	s->state = saved & (u16) ~(VCPU_OPEN | VCPU_GUEST_BITS);
	if (keeps_views(v))
		vcpu_keep_views(this_cpu(), t);
	else if (t->flags & TF_VCPU_GUEST)
		vcpu_leave_kernel(this_cpu(), t);
	vcpu_enter_handler(t, entry_stack ? s->entry_sp : s->regs.rsp);
}

static noinline __attribute__((noreturn)) void resume_host(struct cpu *c, struct thread *t,
							   u16 saved)
{
	struct vcpu_state *s = t->vcpu->state;
	u64 cs = s->regs.cs;

	s->state = saved;
	if (t->flags & TF_VCPU_GUEST)
		vcpu_leave_kernel(c, t);
	t->regs.cs = cs; /* checked, and rip made to fit */
	regs_load_user(&t->regs, (const u64 *)&s->regs);
	resume_current(c);
}

/* The GS base of the guest mode that is entered, where all else stays as it is. */
static void load_base(struct thread *t, bool kernel)
{
	const struct vcpu_state *s = t->vcpu->state;

	context_save_segments(t);
	t->seg.gs_base = canonical(kernel ? s->host_gs_base : s->seg.gs_base);
	context_load_gs_base(t);
}

/* load_base() for guest-kernel mode, where a change of threads saves what is loaded. */
static void load_kernel_base(struct thread *t)
{
	if (!cpu_feat.fsgsbase) {
		load_base(t, true);
		return;
	}
	swapgs();
	wrgsbase(canonical(t->vcpu->state->host_gs_base));
	swapgs();
}

static void load_segments(struct thread *t)
{
	t->seg = t->vcpu->state->seg;
	t->seg.fs_base = canonical(t->seg.fs_base);
	t->seg.gs_base = canonical(t->seg.gs_base);
	context_load_segments(t);
}

/* Step 5: enter the guest. */
static __attribute__((noreturn)) void resume_guest(struct cpu *c, struct thread *t, bool kernel,
						   u16 saved)
{
	struct vcpu *v = t->vcpu;
	struct vcpu_state *s = v->state;
	u64 cs = READ_ONCE(s->regs.cs);

	v->kernel_mode = kernel;
	s->state = saved | VCPU_OPEN;
	t->regs.cs = cs; /* checked, and rip made to fit */
	regs_load_user(&t->regs, (const u64 *)&s->regs);
	t->flags |= TF_VCPU_GUEST;
	if (vcpu_keeps_views(t)) {
		s->state = saved;
		load_base(t, kernel);
	} else {
		load_segments(t);
	}
	if (!(saved & VCPU_FPU) && !kernel)
		vcpu_fpu_off(c, t);
	t->space = v->space[kernel];
	space_load(c, t->space);
	resume_current(c);
}

/* The view that a new selector of a process view names, if nothing else is new, no error is to be
 * told, and it can be put together with the kernel view; or NULL. */
static always_inline struct view *new_process_view(const struct thread *t, const struct vcpu *v)
{
	u64 sel = v->ext->process_view, word = captab_word(&t->task->caps, sel);
	struct view *view = view_of(cap_object(word));

	if (((v->state->user_task ^ SEL_CACHED) | (v->ext->kernel_view ^ SEL_CACHED) | sel) &
	    SEL_LOW)
		return NULL;
	if (!word || (sel & SEL_INVALID) || view->obj.type != KOBJ_VIEW || !(word & CAP_S))
		return NULL;
	return view->home == t->task && v->keeps && v->kernel_view ? view : NULL;
}

/* The usual case of change_views(): a process view that was in use before. */
static bool change_process_view(struct cpu *c, struct thread *t, struct vcpu *v)
{
	struct view *view = new_process_view(t, v);

	if (unlikely(!view) || !composition_change(&v->composed, view, v->kernel_view))
		return false;
	view_pin(view);
	view_unpin(v->process_view);
	v->process_view = view;
	v->ext->process_view |= SEL_CACHED;
	set_spaces(v, &view->user, &v->composed->space);
	t->space = v->space[MODE_KERNEL];
	space_load(c, t->space);
	return true;
}

/* The composition that is loaded is left at once for another one, so it may go. */
static u64 change_views(struct cpu *c, struct thread *t, struct vcpu *v)
{
	u64 err = select_spaces(t, v);

	if (!err && !v->space[MODE_KERNEL])
		err = compose(v);
	if (err) {
		leave_spaces(c, t);
		return err;
	}
	t->space = v->space[MODE_KERNEL];
	space_load(c, t->space);
	return 0;
}

u64 vcpu_sync(struct thread *t)
{
	struct cpu *c = this_cpu();
	struct vcpu *v = t->vcpu;
	u64 err = 0;

	if (!(t->flags & TF_VCPU) || !vcpu_keeps_views(t) || !v->kernel_mode)
		return reply_error(-L4_EINVAL);
	if (selectors_new(v) && unlikely(!change_process_view(c, t, v)))
		err = change_views(c, t, v);
	if (unlikely(err))
		return err;
	if (v->ext->deadline != v->armed)
		vcpu_set_deadline(c, v);
	load_kernel_base(t);
	return 0;
}

u64 vcpu_resume(struct thread *t, struct invocation *inv)
{
	struct cpu *c = this_cpu();
	struct vcpu *v = t->vcpu;
	u64 err = 0;
	bool kernel;
	u16 saved;

	if (t != inv->caller || !(t->flags & TF_VCPU))
		return reply_error(-L4_EINVAL);
	if (unlikely(selectors_new(v))) {
		leave_spaces(c, t);
		err = select_spaces(t, v);
	}
	if (unlikely(inv_items(inv)) && v->user_task && !err)
		err = map_items(t, v, inv);
	if (unlikely(err))
		return err;
	if (v->ext && (v->ext->flags & VCPU_KEEP_VIEWS) && unlikely(!v->keeps))
		err = compose(v);
	if (unlikely(err))
		return err;
	if (v->ext && unlikely(v->ext->deadline != v->armed))
		vcpu_set_deadline(c, v);
	saved = READ_ONCE(v->state->saved_state);
	if ((saved & VCPU_IRQ) && unlikely(v->state->sticky & VCPU_STICKY_IPC))
		vcpu_receive(c, t, message_at_resume);
	kernel = v->ext && (saved & VCPU_GUEST_KERNEL);
	if (!kernel && !(saved & VCPU_USER))
		resume_host(c, t, saved);
	if (unlikely(!v->space[kernel])) {
		v->state->state = saved;
		err = kernel ? compose(v) : reply_error(-L4_ENOENT);
		if (err)
			return err;
	}
	resume_guest(c, t, kernel, saved);
}
