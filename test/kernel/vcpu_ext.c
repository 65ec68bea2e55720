/* SPDX-License-Identifier: MIT */
/*
 * The vCPU extension: enabling, fixed entry stack, system calls and the shim window, resume out of
 * guest-kernel mode, deadline, segments, extended state.
 */
#include "guest.h"

#include <l4/sys/factory.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>

#define CODE	  0x10000000UL
#define KCODE	  0xffff888000000000UL
#define KSTATE	  0xffff888000010000UL
#define LAST_PAGE 0xfffffffffffff000UL
#define STATE	  ((l4_vcpu_state_t *)0x7ffc000000UL)
enum {
	TRAP_UD = 6,
	TRAP_NM = 7,
	TRAP_TIMER = 0xfc,
	TRAP_SYSCALL = 0xfd,
	TRAP_IPC = 0xfe,
	SYSCALL_AT = CODE_SYSCALL,
	TAG_ERROR = 0x8000,
	LOOP_AT = 0xff0, /* in the last page */
	LAST_AT = 0xffe,
};

static struct guest *g;
static l4_cap_idx_t process, kernel;
static uint64_t tsc_per_ms;

static unsigned run(unsigned mode, l4_addr_t ip)
{
	guest_registers(g, ip);
	return guest_run(g, mode, 1000);
}

/* --- enabling --- */

static long control(struct thread *t, l4_addr_t state)
{
	return l4_error(l4_zw_thread_vcpu_control_ext(t->cap, state));
}

static void test_control(void)
{
	struct thread *t = thread_create(&root_task, NULL, NULL);

	l4_task_add_ku_mem(L4_BASE_TASK_CAP, l4_fpage((l4_addr_t)STATE, 12, 0));
	tap_is(control(t, 0), -L4_EINVAL, "control: address 0");
	tap_is(control(t, (l4_addr_t)STATE + 0x400), -L4_EINVAL, "control: not page aligned");
	tap_is(control(t, (l4_addr_t)STATE + 0x1000), -L4_EINVAL,
	       "control: not kernel-user memory");
	tap_is(l4_error(l4_thread_vcpu_control(t->cap, (l4_addr_t)STATE)), 0, "control: plain");
	tap_is(l4_zw_vcpu_ext_check_version(STATE), 0, "control: then there is no extension");
	tap_is(control(t, (l4_addr_t)STATE), 0, "control: extended");
	tap_is(l4_zw_vcpu_ext_check_version(STATE), 1, "control: version of the extension");
	tap_is(l4_vcpu_check_version(STATE), 1, "control: version of the state");
	thread_destroy(t);
}

/* --- entry stack --- */

void stack_entry(void);
static volatile l4_umword_t stack_at_entry, stack_before;
static char entry_stack[4096] __attribute__((aligned(16)));

__asm__(".text\nstack_entry:\n\tmov %rsp, stack_at_entry(%rip)\n1:\tpause\n\tjmp 1b\n");

static void fault_in_host(void *flags)
{
	l4_zw_vcpu_ext(STATE)->flags = (l4_uint64_t)flags;
	STATE->entry_ip = (l4_umword_t)stack_entry;
	STATE->entry_sp = (l4_umword_t)entry_stack + sizeof(entry_stack);
	STATE->state = L4_VCPU_F_EXCEPTIONS;
	__asm__ volatile("mov %%rsp, %0\n\tud2" : "=m"(stack_before));
}

static void try_stack(l4_uint64_t flags)
{
	struct thread *t = thread_create(&root_task, fault_in_host, (void *)flags);

	stack_at_entry = 0;
	control(t, (l4_addr_t)STATE);
	thread_start(t, 0, PRIO_MAIN - 1);
	WAIT_UNTIL(stack_at_entry != 0, 500);
	thread_destroy(t);
}

static void test_stack(void)
{
	try_stack(0);
	tap_is((long)stack_at_entry, (long)stack_before,
	       "stack: an exception goes on where it was");
	try_stack(L4_ZW_VCPU_EXT_F_FIXED_STACK);
	tap_is((long)stack_at_entry, (long)entry_stack + (long)sizeof(entry_stack),
	       "fixed stack: always the entry stack");
}

/* --- system calls --- */

