/* SPDX-License-Identifier: MIT */
/* Handlers of faults within the program, and alternate stacks. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define TMP "/tmp"

enum { PAGE = 4096, STACK = 65536, JUMPS = 100 };

static volatile int count, code;
static void *volatile address;
static volatile greg_t trap;
static sigjmp_buf back;
static char *page;

static void install(int signal, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	sigaction(signal, &action, NULL);
}

static void note(siginfo_t *info, void *context)
{
	count = count + 1;
	code = info->si_code;
	address = info->si_addr;
	trap = ((ucontext_t *)context)->uc_mcontext.gregs[REG_TRAPNO];
}

static void repair(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	note(info, context);
	mprotect(page, PAGE, PROT_READ | PROT_WRITE);
}

/* The handler also spoils what it may: arithmetic state and vector registers. */
static void test_repair(void)
{
	volatile double before = 1.5;
	double sum;

	page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	install(SIGSEGV, repair, 0);
	count = 0;
	sum = before * 3;
	page[100] = 7;
	check(page[100] == 7 && count == 1,
	      "a write to a read-only page goes on once it is writable");
	check(address == page + 100 && code == SEGV_ACCERR && trap == 14,
	      "the handler learns the address, and that access is denied");
	check(sum == 4.5, "and the floating-point registers are as before");
	mprotect(page, PAGE, PROT_NONE);
	count = 0;
	check(page[100] == 7 && count == 1 && code == SEGV_ACCERR, "so does a read of PROT_NONE");
}

static void jump(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	note(info, context);
	siglongjmp(back, 1);
}

static void test_jump(void)
{
	char *hole = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigset_t mask;

	munmap(hole, PAGE);
	install(SIGSEGV, jump, 0);
	count = 0;
	for (volatile int i = 0; i < JUMPS; i++)
		if (!sigsetjmp(back, 1))
			*(volatile char *)hole = 1;
	check_is(count, JUMPS, "siglongjmp leaves the handler of SIGSEGV, again and again");
	check(code == SEGV_MAPERR && address == hole, "nothing is mapped there");
	sigprocmask(SIG_BLOCK, NULL, &mask);
	check(!sigismember(&mask, SIGSEGV), "and the mask is as before");
	if (!sigsetjmp(back, 1))
		*(volatile char *)0x8000000000000000UL = 1;
	check(count == JUMPS + 1 && trap == 13 && !address,
	      "an address that is none is a fault without address");
}

static void skip(int signal, siginfo_t *info, void *context)
{
	ucontext_t *c = context;

	(void)signal;
	note(info, context);
	c->uc_mcontext.gregs[REG_RIP] += 2;
	c->uc_mcontext.gregs[REG_RAX] = 42;
}

static void test_instructions(void)
{
	long result = 1, zero = 0, red_zone;

	install(SIGILL, skip, 0);
	install(SIGTRAP, skip, 0);
	install(SIGFPE, skip, 0);
	count = 0;
	__asm__ volatile("movq $77, -128(%%rsp)\n\tud2\n\tmovq -128(%%rsp), %1"
			 : "+a"(result), "=r"(red_zone));
	check(count == 1 && result == 42, "the handler of SIGILL can skip the instruction");
	check(address && red_zone == 77, "and leaves what is below the stack pointer alone");
	__asm__ volatile("int3\n\t.byte 0x66, 0x90" : "=a"(result));
	check(count == 2 && trap == 3 && result == 42, "a breakpoint is SIGTRAP");
	__asm__ volatile("xor %%edx, %%edx\n\tidivl %%ecx" : "+a"(result) : "c"(zero) : "rdx");
	check(count == 3 && code == FPE_INTDIV && result == 42, "a division by zero is SIGFPE");
}

static void test_arithmetic(void)
{
	unsigned short control = 0x37f & ~4;

	install(SIGFPE, jump, 0);
	count = 0;
	if (!sigsetjmp(back, 1))
		__asm__ volatile("fldcw %0\n\tfld1\n\tfldz\n\tfdivrp\n\tfwait" : : "m"(control));
	__asm__ volatile("fninit");
	check(count == 1 && code == FPE_FLTDIV, "an arithmetic exception tells its reason");
}

