/* SPDX-License-Identifier: MIT */
/*
 * Promises of moe's scheduler proxies: no thread gets more than the proxy's priority nor another
 * CPU than the proxy's, and every documented error. What priority a thread has is seen by who runs:
 * the thread counts and ends, and the main thread, with a known priority on the same CPU, looks how
 * far it is.
 */
#include "client.h"

#include <l4/sys/factory.h>
#include <l4/sys/icu.h>
#include <l4/sys/ipc.h>
#include <l4/sys/irq.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>
#include "child.h"

enum { PAGE = 4096, MAX = 20, BASE = 10, OWN = 2, COUNT_TO = 1000 };
#define ALL_CPUS (~0UL)

static l4_cap_idx_t mem, proxy, thread;
static char stack[8192] __attribute__((aligned(16)));
static volatile unsigned counter;
static volatile unsigned seen_cpu; /* initial APIC number + 1; 0: not yet */

static long create_proxy(l4_cap_idx_t slot, l4_umword_t max, l4_umword_t base, l4_umword_t cpus)
{
	struct wire_out o = { 0 };

	wire_put_word(&o, (l4_umword_t)L4_PROTO_SCHEDULER);
	wire_put_varg_uint(&o, max);
	wire_put_varg_uint(&o, base);
	wire_put_varg_uint(&o, cpus);
	wire_expect_cap(slot);
	return wire_call(mem, &o, L4_PROTO_FACTORY, NULL);
}

static unsigned apic_number(void)
{
	unsigned a = 1, b, c, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	return b >> 24;
}

static void work(void)
{
	seen_cpu = apic_number() + 1;
	while (counter < COUNT_TO)
		counter++;
	l4_ipc_sleep(L4_IPC_NEVER);
}

static void own_priority(unsigned priority)
{
	l4_sched_param_t param = l4_sched_param(priority, 0);

	param.affinity = l4_sched_cpu_set(0, 0, 1);
	if (l4_error(l4_scheduler_run_thread(env->scheduler, env->main_thread, &param)) < 0)
		tap_bail("no priority %u", priority);
}

/* A thread that begins to work as soon as it gets a CPU: it has none so far. */
static void new_thread(void)
{
	counter = seen_cpu = 0;
	if (l4_error(l4_factory_create_thread(env->factory, thread)) < 0)
		tap_bail("no thread");
	l4_thread_control_start();
	l4_thread_control_pager(env->rm);
	l4_thread_control_exc_handler(env->rm);
	l4_thread_control_bind((l4_utcb_t *)env->first_free_utcb, L4_BASE_TASK_CAP);
	l4_thread_control_commit(thread);
	l4_thread_ex_regs(thread, (l4_addr_t)work, (l4_addr_t)(stack + sizeof(stack) - 8), 0);
}

static void end_thread(void)
{
	l4_task_delete_obj(L4_BASE_TASK_CAP, thread);
}

/* How far is a thread that wants this priority when the main thread runs on with its own? */
static unsigned count_beside(unsigned own, unsigned wanted)
{
	l4_sched_param_t param = l4_sched_param(wanted, 0);
	unsigned counted;
	long error;

	new_thread();
	own_priority(own);
	param.affinity = l4_sched_cpu_set(0, 0, 1);
	error = l4_error(l4_scheduler_run_thread(proxy, thread, &param));
	counted = counter;
	own_priority(OWN);
	end_thread();
	if (error < 0)
		tap_bail("the proxy does not run a thread: %ld", error);
	return counted;
}

static void priorities(void)
{
	create_proxy(proxy, MAX, BASE, 1);
	tap_is(count_beside(MAX + 1, 255), 0, "priority 255 becomes at most the proxy's maximum");
	tap_is(count_beside(MAX - 1, 255), COUNT_TO, "and not less");
	tap_is(count_beside(MAX + 1, MAX - BASE), 0, "the maximum itself");
	tap_is(count_beside(MAX - 1, MAX - BASE), COUNT_TO, "is given");
	tap_is(count_beside(BASE + 5, 4), 0, "a priority below is relative to the base");
	tap_is(count_beside(BASE + 3, 4), COUNT_TO, "from both sides");
	cap_release(proxy);
}

/* The CPU on which a thread with that set runs; -1: none, it is not run. */
static long runs_on(l4_sched_cpu_set_t set)
{
	l4_sched_param_t param = l4_sched_param(1, 0);
	long cpu = -1;

	new_thread();
	param.affinity = set;
	if (l4_error(l4_scheduler_run_thread(proxy, thread, &param)) == 0) {
		for (unsigned i = 0; !seen_cpu && i < 2000; i++)
			l4_ipc_sleep(l4_ipc_timeout(0, 0, 1000, 0));
		cpu = (long)seen_cpu - 1;
	}
	end_thread();
	return cpu;
}

static void cpus(void)
{
	l4_sched_cpu_set_t all = l4_sched_cpu_set(0, 0, 0), own = l4_sched_cpu_set(0, 0, 0);
	l4_umword_t cpu_max = 0;

	l4_scheduler_info(env->scheduler, &cpu_max, &all);
	create_proxy(proxy, MAX, BASE, 1);
	tap_is(runs_on(l4_sched_cpu_set(0, 0, 1)), 0, "a thread runs on the proxy's CPU");
	tap_is(runs_on(l4_sched_cpu_set(0, 0xff, 1)), 0, "and if it wants any");
	tap_is(runs_on(l4_sched_cpu_set(1, 0, 1)), -1, "but on no other");
	cap_release(proxy);
	if (!(all.map & 2)) {
		tap_diag("there is one CPU");
		return;
	}
	create_proxy(proxy, MAX, BASE, 2);
	tap_is(l4_error(l4_scheduler_info(proxy, &cpu_max, &own)), 0, "a proxy of CPU 1");
	tap_is((long)own.map, 2, "tells that");
	tap_is(runs_on(l4_sched_cpu_set(0, 0, ALL_CPUS)), 1, "of all CPUs it takes its own");
	tap_is(runs_on(l4_sched_cpu_set(0, 0, 1)), -1, "CPU 0 is none of them");
	own = l4_sched_cpu_set(0, 1, 0);
	l4_scheduler_info(proxy, &cpu_max, &own);
	tap_is((long)own.map, 1, "with a bit for two CPUs it is the first bit");
	cap_release(proxy);
}

