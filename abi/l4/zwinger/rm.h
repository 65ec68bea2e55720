/* SPDX-License-Identifier: MIT */
/*
 * Additions to the region-map protocol (label 0x4005): how the parent of a program learns that it
 * has faulted for good. The server of the region map is the exception handler of the program. It
 * must not wait for the parent, so it does not call it: it triggers an interrupt of the parent's,
 * which cannot get lost, and the parent asks. The faulted thread stays stopped.
 */
#ifndef L4_ZWINGER_RM_H
#define L4_ZWINGER_RM_H

#include <l4/sys/l4int.h>

/* First argument of the creation of a region map, optional. */
enum l4_zw_rm_flags {
	L4_ZW_RM_F_UPPER_HALF = 1 /* for a task that can have the upper half */
};

/* Opcodes (int) of the region-map protocol. */
enum l4_zw_rm_ops {
	/*
	 * Arguments: string name (of the program, for reports), item: interrupt to be triggered,
	 * optional. Needs W. A second call replaces the first one's.
	 */
	L4_ZW_RM_SET_PARENT_OP = 0x100,
	/* Result: struct l4_zw_rm_fault of the first fault. -L4_ENOENT: none so far. */
	L4_ZW_RM_FAULT_OP = 0x101,
	/*
	 * Argument: word. 1: the program has an exception handler of its own for what the region
	 * map cannot resolve, which gets the fault as exception 14; the region map prints no line
	 * about it. 0: it does, as at first. A fault that the handler has no answer to is reported
	 * and told to the parent when it sends the exception message that it got on to the region
	 * map.
	 */
	L4_ZW_RM_HANDLED_OP = 0x102,
	/*
	 * Put something else in the place of a part of a region, or all of it: nobody finds the
	 * place empty in between. Arguments and result as for the attach operation, at a fixed
	 * place that begins in a region (-L4_ENOENT) and does not go beyond it, or only to where
	 * nothing is
	 * (-L4_EADDRNOTAVAIL). Not for what is private (L4RE_RM_F_PRIVATE, or no dataspace and not
	 * L4RE_RM_F_RESERVED: -L4_EINVAL). An unknown dataspace is -L4_ENOENT. Pages that are
	 * mapped stay; taking rights away from them is the client's.
	 */
	L4_ZW_RM_REPLACE_OP = 0x108
};

/* The first fault or exception of a program that nobody resolved. */
typedef struct l4_zw_rm_fault_t {
	l4_umword_t signal;  /* as POSIX numbers it: 4 ILL, 5 TRAP, 7 BUS, 8 FPE, 11 SEGV */
	l4_umword_t ip;	     /* user address */
	l4_umword_t address; /* user address of a page fault, else 0 */
	l4_umword_t trapno;  /* l4_exc_regs_t.trapno */
} l4_zw_rm_fault_t;

#endif
