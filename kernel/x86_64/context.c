/* SPDX-License-Identifier: MIT */
/* Thread switch and exits to user mode. */
#include "x86_64/context.h"
#include "core/irqoff.h"
#include "core/vcpu.h"
#include "x86_64/fpu.h"
#include "x86_64/insn.h"
#include "x86_64/tlb.h"


void exit_sysret(struct regs *r) __attribute__((noreturn));
void exit_iret(struct regs *r) __attribute__((noreturn));
void idle_halt(void);

/* Data selectors packed as in struct segments. */
static always_inline u64 read_selectors(void)
{
	u16 ds, es, fs, gs;

	__asm__ volatile("mov %%ds, %0; mov %%es, %1; mov %%fs, %2; mov %%gs, %3"
			 : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
	return ds | (u64)es << 16 | (u64)fs << 32 | (u64)gs << 48;
}

static inline u64 packed(const struct segments *s)
{
	return s->ds | (u64)s->es << 16 | (u64)s->fs << 32 | (u64)s->gs << 48;
}

/* User land may have changed its bases itself only if the CPU has the instructions for it. */
void context_save_segments(struct thread *t)
{
	u64 sel = read_selectors();

	t->seg.ds = (u16)sel;
	t->seg.es = (u16)(sel >> 16);
	t->seg.fs = (u16)(sel >> 32);
	t->seg.gs = (u16)(sel >> 48);
	if (cpu_feat.fsgsbase) {
		t->seg.fs_base = rdfsbase();
		t->seg.gs_base = rdmsr(MSR_KERNEL_GS_BASE);
	}
}

/* Loading a selector faults when its descriptor is gone (another thread's GDT entry): use null. */
static bool selector_loadable(const struct thread *t, u16 sel)
{
	unsigned i = sel >> 3;

	if (sel < 4 || sel == SEL_USER_DATA || sel == SEL_XEN_DATA)
		return true;
	if ((sel & 4) || (sel & 3) != 3 || i < GDT_USER_FIRST ||
	    i >= GDT_USER_FIRST + GDT_USER_COUNT)
		return false;
	return t->has_gdt && (t->gdt[i - GDT_USER_FIRST] >> 47 & 1) &&
	       (t->gdt[i - GDT_USER_FIRST] >> 41 & 5) != 4; /* present; data, or readable code */
}

static noinline void load_selectors(struct thread *t)
{
	u16 ds = selector_loadable(t, t->seg.ds) ? t->seg.ds : 0;
	u16 es = selector_loadable(t, t->seg.es) ? t->seg.es : 0;
	u16 fs = selector_loadable(t, t->seg.fs) ? t->seg.fs : 0;
	u16 gs = selector_loadable(t, t->seg.gs) ? t->seg.gs : 0;

	/* Loading GS would change the kernel's base: do it on the user's side of swapgs. */
	__asm__ volatile("mov %0, %%ds; mov %1, %%es; mov %2, %%fs; swapgs; mov %3, %%gs; swapgs"
			 : : "r"(ds), "r"(es), "r"(fs), "r"(gs) : "memory");
}

static always_inline void load_fs_base(u64 base)
{
	if (likely(cpu_feat.fsgsbase))
		wrfsbase(base);
	else
		wrmsr(MSR_FS_BASE, base);
}

void context_load_segments(struct thread *t)
{
	if (unlikely(read_selectors() != packed(&t->seg)))
		load_selectors(t);
	if (likely(t->seg.fs < 4))
		load_fs_base(t->seg.fs_base);
	if (likely(t->seg.gs < 4))
		wrmsr(MSR_KERNEL_GS_BASE, t->seg.gs_base);
}

/* Another program runs now: what the last one taught the branch predictor must not steer it. */
static noinline void speculation_barrier(void)
{
	if (cpu_feat.has_ibpb)
		wrmsr(MSR_PRED_CMD, 1);
	rsb_fill();
}

void context_load_space(struct cpu *own, struct thread *t)
{
	struct space *s = t->space;

	if (!s || s == own->loaded_space)
		return;
	WRITE_ONCE(own->loaded_space, s);
	if (unlikely(cpu_feat.need_retpoline_rsb_fill))
		speculation_barrier();
	if (unlikely(own->exit_work & EXIT_ISOLATE))
		own->user_cr3 = tlb_cr3_for(s);
	else
		write_cr3(tlb_cr3_for(s));
}

void context_unload_unused(struct cpu *own)
{
	if (!own->loaded_space || (own->current->state != THREAD_DEAD &&
				   own->current->space == own->loaded_space))
		return;
	own->loaded_space = NULL;
	write_cr3(own->kernel_cr3);
}

/* Per-thread parts that few threads have: GDT entries, I/O ports. */
static noinline void load_rare(struct cpu *own, struct thread *t)
{
	static const u64 none[GDT_USER_COUNT];
	struct io_space *io = t->task ? t->task->io : NULL;

	if (own->user_gdt || t->has_gdt)
		desc_load_user_gdt(own, t->has_gdt ? t->gdt : none);
	own->user_gdt = t->has_gdt;
	if (io != own->io_loaded)
		desc_load_io(own, NULL);
}

void context_switch(struct cpu *own, struct thread *t)
{
	struct thread *prev = own->current;
	u64 now = rdtsc();

	prev->cpu_time += now - own->switched_at;
	own->switched_at = now;
	own->current = t;
	own->regs_top = (u64)(&t->regs + 1);
	if (likely(!(own->exit_work & EXIT_ISOLATE)))
		own->tss->rsp[0] = own->regs_top;
	if (likely(prev != own->idle) && prev->state != THREAD_DEAD) {
		context_save_segments(prev);
		fpu_save(prev->fpu);
	}
	if (unlikely(t == own->idle))
		return;
	if (unlikely(own->user_gdt || t->has_gdt || own->io_loaded))
		load_rare(own, t);
	context_load_segments(t);
	fpu_load(t->fpu);
	context_load_space(own, t);
}

void exit_to_user(struct thread *t)
{
	irqoff_end(this_cpu());
	if (likely(t->regs.vector == SYSCALL_VECTOR))
		exit_sysret(&t->regs);
	exit_iret(&t->regs);
}

void cpu_idle(struct cpu *own)
{
	irqoff_end(own);
	if (own->need_resched || READ_ONCE(own->quiesce_for))
		return;
	idle_halt();
	irqoff_begin(own);
}
