/* SPDX-License-Identifier: MIT */
/* Stand-ins for processor and kernel around core/. Weak: what a test links for real takes their
 * place. */
#include <asm/prctl.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "core/defer.h"
#include "core/ipc.h"
#include "core/ipc_internal.h"
#include "core/preempt.h"
#include "core/print.h"
#include "core/reap.h"
#include "core/remote.h"
#include "core/sched.h"
#include "core/vcpu.h"
#include "cpu_host.h"
#include "kdb/trace.h"
#include "mm/kmem.h"
#include "x86_64/context.h"
#include "x86_64/switch.h"

#define WEAK __attribute__((weak))

struct cpu host_cpu_record[HOST_CPUS];
struct thread host_idle[HOST_CPUS];
struct host_calls host_calls;
int (*host_preempt_hook)(void);
void (*host_expired)(struct timeout *to);
struct cpu *cpus[MAX_CPUS];
unsigned cpus_online;
struct cpu limbo_cpu;
u64 tsc_khz;
static jmp_buf *end_of_run;

void host_play(unsigned n)
{
	syscall(SYS_arch_prctl, ARCH_SET_GS, &host_cpu_record[n]);
}

static void reset_cpu(unsigned n)
{
	struct cpu *c = &host_cpu_record[n];

	memset(c, 0, sizeof(*c));
	memset(&host_idle[n], 0, sizeof(host_idle[n]));
	c->self = c;
	c->number = n;
	c->apic_id = 2 * n;
	c->current = c->idle = &host_idle[n];
	c->online = true;
	c->armed_for = c->slice_end = ~0ULL;
	list_init(&c->zombies);
	list_init(&c->orphans);
	for (unsigned i = 0; i < PRIORITIES; i++)
		list_init(&c->ready.queue[i]);
	host_idle[n].cpu = c;
	host_idle[n].state = THREAD_READY;
	cpus[n] = c;
}

void host_cpus_reset(void)
{
	for (unsigned n = 0; n < HOST_CPUS; n++)
		reset_cpu(n);
	cpus_online = HOST_CPUS;
	memset(&limbo_cpu, 0, sizeof(limbo_cpu));
	limbo_cpu.number = MAX_CPUS;
	host_calls = (struct host_calls){ 0 };
	host_preempt_hook = NULL;
	host_expired = NULL;
	host_play(0);
}

enum host_end host_run(void (*f)(struct cpu *c, struct thread *t), struct cpu *c, struct thread *t)
{
	jmp_buf here;
	int how;

	end_of_run = &here;
	how = setjmp(here);
	if (how == 0)
		f(c, t);
	end_of_run = NULL;
	return (enum host_end)how;
}

static __attribute__((noreturn)) void end(enum host_end how)
{
	if (!end_of_run)
		panic("a function that does not return was called outside of host_run");
	longjmp(*end_of_run, how);
}

/* --- Processor --- */

WEAK void lapic_ipi(u32 apic_id, u8 vector)
{
	(void)vector;
	host_calls.ipis++;
	host_calls.ipi_to = apic_id;
}

WEAK void timer_arm(u64 tsc)
{
	host_calls.arms++;
	host_calls.armed = tsc;
}

WEAK void timer_stop(void)
{
	host_calls.stops++;
}

WEAK void context_switch(struct cpu *own, struct thread *t)
{
	own->current = t;
}

WEAK void context_account(struct cpu *own, struct thread *next)
{
	(void)own;
	(void)next;
}

WEAK void exit_to_user(struct thread *t)
{
	(void)t;
	end(HOST_USER);
}

WEAK void exit_sysret(struct regs *r)
{
	(void)r;
	end(HOST_USER);
}

WEAK void stack_switch_call(u64 top, void (*fn)(void))
{
	(void)top;
	fn();
	abort();
}

WEAK void irq_window(void)
{
}

WEAK void cpu_idle(struct cpu *own)
{
	(void)own;
	end(HOST_IDLE);
}

/* --- Kernel --- */

WEAK u32 trace_mask;

WEAK void trace_record(enum trace_kind kind, u64 a, u64 b, u64 c, u64 d)
{
	(void)kind;
	(void)a;
	(void)b;
	(void)c;
	(void)d;
}

WEAK bool preempt_pending(void)
{
	return host_preempt_hook && host_preempt_hook();
}

WEAK void sched_preempt(struct cpu *own, bool slice_over)
{
	(void)slice_over;
	spin_unlock(&own->lock);
	end(HOST_PREEMPTED);
}

WEAK void schedule(struct cpu *own)
{
	spin_unlock(&own->lock);
	end(HOST_SCHEDULED);
}

WEAK void resume_current(struct cpu *own)
{
	(void)own;
	end(HOST_RESUMED);
}

WEAK void timer_rearm(struct cpu *own)
{
	(void)own;
}

WEAK void timeout_set(struct cpu *own, struct cpu *home, struct timeout *to, u64 tsc)
{
	(void)own;
	heap_insert(&home->timeouts, &to->node, tsc);
}

WEAK void cpu_kick(struct cpu *own, struct cpu *c)
{
	if (c != own)
		lapic_ipi(c->apic_id, 0);
}

WEAK void ipc_timeout(struct cpu *own, struct thread *t)
{
	timeout_clear(own, &t->timeout);
	spin_unlock(&own->lock);
	host_calls.aborts++;
	if (host_expired)
		host_expired(&t->timeout);
}

WEAK void remote_call(struct cpu *own, struct cpu *c, void (*fn)(struct cpu *own, void *arg),
		      void *arg)
{
	(void)own;
	fn(c, arg);
}

WEAK void defer_call(struct defer *d, void (*run)(struct defer *d))
{
	d->run = run;
	host_calls.deferred++;
	host_calls.last_deferred = d;
}

WEAK void defer_run(struct cpu *own)
{
	(void)own;
}

WEAK void defer_quiescent(struct cpu *own)
{
	own->quiesce_for = 0;
}

WEAK void reap_in_current(struct cpu *own, struct thread *t)
{
	(void)own;
	(void)t;
}

WEAK void reap_some(struct cpu *own)
{
	(void)own;
}

WEAK bool page_prezero_one(void)
{
	return false;
}

WEAK void vcpu_before_user(struct cpu *c, struct thread *t)
{
	(void)c;
	(void)t;
}

WEAK void vcpu_move(struct cpu *own, struct cpu *from, struct cpu *to, struct thread *t)
{
	(void)own;
	(void)from;
	(void)to;
	(void)t;
}

WEAK void vcpu_displaced(struct thread *t)
{
	(void)t;
}

WEAK void vcpu_deadline_reached(struct cpu *c, struct timeout *to)
{
	(void)c;
	host_calls.vcpu_deadlines++;
	if (host_expired)
		host_expired(to);
}
