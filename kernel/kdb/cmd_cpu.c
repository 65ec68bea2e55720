/* SPDX-License-Identifier: MIT */
/* Debugger commands: registers, CPUs, back-traces, queues. */
#include "core/sched.h"
#include "kdb/internal.h"
#include "obj/thread.h"
#include "x86_64/backtrace.h"
#include "x86_64/stop.h"

#define TRACE_LINES 32

static void print_regs(const struct regs *r)
{
	kdb_printf("rip %016lx rsp %016lx rflags %lx cs %lx ss %lx", r->rip, r->rsp, r->rflags,
		   r->cs, r->ss);
	kdb_print_symbol(r->rip);
	kdb_printf("\nrax %016lx rbx %016lx rcx %016lx rdx %016lx\n", r->rax, r->rbx, r->rcx,
		   r->rdx);
	kdb_printf("rsi %016lx rdi %016lx rbp %016lx vector %lx\n", r->rsi, r->rdi, r->rbp,
		   r->vector);
	kdb_printf("r8  %016lx r9  %016lx r10 %016lx r11 %016lx\n", r->r8, r->r9, r->r10, r->r11);
	kdb_printf("r12 %016lx r13 %016lx r14 %016lx r15 %016lx\n", r->r12, r->r13, r->r14, r->r15);
}

enum kdb_result kdb_cmd_regs(unsigned argc, char **argv)
{
	struct thread *t = this_cpu()->current;

	if (argc > 1) {
		struct kobject *o = kdb_object(argv[1], KOBJ_THREAD);

		if (!o)
			return KDB_OK;
		t = thread_of(o);
	}
	kdb_printf("thread %lu \"%s\"\n", t->obj.id, kdb_object_name(&t->obj));
	print_regs(&t->regs);
	kdb_printf("fs base %lx, gs base %lx, UTCB %lx, flags %x, op %x, timeouts %x\n",
		   t->seg.fs_base, t->seg.gs_base, t->utcb_user, t->flags, t->op, t->timeouts);
	return KDB_OK;
}

static void print_cpu(const struct cpu *c, bool own)
{
	const struct regs *r = own ? kdb_entry_regs() : cpu_stopped_regs(c->number);

	kdb_printf("%3u  thread %lu \"%s\", priority %u%s", c->number, c->current->obj.id,
		   kdb_object_name(&c->current->obj), c->cur_prio,
		   c->need_resched ? ", is to reschedule" : "");
	if (own && !r)
		kdb_printf(", runs the debugger");
	else if (!r)
		kdb_printf(", did not stop");
	else
		kdb_printf(", in %s mode at %lx", r->cs & 3 ? "user" : "kernel", r->rip);
	if (r && !(r->cs & 3))
		kdb_print_symbol(r->rip);
	kdb_printf("\n");
}

enum kdb_result kdb_cmd_cpus(unsigned argc, char **argv)
{
	(void)argc, (void)argv;
	for (unsigned n = 0; n < cpus_online; n++)
		print_cpu(cpu_of(n), n == this_cpu()->number);
	return KDB_OK;
}

/* Stack pointer where the kernel of CPU n stands; 0: it does not run the kernel. */
static u64 kernel_sp(unsigned n)
{
	const struct regs *r;

	if (n != this_cpu()->number)
		r = cpu_stopped_regs(n);
	else if (kdb_entry_regs())
		r = kdb_entry_regs();
	else
		return (u64)__builtin_frame_address(0);
	return r && !(r->cs & 3) ? r->rsp : 0;
}

enum kdb_result kdb_cmd_backtrace(unsigned argc, char **argv)
{
	u64 n, sp, addr[TRACE_LINES];
	unsigned count;

	if (!kdb_optional(argc, argv, 1, this_cpu()->number, &n))
		return KDB_OK;
	if (n >= cpus_online)
		return KDB_USAGE;
	sp = kernel_sp((unsigned)n);
	if (!sp) {
		kdb_printf("CPU %lu is in user mode\n", n);
		return KDB_OK;
	}
	count = backtrace_scan(cpu_of((unsigned)n), sp, addr, TRACE_LINES);
	for (unsigned i = 0; i < count; i++)
		kdb_print_return_address(addr[i]);
	return KDB_OK;
}

static void print_queue(const struct list *queue, unsigned prio)
{
	unsigned n = 0;

	kdb_printf("  %3u:", prio);
	list_for_each (l, queue) {
		const struct thread *t = list_entry(l, struct thread, ready_link);

		kdb_printf(" %lu \"%s\"", t->obj.id, kdb_object_name(&t->obj));
		if (++n == KDB_LIST_MAX || kdb_interrupted())
			break;
	}
	kdb_printf("\n");
}

enum kdb_result kdb_cmd_ready(unsigned argc, char **argv)
{
	(void)argc, (void)argv;
	for (unsigned n = 0; n < cpus_online; n++) {
		const struct cpu *c = cpu_of(n);

		kdb_printf("CPU %u: current %lu \"%s\" at priority %u\n", n, c->current->obj.id,
			   kdb_object_name(&c->current->obj), c->cur_prio);
		for (unsigned p = PRIORITIES; p-- > 0;)
			if (!list_empty(&c->ready.queue[p]))
				print_queue(&c->ready.queue[p], p);
	}
	return KDB_OK;
}

static void print_timeout(struct heap_node *n)
{
	const struct timeout *to = container_of(n, struct timeout, node);
	s64 ticks = (s64)(n->key - rdtsc());
	u64 us = tsc_to_us((u64)(ticks < 0 ? -ticks : ticks));

	kdb_printf("  %s%lu us: ", ticks < 0 ? "-" : "", us);
	if (to->kind == TIMEOUT_IPC) {
		const struct thread *t = container_of(to, struct thread, timeout);

		kdb_printf("thread %lu \"%s\"\n", t->obj.id, kdb_object_name(&t->obj));
	} else {
		kdb_printf("vCPU deadline\n");
	}
}

enum kdb_result kdb_cmd_timeouts(unsigned argc, char **argv)
{
	(void)argc, (void)argv;
	for (unsigned n = 0; n < cpus_online; n++) {
		kdb_printf("CPU %u\n", n);
		for (struct heap_node *h = cpu_of(n)->timeouts.root; h && !kdb_interrupted();
		     h = heap_next(h))
			print_timeout(h);
	}
	return KDB_OK;
}
