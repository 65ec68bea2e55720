/* SPDX-License-Identifier: MIT */
/* What the host stand-ins for the rest of the kernel offer to unit tests. */
#ifndef HOST_H
#define HOST_H

#include "core/types.h"
#include "mm/mapdb.h"

extern unsigned host_cpu;	   /* the CPU that the test plays */
extern bool host_preempt;	   /* what preempt_pending() answers */
extern unsigned host_flushes;	   /* TLB flushes done */
extern unsigned host_pending;	   /* TLB entries noted since the last flush */
extern unsigned host_view_revokes; /* calls of view_revoke */
extern unsigned host_view_cost;	   /* what view_revoke returns */
extern unsigned host_io_revokes;   /* calls of io_bitmap_revoked */

/* Physical memory of the "kernel": [first, last]; none by default. */
extern u64 host_kernel_first, host_kernel_last;

/* kmem_host.c: memory from malloc, so that the sanitizers see every misuse. */
extern u64 host_bytes;	  /* allocated at the moment */
extern long host_fail_in; /* fail the n-th allocation from now (1: the next); 0: never */

/* Set everything above and the template of root tables to its initial state. */
void host_reset(void);

/* Walk both mapping trees and all spaces given (NULL-terminated) and abort with a message if an
 * invariant is broken. Returns the number of mappings. */
unsigned mapcheck(struct space *const *spaces);

/* The same in the midst of an operation that takes rights (MAP_*) from a mapping and then from what
 * is below it: until it has ended, a child may have those of its parent's that are being taken. */
unsigned mapcheck_taking(struct space *const *spaces, u8 rights);

#endif
