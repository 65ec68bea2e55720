/* SPDX-License-Identifier: MIT */
/* Page faults, exceptions and I/O faults become calls to the pager or exception handler. The
 * message is built in the thread's own UTCB, whose registers are saved and restored around it. */
#include "core/fault.h"
#include "core/insn_io.h"
#include "core/ipc.h"
#include "core/ipc_internal.h"
#include "core/print.h"
#include "core/sched.h"
#include "core/string.h"
#include "core/vcpu.h"
#include "kdb/trace.h"
#include "mm/mapdb.h"
#include "obj/gate.h"
#include "x86_64/context.h"
#include "x86_64/insn.h"
#include <l4/sys/consts.h>
#include <l4/sys/err.h>
#include <l4/sys/types.h>

#define BDR_ACCEPT_FPU (1ULL << 24)
#define ITEM_MAP       8
#define WINDOW_ALL     0xfc0
#define PF_PRESENT     1
#define PF_WRITE       2
#define PF_FETCH       16
#define SIGMA0_RETRY   (4 << 10 | 625) /* receive timeout: 10 ms */

static u64 make_tag(long label, unsigned words, u64 flags)
{
	return (u64)label << 16 | flags | words;
}

/* Save what the message and its receive window overwrite. */
static void fault_save(struct thread *t, enum fault_kind kind)
{
	u64 *u = t->utcb;

	t->fault_kind = kind;
	t->flags |= TF_EXCEPTION;
	memcpy(t->fault_mr, u, sizeof(t->fault_mr));
	memcpy(t->fault_br, u + UTCB_BDR, sizeof(t->fault_br));
	u[UTCB_BDR] = BDR_ACCEPT_FPU;
	u[UTCB_BR] = ITEM_MAP;
	u[UTCB_BR + 1] = WINDOW_ALL;
}

static void fault_restore(struct thread *t)
{
	unsigned words = t->fault_kind == FAULT_EXCEPTION ? ARRAY_SIZE(t->fault_mr) : 2;

	memcpy(t->utcb, t->fault_mr, words * 8);
	memcpy(t->utcb + UTCB_BDR, t->fault_br, sizeof(t->fault_br));
	t->flags &= ~(u32)TF_EXCEPTION;
	t->fault_kind = FAULT_NONE;
}

static void fault_answered(struct thread *t) __attribute__((noreturn));
static void exception_answered(struct thread *t) __attribute__((noreturn));

/* Call the object with the message in the UTCB; then `done` runs. */
static __attribute__((noreturn)) void fault_call(struct cpu *c, struct thread *t,
						 struct cap_ref ref, u64 tag, continuation done)
{
	t->cont = done;
	t->op = IPC_SEND | IPC_RECV;
	t->snd_tag = tag;
	t->timeouts = 0;
	if (ref.obj && ref.obj->type == KOBJ_THREAD) {
		t->sender.label = 0;
		t->channel_rights = ref.rights & (CAP_W | CAP_S);
		ipc_send(c, t, thread_of(ref.obj), 0);
	} else if (ref.obj && ref.obj->type == KOBJ_GATE) {
		u64 label;
		struct thread *r = gate_target(gate_of(ref.obj), &label);

		if (!r)
			gate_wait(c, t, gate_of(ref.obj));
		t->sender.label = label | (ref.rights & (CAP_W | CAP_S));
		t->channel_rights = ref.rights & (CAP_W | CAP_S);
		ipc_send(c, t, r, 0);
	} else {
		ipc_complete_error(c, t, IPC_NOT_EXISTENT);
	}
	resume_current(c);
}

void fault_retry(struct thread *t)
{
	bool exception = t->fault_kind == FAULT_EXCEPTION;
	struct cap_ref ref = captab_lookup(&t->task->caps, exception ? t->handler : t->pager);

	fault_call(this_cpu(), t, ref, t->snd_tag, exception ? exception_answered : fault_answered);
}

static rarely void thread_kill(struct cpu *c, struct thread *t, const char *why, u64 addr)
{
	printk("kernel: thread %llu killed: %s at %llx, ip %llx\n", (unsigned long long)t->obj.id,
	       why, (unsigned long long)addr, (unsigned long long)t->regs.rip);
	kobject_delete(&t->obj);
	c->need_resched |= RESCHED_LOOK;
}

