/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * How the guest's kernel reaches capabilities of L4 that the scenario gave to its virtual machine:
 * a hypercall with a number that the paravirtual interface leaves to architectures and nobody uses.
 * RDI is the operation; results are as the operation says, or the negative error of an unknown
 * hypercall. The caller's task may be descheduled by L4 for as long as the IPC takes, and with it
 * everything that runs on the vCPU: servers that a guest uses must not keep it waiting.
 */
#ifndef GUEST_OUTSIDE_H
#define GUEST_OUTSIDE_H

#define OUTSIDE_VERSION_NUMBER 0x4c340001L

enum {
	OUTSIDE_HYPERCALL = 55,
	OUTSIDE_NAME_BYTES = 24,
};

enum outside_operation {
	/* Result: OUTSIDE_VERSION_NUMBER. */
	OUTSIDE_VERSION = 0,
	/* RSI number from 0 on, RDX address of a struct outside_cap. 0; -2 (no entry), -14 (fault).
	 */
	OUTSIDE_CAP = 1,
	/*
	 * RSI selector | phases (of l4_syscall_flags_t: send, or send and closed receive), RDX
	 * address of an l4_utcb_t, R10 tag, R8 timeouts. Result: the tag. Message words are taken
	 * from and put into the l4_utcb_t, with the error word; messages have no items, and none
	 * can be received.
	 */
	OUTSIDE_IPC = 2,
};

/* A capability that has a name. */
struct outside_cap {
	unsigned long selector;
	char name[OUTSIDE_NAME_BYTES]; /* ends with 0 */
};

#endif
