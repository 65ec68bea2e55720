/* SPDX-License-Identifier: MIT */
/* Where signal handlers send their process: what a processor refuses is a signal of that place. */
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "user.h"

enum { CODE64 = 0x33, CODE32 = 0x23, STACK = 0x2b, NO_SEGMENT = 0x47b };
enum { VECTOR_GP = 13, NESTED = 0x4000, CALL_GETPID = 39 };

/* Selectors lie in one word: CS lowest, SS highest. */
#define STACK_SHIFT 48

/* What the next SIGUSR1 is to change, and what the next SIGSEGV tells. */
static struct {
	uint64_t code, stack, place;
	bool as_call; /* rcx is the instruction pointer, as behind a system call */
} wanted;
static uint64_t told_place, told_segments, told_trap, told_error;
static volatile int told_code;
static sigjmp_buf told;

static void change(int signal, siginfo_t *info, void *context)
{
	greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
	(void)signal, (void)info;
	r[REG_CSGSFS] = (greg_t)(wanted.code | wanted.stack << STACK_SHIFT);
	if (wanted.place)
		r[REG_RIP] = (greg_t)wanted.place;
	if (wanted.as_call) {
		r[REG_RCX] = r[REG_RIP];
		r[REG_R11] = r[REG_EFL];
	}
}

static void tell(int signal, siginfo_t *info, void *context)
{
	const greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
	(void)signal;
	told_place = (uint64_t)r[REG_RIP];
	told_segments = (uint64_t)r[REG_CSGSFS];
	told_trap = (uint64_t)r[REG_TRAPNO];
	told_error = (uint64_t)r[REG_ERR];
	told_code = info->si_code;
	siglongjmp(told, 1);
}

/* Going there is a general protection fault with this error code, of that place and those segments.
 */
static bool refused(uint64_t error)
{
	struct sigaction changes = { .sa_sigaction = change, .sa_flags = SA_SIGINFO };
	struct sigaction tells = { .sa_sigaction = tell, .sa_flags = SA_SIGINFO };
	sigaction(SIGUSR1, &changes, NULL);
	sigaction(SIGSEGV, &tells, NULL);
	told_trap = 0;
	if (!sigsetjmp(told, 1)) {
		raise(SIGUSR1);
		return false;
	}
	if (told_trap == VECTOR_GP && told_error == error && told_code == SI_KERNEL &&
	    (!wanted.place || told_place == wanted.place) &&
	    (uint16_t)told_segments == wanted.code && told_segments >> STACK_SHIFT == wanted.stack)
		return true;
	printf("# trap %lu, error %#lx, code %d, at %#lx with %#lx\n", told_trap, told_error,
	       told_code, told_place, told_segments);
	return false;
}

static bool stack_segments(void)
{
	static const uint16_t stacks[] = { CODE64, CODE32, NO_SEGMENT };
	bool all = true;
	for (unsigned i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++)
		for (unsigned narrow = 0; narrow < 2; narrow++) {
			wanted.code = narrow ? CODE32 : CODE64;
			wanted.stack = stacks[i];
			all &= refused(stacks[i] & 0xfff8U);
		}
	return all;
}

static bool code_segments(void)
{
	static const uint16_t codes[] = { STACK, NO_SEGMENT };
	bool all = true;
	for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		wanted.code = codes[i];
		wanted.stack = STACK;
		all &= refused(codes[i] & 0xfff8U);
	}
	return all;
}

static bool places(void)
{
	bool all = true;
	wanted.code = CODE64;
	wanted.stack = STACK;
	for (unsigned bit = 47; bit < 63; bit++)
		for (unsigned call = 0; call < 2; call++) {
			wanted.place = 1UL << bit;
			wanted.as_call = call;
			all &= refused(0);
		}
	return all;
}

/* A flag that nobody needs, but it is the program's. */
static bool nested_task(void)
{
	uint64_t flags[3] = { CALL_GETPID };
	asm volatile("pushfq; orl %3, (%%rsp); popfq\n"
		     "syscall\n"
		     "pushfq; pop %1\n"
		     "lock orl $0, -4096(%%rsp)\n" /* a fault, once */
		     "pushfq; pop %2\n"
		     "pushfq; andl %4, (%%rsp); popfq"
		     : "+a"(flags[0]), "=&r"(flags[1]), "=&r"(flags[2])
		     : "i"(NESTED), "i"(~NESTED)
		     : "rcx", "r11", "memory", "cc");
	return flags[0] == (uint64_t)getpid() && flags[1] & NESTED && flags[2] & NESTED;
}

void test_returns(void)
{
	promise("a return with a wrong stack segment is SIGSEGV", stack_segments);
	promise("a return with a wrong code segment is SIGSEGV", code_segments);
	promise("a return to no address is SIGSEGV there", places);
	promise("the nested task flag stays set", nested_task);
}
