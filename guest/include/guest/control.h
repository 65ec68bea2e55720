/* SPDX-License-Identifier: MIT */
/*
 * Control of a virtual machine: requests to the gate whose server end vmm has as capability
 * `vmctl`. Label CONTROL_PROTO, word 0 the request; the answer's label is 0 or a negative error.
 * Changing requests need the W right (-L4_EPERM).
 */
#ifndef GUEST_CONTROL_H
#define GUEST_CONTROL_H

#include <stdint.h>

enum { CONTROL_PROTO = 0x5a58 };

enum control_request {
	CONTROL_STATE = 1,    /* answer: struct control_state */
	CONTROL_VCPU = 2,     /* w1 vCPU; answer: struct control_vcpu. -L4_ERANGE */
	CONTROL_CALLS = 3,    /* w1 vCPU; answer: CONTROL_CALLS_MAX words, calls by number */
	CONTROL_SYMBOL = 4,   /* w1 address; answer: name+offset, 0-terminated. -L4_ENOENT */
	CONTROL_PAUSE = 8,    /* all vCPUs stand still before long */
	CONTROL_RESUME = 9,   /* and go on */
	CONTROL_KILL = 10,    /* the machine ends now; vmm ends with code 3 */
	CONTROL_RESTART = 11, /* it starts from the beginning */
	CONTROL_SYSRQ = 12,   /* the guest gets VIRQ_DEBUG: Linux prints its state */
	/*
	 * w1 enum control_end: the guest's kernel is asked to do it. -L4_ENODEV: it does not listen
	 * (yet); -L4_EBUSY: it has not taken what it was told before.
	 */
	CONTROL_SHUTDOWN = 13
};

enum { CONTROL_CALLS_MAX = 48, CONTROL_TEXT_MAX = 128, CONTROL_VCPU_UP = 2 };
enum control_stands { CONTROL_IN_GUEST = 1, CONTROL_IN_CALL = 2 };

enum control_end { CONTROL_POWEROFF, CONTROL_REBOOT, CONTROL_HALT, CONTROL_ENDS };

enum control_machine { CONTROL_RUNS, CONTROL_PAUSED };

struct control_state {
	uint64_t state; /* enum control_machine */
	uint64_t vcpus, priority;
	uint64_t memory;	/* of the guest, that it has not given back, bytes */
	uint64_t overhead;	/* memory beside it that it takes in vmm, bytes */
	uint64_t views;		/* of processes */
	uint64_t view_bytes;	/* tables of all views */
	uint64_t view_drops;	/* times a view was emptied for want of tables */
	uint64_t starts;	/* how often it was started */
	uint64_t uptime;	/* since the last start, microseconds */
	uint64_t console_bytes; /* that it has written */
	char name[24];
};

/*
 * Registers are those of the last stop; they are the vCPU's own while the machine is paused. In a
 * hypercall: rip and rsp where it goes on, or 0, and no others.
 */
struct control_vcpu {
	uint64_t run;	 /* 0 never started, 1 down, CONTROL_VCPU_UP */
	uint64_t stands; /* it has stopped for the pause: enum control_stands, or 0 */
	uint64_t rip, cs, rflags, rsp, ss;
	uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t root; /* frame of its L4 table */
	uint64_t kernel_rsp;
	uint64_t calls, unknown_calls, faults, fills, bounced, emulated, switches, upcalls;
};

#endif
