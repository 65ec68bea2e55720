/* SPDX-License-Identifier: MIT */
/*
 * A root task without any runtime: the kernel starts it with capabilities for everything that there
 * is, sigma0 pages it. It shows what the kernel says of the machine, starts a second thread, sends
 * it a message and turns the machine off.
 */
#include "print.h"

#include <l4/sys/err.h>
#include <l4/sys/factory.h>
#include <l4/sys/ipc.h>
#include <l4/sys/ipc_gate.h>
#include <l4/sys/kip.h>
#include <l4/sys/memdesc.h>
#include <l4/sys/platform_control.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>
#include <l4/sys/utcb.h>

enum {
	SIGMA0_REQUEST_KIP = 0xa0,
	STACK_BYTES = 16384,
	SERVER_PRIO = 2,
	GATE_LABEL = 0x40, /* the low two bits become the rights of the sender's capability */
};

/* Slots of the capability table that are free: all above the initial ones. */
static const l4_cap_idx_t server_cap = 0x20UL << L4_CAP_SHIFT;
static const l4_cap_idx_t gate_cap = 0x21UL << L4_CAP_SHIFT;

/* Where the thread control block (UTCB) of the second thread is to be: any free address. */
static const l4_addr_t server_utcb = 0x7ffe000000;

l4_kernel_info_t const *l4_global_kip;
static char main_stack[STACK_BYTES] __attribute__((aligned(16), used));
static char server_stack[STACK_BYTES] __attribute__((aligned(16)));

void start_c(void);

/* The kernel starts the root task with no stack. */
__asm__(".text\n"
	".globl _start\n"
	"_start:\n\t"
	"lea main_stack+16384(%rip), %rsp\n\t"
	"xor %ebp, %ebp\n\t"
	"call start_c\n\t"
	"ud2\n");

static void __attribute__((noreturn)) power_off(void)
{
	for (;;) {
		l4_platform_ctl_system_shutdown(L4_BASE_ICU_CAP, 0);
		l4_ipc_sleep(L4_IPC_NEVER);
	}
}

static void must(l4_msgtag_t result, const char *what)
{
	long error = l4_error(result);

	if (error >= 0)
		return;
	print("hello: cannot %s: error %lu", what, (unsigned long)-error);
	power_off();
}

/* sigma0 maps the kernel info page anywhere; the item in its answer says where. */
static void map_kernel_info(void)
{
	l4_utcb_br()->bdr = 0;
	l4_utcb_br()->br[0] = L4_ITEM_MAP;
	l4_utcb_br()->br[1] = l4_fpage_all().raw;
	l4_utcb_mr()->mr[0] = ~0UL << 8 | SIGMA0_REQUEST_KIP;
	l4_utcb_mr()->mr[1] = 0;
	must(l4_ipc_call(L4_BASE_PAGER_CAP, l4_utcb(), l4_msgtag(L4_PROTO_SIGMA0, 2, 0, 0),
			 L4_IPC_NEVER),
	     "get the kernel info page");
	l4_global_kip = (const l4_kernel_info_t *)(l4_utcb_mr()->mr[0] & L4_PAGEMASK);
	l4_utcb_br()->br[0] = 0;
}

static unsigned long ram_bytes(void)
{
	const l4_kernel_info_mem_desc_t *d = l4_kernel_info_get_mem_descs(l4_kip());
	unsigned long bytes = 0;

	for (unsigned i = 0; i < l4_kernel_info_get_num_mem_descs(l4_kip()); i++)
		if (l4_kernel_info_get_mem_desc_type(&d[i]) == l4_mem_type_conventional &&
		    !l4_kernel_info_get_mem_desc_is_virtual(&d[i]))
			bytes += l4_kernel_info_get_mem_desc_end(&d[i]) + 1 -
				 l4_kernel_info_get_mem_desc_start(&d[i]);
	return bytes;
}

static unsigned long cpu_count(void)
{
	l4_sched_cpu_set_t set = l4_sched_cpu_set(0, 0, 0);
	l4_umword_t max = 0;
	unsigned long count = 0;

	must(l4_scheduler_info(L4_BASE_SCHEDULER_CAP, &max, &set), "ask the scheduler");
	for (; set.map; set.map &= set.map - 1)
		count++;
	return count;
}

static void show_version(void)
{
	const char *version = l4_kip_version_string(l4_kip());
	char line[80];
	unsigned n = 0;

	for (; version[n] && version[n] != '\n' && n < sizeof(line) - 1; n++)
		line[n] = version[n];
	line[n] = '\0';
	print("hello: kernel: %s", line);
}

static void show_machine(void)
{
	show_version();
	print("hello: memory: %lu MiB", ram_bytes() >> 20);
	print("hello: CPUs:   %lu, at %lu MHz", cpu_count(),
	      (unsigned long)l4_kip()->frequency_cpu / 1000);
	print("hello: uptime: %lu us", (unsigned long)l4_kip_clock(l4_kip()));
}

/* The second thread: answer every message with the sum of its words. */
static void serve(void)
{
	l4_umword_t label;
	l4_msgtag_t tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);

	for (;;) {
		unsigned words = l4_msgtag_words(tag);
		l4_umword_t sum = 0;

		for (unsigned i = 0; i < words; i++)
			sum += l4_utcb_mr()->mr[i];
		print("hello: second thread: %lu words, label 0x%lx", (unsigned long)words, label);
		l4_utcb_mr()->mr[0] = sum;
		tag = l4_ipc_reply_and_wait(l4_utcb(), l4_msgtag(0, 1, 0, 0), &label, L4_IPC_NEVER);
	}
}

/* A thread needs a UTCB (kernel-user memory), a task, a pager, a place on a CPU, and registers. */
static void start_server(void)
{
	l4_sched_param_t param = l4_sched_param(SERVER_PRIO, 0);
	l4_umword_t *top = (l4_umword_t *)(server_stack + STACK_BYTES) - 1;

	must(l4_task_add_ku_mem(L4_BASE_TASK_CAP, l4_fpage(server_utcb, L4_PAGESHIFT, 0)),
	     "add memory for a UTCB");
	must(l4_factory_create_thread(L4_BASE_FACTORY_CAP, server_cap), "create a thread");
	l4_thread_control_start();
	l4_thread_control_pager(L4_BASE_PAGER_CAP);
	l4_thread_control_exc_handler(L4_BASE_PAGER_CAP);
	l4_thread_control_bind((l4_utcb_t *)server_utcb, L4_BASE_TASK_CAP);
	must(l4_thread_control_commit(server_cap), "bind the thread");
	must(l4_factory_create_gate(L4_BASE_FACTORY_CAP, gate_cap, server_cap, GATE_LABEL),
	     "create a gate");
	must(l4_scheduler_run_thread(L4_BASE_SCHEDULER_CAP, server_cap, &param),
	     "place the thread");
	must(l4_thread_ex_regs(server_cap, (l4_addr_t)serve, (l4_addr_t)top, 0),
	     "start the thread");
}

static void call_server(void)
{
	for (unsigned i = 0; i < 4; i++)
		l4_utcb_mr()->mr[i] = 10 + i;
	must(l4_ipc_call(gate_cap, l4_utcb(), l4_msgtag(0, 4, 0, 0), L4_IPC_NEVER), "call");
	print("hello: answer: 10 + 11 + 12 + 13 = %lu", l4_utcb_mr()->mr[0]);
}

void start_c(void)
{
	map_kernel_info();
	show_machine();
	start_server();
	call_server();
	print("hello: that is all; turning the machine off");
	power_off();
}
