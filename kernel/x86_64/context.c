/* SPDX-License-Identifier: MIT */
/* Thread switch: the parts that are not inline (x86_64/switch.h), and exits to user mode. */
#include "x86_64/context.h"
#include "core/sched.h"
#include "core/vcpu.h"
#include "x86_64/special.h"
#include "x86_64/switch.h"

void exit_iret(struct regs *r) __attribute__((noreturn));
void idle_halt(void);

/* User land may have changed its bases itself only if the CPU has the instructions for it, or by
 * loading a selector. */
void context_save_segments(struct thread *t)
{
	u16 ds, es, fs, gs;

	__asm__ volatile("mov %%ds, %0; mov %%es, %1; mov %%fs, %2; mov %%gs, %3"
			 : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
	t->seg.ds = ds;
	t->seg.es = es;
	t->seg.fs = fs;
	t->seg.gs = gs;
	if (cpu_feat.fsgsbase) {
		t->seg.fs_base = rdfsbase();
		t->seg.gs_base = rdgsbase_user();
	} else if (vcpu_keeps_views(t)) {
		t->seg.fs_base = rdmsr(MSR_FS_BASE);
		t->seg.gs_base = rdmsr(MSR_KERNEL_GS_BASE);
	}
}

static void load_fs_base(const struct thread *t)
{
	if (cpu_feat.fsgsbase)
		wrfsbase(t->seg.fs_base);
	else
		wrmsr(MSR_FS_BASE, t->seg.fs_base);
}

void context_load_gs_base(const struct thread *t)
{
	wrmsr(MSR_KERNEL_GS_BASE, t->seg.gs_base);
}

/* The user descriptor that a selector names; 0: none. */
static u64 descriptor_of(const struct thread *t, u16 sel)
{
	const struct ldt *l = ldt_of(t);
	unsigned i = sel >> 3;

	if ((sel & 3) != 3)
		return 0;
	if (sel & 4)
		return i < l->count ? READ_ONCE(l->entries[i]) : 0;
	i -= GDT_USER_FIRST;
	return t->has_gdt && i < GDT_USER_COUNT ? t->gdt[i] : 0;
}

/* Loading a selector faults when its descriptor is gone (another thread's GDT entry): use null. */
static u16 loadable(const struct thread *t, u16 sel)
{
	u64 d;

	if (sel < 4 || sel == SEL_USER_DATA || sel == SEL_XEN_DATA)
		return sel;
	d = descriptor_of(t, sel);
	return (d >> 47 & 1) && (d >> 41 & 5) != 4 ? sel : 0; /* present; data, or readable code */
}

static void load_checked(struct segments *s, const struct thread *t)
{
	s->ds = loadable(t, s->ds);
	s->es = loadable(t, s->es);
	s->fs = loadable(t, s->fs);
	s->gs = loadable(t, s->gs);
	/* Loading GS would change the kernel's base: do it on the user's side of swapgs. */
	__asm__ volatile("mov %0, %%ds; mov %1, %%es; mov %2, %%fs; swapgs; mov %3, %%gs; swapgs"
			 :
			 : "r"(s->ds), "r"(s->es), "r"(s->fs), "r"(s->gs)
			 : "memory");
}

static void load_selectors(struct thread *t)
{
	if (likely(!t->task->ldt.id)) {
		load_checked(&t->seg, t);
		return;
	}
	spin_lock(&ldt_lock);
	load_checked(&t->seg, t);
	spin_unlock(&ldt_lock);
}

void context_load_segments(struct thread *t)
{
	struct cpu *own = this_cpu();
	bool all_bases = vcpu_keeps_views(t), standard = t->seg.ds == SEL_USER_DATA &&
							 t->seg.es == SEL_USER_DATA && !t->seg.fs &&
							 !t->seg.gs;

	if (own->special || t->special || t->task->ldt.id)
		special_load(own, t);
	t->odd = t->has_gdt || t->special || !standard || (t->flags & TF_FPU_OFF);
	if (!standard || selectors_odd())
		load_selectors(t);
	if (t->seg.fs < 4 || all_bases)
		load_fs_base(t);
	if (t->seg.gs < 4 || all_bases)
		context_load_gs_base(t);
}

static void segments_load(struct cpu *own, struct thread *t)
{
	static const u64 none[GDT_USER_COUNT];
	struct io_space *io = t->task ? t->task->io : NULL;

	if (own->user_gdt || t->has_gdt)
		desc_load_user_gdt(own, t->has_gdt ? t->gdt : none);
	own->user_gdt = t->has_gdt;
	if (own->io_loaded && io != own->io_loaded)
		desc_load_io(own, NULL);
	cpu_update_odd(own);
	context_load_segments(t);
}

static void fpu_reach(struct cpu *own)
{
	if (own->fpu_off)
		context_allow_fpu(own, true);
}

static void save_odd(struct cpu *own, struct thread *prev)
{
	context_save_segments(prev);
	prev->odd |= selectors_odd();
	fpu_reach(own);
	fpu_save(prev->fpu);
}

static void load_odd(struct cpu *own, struct thread *t)
{
	segments_load(own, t);
	fpu_reach(own);
	fpu_load(t->fpu);
	if (t->flags & TF_FPU_OFF)
		context_allow_fpu(own, false);
}

void state_switch_odd(struct cpu *own, struct thread *prev, struct thread *t)
{
	save_odd(own, prev);
	load_odd(own, t);
}

void context_allow_fpu(struct cpu *own, bool allow)
{
	u64 cr0 = read_cr0();

	write_cr0(allow ? cr0 & ~CR0_TS : cr0 | CR0_TS);
	own->fpu_off = !allow;
	cpu_update_odd(own);
}

void cpu_update_odd(struct cpu *own)
{
	own->odd = own->user_gdt || own->special || own->io_loaded || own->fpu_off ||
		   !cpu_feat.fsgsbase || !cpu_feat.xsaveopt || cpu_feat.fxsave_leak;
}

/* Another program runs now: what the last one taught the branch predictor must not steer it. */
static void speculation_barrier(void)
{
	if (cpu_feat.has_ibpb)
		wrmsr(MSR_PRED_CMD, 1);
	rsb_fill();
}

void space_load_odd(struct cpu *own, struct space *s)
{
	if (cpu_feat.need_retpoline_rsb_fill)
		speculation_barrier();
	if (own->exit_work & EXIT_ISOLATE)
		own->user_cr3 = tlb_cr3_for(s);
	else
		write_cr3(tlb_cr3_for(s));
}

void context_load_space(struct cpu *own, struct thread *t)
{
	if (t->space)
		space_load(own, t->space);
}

void context_unload_unused(struct cpu *own)
{
	if (!own->loaded_space ||
	    (own->current->state != THREAD_DEAD && own->current->space == own->loaded_space))
		return;
	own->loaded_space = NULL;
	write_cr3(own->kernel_cr3);
}

void context_account(struct cpu *own, struct thread *next)
{
	account_switch(own, next);
}

void context_switch(struct cpu *own, struct thread *t)
{
	struct thread *prev = own->current;

	if (prev != own->idle && t != own->idle && prev->state != THREAD_DEAD) {
		switch_user(own, prev, t);
		return;
	}
	own->current = t;
	own->regs_top = (u64)(&t->regs + 1);
	*own->rsp0 = own->regs_top;
	if (prev != own->idle && prev->state != THREAD_DEAD)
		save_odd(own, prev);
	if (t == own->idle)
		return;
	load_odd(own, t);
	context_load_space(own, t);
}

void exit_to_user(struct thread *t)
{
	if (likely(t->regs.vector == SYSCALL_VECTOR))
		exit_sysret(&t->regs);
	exit_iret(&t->regs);
}

void cpu_idle(struct cpu *own)
{
	if (own->need_resched || READ_ONCE(own->quiesce_for))
		return;
	idle_halt();
}
