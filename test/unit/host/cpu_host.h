/* SPDX-License-Identifier: MIT */
/*
 * CPUs for unit tests of core/: this_cpu() works, what the tests do not link is a stand-in that
 * notes its calls. A function that does not return ends in host_run(), which called it.
 */
#ifndef CPU_HOST_H
#define CPU_HOST_H

#include "core/cpu.h"
#include "obj/thread.h"

enum { HOST_CPUS = 3 };

/* How a call that host_run() made has ended. */
enum host_end {
	HOST_RETURNED,
	HOST_USER,	/* exit_to_user, exit_sysret */
	HOST_IDLE,	/* cpu_idle: the CPU waits for an interrupt */
	HOST_PREEMPTED, /* sched_preempt */
	HOST_SCHEDULED, /* schedule */
	HOST_RESUMED,	/* resume_current */
};

struct host_calls {
	unsigned ipis;	   /* lapic_ipi */
	u32 ipi_to;	   /* APIC id of the last one */
	unsigned arms;	   /* timer_arm */
	u64 armed;	   /* the last deadline */
	unsigned stops;	   /* timer_stop */
	unsigned aborts;   /* ipc_timeout */
	unsigned deferred; /* defer_call */
	struct defer *last_deferred;
	unsigned vcpu_deadlines;
};

extern struct cpu host_cpu_record[HOST_CPUS];
extern struct thread host_idle[HOST_CPUS];
extern struct host_calls host_calls;
extern int (*host_preempt_hook)(void); /* what preempt_pending answers; NULL: no */
/* Called by ipc_timeout and vcpu_deadline_reached if set. */
extern void (*host_expired)(struct timeout *to);

/* All records as after boot; the test plays CPU 0. */
void host_cpus_reset(void);
/* The test plays CPU n from here on. */
void host_play(unsigned n);
/* Call f(c, t) and say how it ended. */
enum host_end host_run(void (*f)(struct cpu *c, struct thread *t), struct cpu *c, struct thread *t);

#endif
