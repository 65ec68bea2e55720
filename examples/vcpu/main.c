/* SPDX-License-Identifier: MIT */
/*
 * The vCPU library: the main thread becomes a vCPU and gets interrupts as events, first by waiting,
 * then at its entry point while it runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/c/util/kumem_alloc.h>
#include <l4/re/env.h>
#include <l4/sys/factory.h>
#include <l4/sys/irq.h>
#include <l4/sys/rcv_endpoint.h>
#include <l4/sys/thread.h>
#include <l4/vcpu/vcpu.h>
#include "lib/raw_thread.h"

enum { LABEL = 0x1230 };

static l4_vcpu_state_t *vcpu;
static l4_cap_idx_t irq;
static volatile int entries;
static char entry_stack[8192] __attribute__((aligned(16)));

static void setup_ipc(l4_utcb_t *utcb)
{
	(void)utcb;
}

static void work(l4_vcpu_state_t *v)
{
	printf("event with label %lx\n", v->i.label);
}

/* Entered with events off, on the entry stack; goes on where the program was. */
static void entry(void)
{
	if (!l4vcpu_is_irq_entry(vcpu)) {
		l4vcpu_print_state(vcpu, "unexpected: ");
		exit(1);
	}
	entries++;
	l4_thread_vcpu_resume_commit(L4_INVALID_CAP, l4_thread_vcpu_resume_start());
	exit(1);
}

static void become_vcpu(void)
{
	l4_addr_t page;

	check(l4re_util_kumem_alloc(&page, 0, L4RE_THIS_TASK_CAP, l4re_env()->rm), "state");
	vcpu = (l4_vcpu_state_t *)page;
	vcpu->entry_ip = (l4_umword_t)entry;
	vcpu->entry_sp = (l4_umword_t)entry_stack + sizeof(entry_stack) - 8;
	check(l4_error(l4_thread_vcpu_control(l4re_env()->main_thread, page)), "vCPU");
	printf("state version is known: %s\n", l4_vcpu_check_version(vcpu) ? "yes" : "no");
}

int main(void)
{
	irq = l4re_util_cap_alloc();
	check(l4_error(l4_factory_create_irq(l4re_env()->factory, irq)), "interrupt");
	check(l4_error(l4_rcv_ep_bind_thread(irq, l4re_env()->main_thread, LABEL)), "bind");
	become_vcpu();
	l4_irq_trigger(irq);
	l4vcpu_wait_for_event(vcpu, l4_utcb(), work, setup_ipc);
	l4_irq_unmask(irq);
	l4vcpu_irq_enable(vcpu, l4_utcb(), work, setup_ipc);
	l4_irq_trigger(irq);
	while (!entries)
		l4_barrier();
	l4vcpu_irq_disable(vcpu);
	printf("entered %d times\n", entries);
	return 0;
}