/* A raw request of words. */
static long ask(long protocol, unsigned count, const l4_umword_t *words)
{
	struct wire_out o = { 0 };

	for (unsigned i = 0; i < count; i++)
		wire_put_word(&o, words[i]);
	wire_expect_nothing();
	return wire_call(proxy, &o, protocol, NULL);
}

static void wrong_requests(void)
{
	static const l4_umword_t run[] = { L4_SCHEDULER_RUN_THREAD_OP, 0, 1, 1, 0 };
	static const l4_umword_t coarse[] = { L4_SCHEDULER_INFO_OP, 25UL << 24 };
	static const l4_umword_t beyond[] = { L4_SCHEDULER_INFO_OP, 0xffffff };
	static const l4_umword_t idle[] = { L4_SCHEDULER_IDLE_TIME_OP, 0, 1 }, unknown[] = { 77 };
	l4_sched_param_t param = l4_sched_param(1, 0);

	create_proxy(proxy, MAX, BASE, 1);
	tap_is(ask(L4_PROTO_SCHEDULER, 0, run), -L4_EMSGTOOSHORT, "an empty message");
	tap_is(ask(L4_PROTO_SCHEDULER, 1, run), -L4_EMSGTOOSHORT, "half a message");
	tap_is(ask(L4_PROTO_SCHEDULER, 5, run), -L4_EINVAL, "a thread must be named");
	tap_is(l4_error(l4_scheduler_run_thread(proxy, env->factory, &param)), -L4_EINVAL,
	       "and be one");
	tap_is(ask(L4_PROTO_SCHEDULER, 2, coarse), -L4_ERANGE, "too many CPUs a bit");
	tap_is(ask(L4_PROTO_SCHEDULER, 2, beyond), -L4_ERANGE, "CPUs beyond the last one");
	tap_is(ask(L4_PROTO_SCHEDULER, 1, coarse), -L4_EMSGTOOSHORT, "CPUs of no set");
	tap_is(ask(L4_PROTO_SCHEDULER, 3, idle), -L4_ENOSYS, "idle time is not told");
	tap_is(ask(L4_PROTO_SCHEDULER, 1, unknown), -L4_ENOSYS, "an unknown operation");
	cap_release(proxy);
}

static void interrupt_controller(void)
{
	static const l4_umword_t bind[] = { L4_ICU_OP_BIND, 0 }, unknown[] = { L4_ICU_OP_SET_MODE };
	l4_cap_idx_t irq = cap_new();
	l4_icu_info_t info = { 9, 9, 9 };

	create_proxy(proxy, MAX, BASE, 1);
	l4_factory_create_irq(env->factory, irq);
	tap_is(l4_error(l4_icu_info(proxy, &info)), 0, "a proxy is an interrupt controller");
	tap_ok(info.features == 0 && info.nr_irqs == 1 && info.nr_msis == 0, "with one pin");
	tap_is(l4_error(l4_icu_unbind(proxy, 0, irq)), -L4_ENOENT, "nothing is bound");
	tap_is(l4_error(l4_icu_bind(proxy, 1, irq)), -L4_EINVAL, "no second pin can be");
	tap_is(ask(L4_PROTO_IRQ, 2, bind), -L4_EINVAL, "nor nothing");
	tap_is(l4_error(l4_icu_bind(proxy, 0, irq)), 0, "an interrupt is bound");
	tap_is(l4_error(l4_icu_bind(proxy, 0, irq)), 0, "again, in place of itself");
	tap_is(l4_error(l4_icu_unbind(proxy, 0, irq)), 0, "and unbound");
	tap_is(l4_error(l4_icu_unbind(proxy, 0, irq)), -L4_ENOENT, "once");
	tap_is(ask(L4_PROTO_IRQ, 1, unknown), -L4_ENOSYS, "modes cannot be set");
	tap_is(ask(L4_PROTO_IRQ, 0, unknown), -L4_EMSGTOOSHORT, "an empty message");
	cap_release(proxy);
	tap_ok(cap_exists(irq), "the interrupt is its maker's");
	l4_task_delete_obj(L4_BASE_TASK_CAP, irq);
}

static void nothing_is_left(void)
{
	l4_umword_t before = memory_stats(mem).used;
	l4_cap_idx_t irq = cap_new();
	bool good = true;

	l4_factory_create_irq(env->factory, irq);
	for (unsigned i = 0; i < 100; i++) {
		good = good && create_proxy(proxy, MAX, BASE, 1) == 0;
		good = good && l4_error(l4_icu_bind(proxy, 0, irq)) == 0;
		cap_release(proxy);
	}
	tap_ok(good, "100 proxies with a bound interrupt");
	tap_ok(memory_settles(mem, before), "leave nothing");
	l4_task_delete_obj(L4_BASE_TASK_CAP, irq);
}

void test_main(void)
{
	mem = env->mem_alloc;
	proxy = cap_new();
	thread = cap_new();
	priorities();
	cpus();
	wrong_requests();
	interrupt_controller();
	nothing_is_left();
}
