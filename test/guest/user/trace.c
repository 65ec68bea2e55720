/* SPDX-License-Identifier: MIT */
/* ptrace: memory, registers, single steps, system calls, breakpoints and watchpoints. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user.h"

enum { NOPS = 100, WATCHED = 0x1111 };

/* What the traced child runs: nops, one by one, then a system call, then a store. */
extern const char sled[], sled_call[], sled_store[], sled_end[];
asm(".pushsection .text\n"
    "sled: .rept 100; nop; .endr\n"
    "mov $39, %eax\n"
    "sled_call: syscall\n"
    "mov %rax, %rbx\n"
    "sled_store: movl $0x2222, watched(%rip)\n"
    "sled_end: nop\n"
    "jmp sled\n"
    ".popsection");
volatile uint32_t watched = WATCHED;

static pid_t traced(void)
{
	int status;
	pid_t child = fork();
	if (!child) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		((void (*)(void))sled)();
	}
	waitpid(child, &status, 0);
	ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD);
	return child;
}

static bool stopped_by(pid_t child, int signal)
{
	int status = 0;
	waitpid(child, &status, 0);
	if (WIFSTOPPED(status) && WSTOPSIG(status) == signal)
		return true;
	printf("# the child's status is %x\n", status);
	return false;
}

static struct user_regs_struct registers(pid_t child)
{
	struct user_regs_struct r;
	ptrace(PTRACE_GETREGS, child, NULL, &r);
	return r;
}

/* Let the child continue at an address. */
static void go_to(pid_t child, const char *place)
{
	struct user_regs_struct r = registers(child);
	r.rip = (uintptr_t)place;
	r.orig_rax = (unsigned long)-1;
	ptrace(PTRACE_SETREGS, child, NULL, &r);
}

static bool memory(void)
{
	pid_t child = traced();
	struct iovec here = { (void *)&watched, 4 }, there = { (void *)&watched, 4 };
	errno = 0;
	bool read = (uint32_t)ptrace(PTRACE_PEEKDATA, child, &watched, NULL) == WATCHED && !errno;
	ptrace(PTRACE_POKEDATA, child, &watched, 0x77777777l);
	bool own = watched == WATCHED;
	bool changed = (uint32_t)ptrace(PTRACE_PEEKDATA, child, &watched, NULL) == 0x77777777;
	watched = 0x5a5a5a5a;
	bool written = process_vm_writev(child, &here, 1, &there, 1, 0) == 4;
	watched = 0;
	return read && own && changed && written &&
	       process_vm_readv(child, &here, 1, &there, 1, 0) == 4 && watched == 0x5a5a5a5a;
}

static bool text(void)
{
	pid_t child = traced();
	long word = ptrace(PTRACE_PEEKTEXT, child, sled + 10, NULL);
	ptrace(PTRACE_POKETEXT, child, sled + 10, (word & ~0xffl) | 0xcc);
	go_to(child, sled);
	ptrace(PTRACE_CONT, child, NULL, NULL);
	return stopped_by(child, SIGTRAP) && registers(child).rip == (uintptr_t)sled + 11 &&
	       *(const volatile unsigned char *)(sled + 10) == 0x90;
}

static bool steps(void)
{
	pid_t child = traced();
	go_to(child, sled);
	for (unsigned i = 1; i <= NOPS; i++) {
		ptrace(PTRACE_SINGLESTEP, child, NULL, NULL);
		if (!stopped_by(child, SIGTRAP) || registers(child).rip != (uintptr_t)sled + i)
			return false;
	}
	ptrace(PTRACE_SINGLESTEP, child, NULL, NULL); /* mov */
	if (!stopped_by(child, SIGTRAP) || registers(child).rip != (uintptr_t)sled_call)
		return false;
	ptrace(PTRACE_SINGLESTEP, child, NULL, NULL); /* syscall */
	return stopped_by(child, SIGTRAP) && registers(child).rip == (uintptr_t)sled_call + 2 &&
	       registers(child).rax == (unsigned)child && !(registers(child).eflags & 0x100);
}

