/* SPDX-License-Identifier: MIT */
/* Frames on the guest's stack, and the way back to the guest. */
#include "shim/calls.h"
#include "shim/frame.h"
#include "shim/space.h"
#include "shim/walk.h"

enum { STACK_ALIGN = 16, SYSCALL_FRAME = 7 * 8, DR6 = 6, VECTOR_DB = 1 };

#define DR6_FIXED 0xffff0ff0UL

/* The alias of a guest address; NULL if the tables do not allow the access. */
static void *alias_of(struct vcpu *v, uint64_t address, unsigned access)
{
	const struct guest_memory *memory = &v->machine->memory;
	struct walk w;

	if (walk(memory, v->root, address, access, &w) != WALK_OK)
		return NULL;
	return (char *)memory->base + (w.frame << PAGE_SHIFT) + address % PAGE_BYTES;
}

size_t context_read(struct own *o, void *to, uint64_t from, size_t bytes)
{
	size_t done = 0;

	while (done < bytes) {
		size_t some = PAGE_BYTES - (from + done) % PAGE_BYTES;
		const char *alias = alias_of(&o->v, from + done, 0);

		if (!alias)
			break;
		if (some > bytes - done)
			some = bytes - done;
		for (size_t i = 0; i < some; i++)
			((char *)to)[done + i] = alias[i];
		done += some;
	}
	return done;
}

enum walk_result context_write(struct own *o, uint64_t to, const void *from, size_t bytes,
			       unsigned *error)
{
	unsigned access = WALK_WRITE | (context_is_user(o) ? WALK_USER : 0);
	uint64_t address = to;
	enum walk_result result;
	uint8_t *alias;

	for (; address < to + bytes; address = (address / PAGE_BYTES + 1) * PAGE_BYTES) {
		result = space_fault(&o->v, address, access, error);
		o->state->r.pfa = address;
		if (result != WALK_OK)
			return result;
	}
	for (size_t i = 0; i < bytes; i++) {
		alias = alias_of(&o->v, to + i, access);
		if (!alias)
			return WALK_AGAIN;
		*alias = ((const uint8_t *)from)[i];
	}
	return WALK_OK;
}

/* The top of the kernel's stack, kept until stack_switch: entries from user mode begin there. */
static void find_stack_top(struct vcpu *v)
{
	uint64_t top = v->kernel_rsp;
	struct kernel_stack *s = vcpu_kernel_stack(v, top);

	if (!(v->traps.callbacks[XEN_CALLBACK_SYSCALL].flags & XEN_TRAP_MASK_EVENTS))
		return;
	if (top % STACK_ALIGN || (top - 1) % PAGE_BYTES < UPCALL_WORDS_MAX * 8)
		return;
	s->drops = __atomic_load_n(&v->machine->kernel_drops, __ATOMIC_SEQ_CST);
	s->top = (uint64_t *)space_alias(v, top - 8);
	s->rsp = s->top++ ? top : 0;
	vcpu_set_kernel_stack(v, top);
}

/* The frame goes to the top of the kernel's stack, whose alias is known. Returns its address. */
static inline uint64_t push_at_top(const struct vcpu *v, const struct interrupted *i)
{
	return v->kernel_rsp - 8UL * (v->stack_top - upcall_store(i, v->stack_top));
}

/* The frame goes to the stack that is in use, or to the kernel's by a walk. 0: there is none. */
static uint64_t push(struct vcpu *v, const struct interrupted *interrupted)
{
	uint64_t *alias = NULL;
	struct upcall u;

	upcall_build(interrupted, v->kernel_rsp, &u);
	for (unsigned i = 0; i < u.count; i++) {
		uint64_t address = u.rsp + 8 * i;

		if (!alias || address % PAGE_BYTES == 0)
			alias = alias_of(v, address, WALK_WRITE);
		if (!alias)
			return 0;
		*alias++ = u.words[i];
	}
	return u.rsp;
}

/* What is special about an entry. */
struct kind {
	bool syscall, with_error;
	uint32_t error;
};

