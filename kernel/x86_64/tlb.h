/* SPDX-License-Identifier: MIT */
/* TLB maintenance across CPUs. Intel SDM vol. 3, 4.10. */
#ifndef KERNEL_TLB_H
#define KERNEL_TLB_H

#include "bootinfo.h"
#include "core/cpu.h"
#include "core/types.h"
#include "mm/space.h"
#include "x86_64/platform.h"

/* Spaces whose translations were removed or reduced in one operation. Collect under locks, flush
 * after releasing them. Overflow makes the flush global, never incomplete. */
struct tlb_batch {
	struct space *space[8];
	u64 va[8]; /* single page to invalidate, or ~0 for the whole space */
	unsigned count;
	bool all; /* overflow: every space on every CPU */
};

static inline void tlb_batch_init(struct tlb_batch *b)
{
	b->count = 0;
	b->all = false;
}

/* Note that the page at va (or several pages: call again, the entry becomes "whole space") of s
 * changed. Increments s->tlb_gen. */
void tlb_batch_add(struct tlb_batch *b, struct space *s, u64 va);

/* Make it true on every CPU, then return. No lock may be held: it waits for other CPUs. Cheap if
 * the batch is empty. */
void tlb_batch_flush(struct tlb_batch *b);

/* For the three functions below. */
void tlb_tell_begin(void);
void tlb_tell_end(void);
void tlb_wait(void);

/*
 * What one CPU has taken away is not there any more for the next one that takes the lock, but may
 * still be in TLBs. So who takes rights away announces that before giving up the lock, and says
 * when everybody has been told; and a revocation that has found nothing left to take waits for
 * what others have announced until then, without a lock. In between a CPU does nothing but flush:
 * the one that waits serves no other requests.
 */
static inline void tlb_announce(void)
{
	if (unlikely(cpus_online > 1))
		tlb_tell_begin();
}

static inline void tlb_announced_is_done(void)
{
	if (unlikely(cpus_online > 1))
		tlb_tell_end();
}

static inline void tlb_wait_for_others(void)
{
	if (unlikely(cpus_online > 1))
		tlb_wait();
}

/* Handler of VECTOR_TLB (the caller sends the EOI), and part of spin_relax: flush if another CPU
 * has asked for it. Interrupts off. */
void tlb_serve(void);

u64 tlb_cr3_tagged(struct space *s);

/* What to write to CR3 for s on this CPU. Store s in cpu->loaded_space before the call; interrupts
 * off. With PCIDs the value has a tag, and bit 63 (keep) if the tag's entries are still true. */
static always_inline u64 tlb_cr3_for(struct space *s)
{
	if (unlikely(cpu_feat.pcid))
		return tlb_cr3_tagged(s);
	return (u64)s->root - DIRECT_MAP_BASE;
}

#endif