/* A receive from itself that is over at once. */
static unsigned run_syscall(unsigned mode, l4_addr_t ip)
{
	guest_registers(g, ip);
	g->regs.dx = 0x800 | L4_SYSF_RECV;
	g->regs.r8 = 0x400;
	g->regs.r9 = 0x99;
	return guest_run(g, mode, 1000);
}

static void window(l4_addr_t start, l4_addr_t end)
{
	g->ext.shim_start = start;
	g->ext.shim_end = end;
}

static void test_reflected(void)
{
	l4_uint64_t syscalls = g->ext.syscalls, exits = g->ext.exits;

	window(0, 0);
	tap_is(run_syscall(GUEST_USER, CODE + SYSCALL_AT), TRAP_SYSCALL, "user mode: an entry");
	tap_is((long)g->regs.ip, (long)CODE + SYSCALL_AT, "user mode: address of the instruction");
	tap_is((long)g->regs.r9, 0x99, "user mode: registers");
	tap_is((long)g->regs.cx, 0x400, "user mode: rcx is the old r8");
	tap_is((long)(g->regs.r11 & 0x200), 0x200, "user mode: r11 is the flags");
	tap_is((long)(g->ext.syscalls - syscalls), 1, "system calls are counted");
	tap_is((long)(g->ext.exits - exits), 1, "entries are counted");
	tap_is(run_syscall(GUEST_KERNEL, KCODE + SYSCALL_AT), TRAP_SYSCALL,
	       "kernel mode without window: an entry");
	window(KCODE + SYSCALL_AT + 1, KCODE + 0x1000);
	tap_is(run_syscall(GUEST_KERNEL, KCODE + SYSCALL_AT), TRAP_SYSCALL,
	       "kernel mode before the window: an entry");
	window(KCODE, KCODE + SYSCALL_AT);
	tap_is(run_syscall(GUEST_KERNEL, KCODE + SYSCALL_AT), TRAP_SYSCALL,
	       "kernel mode behind the window: an entry");
	window(0, ~0UL);
	tap_is(run_syscall(GUEST_USER, CODE + SYSCALL_AT), TRAP_SYSCALL,
	       "user mode inside the window: an entry");
	tap_is(g->saved_state & 0x127, 0x27, "and the saved state is user mode");
}

static void test_shim(void)
{
	window(KCODE + SYSCALL_AT, KCODE + SYSCALL_AT + 1);
	tap_is(run_syscall(GUEST_KERNEL, KCODE + SYSCALL_AT), TRAP_UD,
	       "kernel mode inside the window: no entry");
	tap_is((long)g->regs.ip, (long)KCODE + SYSCALL_AT + 2, "shim: execution goes on behind it");
	tap_ok(g->regs.ax & TAG_ERROR, "shim: it was an L4 system call");
	tap_is((long)g->regs.r9, 0x99, "shim: registers that are kept");
	tap_is((long)g->regs.cs, 0x33, "shim: code selector");
	tap_is(g->saved_state & 0x107, 0x107, "shim: still kernel mode, open for events");
	guest_registers(g, KCODE + SYSCALL_AT);
	g->regs.cs = 0xe033;
	g->regs.ss = 0xe02b;
	g->regs.dx = 0x800 | L4_SYSF_RECV;
	g->regs.r8 = 0x400;
	guest_run(g, GUEST_KERNEL, 1000);
	tap_is((long)g->regs.cs, 0x33, "shim: the selector is that of syscall, whatever it was");
}

/* An event that came during a system call of the shim enters the handler at its end. */
static void test_shim_event(void)
{
	l4_cap_idx_t irq = irq_create();

	window(KCODE, KCODE + 0x1000);
	guest_registers(g, KCODE + SYSCALL_AT);
	g->regs.dx = 0x800 | L4_SYSF_RECV; /* sleep for ever */
	guest_go(g, GUEST_KERNEL);
	sleep_us(100000);
	l4_ipc_send(g->thread->cap, l4_utcb(), l4_msgtag(0, 0, 0, 0), timeout_us(0, 0));
	tap_is((long)g->entries, 0, "shim: a closed wait is not interrupted");
	l4_thread_ex_regs(g->thread->cap, ~0UL, ~0UL, L4_THREAD_EX_REGS_CANCEL);
	tap_is(guest_wait(g, 1000), TRAP_UD, "shim: cancel ends it");
	cap_delete(irq);
}

