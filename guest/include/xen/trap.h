/* SPDX-License-Identifier: MIT */
/* Paravirtual interface: trap table, callbacks, frames of entry and return, selectors. */
#ifndef GUEST_XEN_TRAP_H
#define GUEST_XEN_TRAP_H

#include "types.h"

/* Selectors of flat segments that every guest has. */
enum xen_selector { XEN_CS32 = 0xe023, XEN_CS64 = 0xe033, XEN_DS = 0xe02b, XEN_SS = 0xe02b };

enum xen_trap_flags {
	XEN_TRAP_PRIVILEGE = 3,	      /* mask: who may `int` this vector */
	XEN_TRAP_MASK_EVENTS = 1 << 2 /* events are masked on entry */
};

/* A list of them ends with address 0. */
struct xen_trap_info {
	uint8_t vector;
	uint8_t flags;
	uint16_t cs;
	uint32_t pad;
	uint64_t address;
};

XEN_AT(xen_trap_info, flags, 1);
XEN_AT(xen_trap_info, cs, 2);
XEN_AT(xen_trap_info, address, 8);
XEN_SIZE(xen_trap_info, 16);

enum xen_callback_op { XEN_CALLBACK_REGISTER = 0, XEN_CALLBACK_UNREGISTER = 1 };

enum xen_callback {
	XEN_CALLBACK_EVENT = 0,
	XEN_CALLBACK_FAILSAFE = 1,
	XEN_CALLBACK_SYSCALL = 2,
	XEN_CALLBACK_SYSENTER_OLD = 3,
	XEN_CALLBACK_NMI = 4,
	XEN_CALLBACK_SYSENTER = 5,
	XEN_CALLBACK_SYSCALL32 = 7,
	XEN_CALLBACKS = 8,
	XEN_CALLBACK_MASK_EVENTS = 1 << 0 /* flag */
};

struct xen_callback_register {
	uint16_t type;
	uint16_t flags;
	uint32_t pad;
	uint64_t address;
};

struct xen_callback_unregister {
	uint16_t type;
	uint16_t pad;
};

XEN_AT(xen_callback_register, flags, 2);
XEN_AT(xen_callback_register, address, 8);
XEN_SIZE(xen_callback_register, 16);
XEN_SIZE(xen_callback_unregister, 4);

enum { XEN_IRET_IN_SYSCALL = 1 << 8 }; /* flags: rcx and r11 are lost */

/* What is on the guest's stack at the hypercall iret. */
struct xen_iret_frame {
	uint64_t rax, r11, rcx, flags, rip, cs, rflags, rsp, ss;
};

XEN_AT(xen_iret_frame, flags, 24);
XEN_AT(xen_iret_frame, rip, 32);
XEN_SIZE(xen_iret_frame, 72);

#endif
