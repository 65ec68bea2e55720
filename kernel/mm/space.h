/* SPDX-License-Identifier: MIT */
/*
 * A memory address space and its part of the mapping database. Embedded in a task (and later in VM
 * and DMA-space objects). See mm/mapdb.h for the operations.
 */
#ifndef KERNEL_SPACE_H
#define KERNEL_SPACE_H

#include "core/spinlock.h"
#include "core/types.h"
#include "mm/quota.h"

struct io_space;
struct view;

struct space {
	u64 *root;	      /* page-table root (PML4), kernel pointer; what CR3 points to */
	struct quota *quota;  /* charged for page tables, nodes and KU memory */
	struct spinlock lock; /* held when rights or tables are taken away (x86_64/pagetable.h) */
	bool sigma0;	      /* every physical address is mapped 1:1 without nodes */
	bool upper;	      /* may map PML4 slots 260..511 as well as 0..255 */
	bool dying;	      /* no new mappings are accepted */
	struct io_space *io;  /* set in the space that stands for I/O ports: root is unused then */
	u64 tlb_gen;	      /* counts revocations, for CPUs that keep tagged TLB entries */
	u8 pcid_slot[64];     /* by CPU: where its tag was last (x86_64/tlb.c) */
	struct space *group;  /* what this one shows too: flushes of that one are for this one as
				 well; NULL: none. Set before the space is loaded anywhere */
	struct view *views;   /* caches of this space, emptied on every revocation */
	struct space *reap_next;
};

#endif