/* --- resume in guest-kernel mode --- */

/* rdi = state, rsi = ip in user mode: what a shim does to return to a process. */
extern const char to_user[], to_user_syscall[], to_user_end[];
__asm__(".text\nto_user:\n\tmovw $0xa0, 0x152(%rdi)\n\tmov %rsi, 0xd0(%rdi)\n\t"
	"mov $0xfffffffffff40001, %rax\n\tmov $0x803, %edx\n\txor %r8d, %r8d\n"
	"to_user_syscall:\tsyscall\n\tud2\nto_user_end:\n");

static void test_direct_resume(void)
{
	char *code = mem_alloc(12);
	l4_umword_t exits;

	memcpy(code, to_user, (size_t)(to_user_end - to_user));
	view_fill(kernel, KCODE + 0x1000, code, 12, L4_FPAGE_RX);
	view_fill(kernel, KSTATE, (void *)g->state, 12, L4_FPAGE_RW);
	window(KCODE + 0x1000, KCODE + 0x2000);
	exits = g->ext.exits;
	guest_registers(g, KCODE + 0x1000);
	g->regs.di = KSTATE;
	g->regs.si = CODE + SYSCALL_AT;
	g->regs.bx = 0xb0b0;
	tap_is(guest_run(g, GUEST_KERNEL, 1000), TRAP_SYSCALL, "resume from kernel to user mode");
	tap_is((long)g->regs.ip, (long)CODE + SYSCALL_AT, "direct resume: the process has run");
	tap_is(g->saved_state & 0x120, 0x20, "direct resume: in user mode");
	tap_is((long)g->regs.bx, 0xb0b0, "direct resume: with the registers of the state");
	tap_is((long)(g->ext.exits - exits), 1, "direct resume: one entry in all");
}

/* --- deadline --- */

static void deadline_in(long ms)
{
	g->ext.deadline = rdtsc() + (uint64_t)(ms * (long)tsc_per_ms);
}

static void kick(void)
{
	l4_ipc_send(g->thread->cap, l4_utcb(), l4_msgtag(0, 0, 0, 0), timeout_us(100000, 0));
}

static void test_deadline(void)
{
	uint64_t start = clock_us(), took;

	deadline_in(5);
	tap_is(run(GUEST_USER, CODE + CODE_LOOP), TRAP_TIMER, "deadline: an entry of its own");
	took = clock_us() - start;
	tap_ok(took >= 4900 && took < 200000, "deadline: after 5 ms: %lu us", took);
	tap_is((long)g->ext.deadline, 0, "deadline: the field is cleared");
	tap_is((long)g->ext.pending, 0, "deadline: and nothing is pending");
	tap_ok(g->regs.ax > 0 && g->regs.ip >= CODE + CODE_LOOP, "deadline: the guest had run");
	deadline_in(2);
	tap_is(run(GUEST_KERNEL, KCODE + CODE_LOOP), TRAP_TIMER, "deadline: in kernel mode");
	deadline_in(-1);
	tap_is(run(GUEST_USER, CODE + CODE_LOOP), TRAP_TIMER, "deadline in the past: at once");
	tap_is((long)g->regs.ax, 0, "deadline in the past: before the guest has run");
}

static void test_deadline_change(void)
{
	deadline_in(10);
	tap_is(run(GUEST_USER, CODE + SYSCALL_AT), TRAP_SYSCALL, "change: set");
	tap_ok(g->ext.deadline != 0, "change: it stays set");
	g->ext.deadline = 0;
	guest_registers(g, CODE + CODE_LOOP);
	tap_is(guest_run(g, GUEST_USER, 50), GUEST_RUNS, "change: 0 cancels it");
	kick();
	tap_is(guest_wait(g, 500), TRAP_IPC, "change: a message gets the guest back");
	deadline_in(100000);
	run(GUEST_USER, CODE + SYSCALL_AT);
	deadline_in(3);
	tap_is(run(GUEST_USER, CODE + CODE_LOOP), TRAP_TIMER, "change: an earlier one replaces it");
	do
		deadline_in(2); /* too late if the machine stands still that long */
	while (run(GUEST_USER, CODE + SYSCALL_AT) != TRAP_SYSCALL);
	sleep_us(20000);
	g->ext.deadline = 0;
	tap_is(run(GUEST_USER, CODE + CODE_LOOP), TRAP_TIMER,
	       "passed while the handler was closed: entry at resume");
	tap_is((long)g->regs.ax, 0, "before the guest has run");
}

