/* SPDX-License-Identifier: MIT */
/*
 * A guest: a thread in extended vCPU mode whose handler does what the test's main thread says. The
 * main thread sets registers and mode, lets it run, and gets it back at the next entry.
 */
#ifndef TEST_GUEST_H
#define TEST_GUEST_H

#include "thread.h"

#include <l4/sys/vcpu.h>
#include <l4/zwinger/vcpu_ext.h>
#include <l4/zwinger/view.h>

enum {
	GUESTS_MAX = 4,
	GUEST_USER = L4_VCPU_F_USER_MODE | L4_VCPU_F_FPU_ENABLED,
	GUEST_KERNEL = L4_ZW_VCPU_F_GUEST_KERNEL | L4_VCPU_F_FPU_ENABLED,
	PRIO_GUEST = PRIO_MAIN - 1,
};

/* Results of guest_run besides trap numbers. */
enum { GUEST_ERROR = 0x1000 /* resume gave an error */, GUEST_RUNS /* it did not come back */ };

struct guest {
	l4_vcpu_regs_t regs;		    /* to be loaded; after an entry: what the state had */
	l4_cap_idx_t task, process, kernel; /* selectors for the next resume; 1: as they are */
	l4_zw_vcpu_ext_t ext;	 /* flags, shim window, deadline to be set; after an entry: all */
	l4_uint16_t saved_state; /* of the last entry */
	l4_uint16_t host_ds;	 /* selector of the handler */
	l4_umword_t label;	 /* of the message that was its cause, trap 0xfe */
	l4_umword_t entry_sp;	 /* stack pointer at entry */
	long error;		 /* of resume */
	volatile unsigned entries;
	bool (*filter)(struct guest *g); /* in the handler: true to resume again at once */

	unsigned number;
	volatile l4_vcpu_state_t *state; /* in its task */
	struct thread *thread;
	l4_uint16_t mode;
	char *stack;
};

/* A guest of the task t (NULL: the test's own) on the n-th CPU. Its registers are those of
 * guest_registers(). Bails out on errors. */
struct guest *guest_start(struct task *t, unsigned cpu);
void guest_end(struct guest *g);

/* 64-bit user code at ip, without stack. */
void guest_registers(struct guest *g, l4_addr_t ip);

/* Run until the next entry that the filter does not take, at most ms milliseconds: trap number,
 * GUEST_ERROR or GUEST_RUNS. mode: GUEST_USER or GUEST_KERNEL, or other bits of the state. */
unsigned guest_run(struct guest *g, unsigned mode, unsigned ms);
/* Let it run without waiting, and take the next entry. */
void guest_go(struct guest *g, unsigned mode);
unsigned guest_wait(struct guest *g, unsigned ms);

/* Position-independent code for guests, a page. Offsets of what is in it: */
enum guest_code {
	CODE_READ = 0,	     /* mov (%rdi), %rax; ud2 */
	CODE_WRITE = 0x10,   /* mov %rsi, (%rdi); ud2 */
	CODE_JUMP = 0x20,    /* jmp *%rdi */
	CODE_LOOP = 0x30,    /* inc %rax; jmp . */
	CODE_SYSCALL = 0x40, /* syscall; ud2 */
	CODE_COUNT = 0x50,   /* 1: incl (%rdi); jmp 1b */
	CODE_SSE = 0x60,     /* xorps %xmm0, %xmm0; ud2 */
	CODE_TAGS = 0x70,    /* 1: rdi + rcx, rcx += rdx & rsi: int3 unless it holds its address */
	CODE_32 = 0xa0,	     /* 32-bit: inc %eax; inc %edi; ud2 */
	CODE_INT80 = 0xb0,   /* int $0x80 */
	CODE_SYSENTER = 0xc0,
};
/* The page, in memory of the test. */
void *guest_code(void);

/* --- views --- */

/* A view of home (selector of a task) with a quota in pages; bails out on errors. */
l4_cap_idx_t view_create(l4_cap_idx_t home, unsigned pages);
/* Fill one entry. Result of the kernel. */
long view_fill(l4_cap_idx_t view, l4_addr_t guest, const void *home, unsigned order,
	       unsigned rights);
/* Drop a range / all. */
long view_drop(l4_cap_idx_t view, l4_addr_t start, l4_umword_t size);

/* What a guest can do at address a: L4_FPAGE_RO, L4_FPAGE_W bits; its code page must be visible at
 * code. Bails out if something else happens than an access or a page fault at a. */
unsigned guest_access(struct guest *g, unsigned mode, l4_addr_t code, l4_addr_t a);
/* The word that it reads, -1 for a page fault. */
long guest_read(struct guest *g, unsigned mode, l4_addr_t code, l4_addr_t a);

#endif