static bool calls(void)
{
	pid_t child = traced();
	go_to(child, sled);
	ptrace(PTRACE_SYSCALL, child, NULL, NULL);
	if (!stopped_by(child, SIGTRAP | 0x80) || registers(child).orig_rax != SYS_getpid)
		return false;
	struct user_regs_struct r = registers(child);
	r.orig_rax = SYS_getppid;
	ptrace(PTRACE_SETREGS, child, NULL, &r);
	ptrace(PTRACE_SYSCALL, child, NULL, NULL);
	if (!stopped_by(child, SIGTRAP | 0x80) || registers(child).rax != (unsigned)getpid())
		return false;
	r = registers(child);
	r.rax = 0x123456789abc;
	ptrace(PTRACE_SETREGS, child, NULL, &r);
	ptrace(PTRACE_SINGLESTEP, child, NULL, NULL);
	return stopped_by(child, SIGTRAP) && registers(child).rbx == 0x123456789abc;
}

static bool emulated_calls(void)
{
	pid_t child = traced();
	go_to(child, sled);
	ptrace(PTRACE_SYSEMU, child, NULL, NULL);
	if (!stopped_by(child, SIGTRAP | 0x80) || registers(child).orig_rax != SYS_getpid)
		return false;
	struct user_regs_struct r = registers(child);
	r.rax = 4711;
	ptrace(PTRACE_SETREGS, child, NULL, &r);
	ptrace(PTRACE_SYSEMU_SINGLESTEP, child, NULL, NULL);
	return stopped_by(child, SIGTRAP) && registers(child).rbx == 4711;
}

static bool debug_register(pid_t child, unsigned number, unsigned long value)
{
	size_t place = offsetof(struct user, u_debugreg) + 8 * number;
	return !ptrace(PTRACE_POKEUSER, child, place, value);
}

static bool breakpoint(void)
{
	pid_t child = traced();
	go_to(child, sled);
	if (!debug_register(child, 0, (uintptr_t)sled + 50) || !debug_register(child, 7, 1))
		return false;
	for (unsigned i = 0; i < 3; i++) {
		ptrace(PTRACE_CONT, child, NULL, NULL);
		if (!stopped_by(child, SIGTRAP) || registers(child).rip != (uintptr_t)sled + 50)
			return false;
	}
	return ptrace(PTRACE_PEEKUSER, child, offsetof(struct user, u_debugreg[6]), NULL) & 1;
}

static bool watchpoint(void)
{
	pid_t child = traced();
	go_to(child, sled);
	if (!debug_register(child, 1, (uintptr_t)&watched) || !debug_register(child, 7, 0x00d00004))
		return false;
	ptrace(PTRACE_CONT, child, NULL, NULL);
	return stopped_by(child, SIGTRAP) && registers(child).rip == (uintptr_t)sled_end &&
	       (ptrace(PTRACE_PEEKUSER, child, offsetof(struct user, u_debugreg[6]), NULL) & 2);
}

static bool bases(void)
{
	static unsigned long target[2] = { 0, 0x600dcafe };
	pid_t child = traced();
	struct user_regs_struct r = registers(child);
	r.gs_base = (uintptr_t)target;
	r.rip = (uintptr_t)sled;
	r.orig_rax = (unsigned long)-1;
	ptrace(PTRACE_SETREGS, child, NULL, &r);
	/* mov %gs:8, %rbx; int3 */
	ptrace(PTRACE_POKETEXT, child, sled, 0x00000008251c8b4865l);
	ptrace(PTRACE_POKETEXT, child, sled + 8, (long)0xcccccccccccc0000);
	ptrace(PTRACE_CONT, child, NULL, NULL);
	return stopped_by(child, SIGTRAP) && registers(child).rbx == 0x600dcafe &&
	       registers(child).gs_base == (uintptr_t)target;
}

static bool vectors(void)
{
	pid_t child = traced();
	struct user_fpregs_struct f;
	ptrace(PTRACE_GETFPREGS, child, NULL, &f);
	f.xmm_space[4 * 3] = 0x31415926;
	ptrace(PTRACE_SETFPREGS, child, NULL, &f);
	go_to(child, sled);
	ptrace(PTRACE_POKETEXT, child, sled, (long)0xccccccccd87e0f66); /* movd %xmm3, %eax */
	ptrace(PTRACE_CONT, child, NULL, NULL);
	return stopped_by(child, SIGTRAP) && registers(child).rax == 0x31415926;
}

void test_trace(void)
{
	promise("a tracer reads and writes memory", memory);
	promise("a tracer's breakpoint is the child's alone", text);
	promise("single steps stop at each instruction", steps);
	promise("a tracer sees and changes system calls", calls);
	promise("a tracer answers system calls", emulated_calls);
	promise("a hardware breakpoint stops", breakpoint);
	promise("a watchpoint stops behind the store", watchpoint);
	promise("a tracer sets segment bases", bases);
	promise("a tracer sets vector registers", vectors);
}
