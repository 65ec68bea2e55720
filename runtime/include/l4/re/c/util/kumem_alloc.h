/* SPDX-License-Identifier: MIT */
/* Allocation of kernel-user memory: pages for UTCBs and vCPU states. */
#ifndef L4_RE_C_UTIL_KUMEM_ALLOC_H
#define L4_RE_C_UTIL_KUMEM_ALLOC_H

#include <l4/sys/compiler.h>
#include <l4/sys/types.h>

EXTERN_C_BEGIN

/*
 * Add 2^pages_order pages of kernel-user memory to the task at a free address of its region map rm;
 * *mem becomes the address. 0, -L4_ENOMEM, -L4_EADDRNOTAVAIL, -L4_EINVAL; an error leaves nothing.
 */
L4_CV int l4re_util_kumem_alloc(l4_addr_t *mem, unsigned pages_order, l4_cap_idx_t task,
				l4_cap_idx_t rm) L4_NOTHROW;

EXTERN_C_END

#endif
