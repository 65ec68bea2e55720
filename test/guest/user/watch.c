/* SPDX-License-Identifier: MIT */
/* Watchpoints: the processor's debug registers, by ptrace as a debugger uses them and by perf. */
#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user.h"

enum {
	ON_CODE = 0,
	ON_WRITE = 1,
	ON_ACCESS = 3,
	FOUR_BYTES = 3,
	STORES = 1000,
	STATUS = 6,
	CONTROL = 7
};

static volatile uint32_t watched, other;

extern const char watch_code[], watch_store[], watch_load[], watch_end[];
asm(".pushsection .text\n"
    "watch_code: movl $1, other(%rip)\n"
    "watch_store: movl $2, watched(%rip)\n"
    "watch_load: mov watched(%rip), %eax\n"
    "watch_end: nop\n"
    "jmp watch_code\n"
    ".popsection");

static pid_t start(void)
{
	int status;
	pid_t child = fork();
	if (!child) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		((void (*)(void))watch_code)();
	}
	waitpid(child, &status, 0);
	ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_EXITKILL);
	return child;
}

static long poke(pid_t child, unsigned n, uintptr_t value)
{
	return ptrace(PTRACE_POKEUSER, child, offsetof(struct user, u_debugreg[n]), value);
}

static long peek(pid_t child, unsigned n)
{
	return ptrace(PTRACE_PEEKUSER, child, offsetof(struct user, u_debugreg[n]), NULL);
}

static bool arm(pid_t child, unsigned n, const volatile void *address, unsigned kind,
		unsigned length)
{
	return !poke(child, n, (uintptr_t)address) &&
	       !poke(child, CONTROL,
		     1ul << 2 * n | (unsigned long)(kind | length << 2) << (16 + 4 * n));
}

/* The child goes on and stops at a place because of debug register n. */
static bool hits(pid_t child, unsigned n, const char *place)
{
	struct user_regs_struct r;
	int status = 0;
	poke(child, STATUS, 0);
	ptrace(PTRACE_CONT, child, NULL, NULL);
	waitpid(child, &status, 0);
	ptrace(PTRACE_GETREGS, child, NULL, &r);
	if (WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP && r.rip == (uintptr_t)place &&
	    (peek(child, STATUS) & 15) == 1 << n)
		return true;
	printf("# status %x, at code + %ld, debug status %lx\n", status,
	       (long)(r.rip - (uintptr_t)watch_code), peek(child, STATUS));
	return false;
}

static bool on_write(void)
{
	pid_t child = start();
	return arm(child, 0, &watched, ON_WRITE, FOUR_BYTES) && hits(child, 0, watch_load) &&
	       hits(child, 0, watch_load);
}

static bool on_access(void)
{
	pid_t child = start();
	return arm(child, 3, &watched, ON_ACCESS, FOUR_BYTES) && hits(child, 3, watch_load) &&
	       hits(child, 3, watch_end);
}

static bool on_code(void)
{
	pid_t child = start();
	return arm(child, 1, watch_load, ON_CODE, 0) && hits(child, 1, watch_load) &&
	       hits(child, 1, watch_load);
}

/* The tracer, which shares the CPU, and another child are not stopped. */
static bool own(void)
{
	pid_t child = start(), second = start();
	bool ok = arm(child, 0, &watched, ON_WRITE, FOUR_BYTES) &&
		  arm(second, 0, &other, ON_WRITE, FOUR_BYTES);
	for (unsigned i = 0; ok && i < 20; i++) {
		watched = other = i;
		ok = hits(child, 0, watch_load) && hits(second, 0, watch_store);
	}
	return ok && watched == 19;
}

static bool kernels(void)
{
	pid_t child = start();
	return poke(child, 0, 0xffff800000000000) && poke(child, 0, 0xffffffff81000000) &&
	       poke(child, 0, 0xffff820000000000);
}

static bool counted(void)
{
	struct perf_event_attr a = { .type = PERF_TYPE_BREAKPOINT,
				     .size = sizeof(a),
				     .bp_type = HW_BREAKPOINT_W,
				     .bp_addr = (uintptr_t)&watched,
				     .bp_len = HW_BREAKPOINT_LEN_4,
				     .exclude_kernel = 1 };
	uint64_t count = 0;
	int file = (int)syscall(SYS_perf_event_open, &a, 0, -1, -1, 0);
	if (file < 0)
		return false;
	for (unsigned i = 0; i < STORES; i++) {
		watched = i;
		other = i;
		if (i % 100 == 0)
			sched_yield();
	}
	return read(file, &count, sizeof(count)) == sizeof(count) && count == STORES;
}

/* The kernel's own store to a watched word, for the process: the system call works. */
static bool stored_by_kernel(void)
{
	pid_t child = fork();
	int status, ends[2];
	if (child) {
		waitpid(child, &status, 0);
		return !status;
	}
	struct perf_event_attr a = { .type = PERF_TYPE_BREAKPOINT,
				     .size = sizeof(a),
				     .bp_type = HW_BREAKPOINT_RW,
				     .bp_addr = (uintptr_t)&watched,
				     .bp_len = HW_BREAKPOINT_LEN_4,
				     .exclude_kernel = 1 };
	uint32_t value = 4711;
	if (syscall(SYS_perf_event_open, &a, 0, -1, -1, 0) < 0 || pipe(ends))
		_exit(1);
	for (unsigned i = 0; i < 100; i++)
		if (write(ends[1], &value, 4) != 4 || read(ends[0], (void *)&watched, 4) != 4)
			_exit(2);
	_exit(watched != 4711);
}

void test_watch(void)
{
	promise("a watchpoint stops after a write", on_write);
	promise("a watchpoint stops after each access", on_access);
	promise("a breakpoint register stops before an instruction", on_code);
	promise("watchpoints are a process's own", own);
	promise("the kernel's addresses cannot be watched", kernels);
	promise("perf counts stores to a word", counted);
	promise("a watched word can be used in system calls", stored_by_kernel);
}