static inline struct interrupted describe(const struct own *o, struct kind kind)
{
	const l4_vcpu_regs_t *r = &o->state->r;
	bool user = context_is_user(o);

	return (struct interrupted){ .rip = r->ip,
				     .rflags = r->flags,
				     .rsp = r->sp,
				     .rcx = r->cx,
				     .r11 = r->r11,
				     .cs = user ? r->cs : XEN_CS64,
				     .ss = user ? r->ss : XEN_SS,
				     .user = user,
				     .masked = o->v.info->upcall_mask,
				     .syscall = kind.syscall,
				     .with_error = kind.with_error,
				     .error = kind.error };
}

/* A frame with all else that it may need; its address. */
static __attribute__((noinline)) uint64_t push_slowly(struct own *o, struct kind kind)
{
	struct interrupted i = describe(o, kind);
	uint64_t sp;

	if (i.user)
		find_stack_top(&o->v);
	sp = i.user && o->v.stack_top ? push_at_top(&o->v, &i) : push(&o->v, &i);
	if (!sp)
		crash(o, "the guest's kernel has no stack");
	return sp;
}

static inline uint64_t push_frame(struct own *o, struct kind kind)
{
	struct interrupted i;

	if (!context_is_user(o) || !o->v.stack_top)
		return push_slowly(o, kind);
	i = describe(o, kind);
	return push_at_top(&o->v, &i);
}

static inline void enter(struct own *o, const struct entry_point *point, struct kind kind)
{
	const struct interrupted flags = { .rflags = o->state->r.flags, .syscall = kind.syscall };
	l4_vcpu_regs_t *r = &o->state->r;

	r->sp = push_frame(o, kind);
	if (point->flags & XEN_TRAP_MASK_EVENTS)
		o->v.info->upcall_mask = 1;
	r->ip = point->address;
	r->flags = upcall_flags(&flags);
	o->state->saved_state = OWN_OPEN;
	o->v.counters.upcalls++;
}

void context_enter(struct own *o, const struct entry_point *point, bool syscall)
{
	enter(o, point, (struct kind){ .syscall = syscall });
}

void context_raise(struct own *o, unsigned vector, uint32_t error)
{
	const struct entry_point *point = &o->v.traps.vectors[vector % XEN_TRAPS];

	if (!point->address)
		crash(o, "an exception for which the guest has no entry");
	if (vector == VECTOR_DB)
		o->v.dr[DR6] = (uint32_t)o->state->r.pfa | DR6_FIXED;
	enter(o, point, (struct kind){ .with_error = traps_has_error(vector), .error = error });
}

/* True: the guest's kernel was entered. */
static bool deliver_events(struct own *o)
{
	const struct xen_vcpu_info *info = o->v.info;
	const struct entry_point *point = &o->v.traps.callbacks[XEN_CALLBACK_EVENT];

	if (!info->upcall_pending || info->upcall_mask || !point->address)
		return false;
	if (o->v.machine->start->stepping >> o->v.id & 1)
		return false;
	context_enter(o, point, false);
	return true;
}

static void leave_to_user(struct own *o)
{
	if (!o->v.user_root)
		crash(o, "return to user mode without its page tables");
	if (o->v.kernel_pages)
		space_drop_kernel_pages(&o->v);
	o->slow_exit = 0;
	o->finish = 0;
	o->handling = false;
	go_resume(o, OWN_USER);
}

void context_leave(struct own *o, bool exact)
{
	if (context_is_closed(o)) {
		o->handling = false;
		go_resume(o, OWN_CLOSED);
	}
	if (__atomic_load_n(&o->v.run, __ATOMIC_SEQ_CST) != VCPU_UP)
		vcpu_park(&o->v);
	if (deliver_events(o))
		exact = false;
	if (context_is_user(o))
		leave_to_user(o);
	if (!exact && o->finish)
		l4_zw_thread_vcpu_sync_u(o->utcb);
	o->finish = 0;
	o->handling = false;
	if (!exact)
		go_jump(o);
	go_resume(o, OWN_OPEN);
}