/* The guest is less urgent than this thread, and on its CPU. */
static void test_away(void)
{
	uint64_t start = rdtsc(), all, lost;
	l4_uint64_t before;

	run(GUEST_USER, CODE + SYSCALL_AT);
	before = g->ext.away;
	guest_registers(g, CODE + CODE_LOOP);
	tap_is(guest_run(g, GUEST_USER, 60), GUEST_RUNS, "lost time: the guest runs");
	spin_us(100000);
	kick();
	tap_is(guest_wait(g, 500), TRAP_IPC, "lost time: and cannot run, and runs");
	all = rdtsc() - start;
	lost = g->ext.away - before;
	tap_ok(lost >= 100 * tsc_per_ms, "lost time: others had the CPU for 100 ms: %lu ms",
	       lost / tsc_per_ms);
	tap_ok(lost + 20 * tsc_per_ms <= all, "lost time: not what it had itself, of %lu ms",
	       all / tsc_per_ms);
	tap_is((long)g->ext.cpu, 0, "lost time: where it runs");
}

/* The guest and this thread have the CPU in turns. */
static void test_displaced(void)
{
	volatile l4_zw_vcpu_ext_t *e = l4_zw_vcpu_ext((l4_vcpu_state_t *)g->state);
	uint64_t start = rdtsc(), limit = clock_us() + 5000000;

	thread_schedule(g->thread->cap, 0, PRIO_MAIN);
	guest_registers(g, CODE + CODE_LOOP);
	tap_is(guest_run(g, GUEST_USER, 60), GUEST_RUNS, "turns: the guest runs");
	while (!e->displaced && clock_us() < limit)
		;
	tap_ok(e->displaced > start && e->displaced < rdtsc(),
	       "turns: its state says since when others have the CPU");
	kick();
	tap_is(guest_wait(g, 5000), TRAP_IPC, "turns: it runs again");
	tap_is((long)g->ext.displaced, 0, "turns: and finds that it does");
	thread_schedule(g->thread->cap, 0, PRIO_GUEST);
}

/* What the handler does after its next entry. */
static long wait_error, wait_again, wait_later;
static uint64_t waited_us, waited_later_us;
static l4_uint32_t pending_after;
static l4_uint64_t deadline_after;

static bool wait_open(struct guest *guest)
{
	volatile l4_zw_vcpu_ext_t *e = l4_zw_vcpu_ext((l4_vcpu_state_t *)guest->state);
	uint64_t start = clock_us();
	l4_umword_t label;

	wait_error = ipc_error(l4_ipc_wait(l4_utcb(), &label, timeout_us(0, 2000000)));
	waited_us = clock_us() - start;
	pending_after = e->pending;
	deadline_after = e->deadline;
	wait_again = ipc_error(l4_ipc_wait(l4_utcb(), &label, timeout_us(0, 2000000)));
	e->pending = 0;
	start = clock_us();
	wait_later = ipc_error(l4_ipc_wait(l4_utcb(), &label, timeout_us(0, 10000)));
	waited_later_us = clock_us() - start;
	return false;
}

static bool wait_closed(struct guest *guest)
{
	volatile l4_zw_vcpu_ext_t *e = l4_zw_vcpu_ext((l4_vcpu_state_t *)guest->state);
	uint64_t start = clock_us();

	sleep_us(20000);
	waited_us = clock_us() - start;
	pending_after = e->pending;
	e->pending = 0;
	return false;
}

static void test_deadline_wait(void)
{
	g->filter = wait_open;
	deadline_in(5);
	run(GUEST_USER, CODE + SYSCALL_AT);
	tap_is(wait_error, L4_IPC_RETIMEOUT, "open wait: ends with a receive timeout");
	tap_ok(waited_us >= 3000 && waited_us < 500000, "open wait: after %lu us", waited_us);
	tap_is((long)pending_after, L4_ZW_VCPU_PENDING_TIMER, "open wait: the bit tells why");
	tap_is((long)deadline_after, 0, "open wait: the deadline is cleared");
	tap_is(wait_again, L4_IPC_RETIMEOUT, "open wait: also one that starts while it is set");
	tap_ok(wait_later == L4_IPC_RETIMEOUT && waited_later_us >= 9900,
	       "open wait: and no more when it is cleared");
	g->filter = wait_closed;
	deadline_in(5);
	run(GUEST_USER, CODE + SYSCALL_AT);
	tap_ok(waited_us >= 19900, "closed wait: is not ended");
	tap_is((long)pending_after, L4_ZW_VCPU_PENDING_TIMER, "closed wait: the bit is set");
	g->filter = NULL;
	g->ext.deadline = 0;
}

