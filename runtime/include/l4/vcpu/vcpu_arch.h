/* SPDX-License-Identifier: MIT */
/* Why a vCPU entered its handler, on amd64. */
#ifndef L4_VCPU_VCPU_ARCH_H
#define L4_VCPU_VCPU_ARCH_H

#include <l4/sys/utcb.h>
#include <l4/sys/vcpu.h>

enum { L4VCPU_TRAP_PAGE_FAULT = 14 };

/* Not 0: because of a message or an interrupt. */
L4_INLINE int l4vcpu_is_irq_entry(l4_vcpu_state_t const *vcpu) L4_NOTHROW
{
	return vcpu->r.trapno == L4_TRAP_IPC;
}

/* Not 0: because of a page fault. */
L4_INLINE int l4vcpu_is_page_fault_entry(l4_vcpu_state_t const *vcpu) L4_NOTHROW
{
	return vcpu->r.trapno == L4VCPU_TRAP_PAGE_FAULT;
}

#endif
