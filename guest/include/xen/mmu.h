/* SPDX-License-Identifier: MIT */
/* Paravirtual interface: changes of page tables, base pointers, flushes. */
#ifndef GUEST_XEN_MMU_H
#define GUEST_XEN_MMU_H

#include "types.h"

/* Low two bits of xen_mmu_update.ptr. */
enum xen_mmu_update_type {
	XEN_MMU_NORMAL = 0,
	XEN_MMU_MACHPHYS = 1,
	XEN_MMU_PRESERVE_AD = 2,
	XEN_MMU_NO_TRANSLATE = 3,
	XEN_MMU_TYPE_MASK = 3
};

struct xen_mmu_update {
	uint64_t ptr; /* machine address of an entry, and a type */
	uint64_t val;
};

XEN_SIZE(xen_mmu_update, 16);

enum xen_mmuext {
	XEN_MMUEXT_PIN_L1 = 0,
	XEN_MMUEXT_PIN_L2 = 1,
	XEN_MMUEXT_PIN_L3 = 2,
	XEN_MMUEXT_PIN_L4 = 3,
	XEN_MMUEXT_UNPIN = 4,
	XEN_MMUEXT_NEW_BASEPTR = 5,
	XEN_MMUEXT_TLB_FLUSH_LOCAL = 6,
	XEN_MMUEXT_INVLPG_LOCAL = 7,
	XEN_MMUEXT_TLB_FLUSH_MULTI = 8,
	XEN_MMUEXT_INVLPG_MULTI = 9,
	XEN_MMUEXT_TLB_FLUSH_ALL = 10,
	XEN_MMUEXT_INVLPG_ALL = 11,
	XEN_MMUEXT_FLUSH_CACHE = 12,
	XEN_MMUEXT_SET_LDT = 13,
	XEN_MMUEXT_NEW_USER_BASEPTR = 15,
	XEN_MMUEXT_CLEAR_PAGE = 16,
	XEN_MMUEXT_COPY_PAGE = 17,
	XEN_MMUEXT_FLUSH_CACHE_GLOBAL = 18
};

struct xen_mmuext_op {
	uint32_t cmd;
	uint32_t pad;
	uint64_t arg1; /* frame, or linear address */
	uint64_t arg2; /* entries of an LDT, address of a vCPU mask, source frame */
};

XEN_AT(xen_mmuext_op, arg1, 8);
XEN_AT(xen_mmuext_op, arg2, 16);
XEN_SIZE(xen_mmuext_op, 24);

/* Flags of update_va_mapping; the other bits are the address of a vCPU mask, if not 0. */
enum xen_uvm {
	XEN_UVM_NONE = 0,
	XEN_UVM_TLB_FLUSH = 1,
	XEN_UVM_INVLPG = 2,
	XEN_UVM_TYPE_MASK = 3,
	XEN_UVM_LOCAL = 0,
	XEN_UVM_ALL = 1 << 2
};

/* Bit 31 of a count continues an earlier call. */
#define XEN_MMU_CONTINUED 0x80000000U

#endif
