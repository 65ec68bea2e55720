/* SPDX-License-Identifier: MIT */
/*
 * The machine and its vCPUs as the shim keeps them. What other vCPUs read or write says so; the
 * rest of a vCPU belongs to its own thread. No code of the shim trusts the guest more than it must
 * to keep itself going: the guest can write to all of this.
 */
#ifndef GUEST_SHIM_VCPU_H
#define GUEST_SHIM_VCPU_H

#include "guest/start.h"
#include "shim/events.h"
#include "shim/memory.h"
#include "shim/time.h"
#include "shim/track.h"
#include "shim/traps.h"
#include "xen/vcpu.h"

struct counters {
	uint64_t calls[64]; /* by number of hypercall */
	uint64_t unknown;   /* refused with -XEN_ENOSYS */
	uint64_t faults, fills, bounced, emulated, switches, upcalls;
};

/* DOWN: never initialised. INITIALISED: waits for up, the first time or again. */
enum vcpu_run { VCPU_DOWN, VCPU_INITIALISED, VCPU_UP };

enum { RUNSTATE_WORDS = sizeof(struct xen_runstate_info) / 8, WATCHDOGS = 2 };

/* Where the guest wants to see a run state: words of guest memory, in one or two pages. */
struct runstate_area {
	uint64_t *parts[2]; /* the first is NULL: nowhere */
	unsigned first;	    /* words in parts[0] */
};

/* Where the frame of an entry from user mode goes, as it was found out for a kernel stack. */
struct kernel_stack {
	uint64_t rsp;
	uint64_t *top;	/* alias of rsp */
	uint64_t drops; /* of machine: not true any more when that has changed */
};

enum { KERNEL_STACKS = 16, KERNEL_STACK_SHIFT = 14 };

/* A grant of the guest's own that it has mapped. */
struct grant_map {
	bool used, readonly, by_entry;
	uint32_t ref;
	uint64_t host_address, slot; /* as it was told; physical address of the entry, 0: none */
};

enum { GRANT_MAPS = 128, GRANT_OWN_DOMAIN = 1 };

/* A page fault that the guest was told of: its answer is filled when it is there. */
struct told_fault {
	uint64_t address;
	uint64_t slot; /* physical address of the entry of level 1; 0: there was none */
	unsigned access;
	bool waits; /* for the answer */
};

/* What is to be dropped from a view (drops.h); everything, if the first one has 0 bytes. With
 * DROP_WRITING added to the start of a page, only the right to write. */
struct drop_range {
	uint64_t start, bytes;
};

enum { DROPS_MAX = 31, DROP_WRITING = 2 };

struct drops {
	unsigned base, count;
	struct drop_range ranges[DROPS_MAX];
};

struct vcpu {
	struct machine *machine;
	unsigned id;
	struct traps traps;
	uint64_t kernel_rsp; /* of the last stack_switch */
	uint64_t *stack_top; /* its alias, or NULL: no room, or system calls do not mask events */
	struct kernel_stack stacks[KERNEL_STACKS];
	struct told_fault told;
	unsigned base;		  /* of the tracker: the view of root; 0: none yet */
	uint32_t telling;	  /* odd: it tells the microkernel of drops; others wait for it */
	bool settle;		  /* the hypercall ends with drops_settle() */
	bool kernel_pages;	  /* that view may show pages which user mode must not see */
	uint64_t root, user_root; /* frames of the L4 tables; user_root 0: none */
	uint64_t fs_base, gs_user, gs_kernel;
	uint64_t cr0, cr4, xcr0, dr[8];
	uint8_t
	    lent[GUEST_BREAKPOINTS]; /* 1 + number of a debugger's that has the debug register */
	uint64_t gdt_frame, gdt_entries; /* frame of the first page; 0 entries: none */
	uint64_t ldt_base, ldt_entries;	 /* guest address; 0 entries: none */
	uint16_t gs_selector;		 /* of user mode */
	uint8_t iopl;
	bool info_moved;		/* info was registered */
	struct xen_vcpu_info *info;	/* in guest memory; others set events there */
	struct xen_runstate_info times; /* the run state as it is */
	uint64_t away;			/* l4_zw_vcpu_ext_t.away when it was looked at last */
	uint64_t woken; /* since when it is blocked no more, ns; 0: not known; others set it */
	struct runstate_area area;    /* its copy for the guest */
	bool shown_displaced;	      /* that has "runnable", which another vCPU has written */
	uint64_t timer;		      /* system time of the one-shot timer, ns; 0: none */
	uint64_t period, period_next; /* of the periodic timer, ns, system time; 0: none */
	struct xen_user_regs start;   /* how it starts when it is up for the first time */
	uint32_t run;		      /* enum vcpu_run; others wait for it, atomic */
	struct counters counters;
};

struct machine {
	const struct guest_start *start;
	struct guest_memory memory;
	struct track track;
	struct events events;
	struct xen_shared_info *shared;
	struct tsc_scale scale;
	uint64_t kernel_drops; /* times something was dropped from the kernel's view */
	uint64_t tsc_boot;     /* TSC at system time 0 */
	uint32_t lock;	       /* of the tracker, of fills and of drops */
	struct drops drops;
	uint32_t offers;   /* vCPUs (bit n) whose offers of fills may wait (offers.h); under lock */
	uint32_t bindings; /* lock of what calls change for all vCPUs: channels, reservations */
	uint64_t released; /* frames of RAM that the guest gave back */
	uint32_t grant_frames;			 /* of the grant table that the guest asked for */
	struct grant_map grant_maps[GRANT_MAPS]; /* under bindings */
	uint64_t assists;			 /* bit: enum xen_vm_assist_type */
	uint64_t watchdogs[WATCHDOGS]; /* system time at which the machine ends, ns; 0: never */
	bool null_clears_base;	       /* processor_null_clears_base() */
	uint32_t shutdown_reason;      /* what the guest said in advance, plus 1; or 0 */
	unsigned vcpus;
	struct vcpu *vcpu[GUEST_VCPUS_MAX];
};

static inline struct kernel_stack *vcpu_kernel_stack(struct vcpu *v, uint64_t rsp)
{
	return &v->stacks[(rsp - 1) >> KERNEL_STACK_SHIFT & (KERNEL_STACKS - 1)];
}

/* Entries from user mode begin at rsp from now on. */
static inline void vcpu_set_kernel_stack(struct vcpu *v, uint64_t rsp)
{
	const struct kernel_stack *s = vcpu_kernel_stack(v, rsp);
	bool known = s->rsp == rsp && s->drops == v->machine->kernel_drops;

	v->kernel_rsp = rsp;
	v->stack_top = known ? s->top : NULL;
}

/* What was known of kernel stacks is to be found out again. */
static inline void vcpu_forget_kernel_stacks(struct vcpu *v)
{
	for (unsigned i = 0; i < KERNEL_STACKS; i++)
		v->stacks[i].rsp = 0;
	v->stack_top = NULL;
}

#endif
