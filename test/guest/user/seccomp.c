/* SPDX-License-Identifier: MIT */
/* seccomp: strict, and filters with each kind of answer, for 64 and 32 bit system calls. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "user.h"

/* The way a child ends. */
static int end_of(void (*child)(void))
{
	int status = -1;
	pid_t id = fork();
	if (!id) {
		child();
		syscall(SYS_exit, 42);
	}
	waitpid(id, &status, 0);
	return status;
}

static void strict(void)
{
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
}

static void strict_call(void)
{
	strict();
	syscall(SYS_getppid);
}

static bool strict_kills(void)
{
	int allowed = end_of(strict), killed = end_of(strict_call);
	return WIFEXITED(allowed) && WEXITSTATUS(allowed) == 42 && WIFSIGNALED(killed) &&
	       WTERMSIG(killed) == SIGKILL;
}

/* Answer getppid with the action, and the 32 bit calls, too. */
static bool install(unsigned action)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, action),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };
	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static bool filter_error(void)
{
	return install(SECCOMP_RET_ERRNO | ENOTTY) && syscall(SYS_getppid) == -1 &&
	       errno == ENOTTY && syscall(SYS_getpid) == getpid();
}

static long call_32(unsigned number)
{
	long result = number;
	asm volatile("int $0x80" : "+a"(result)::"memory", "r8", "r9", "r10", "r11");
	return result;
}

static bool filter_32(void)
{
	return call_32(64) == getppid() && install(SECCOMP_RET_ERRNO | ENOTTY) &&
	       call_32(64) == -ENOTTY;
}

static void filter_trap_call(void)
{
	fault_catch();
	install(SECCOMP_RET_TRAP);
	if (faults(syscall(SYS_getppid)) && fault.signal == SIGSYS && fault.code == 1)
		syscall(SYS_exit, 7);
}

static bool filter_trap(void)
{
	int status = end_of(filter_trap_call);
	return WIFEXITED(status) && WEXITSTATUS(status) == 7;
}

static void filter_kill_call(void)
{
	install(SECCOMP_RET_KILL_PROCESS);
	syscall(SYS_getppid);
}

static bool filter_kill(void)
{
	int status = end_of(filter_kill_call);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

/* Were there a system call in these, the child would be killed. */
static void look_at_clocks(void)
{
	static const clockid_t clocks[] = { CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_MONOTONIC_RAW,
					    CLOCK_BOOTTIME, CLOCK_REALTIME_COARSE };
	struct timespec now;
	strict();
	for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++)
		clock_gettime(clocks[i], &now);
}

static bool clocks(void)
{
	int status = end_of(look_at_clocks);
	return WIFEXITED(status) && WEXITSTATUS(status) == 42;
}

void test_seccomp(void)
{
	promise("strict seccomp kills at another system call", strict_kills);
	promise("a filter can answer with an error", filter_error);
	promise("a filter sees 32 bit system calls", filter_32);
	promise("a filter can answer with SIGSYS", filter_trap);
	promise("a filter can kill", filter_kill);
	promise("the vdso reads clocks without a system call", clocks);
}
