/* SPDX-License-Identifier: MIT */
/* Paravirtual interface: operations on vCPUs, their start context, their run states. */
#ifndef GUEST_XEN_VCPU_H
#define GUEST_XEN_VCPU_H

#include "trap.h"

enum xen_vcpu_op {
	XEN_VCPU_INITIALISE = 0,
	XEN_VCPU_UP = 1,
	XEN_VCPU_DOWN = 2,
	XEN_VCPU_IS_UP = 3,
	XEN_VCPU_GET_RUNSTATE = 4,
	XEN_VCPU_REGISTER_RUNSTATE = 5,
	XEN_VCPU_SET_PERIODIC_TIMER = 6,
	XEN_VCPU_STOP_PERIODIC_TIMER = 7,
	XEN_VCPU_SET_SINGLESHOT_TIMER = 8,
	XEN_VCPU_STOP_SINGLESHOT_TIMER = 9,
	XEN_VCPU_REGISTER_INFO = 10,
	XEN_VCPU_SEND_NMI = 11,
	XEN_VCPU_GET_PHYSID = 12,
	XEN_VCPU_REGISTER_TIME = 13
};

enum xen_runstate {
	XEN_RUNNING = 0,
	XEN_RUNNABLE = 1,
	XEN_BLOCKED = 2,
	XEN_OFFLINE = 3,
	XEN_RUNSTATES = 4
};

#define XEN_RUNSTATE_UPDATE (1UL << 63) /* in entry_time: being changed */

struct xen_runstate_info {
	uint32_t state;
	uint32_t pad;
	uint64_t entry_time; /* system time, ns */
	uint64_t time[XEN_RUNSTATES];
};

XEN_AT(xen_runstate_info, entry_time, 8);
XEN_AT(xen_runstate_info, time, 16);
XEN_SIZE(xen_runstate_info, 48);

struct xen_vcpu_register_area { /* runstate and time: guest address */
	uint64_t address;
};

struct xen_vcpu_periodic_timer {
	uint64_t period_ns;
};

enum { XEN_SINGLESHOT_FUTURE = 1 << 0 }; /* flag: -ETIME if the time has passed */

struct xen_vcpu_singleshot_timer {
	uint64_t timeout; /* system time, ns */
	uint32_t flags;
	uint32_t pad;
};

struct xen_vcpu_register_info {
	uint64_t frame;
	uint32_t offset; /* bytes in the page */
	uint32_t pad;
};

XEN_AT(xen_vcpu_singleshot_timer, flags, 8);
XEN_SIZE(xen_vcpu_singleshot_timer, 16);
XEN_AT(xen_vcpu_register_info, offset, 8);
XEN_SIZE(xen_vcpu_register_info, 16);

struct xen_user_regs {
	uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint32_t error_code, entry_vector;
	uint64_t rip;
	uint16_t cs, pad0;
	uint8_t saved_upcall_mask, pad1[3];
	uint64_t rflags, rsp;
	uint16_t ss, pad2[3];
	uint16_t es, pad3[3];
	uint16_t ds, pad4[3];
	uint16_t fs, pad5[3];
	uint16_t gs, pad6[3];
};

XEN_AT(xen_user_regs, rdi, 112);
XEN_AT(xen_user_regs, rip, 128);
XEN_AT(xen_user_regs, cs, 136);
XEN_AT(xen_user_regs, saved_upcall_mask, 140);
XEN_AT(xen_user_regs, rflags, 144);
XEN_AT(xen_user_regs, ss, 160);
XEN_AT(xen_user_regs, gs, 192);
XEN_SIZE(xen_user_regs, 200);

enum { XEN_GDT_FRAMES = 16, XEN_TRAPS = 256 };

enum xen_context_flags {
	XEN_CONTEXT_FPU_VALID = 1 << 0,
	XEN_CONTEXT_IN_KERNEL = 1 << 2,
	XEN_CONTEXT_FAILSAFE_MASKS = 1 << 3,
	XEN_CONTEXT_SYSCALL_MASKS = 1 << 4,
	XEN_CONTEXT_ONLINE = 1 << 5
};

struct xen_vcpu_context {
	uint8_t fpu[512];
	uint64_t flags;
	struct xen_user_regs regs;
	struct xen_trap_info traps[XEN_TRAPS];
	uint64_t ldt_base, ldt_entries;
	uint64_t gdt_frames[XEN_GDT_FRAMES], gdt_entries;
	uint64_t kernel_ss, kernel_sp;
	uint64_t cr[8];
	uint64_t dr[8];
	uint64_t event_callback;
	uint64_t failsafe_callback;
	uint64_t syscall_callback;
	uint64_t vm_assist;
	uint64_t fs_base, gs_base_kernel, gs_base_user;
};

XEN_AT(xen_vcpu_context, flags, 512);
XEN_AT(xen_vcpu_context, regs, 520);
XEN_AT(xen_vcpu_context, traps, 720);
XEN_AT(xen_vcpu_context, ldt_base, 4816);
XEN_AT(xen_vcpu_context, gdt_frames, 4832);
XEN_AT(xen_vcpu_context, kernel_ss, 4968);
XEN_AT(xen_vcpu_context, cr, 4984);
XEN_AT(xen_vcpu_context, event_callback, 5112);
XEN_AT(xen_vcpu_context, gs_base_user, 5160);
XEN_SIZE(xen_vcpu_context, 5168);

#endif