static __attribute__((noreturn)) void exception_message(struct cpu *c, struct thread *t);

/* The pager has answered (or not): go on, or turn the fault into an exception. */
static void fault_answered(struct thread *t)
{
	struct cpu *c = this_cpu();
	enum fault_kind kind = t->fault_kind;
	u64 tag = t->rcv_tag, addr = t->regs.pfa;
	bool failed = (s64)tag >> 16 < 0;

	if (tag & TAG_ERROR)
		failed = t->utcb[UTCB_ERROR] == IPC_NOT_EXISTENT;
	fault_restore(t);
	if (!failed)
		resume_current(c);
	t->regs.vector = kind == FAULT_PAGE ? 14 : 13;
	if (kind == FAULT_IO)
		t->regs.error = 0;
	t->regs.pfa = addr;
	exception_message(c, t);
}

static __attribute__((noreturn)) void pager_call(struct cpu *c, struct thread *t,
						 enum fault_kind kind, u64 word0)
{
	struct cap_ref pager = captab_lookup(&t->task->caps, t->pager);

	if (!pager.obj) {
		thread_kill(c, t, "fault without a pager", t->regs.pfa);
		resume_current(c);
	}
	fault_save(t, kind);
	t->utcb[0] = word0;
	t->utcb[1] = t->regs.rip;
	fault_call(
	    c, t, pager,
	    make_tag(kind == FAULT_PAGE ? L4_PROTO_PAGE_FAULT : L4_PROTO_IO_PAGE_FAULT, 2, 0),
	    fault_answered);
}

static u64 fault_word(u64 addr, u64 error)
{
	return (addr & ~7ULL) | (error & PF_PRESENT) | (error & PF_WRITE) |
	       (error & PF_FETCH ? 4 : 0);
}

/* Page-fault trampoline: the thread handles its own fault. Abi spec 8.6. */
enum { TRAMP_IP, TRAMP_MR0 = 3, TRAMP_FLAGS, TRAMP_REGS };

static rarely __attribute__((noreturn)) void trampoline_enter(struct cpu *c, struct thread *t,
							      u64 word)
{
	u64 *s = t->tramp;

	t->flags &= ~(u32)TF_TRAMPOLINE;
	memcpy(s + TRAMP_REGS, &t->regs, sizeof(t->regs));
	s[TRAMP_MR0] = t->utcb[0];
	s[TRAMP_FLAGS] |= 1;
	t->regs.rip = canonical(s[TRAMP_IP]);
	t->regs.rdi = t->tramp_user;
	t->regs.rsi = word;
	resume_current(c);
}

/* Block t until its timeout (in the lower half of the pair) or until somebody cancels it. */
static __attribute__((noreturn)) void block_alone(struct cpu *c, struct thread *t, u32 timeouts,
						  continuation then)
{
	t->cont = then;
	t->op = IPC_RECV;
	t->snd_tag = 0;
	t->timeouts = timeouts;
	ipc_receive(c, t, &t->sender);
	resume_current(c);
}

static rarely void sigma0_retry(struct thread *t)
{
	t->utcb[UTCB_ERROR] = t->fault_mr[0];
	resume_current(this_cpu());
}

/* Programs may have used up all kernel memory: sigma0 tries until there is some for its tables. */
static rarely __attribute__((noreturn)) void sigma0_fault(struct cpu *c, struct thread *t, u64 addr)
{
	static bool said;
	int err = space_sigma0_fault(&t->task->space, phys(addr));

	if (!err)
		resume_current(c);
	if (err != -L4_ENOMEM)
		panic("sigma0 touched %llx at %llx", (unsigned long long)addr,
		      (unsigned long long)t->regs.rip);
	if (!said)
		printk("kernel: sigma0 waits for kernel memory, fault at %llx\n",
		       (unsigned long long)addr);
	said = true;
	t->fault_mr[0] = t->utcb[UTCB_ERROR]; /* the wait will write there */
	block_alone(c, t, SIGMA0_RETRY, sigma0_retry);
}

