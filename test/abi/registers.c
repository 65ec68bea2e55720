/* SPDX-License-Identifier: MIT */
/*
 * Host test of the real system-call instruction sequence: a child invokes a capability under
 * PTRACE_SYSEMU, so that the host does not execute the call; the parent looks at the registers,
 * destroys those that the interface gives up, and writes the answer.
 */
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <l4/sys/ipc.h>

#include "tap.h"

enum { DEST = 0x5000, SLABEL = 0x77, RLABEL = 0x1230, SENT = 0x10041, ANSWER = 0x20002 };

static volatile l4_umword_t seed[11] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };

/*
 * Invoke while the arguments are live where the C calling convention has them (rdi, rsi, rdx, rcx,
 * r8, r9), and five more values where the compiler likes. Returns 0 if the answer is right and all
 * of them survive the registers that the interface gives up.
 */
static __attribute__((noinline)) int invoke(l4_umword_t rdi, l4_umword_t rsi, l4_umword_t rdx,
					    l4_umword_t rcx, l4_umword_t r8, l4_umword_t r9)
{
	l4_umword_t g = seed[6], h = seed[7], i = seed[8], j = seed[9], k = seed[10], label = 0;
	l4_msgtag_t tag = { SENT };

	tag = l4_ipc(DEST, NULL, L4_SYSF_SEND_AND_WAIT, SLABEL, tag, &label, L4_IPC_SEND_TIMEOUT_0);
	return tag.raw != ANSWER || label != RLABEL || rdi != seed[0] || rsi != seed[1] ||
	       rdx != seed[2] || rcx != seed[3] || r8 != seed[4] || r9 != seed[5] || g != seed[6] ||
	       h != seed[7] || i != seed[8] || j != seed[9] || k != seed[10];
}

/* Child process: stop for the parent, then invoke. */
static int child(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	return invoke(seed[0], seed[1], seed[2], seed[3], seed[4], seed[5]);
}

/* Run the child to its next system call, not executed; returns 0 if it gets there. */
static int to_syscall(pid_t pid, struct user_regs_struct *regs)
{
	int status;

	if (ptrace(PTRACE_SYSEMU, pid, NULL, NULL) || waitpid(pid, &status, 0) != pid)
		return -1;
	if (!WIFSTOPPED(status))
		return -1;
	return (int)ptrace(PTRACE_GETREGS, pid, NULL, regs);
}

static void check_call(pid_t pid)
{
	struct user_regs_struct regs = { 0 };

	/* The stop itself may leave system calls of the C library to pass over. */
	for (int i = 0; i < 8 && regs.orig_rax != SENT; i++)
		if (to_syscall(pid, &regs))
			break;
	ok(regs.orig_rax == SENT, "rax holds the tag");
	ok(regs.rdx == (DEST | L4_SYSF_SEND_AND_WAIT), "rdx holds selector and phases");
	ok(regs.rsi == SLABEL, "rsi holds the send label");
	ok(regs.r8 == 0x04000000, "r8 holds the timeouts");
	regs.rax = ANSWER;
	regs.rsi = RLABEL;
	regs.rdx = regs.rdi = regs.rcx = regs.r11 = regs.r15 = 0xdeadbeef;
	ptrace(PTRACE_SETREGS, pid, NULL, &regs);
}

int main(void)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		_exit(child());
	waitpid(pid, &status, 0);
	ok(WIFSTOPPED(status), "the child can be traced");
	check_call(pid);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	waitpid(pid, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	   "tag and label come back, and rdx, rdi, rcx, r11, r15 may be lost");
	return tap_done();
}
