/* SPDX-License-Identifier: MIT */
/*
 * Messages between the shim and vmm. The shim calls vmm's gate with label GUEST_PROTO; word 0 is
 * the request. vmm sends events by interrupts that are bound to the thread of a vCPU; the label
 * says which. vmm trusts nothing in either direction.
 */
#ifndef GUEST_REQUESTS_H
#define GUEST_REQUESTS_H

enum { GUEST_PROTO = 0x5a57 };

/* Word 0; what follows; the answer is a label, 0 or a negative L4 error code. */
enum guest_request {
	GUEST_CONSOLE_WRITE = 1, /* w1 bytes (up to GUEST_TEXT_MAX), then the bytes */
	GUEST_SHUTDOWN = 2,	 /* w1 reason (enum xen_shutdown), w2 vCPU: no answer, it ends */
	GUEST_CRASH = 3, /* w1 vCPU, w2 bytes, then a text: why it cannot go on; no answer */
	/* w1 order (up to 9), then the first frames of extents of 2^order frames each: their memory
	 * is given back, or there again. Up to 512 frames in all. The answer is the number of
	 * extents, from the first one on, that this was done for. */
	GUEST_RELEASE = 4,
	GUEST_POPULATE = 5,
	/* w1 vCPU, w2 vector 1 or 3, w3 bit: a breakpoint of guest_start: 0: the guest's own;
	 * 1: not */
	GUEST_TRAP = 6
};

enum { GUEST_TEXT_MAX = 400, GUEST_EXTENTS_MAX = 61, GUEST_ORDER_MAX = 9 };

/* Labels of interrupts of a vCPU, multiples of 16 (the low bits are the kernel's). */
enum guest_event {
	GUEST_EVENT_KICK = 1 << 4,    /* another vCPU, or vmm: look at what is pending */
	GUEST_EVENT_CONSOLE = 2 << 4, /* vCPU 0: the console port */
	GUEST_EVENT_PAUSE = 3 << 4,   /* all: look at guest_start.paused */
	GUEST_EVENT_SYSRQ = 4 << 4,   /* vCPU 0: VIRQ_DEBUG */
	GUEST_EVENT_STORE = 5 << 4    /* vCPU 0: the store's port */
};

#endif
