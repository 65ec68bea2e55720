/* SPDX-License-Identifier: MIT */
/* Paravirtual interface: yielding, blocking, shutting down. */
#ifndef GUEST_XEN_SCHED_H
#define GUEST_XEN_SCHED_H

#include "types.h"

enum xen_sched_op {
	XEN_SCHED_YIELD = 0,
	XEN_SCHED_BLOCK = 1,
	XEN_SCHED_SHUTDOWN = 2,
	XEN_SCHED_POLL = 3,
	XEN_SCHED_REMOTE_SHUTDOWN = 4,
	XEN_SCHED_SHUTDOWN_CODE = 5,
	XEN_SCHED_WATCHDOG = 6,
	XEN_SCHED_PIN_OVERRIDE = 7
};

enum xen_shutdown {
	XEN_SHUTDOWN_POWEROFF = 0,
	XEN_SHUTDOWN_REBOOT = 1,
	XEN_SHUTDOWN_SUSPEND = 2,
	XEN_SHUTDOWN_CRASH = 3,
	XEN_SHUTDOWN_WATCHDOG = 4,
	XEN_SHUTDOWN_SOFT_RESET = 5
};

struct xen_sched_shutdown {
	uint32_t reason;
};

struct xen_sched_poll {
	uint64_t ports; /* guest address of nr_ports 32-bit port numbers */
	uint32_t nr_ports;
	uint32_t pad;
	uint64_t timeout; /* system time, ns; 0 = none */
};

struct xen_sched_watchdog {
	uint32_t id;	  /* 0: a new one; the answer is its number, from 1 on */
	uint32_t timeout; /* seconds; 0: end it */
};

XEN_SIZE(xen_sched_watchdog, 8);
XEN_AT(xen_sched_poll, nr_ports, 8);
XEN_AT(xen_sched_poll, timeout, 16);
XEN_SIZE(xen_sched_poll, 24);

#endif