static void clear_alignment(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	note(info, context);
	((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~0x40000L;
}

static void test_alignment(void)
{
	static char data[16] __attribute__((aligned(8)));
	long value;

	install(SIGBUS, clear_alignment, 0);
	count = 0;
	__asm__ volatile("pushfq\n\torl $0x40000, (%%rsp)\n\tpopfq\n\tmovq 1(%1), %0"
			 : "=r"(value)
			 : "r"(data)
			 : "memory", "cc");
	if (!count)
		check_note("this machine does not check alignment");
	else
		check(code == BUS_ADRALN, "an address that is not aligned is SIGBUS if asked for");
}

static void test_file_end(void)
{
	int file = open(TMP "/short", O_CREAT | O_RDWR, 0600);
	char *mapped;

	(void)!write(file, "x", 1);
	mapped = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, file, 0);
	install(SIGBUS, jump, 0);
	count = 0;
	if (!sigsetjmp(back, 1))
		(void)*(volatile char *)(mapped + 3 * PAGE);
	check(count == 1 && code == BUS_ADRERR, "behind the end of a mapped file is SIGBUS");
}

static char *alternate;
static volatile bool on_alternate;

static void overflowed(int signal, siginfo_t *info, void *context)
{
	char here;

	(void)signal;
	note(info, context);
	on_alternate = &here >= alternate && &here < alternate + STACK;
	siglongjmp(back, 1);
}

static __attribute__((noinline)) long recurse(volatile long n)
{
	volatile char frame[500];

	frame[n % 500] = 1;
	return n ? recurse(n + 1) + frame[1] : 0;
}

static void overflow(const char *where)
{
	stack_t stack = { .ss_size = STACK };

	alternate = malloc(STACK);
	stack.ss_sp = alternate;
	sigaltstack(&stack, NULL);
	count = 0;
	for (volatile int i = 0; i < 3; i++)
		if (!sigsetjmp(back, 1))
			recurse(1);
	check(count == 3 && on_alternate, "overflow of %s stack is handled on another", where);
	stack.ss_flags = SS_DISABLE;
	check(!sigaltstack(&stack, NULL), "which can be given back");
	free(alternate);
}

static void *overflow_thread(void *unused)
{
	overflow("a thread's");
	return unused;
}

static void test_overflow(void)
{
	pthread_t thread;

	install(SIGSEGV, overflowed, SA_ONSTACK);
	pthread_create(&thread, NULL, overflow_thread, NULL);
	pthread_join(thread, NULL);
	overflow("the first");
}

static void test_alternate_rules(void)
{
	stack_t stack = { .ss_size = 1024 }, old;

	stack.ss_sp = page;
	check(sigaltstack(&stack, NULL) < 0 && errno == ENOMEM, "a stack can be too small");
	stack.ss_size = STACK;
	stack.ss_flags = 99;
	check(sigaltstack(&stack, NULL) < 0 && errno == EINVAL, "its flags must be known");
	check(!sigaltstack(NULL, &old) && old.ss_flags == SS_DISABLE, "at first there is none");
}

static void *fault_thread(void *argument)
{
	for (int i = 0; i < JUMPS; i++)
		__asm__ volatile("ud2" : : : "rax");
	return argument;
}

static void count_and_skip(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)info;
	__atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
}

static void test_threads(void)
{
	enum { THREADS = 4 };
	pthread_t threads[THREADS];

	install(SIGILL, count_and_skip, 0);
	count = 0;
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, fault_thread, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	check_is(count, THREADS * JUMPS, "each of several threads runs its own handlers");
}

static void one_more(int signal)
{
	(void)signal;
	count = count + 10;
}

static void raise_inside(int signal, siginfo_t *info, void *context)
{
	(void)info, (void)context;
	raise(SIGUSR1);
	if (count < 20)
		raise(signal);
	count = count + 1;
	mprotect(page, PAGE, PROT_READ | PROT_WRITE);
}

static void test_nesting(void)
{
	signal(SIGUSR1, one_more);
	install(SIGSEGV, raise_inside, 0);
	mprotect(page, PAGE, PROT_NONE);
	count = 0;
	page[1] = 1;
	check_is(count, 22, "a handler runs another's; its own signal waits until it has returned");
}

void check_main(void)
{
	test_alternate_rules();
	test_repair();
	test_jump();
	test_instructions();
	test_arithmetic();
	test_alignment();
	test_file_end();
	test_overflow();
	test_threads();
	test_nesting();
}