static bool reply_then_wait(struct guest *guest)
{
	volatile l4_zw_vcpu_ext_t *e = l4_zw_vcpu_ext((l4_vcpu_state_t *)guest->state);
	l4_umword_t label;

	l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);
	e->pending = L4_ZW_VCPU_PENDING_TIMER;
	wait_error = ipc_error(
	    l4_ipc_reply_and_wait(l4_utcb(), l4_msgtag(0, 0, 0, 0), &label, L4_IPC_NEVER));
	e->pending = 0;
	return false;
}

static void call_guest(void *unused)
{
	(void)unused;
	l4_ipc_call(g->thread->cap, l4_utcb(), l4_msgtag(0, 0, 0, 0), L4_IPC_NEVER);
}

/* Reply and wait in one system call, which does not wait if the deadline has passed before. */
static void test_deadline_reply(void)
{
	struct thread *caller;

	g->filter = reply_then_wait;
	wait_error = 0;
	guest_registers(g, CODE + SYSCALL_AT);
	guest_go(g, GUEST_USER);
	sleep_us(1000);
	caller = thread_run(call_guest, NULL, 0, PRIO_GUEST);
	tap_is(guest_wait(g, 1000), TRAP_SYSCALL, "reply and wait: comes back");
	tap_is(wait_error, L4_IPC_RETIMEOUT, "reply and wait: with a receive timeout");
	tap_ok(thread_join(caller, 500), "reply and wait: the reply was sent");
	thread_destroy(caller);
	g->filter = NULL;
}

static void test_deadline_move(void)
{
	if (cpu_count() < 2) {
		tap_skip("one CPU", "deadline of a thread that moves to another CPU");
		return;
	}
	deadline_in(30);
	guest_registers(g, CODE + CODE_LOOP);
	guest_go(g, GUEST_USER);
	sleep_us(3000);
	thread_schedule(g->thread->cap, 1, PRIO_GUEST);
	tap_is(guest_wait(g, 1000), TRAP_TIMER, "deadline of a thread that moves to another CPU");
	deadline_in(3);
	tap_is(run(GUEST_USER, CODE + CODE_LOOP), TRAP_TIMER, "and of one that has moved");
	thread_schedule(g->thread->cap, 0, PRIO_GUEST);
}

/* Thread and state go away while the timer is set, or the extension is switched off. */
static void test_deadline_end(void)
{
	struct guest *other = guest_start(NULL, 0), *first = g;

	g = other;
	g->process = process;
	deadline_in(10);
	run(GUEST_USER, CODE + SYSCALL_AT);
	l4_thread_vcpu_control(g->thread->cap, (l4_addr_t)g->state);
	sleep_us(20000);
	tap_is((long)l4_zw_vcpu_ext((void *)g->state)->pending, 0,
	       "deadline: gone with the extension");
	guest_end(other);
	g = other = guest_start(NULL, 0);
	g->process = process;
	deadline_in(5);
	run(GUEST_USER, CODE + SYSCALL_AT);
	guest_end(other);
	sleep_us(20000);
	tap_ok(true, "deadline: gone with the thread");
	g = first;
}

/* --- segments and extended state --- */

static l4_uint16_t handler_ds;

static bool note_ds(struct guest *guest)
{
	(void)guest;
	__asm__ volatile("mov %%ds, %0" : "=r"(handler_ds));
	return false;
}

