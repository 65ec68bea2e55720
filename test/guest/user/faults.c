/* SPDX-License-Identifier: MIT */
/* Exceptions of a process become the signals that Linux promises, with code and address. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "user.h"

enum { LIMIT_SIGNALS = 2000 };

struct fault fault;
sigjmp_buf fault_jump;

static void caught(int signal, siginfo_t *info, void *context)
{
	(void)context;
	fault.signal = signal;
	fault.code = info->si_code;
	fault.address = info->si_addr;
	siglongjmp(fault_jump, 1);
}

void fault_catch(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS };
	struct sigaction action = { .sa_sigaction = caught, .sa_flags = SA_SIGINFO };
	for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
}

static bool was(int signal, int code)
{
	if (fault.signal == signal && fault.code == code)
		return true;
	printf("# signal %d, code %d at %p\n", fault.signal, fault.code, fault.address);
	return false;
}

static bool divide_error(void)
{
	fault_catch();
	return faults(asm volatile("xor %%ecx, %%ecx; mov $1, %%eax; cltd; div %%ecx" ::
				       : "rax", "rcx", "rdx")) &&
	       was(SIGFPE, FPE_INTDIV);
}

static bool undefined_instruction(void)
{
	fault_catch();
	return faults(asm volatile("ud2")) && was(SIGILL, ILL_ILLOPN);
}

static bool breakpoint(void)
{
	fault_catch();
	return faults(asm volatile("int3")) && was(SIGTRAP, SI_KERNEL);
}

static bool single_step(void)
{
	fault_catch();
	return faults(asm volatile("pushfq; orl $0x100, (%%rsp); popfq; nop; nop" ::
				       : "cc", "memory")) &&
	       was(SIGTRAP, TRAP_TRACE);
}

/* SIGBUS, but for processors that do not tell stacks from data. */
static bool stack_segment(void)
{
	fault_catch();
	return faults(asm volatile(
		   "mov %%rbp, %%rcx; movabs $0x8000000000000000, %%rbp; mov (%%rbp), %%rax;"
		   "mov %%rcx, %%rbp" ::
		       : "rax", "rcx")) &&
	       (fault.signal == SIGSEGV || was(SIGBUS, SI_KERNEL));
}

static bool privileged(void)
{
	fault_catch();
	return faults(asm volatile("cli")) && was(SIGSEGV, SI_KERNEL) &&
	       faults(asm volatile("hlt")) && was(SIGSEGV, SI_KERNEL) &&
	       faults(asm volatile("mov %%cr3, %%rax" ::
				       : "rax")) &&
	       was(SIGSEGV, SI_KERNEL) &&
	       faults(asm volatile("wrmsr" ::"a"(0), "d"(0), "c"(0x10))) &&
	       was(SIGSEGV, SI_KERNEL) && faults(asm volatile("swapgs")) &&
	       was(SIGSEGV, SI_KERNEL) && faults(asm volatile("int $0x41")) &&
	       was(SIGSEGV, SI_KERNEL);
}

static bool addresses(void)
{
	fault_catch();
	volatile char *null = (volatile char *)8, *kernel = (volatile char *)0xffffffff81000000;
	volatile char *hole = (volatile char *)0xffff820000000000,
		      *odd = (volatile char *)(1ull << 62);
	return faults(*null = 1) && was(SIGSEGV, SEGV_MAPERR) && fault.address == null &&
	       faults(*kernel) && was(SIGSEGV, SEGV_MAPERR) && fault.address == kernel &&
	       faults(*hole) && was(SIGSEGV, SEGV_MAPERR) && fault.address == hole &&
	       faults(*odd) && was(SIGSEGV, SI_KERNEL) && faults(((void (*)(void))null)()) &&
	       was(SIGSEGV, SEGV_MAPERR) && fault.address == null;
}

static bool protection(void)
{
	volatile char *page =
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	*page = (char)0xc3;
	fault_catch();
	if (!faults(((void (*)(void))page)()) || !was(SIGSEGV, SEGV_ACCERR))
		return false;
	mprotect((void *)page, 4096, PROT_READ);
	if (!faults(*page = 1) || !was(SIGSEGV, SEGV_ACCERR) || fault.address != page)
		return false;
	mprotect((void *)page, 4096, PROT_NONE);
	if (!faults(*page) || !was(SIGSEGV, SEGV_ACCERR))
		return false;
	mprotect((void *)page, 4096, PROT_READ | PROT_EXEC);
	((void (*)(void))page)();
	return *page == (char)0xc3;
}

/* The way from the last byte of a page to the next, in each kind of access. */
static bool crossing(void)
{
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(pages + 4096, 4096);
	fault_catch();
	volatile uint64_t *word = (volatile uint64_t *)(pages + 4092);
	return faults(*word = 1) && was(SIGSEGV, SEGV_MAPERR) && fault.address == pages + 4096 &&
	       *(uint32_t *)(pages + 4092) == 0;
}

static volatile uint64_t handled;

static void count(int signal)
{
	(void)signal;
	handled++;
}

static bool registers_kept(void)
{
	uint64_t sum = 0;
	signal(SIGUSR1, count);
	for (unsigned i = 0; i < LIMIT_SIGNALS; i++) {
		uint64_t result = 39; /* getpid */
		asm volatile(
		    "mov $0x1111, %%rbx; mov $0x2222, %%r12; mov $0x3333, %%r13\n"
		    "mov $0x4444, %%r14; mov $0x5555, %%r15; mov $0x6666, %%r8\n"
		    "mov $0x7777, %%r9; mov $0x8888, %%r10; syscall\n"
		    "add %%rbx, %%rax; add %%r12, %%rax; add %%r13, %%rax; add %%r14, %%rax\n"
		    "add %%r15, %%rax; add %%r8, %%rax; add %%r9, %%rax; add %%r10, %%rax"
		    : "+a"(result)
		    :
		    : "rbx", "rcx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "memory");
		sum += result - (uint64_t)getpid();
		raise(SIGUSR1);
	}
	return sum == (uint64_t)LIMIT_SIGNALS * 0x26664 && handled == LIMIT_SIGNALS;
}

static char other_stack[65536];

static void on_other_stack(int signal)
{
	(void)signal;
	char here;
	handled += &here >= other_stack && &here < other_stack + sizeof(other_stack);
}

static bool alternate_stack(void)
{
	stack_t stack = { .ss_sp = other_stack, .ss_size = sizeof(other_stack) };
	struct sigaction action = { .sa_handler = on_other_stack, .sa_flags = SA_ONSTACK };
	handled = 0;
	sigaltstack(&stack, NULL);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	return handled == 1;
}

void test_faults(void)
{
	promise("division by zero is SIGFPE", divide_error);
	promise("an undefined instruction is SIGILL", undefined_instruction);
	promise("int3 is SIGTRAP", breakpoint);
	promise("the trap flag is SIGTRAP after one instruction", single_step);
	promise("a stack where no address is is a signal", stack_segment);
	promise("privileged instructions are SIGSEGV", privileged);
	promise("wrong addresses are SIGSEGV with the address", addresses);
	promise("what a page's protection forbids is SIGSEGV", protection);
	promise("an access across the end of a mapping changes nothing", crossing);
	promise("system calls and signals keep registers", registers_kept);
	promise("a signal's handler can have its own stack", alternate_stack);
}
