/* SPDX-License-Identifier: MIT */
/*
 * Per-CPU state. GS points to it while the kernel runs. cpu.lock guards the scheduling and IPC
 * state of every thread whose home is this CPU; operations between two CPUs hold both locks, the
 * one with the lower number taken first (core/sched.h).
 */
#ifndef KERNEL_CPU_H
#define KERNEL_CPU_H

#include "core/heap.h"
#include "core/list.h"
#include "core/spinlock.h"
#include "core/types.h"
#include "x86_64/desc.h"
#include "x86_64/platform.h"

struct thread;
struct space;
struct kobject;
struct defer;
struct io_space;
struct remote_call;

#define PRIORITIES	  256
#define KERNEL_STACK_SIZE 16384

/* What an exit to user mode has to do besides loading registers. */
enum exit_work {
	EXIT_ISOLATE = 1, /* load the user's page tables */
	EXIT_CLEAR = 2,	  /* clear processor buffers (VERW) */
};

/* Why the way out of the kernel must look for another thread. */
enum resched {
	RESCHED_LOOK = 1, /* anything may have changed */
	RESCHED_NEXT = 2, /* `next` became ready and is more urgent than current, nothing else */
	RESCHED_REAP = 4, /* an object was deleted: it is taken apart first */
};

struct ready_queue {
	u32 summary; /* bit i: bitmap[i] is not 0 */
	u64 bitmap[PRIORITIES / 64];
	struct list queue[PRIORITIES];
};

struct cpu {
	struct cpu *self;
	u64 scratch;	/* user stack pointer during entry */
	u64 stack_top;	/* kernel stack */
	u64 regs_top;	/* end of current's register frame, same as tss.rsp[0] */
	u64 kernel_cr3; /* the kernel's own page tables */
	u64 canary;	/* of the stack protector: the compiler knows offset 40 */
	struct thread *current;
	u64 user_cr3;	/* with isolation: what the exit loads */
	u64 entry_top;	/* with isolation: end of entry_stack, where traps come in */
	u64 *rsp0;	/* tss.rsp[0], or with isolation a word that nobody reads */
	bool fpu_off;	/* CR0.TS is set: the current thread has no extended state */
	bool odd;	/* GDT entries of user land or I/O ports are loaded, or an old CPU */
	bool space_odd; /* changing the space takes more than writing CR3 */
	u8 exit_work;	/* enum exit_work */
	u16 verw_sel;	/* operand of VERW: any data selector */
	struct space *loaded_space; /* whose tables CR3 points to; stored before CR3 is loaded */
	struct spinlock lock;
	u32 number;
	u32 apic_id;
	u8 need_resched;    /* enum resched */
	u8 lasting_resched; /* what need_resched is after a switch */
	u8 orphan_prio;	    /* threads up to this priority take orphans apart */
	bool online;
	bool slice_armed; /* the timer is set for slice_end at the latest */
	bool slice_over;
	u8 cur_prio;		    /* priority at which current runs (its own, or the donor's) */
	u64 slice_end;		    /* TSC at which current's time slice ends */
	struct thread *slice_owner; /* whose time is used: current, or who waits for its answer */
	u64 switched_at;	    /* TSC since when slice_owner pays */
	u64 no_rsp0;
	u64 token; /* last call token given out by this CPU */
	struct heap timeouts;
	u64 armed_for;	     /* TSC for which the timer is set; ~0: not set */
	struct thread *next; /* in front of the queue of its eff_prio, but in no queue: woken here,
				or made room for one that was */
	struct thread *moving; /* has to leave this CPU for its move_to; current, or was just now */
	struct thread *idle;
	u64 idle_time;		    /* TSC ticks */
	struct list zombies;	    /* deleted by current and not taken apart yet */
	struct list orphans;	    /* the same of threads that are gone; see core/reap.h */
	struct defer *defer_now;    /* waiting for the grace period that is under way */
	struct defer *defer_next;   /* for the one after it */
	struct defer *defer_due;    /* the grace period is over, but there was no time yet */
	u64 defer_missing;	    /* CPUs that have not been quiescent yet, a bit each; atomic */
	struct remote_call *remote; /* call of another CPU that waits to be served; atomic */
	u64 quiesce_for;	    /* CPUs that wait for a quiescent state of this one; atomic */
	struct io_space *io_loaded;
	bool user_gdt; /* GDT entries 11..15 are in use */
	u64 irqs_off_since, irqs_off_max;
	void *gdt;
	struct tss *tss;
	struct ready_queue ready;
	u64 entry_stack[16] __attribute__((aligned(16)));
	bool special; /* a local descriptor table or debug registers of user land are loaded: */
	u64 ldt_id, dr7;
	void *ldt_window; /* address space for the table; NULL: the direct map serves */
};

extern struct cpu *cpus[MAX_CPUS];
extern unsigned cpus_online; /* how many; their numbers are 0..cpus_online-1 */

static inline struct cpu *this_cpu(void)
{
	struct cpu *c;

	__asm__("movq %%gs:0, %0" : "=r"(c));
	return c;
}

static inline struct thread *current_thread(void)
{
	struct thread *t;

	__asm__ volatile("movq %%gs:%c1, %0" : "=r"(t) : "i"(offsetof(struct cpu, current)));
	return t;
}

/* Set loaded_space of this CPU. */
static always_inline void set_loaded_space(struct space *s)
{
	__asm__ volatile("movq %0, %%gs:%c1"
			 :
			 : "r"(s), "i"(offsetof(struct cpu, loaded_space))
			 : "memory");
}

/* Is need_resched of this CPU set? */
static always_inline bool resched_needed(void)
{
	bool needed;

	__asm__ volatile("cmpb $0, %%gs:%c1"
			 : "=@ccne"(needed)
			 : "i"(offsetof(struct cpu, need_resched))
			 : "memory");
	return needed;
}

/* Is quiesce_for of this CPU set? */
static always_inline bool quiescence_wanted(void)
{
	bool wanted;

	__asm__ volatile("cmpq $0, %%gs:%c1"
			 : "=@ccne"(wanted)
			 : "i"(offsetof(struct cpu, quiesce_for))
			 : "memory");
	return wanted;
}

static inline struct cpu *cpu_of(unsigned n)
{
	return cpus[n];
}

/* Home of threads that have no CPU: only its lock, number and timeouts are used. */
extern struct cpu limbo_cpu;

/* Lock the CPUs a and b (may be the same) in order. */
static always_inline void cpu_lock_pair(struct cpu *a, struct cpu *b)
{
	if (likely(a == b)) {
		spin_lock(&a->lock);
		return;
	}
	spin_lock(a->number < b->number ? &a->lock : &b->lock);
	spin_lock(a->number < b->number ? &b->lock : &a->lock);
}

static always_inline void cpu_unlock_pair(struct cpu *a, struct cpu *b)
{
	spin_unlock(&a->lock);
	if (unlikely(a != b))
		spin_unlock(&b->lock);
}

/* Allocate and initialise the record of CPU n (its idle thread included). Boot time. */
struct cpu *cpu_create(unsigned n);

#endif