static void try_segments(l4_uint16_t ds, l4_uint16_t es, l4_uint16_t host, const char *name)
{
	g->filter = note_ds;
	g->host_ds = host;
	guest_registers(g, CODE + SYSCALL_AT);
	g->regs.ds = ds;
	g->regs.es = es;
	g->regs.fs_base = 0x123450000;
	g->regs.gs_base = 0xffffc90000012340;
	tap_is(guest_run(g, GUEST_USER, 1000), TRAP_SYSCALL, "segments, %s", name);
	tap_ok(g->regs.ds == ds && g->regs.es == es, "segments, %s: selectors of the guest", name);
	tap_ok(g->regs.fs_base == 0x123450000 && g->regs.gs_base == 0xffffc90000012340,
	       "segments, %s: bases of the guest", name);
	tap_is(handler_ds, host, "segments, %s: selector of the handler", name);
	g->filter = NULL;
	g->host_ds = 0x2b;
}

static void test_segments(void)
{
	try_segments(0x2b, 0x2b, 0x2b, "all equal");
	try_segments(0, 0, 0, "all null");
	try_segments(0, 0, 0x2b, "null in the guest");
	try_segments(0xe02b, 0x2b, 0, "different");
	guest_registers(g, CODE + SYSCALL_AT);
	g->regs.fs_base = 0x8000000000000000;
	g->regs.gs_base = 0x0000900000000000;
	tap_is(guest_run(g, GUEST_USER, 1000), TRAP_SYSCALL, "bases that are not canonical");
	tap_ok(g->regs.fs_base == 0 && g->regs.gs_base == 0xffff900000000000, "are made so");
}

static void test_fpu(void)
{
	tap_is(run(GUEST_USER, CODE + CODE_SSE), TRAP_UD, "extended state: with the flag");
	tap_is(run(L4_VCPU_F_USER_MODE, CODE + CODE_SSE), TRAP_NM, "extended state: without: 7");
	tap_is(run(L4_ZW_VCPU_F_GUEST_KERNEL, KCODE + CODE_SSE), TRAP_UD,
	       "extended state: always in kernel mode");
	guest_registers(g, CODE + CODE_LOOP);
	tap_is(guest_run(g, L4_VCPU_F_USER_MODE, 10), GUEST_RUNS, "without it, switched away");
	__asm__ volatile("xorps %%xmm0, %%xmm0" : : : "memory");
	kick();
	tap_is(guest_wait(g, 500), TRAP_IPC, "and back");
	tap_is(run(GUEST_USER, CODE + CODE_SSE), TRAP_UD, "then it is there again");
}

/* The extension is taken from a guest that runs; then it makes a system call with the last
 * instruction of all addresses, behind which is address 0. */
static void test_last_instruction(void)
{
	volatile uint16_t *code = mem_alloc(12);

	code[LOOP_AT / 2] = 0xfeeb; /* jmp . */
	code[LAST_AT / 2] = 0x050f; /* syscall */
	view_fill(kernel, LAST_PAGE, (void *)code, 12, L4_FPAGE_RX);
	guest_registers(g, LAST_PAGE + LOOP_AT);
	guest_go(g, GUEST_KERNEL);
	sleep_us(5000);
	tap_is(l4_error(l4_thread_vcpu_control(g->thread->cap, (l4_addr_t)g->state)), 0,
	       "the extension of a guest that runs is ended");
	code[LOOP_AT / 2] = 0x0ceb; /* jmp to the syscall */
	tap_is(guest_wait(g, 1000), TRAP_SYSCALL, "its last system call enters the handler");
	tap_is(g->regs.ip, LAST_PAGE + LAST_AT, "and is where it was");
}

static void measure_tsc(void)
{
	uint64_t us = clock_us(), tsc = rdtsc();

	spin_us(10000);
	tsc_per_ms = (rdtsc() - tsc) * 1000 / (clock_us() - us);
}

void test_main(void)
{
	measure_tsc();
	process = view_create(L4_BASE_TASK_CAP, 64);
	kernel = view_create(L4_BASE_TASK_CAP, 64);
	view_fill(process, CODE, guest_code(), 12, L4_FPAGE_RX);
	view_fill(kernel, KCODE, guest_code(), 12, L4_FPAGE_RX);
	test_control();
	test_stack();
	g = guest_start(NULL, 0);
	g->process = process;
	g->kernel = kernel;
	test_reflected();
	test_shim();
	test_shim_event();
	test_direct_resume();
	test_deadline();
	test_deadline_change();
	test_deadline_wait();
	test_deadline_reply();
	test_deadline_move();
	test_deadline_end();
	test_away();
	test_displaced();
	test_segments();
	test_fpu();
	test_last_instruction();
	guest_end(g);
}
