/* SPDX-License-Identifier: MIT */
/*
 * vCPU context: holds one hardware VMCS (VMX). It has no operations; its selector goes into the
 * software VMCS with l4_vm_vmx_set_hw_vmcs() (vm.h).
 */
#ifndef L4_SYS_VCPU_CONTEXT_H
#define L4_SYS_VCPU_CONTEXT_H

#include <l4/sys/factory.h>

/* Create a vCPU context. -L4_ENODEV without VMX. */
L4_INLINE l4_msgtag_t l4_factory_create_vcpu_context_u(l4_cap_idx_t factory,
						       l4_cap_idx_t target_cap,
						       l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_factory_create_u(factory, L4_PROTO_VCPU_CONTEXT, target_cap, utcb);
}

/* l4_factory_create_vcpu_context_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_factory_create_vcpu_context(l4_cap_idx_t factory,
						     l4_cap_idx_t target_cap) L4_NOTHROW
{
	return l4_factory_create_vcpu_context_u(factory, target_cap, l4_utcb());
}

#endif