void fault_page(struct cpu *c, struct thread *t, u64 addr, u64 error)
{
	trace(TRACE_FAULT, t->obj.id, addr, error, t->regs.rip);
	t->regs.pfa = addr;
	if (t->task->is_sigma0)
		sigma0_fault(c, t, addr);
	if (t->flags & TF_VCPU)
		vcpu_try_exit(t, 14, error);
	if (t->flags & TF_TRAMPOLINE)
		trampoline_enter(c, t, fault_word(addr, error));
	if (t->flags & TF_ALIEN) {
		t->flags &= ~(u32)TF_ALIEN_ALLOW;
		fault_exception(c, t, 14, error);
	}
	pager_call(c, t, FAULT_PAGE, fault_word(addr, error));
}

static void exception_answered(struct thread *t)
{
	struct cpu *c = this_cpu();
	u64 tag = t->rcv_tag;

	if (!(tag & TAG_ERROR)) {
		const u64 *u = t->utcb;

		if ((tag & 63) >= EXCEPTION_WORDS) {
			regs_load_user(&t->regs, u);
			t->seg.fs_base = canonical(u[23]);
			t->seg.gs_base = canonical(u[24]);
			t->seg.ds = (u16)u[25];
			t->seg.es = (u16)(u[25] >> 16);
			t->seg.fs = (u16)(u[25] >> 32);
			t->seg.gs = (u16)(u[25] >> 48);
			context_load_segments(t);
		}
		if ((s64)tag >> 16 == L4_PROTO_ALLOW_SYSCALL && (t->flags & TF_ALIEN))
			t->flags |= TF_ALIEN_ALLOW;
	}
	fault_restore(t);
	resume_current(c);
}

static void exception_message(struct cpu *c, struct thread *t)
{
	struct cap_ref h = captab_lookup(&t->task->caps, t->handler);
	u64 *u = t->utcb;

	context_save_segments(t);
	fault_save(t, FAULT_EXCEPTION);
	if (!h.obj) /* blocked until somebody cancels it */
		block_alone(c, t, 0, exception_answered);
	memcpy(u, &t->regs, sizeof(t->regs));
	u[23] = t->seg.fs_base;
	u[24] = t->seg.gs_base;
	u[25] = t->seg.ds | (u64)t->seg.es << 16 | (u64)t->seg.fs << 32 | (u64)t->seg.gs << 48;
	fault_call(c, t, h, make_tag(L4_PROTO_EXCEPTION, EXCEPTION_WORDS, TAG_FPU),
		   exception_answered);
}

void fault_exception(struct cpu *c, struct thread *t, u64 vector, u64 error)
{
	if (t->flags & TF_VCPU)
		vcpu_try_exit(t, vector, error);
	t->regs.vector = vector;
	t->regs.error = error;
	if (t->task->is_sigma0)
		panic("sigma0: exception %llu, error %llx, ip %llx", (unsigned long long)vector,
		      (unsigned long long)error, (unsigned long long)t->regs.rip);
	exception_message(c, t);
}

void fault_gp(struct cpu *c, struct thread *t, u64 error)
{
	unsigned port, bytes;

	if (special_was_missing(c, t, error))
		resume_current(c);
	if (error || (t->flags & TF_VCPU_GUEST) || !insn_io_decode(t, &port, &bytes))
		fault_exception(c, t, 13, error);
	if (t->task->is_sigma0)
		fault_exception(c, t, 13, error);
	if (t->task->io && c->io_loaded != t->task->io) {
		desc_load_io(c, t->task->io);
		resume_current(c);
	}
	if (t->task->io && io_allowed(t->task->io, port, bytes)) {
		desc_load_io(c, t->task->io);
		resume_current(c);
	}
	if (t->flags & (TF_ALIEN | TF_VCPU))
		fault_exception(c, t, 13, error);
	t->regs.pfa = (u64)port << 12 | bit_lowest(bytes) << 6 | 2 << 4;
	pager_call(c, t, FAULT_IO, t->regs.pfa | 2);
}

static u64 code_selector(u64 cs)
{
	return cs == SEL_USER_CODE32 || cs == SEL_XEN_CODE64 || cs == SEL_XEN_CODE32 ||
		       sel_is_local(cs)
		   ? cs
		   : SEL_USER_CODE64;
}

