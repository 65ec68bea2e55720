/* SPDX-License-Identifier: MIT */
/* Paravirtual interface: numbers of the hypercalls, multicall entries, small operations. */
#ifndef GUEST_XEN_HYPERCALL_H
#define GUEST_XEN_HYPERCALL_H

#include "types.h"

enum xen_hypercall {
	XEN_CALL_SET_TRAP_TABLE = 0,
	XEN_CALL_MMU_UPDATE = 1,
	XEN_CALL_SET_GDT = 2,
	XEN_CALL_STACK_SWITCH = 3,
	XEN_CALL_SET_CALLBACKS = 4,
	XEN_CALL_FPU_TASKSWITCH = 5,
	XEN_CALL_PLATFORM_OP = 7,
	XEN_CALL_SET_DEBUGREG = 8,
	XEN_CALL_GET_DEBUGREG = 9,
	XEN_CALL_UPDATE_DESCRIPTOR = 10,
	XEN_CALL_MEMORY_OP = 12,
	XEN_CALL_MULTICALL = 13,
	XEN_CALL_UPDATE_VA_MAPPING = 14,
	XEN_CALL_SET_TIMER_OP = 15,
	XEN_CALL_XEN_VERSION = 17,
	XEN_CALL_CONSOLE_IO = 18,
	XEN_CALL_GRANT_TABLE_OP = 20,
	XEN_CALL_VM_ASSIST = 21,
	XEN_CALL_IRET = 23,
	XEN_CALL_VCPU_OP = 24,
	XEN_CALL_SET_SEGMENT_BASE = 25,
	XEN_CALL_MMUEXT_OP = 26,
	XEN_CALL_NMI_OP = 28,
	XEN_CALL_SCHED_OP = 29,
	XEN_CALL_CALLBACK_OP = 30,
	XEN_CALL_EVENT_CHANNEL_OP = 32,
	XEN_CALL_PHYSDEV_OP = 33,
	XEN_CALL_HVM_OP = 34,
	XEN_CALL_XENPMU_OP = 40,
	XEN_CALLS = 64 /* numbers from here on are none */
};

enum { XEN_MULTICALL_ARGS = 6 };

struct xen_multicall_entry {
	uint64_t op;
	int64_t result;
	uint64_t args[XEN_MULTICALL_ARGS];
};

XEN_AT(xen_multicall_entry, result, 8);
XEN_AT(xen_multicall_entry, args, 16);
XEN_SIZE(xen_multicall_entry, 64);

/* Which base set_segment_base sets. */
enum xen_segment_base {
	XEN_SEGMENT_FS = 0,
	XEN_SEGMENT_GS_USER = 1,
	XEN_SEGMENT_GS_KERNEL = 2,
	XEN_SEGMENT_GS_USER_SELECTOR = 3
};

enum xen_console_io { XEN_CONSOLE_WRITE = 0, XEN_CONSOLE_READ = 1 };

enum xen_vm_assist { XEN_ASSIST_ENABLE = 0, XEN_ASSIST_DISABLE = 1 };

enum xen_vm_assist_type {
	XEN_ASSIST_4GB_SEGMENTS = 0,
	XEN_ASSIST_4GB_SEGMENTS_NOTIFY = 1,
	XEN_ASSIST_WRITABLE_PAGETABLES = 2,
	XEN_ASSIST_PAE_EXTENDED_CR3 = 3,
	XEN_ASSIST_ARCHITECTURAL_IOPL = 4,
	XEN_ASSIST_RUNSTATE_UPDATE_FLAG = 5
};

enum xen_physdev_op {
	XEN_PHYSDEV_SET_IOPL = 6,
	XEN_PHYSDEV_SET_IOBITMAP = 7,
	XEN_PHYSDEV_EOI = 12,
	XEN_PHYSDEV_MAP_PIRQ = 13,
	XEN_PHYSDEV_PIRQ_EOI_FRAME_V1 = 17,
	XEN_PHYSDEV_PIRQ_EOI_FRAME_V2 = 28
};

struct xen_physdev_set_iopl {
	uint32_t iopl;
};

struct xen_physdev_set_iobitmap {
	uint64_t bitmap; /* guest address */
	uint32_t ports;
	uint32_t pad;
};

XEN_SIZE(xen_physdev_set_iobitmap, 16);

#endif
