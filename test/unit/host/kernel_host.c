/* SPDX-License-Identifier: MIT */
/* Host stand-ins for parts of the kernel that unit tests do not build. */
#include <stdio.h>
#include <stdlib.h>
#include "core/preempt.h"
#include "core/print.h"
#include "core/spinlock.h"
#include "host.h"
#include "x86_64/pagetable.h"
#include "x86_64/platform.h"
#include "x86_64/tlb.h"

struct cpu_features cpu_feat;
unsigned cpus_online = 2;
unsigned host_cpu;
bool host_preempt;
unsigned host_flushes, host_pending, host_view_revokes, host_io_revokes;
unsigned host_view_cost;
u64 host_kernel_first = 1, host_kernel_last;
static u64 template[PT_ENTRIES];
static bool announced; /* a flush is */

void host_reset(void)
{
	cpu_feat = (struct cpu_features){ .nx = true, .page1g = true, .phys_bits = 40 };
	host_cpu = 0;
	host_preempt = false;
	host_flushes = host_pending = host_view_revokes = host_io_revokes = 0;
	host_view_cost = 0;
	host_kernel_first = 1;
	host_kernel_last = 0;
	host_fail_in = 0;
	for (unsigned i = PT_KERNEL_FIRST; i <= PT_KERNEL_LAST; i++)
		template[i] = 0x1000ULL * i | PTE_PRESENT;
	kernel_pml4_template = template;
}

bool preempt_pending(void)
{
	return host_preempt;
}

bool phys_is_kernel(phys_t pa, unsigned order)
{
	u64 last = pa.v + (1ULL << order) - 1;

	return host_kernel_first <= host_kernel_last && pa.v <= host_kernel_last &&
	       last >= host_kernel_first;
}

void tlb_batch_add(struct tlb_batch *b, struct space *s, u64 va)
{
	(void)va;
	s->tlb_gen++;
	b->count = 1;
	host_pending++;
}

void tlb_batch_flush(struct tlb_batch *b)
{
	tlb_batch_init(b);
	host_flushes++;
	host_pending = 0;
}

void tlb_tell_begin(void)
{
	BUG_ON(announced);
	announced = true;
}

void tlb_tell_end(void)
{
	BUG_ON(!announced || host_pending);
	announced = false;
}

void tlb_wait(void)
{
	BUG_ON(announced);
}

unsigned view_revoke(struct space *home, uaddr_t va, unsigned order, struct tlb_batch *b)
{
	(void)b;
	BUG_ON(!home->lock.held || va.v & ((1ULL << order) - 1));
	host_view_revokes++;
	return host_view_cost;
}

void view_home_table_dropped(struct space *home, struct tlb_batch *b)
{
	(void)b;
	BUG_ON(!home->lock.held);
}

void io_bitmap_revoked(void)
{
	host_io_revokes++;
}