static bool is_gdt_user(u64 sel)
{
	return sel >> 3 >= GDT_USER_FIRST && sel >> 3 < GDT_USER_FIRST + GDT_USER_COUNT;
}

rarely void regs_drop_gdt(struct regs *r)
{
	if (is_gdt_user(r->cs))
		regs_set_ip(r, r->rip);
	if (is_gdt_user(r->ss))
		r->ss = SEL_USER_DATA;
}

void regs_set_ip(struct regs *r, u64 ip)
{
	r->cs = code_selector(r->cs);
	r->rip = r->cs == SEL_USER_CODE64 || r->cs == SEL_XEN_CODE64 ? canonical(ip) : (u32)ip;
}

void regs_load_user(struct regs *r, const u64 *words)
{
	u64 cs = r->cs;

	memcpy(r, words, sizeof(*r));
	r->cs = cs;
	regs_set_ip(r, r->rip);
	r->rflags = (r->rflags & RFLAGS_USER) | RFLAGS_FIXED | RFLAGS_IF;
	if (r->ss != SEL_XEN_DATA && !sel_is_local(r->ss))
		r->ss = SEL_USER_DATA;
	r->vector = 0; /* a full frame: return with iret */
}

static rarely u64 trampoline_resume(struct thread *t, bool reflect)
{
	u64 *s = t->tramp;

	if (!s || (t->flags & TF_TRAMPOLINE))
		return reply_error(-22);
	t->flags |= TF_TRAMPOLINE;
	t->utcb[0] = s[TRAMP_MR0];
	regs_load_user(&t->regs, s + TRAMP_REGS);
	t->regs.pfa = s[TRAMP_REGS + offsetof(struct regs, pfa) / 8];
	if (reflect) {
		u64 error = s[TRAMP_REGS + offsetof(struct regs, error) / 8];

		fault_exception(this_cpu(), t, 14, error);
	}
	if (s[TRAMP_FLAGS] & 2)
		t->flags |= TF_TRIGGER;
	s[TRAMP_FLAGS] = 0;
	resume_current(this_cpu());
}

struct trampoline_change {
	u64 *state; /* new one, or NULL */
	u64 user;
	bool arm, was_armed;
};

static void change_trampoline(struct cpu *own, struct thread *t, void *arg)
{
	struct trampoline_change *x = arg;

	(void)own;
	x->was_armed = t->flags & TF_TRAMPOLINE;
	if (x->state) {
		t->tramp = x->state;
		t->tramp_user = x->user;
	}
	if (x->arm)
		t->flags |= TF_TRAMPOLINE;
	else
		t->flags &= ~(u32)TF_TRAMPOLINE;
}

static rarely u64 trampoline_arm(struct thread *t, u64 *state, u64 user)
{
	struct trampoline_change x = { .state = state, .user = user, .arm = true };

	if (!state && !t->tramp)
		return reply_error(-22);
	thread_call(this_cpu(), t, change_trampoline, &x);
	return 0;
}

static rarely u64 trampoline_disarm(struct thread *t, struct invocation *inv)
{
	struct trampoline_change x = { .arm = false };

	thread_call(this_cpu(), t, change_trampoline, &x);
	reply_mr(inv)[0] = x.was_armed;
	return reply_words(0, 1);
}

static rarely u64 trampoline_setup(struct thread *t, u64 addr)
{
	u64 *s = task_ku_ptr(t->task, addr, 0xe0);

	return s ? trampoline_arm(t, s, addr) : reply_error(-22);
}

rarely u64 trampoline_invoke(struct thread *t, struct invocation *inv)
{
	unsigned op = inv->mr[0] >> 16 & 0xffff;

	if (inv_items(inv) || inv_words(inv) > (op == 0 ? 2 : 1))
		return reply_error(-1002);
	if (t != inv->caller && (op == 1 || op == 2))
		return reply_error(-1);
	if (!t->task)
		return reply_error(-22);
	switch (op) {
	case 0:
		return inv_words(inv) < 2 ? reply_error(-22) : trampoline_setup(t, inv->mr[1]);
	case 1:
	case 2:
		return trampoline_resume(t, op == 2);
	case 3:
		return trampoline_disarm(t, inv);
	case 4:
		return trampoline_arm(t, NULL, 0);
	default:
		return reply_error(-38);
	}
}
