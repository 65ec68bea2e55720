/* SPDX-License-Identifier: MIT */
/*
 * What vmm tells the shim at the start of a machine. vmm writes the record to GUEST_START, the
 * first page of the shim's image, and starts the thread of each vCPU at the address behind it. The
 * stack pointer is then the end of the vCPU's memory, GUEST_VCPU + (number + 1) * GUEST_VCPU_BYTES:
 * this is how it finds its number, since starting a thread sets no other register. vCPUs other than
 * 0 wait until the guest brings them up.
 *
 * Frames are numbers of 4 KiB pages of guest-physical memory. Those of RAM come first; frames from
 * ram_frames on are not RAM for the guest: shared page, grant table.
 */
#ifndef GUEST_START_H
#define GUEST_START_H

#include <stdint.h>

#include "guest/layout.h"

#define GUEST_START	    GUEST_SHIM
#define GUEST_START_VERSION 0x5a57673100000001UL

/* A capability of the guest task that its kernel may use, with the name that the scenario gave. */
struct guest_cap {
	char name[24]; /* ends with 0 */
	uint64_t cap;  /* selector */
};

struct guest_start_vcpu {
	uint64_t thread; /* selector: the vCPU's own thread */
	uint64_t kick;	 /* selector: interrupt bound to it, label GUEST_EVENT_KICK */
	uint64_t utcb;	 /* addresses, in kernel-user memory */
	uint64_t state;
};

/* A breakpoint of a debugger in the processor; used 0: there is none. */
struct guest_breakpoint {
	uint64_t address;
	uint32_t
	    kind; /* as in DR7: bits 0, 1 when (0 executed, 1 written, 3 accessed), 2, 3 length */
	uint32_t used;
};

enum { GUEST_BREAKPOINTS = 4 };

struct guest_start {
	uint64_t version; /* GUEST_START_VERSION */
	uint64_t frames, ram_frames;
	uint32_t vcpus, views;
	uint32_t tsc_khz;
	uint32_t paused;       /* bit: a vCPU. vmm sets it: it stands still until it is 0 again */
	uint64_t shared_frame; /* shared_info */
	uint64_t grant_frame, grant_frames; /* first frame of the grant table, how many */
	uint64_t boot_seconds;		    /* time of day at TSC 0: seconds since 1970 */
	uint32_t boot_nanoseconds;
	uint32_t console_port, store_port; /* event channels; 0: none */
	/* For a debugger, vmm sets them: it is asked about #DB and #BP; vCPUs that get no events;
	 * what changes whenever breakpoints do. */
	uint32_t debugged, stepping;
	uint32_t breakpoints_version;
	struct guest_breakpoint breakpoints[GUEST_BREAKPOINTS];
	/* First instruction of vCPU 0. */
	uint64_t entry, stack, start_info; /* guest-virtual addresses */
	uint64_t root;			   /* frame of the L4 table */
	/* Selectors. */
	uint64_t task;	 /* the guest task itself */
	uint64_t vmm;	 /* gate: guest/requests.h */
	uint64_t notify; /* interrupt of vmm: look at the console ring */
	uint64_t kernel_view;
	uint64_t process_views[GUEST_VIEWS_MAX];
	struct guest_start_vcpu vcpu[GUEST_VCPUS_MAX];
	struct guest_cap caps[GUEST_CAPS_MAX]; /* a name of length 0 ends the list */
};

_Static_assert(sizeof(struct guest_start) <= 4096, "one page");

#endif
