/* SPDX-License-Identifier: MIT */
/* Signals and cancellation of threads that compute, and what they must leave as it was. */
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include <l4/sys/utcb.h>

enum { SIGNALS = 1000 };

static volatile unsigned handled;
static volatile bool stop, ready;

static void count_signal(int signal)
{
	(void)signal;
	handled = handled + 1;
}

/* The handler uses what the interrupted code uses: vector registers and the UTCB. */
static void spoil(int signal)
{
	volatile double x = 3;

	(void)signal;
	for (int i = 0; i < 8; i++)
		x = x * 1.5;
	__asm__ volatile(
	    "pcmpeqd %%xmm0, %%xmm0\n\tpcmpeqd %%xmm15, %%xmm15\n\tfninit\n\tfldz\n\tstd\n\tcld"
	    :
	    :
	    : "xmm0", "xmm15");
	memset(l4_utcb_mr(), 0xff, sizeof(l4_msg_regs_t));
	getpid();
	handled = handled + 1;
}

static void install(int signal, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	sigaction(signal, &action, NULL);
	handled = 0;
}

/* Fill all registers, the red zone and the flags, spin, and compare. Returns which differ. */
static __attribute__((noinline)) uint64_t spin_with_registers(uint64_t rounds)
{
	uint64_t wrong;

	__asm__ volatile(
	    "xor %%eax, %%eax\n\t"
	    "mov $0x1111111111111111, %%rbx\n\tlea 1(%%rbx), %%rdx\n\tlea 2(%%rbx), %%rsi\n\t"
	    "lea 3(%%rbx), %%rdi\n\tlea 4(%%rbx), %%r8\n\tlea 5(%%rbx), %%r9\n\t"
	    "lea 6(%%rbx), %%r10\n\tlea 7(%%rbx), %%r11\n\tlea 8(%%rbx), %%r12\n\t"
	    "lea 9(%%rbx), %%r13\n\tlea 10(%%rbx), %%r14\n\tlea 11(%%rbx), %%r15\n\t"
	    "movq %%rbx, %%xmm0\n\tmovq %%rdx, %%xmm15\n\t"
	    "mov %%rbx, -120(%%rsp)\n\tmov %%rsi, -128(%%rsp)\n"
	    "1:\n\tstc\n\tpause\n\tjnc 3f\n\tdec %%rcx\n\tjnz 1b\n\tjmp 2f\n"
	    "3:\tor $1, %%eax\n"
	    "2:\tcmp %%rbx, -120(%%rsp)\n\tsetne %%cl\n\tor %%cl, %%al\n\t"
	    "cmp %%rsi, -128(%%rsp)\n\tsetne %%cl\n\tor %%cl, %%al\n\t"
	    "sub %%rbx, %%rdx\n\tsub %%rbx, %%rsi\n\tsub %%rbx, %%rdi\n\tsub %%rbx, %%r8\n\t"
	    "sub %%rbx, %%r9\n\tsub %%rbx, %%r10\n\tsub %%rbx, %%r11\n\tsub %%rbx, %%r12\n\t"
	    "sub %%rbx, %%r13\n\tsub %%rbx, %%r14\n\tsub %%rbx, %%r15\n\t"
	    "movq %%xmm0, %%rcx\n\tsub %%rbx, %%rcx\n\tor %%rcx, %%rax\n\t"
	    "movq %%xmm15, %%rcx\n\tsub %%rbx, %%rcx\n\tsub %%rdx, %%rcx\n\tor %%rcx, %%rax\n\t"
	    "add %%rsi, %%rdx\n\tadd %%rdi, %%rdx\n\tadd %%r8, %%rdx\n\tadd %%r9, %%rdx\n\t"
	    "add %%r10, %%rdx\n\tadd %%r11, %%rdx\n\tadd %%r12, %%rdx\n\tadd %%r13, %%rdx\n\t"
	    "add %%r14, %%rdx\n\tadd %%r15, %%rdx\n\tsub $66, %%rdx\n\tor %%rdx, %%rax\n\t"
	    : "=&a"(wrong), "+c"(rounds)
	    :
	    : "rbx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
	      "xmm0", "xmm15", "memory", "cc");
	return wrong;
}

static uint64_t wrong_registers;
static unsigned wrong_words;

static void *compute(void *unused)
{
	uint64_t *words = (uint64_t *)l4_utcb_mr();

	ready = true;
	while (!stop) {
		for (unsigned i = 0; i < L4_UTCB_GENERIC_DATA_SIZE; i++)
			words[i] = i * 3;
		wrong_registers |= spin_with_registers(20000);
		for (unsigned i = 0; i < L4_UTCB_GENERIC_DATA_SIZE; i++)
			wrong_words += words[i] != i * 3;
	}
	return unused;
}

/* Lower than this one, which need not wait then until the other's time slice is over. */
static pthread_t start(void *(*function)(void *))
{
	struct sched_param low = { .sched_priority = 1 };
	pthread_t thread;

	ready = stop = false;
	pthread_create(&thread, NULL, function, NULL);
	pthread_setschedparam(thread, SCHED_RR, &low);
	CHECK_WAIT(ready);
	return thread;
}

static bool send(pthread_t thread, unsigned n)
{
	for (unsigned i = 1; i <= n; i++) {
		pthread_kill(thread, SIGUSR1);
		if (handled < i && !CHECK_WAIT(handled >= i))
			return false;
	}
	return true;
}

static void test_computing(void)
{
	pthread_t thread;

	install(SIGUSR1, spoil, 0);
	thread = start(compute);
	check(send(thread, SIGNALS), "a thread that computes gets each of %d signals", SIGNALS);
	stop = true;
	pthread_join(thread, NULL);
	check_is((long)wrong_registers, 0,
		 "and finds its registers, flags and red zone as they were");
	check_is(wrong_words, 0, "and its message registers");
}

static void *compute_and_call(void *unused)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	char byte;
	int ends[2];

	pipe(ends);
	ready = true;
	while (!stop) {
		pthread_mutex_lock(&lock);
		free(malloc(100));
		sched_yield();
		pthread_mutex_unlock(&lock);
		if (write(ends[1], "x", 1) == 1)
			wrong_words += read(ends[0], &byte, 1) != 1;
	}
	close(ends[0]);
	close(ends[1]);
	return unused;
}

/* The handler makes calls that need the locks that the interrupted call may hold. */
static void call_again(int signal)
{
	sigset_t set;

	(void)signal;
	sigprocmask(SIG_BLOCK, NULL, &set);
	(void)!write(-1, "x", 1);
	close(dup(0));
	handled = handled + 1;
}

static void test_calls(void)
{
	pthread_t thread;

	wrong_words = 0;
	install(SIGUSR1, call_again, SA_RESTART);
	thread = start(compute_and_call);
	check(send(thread, SIGNALS), "so does one that makes calls");
	stop = true;
	pthread_join(thread, NULL);
	check_is(wrong_words, 0, "and its calls do what they should");
}

static sigjmp_buf back;
static volatile bool jumping;
static volatile unsigned jumps;

static void jump(int signal)
{
	(void)signal;
	if (jumping) {
		jumping = false;
		siglongjmp(back, 1);
	}
	handled = handled + 1;
}

static void *compute_and_jump(void *unused)
{
	ready = true;
	while (!stop) {
		if (!sigsetjmp(back, 1)) {
			jumping = true;
			while (jumping && !stop)
				close(dup(0));
		} else {
			jumps = jumps + 1;
			handled = handled + 1;
		}
	}
	return unused;
}

static void test_jumps(void)
{
	pthread_t thread;

	install(SIGUSR1, jump, 0);
	thread = start(compute_and_jump);
	check(send(thread, SIGNALS / 10), "a handler can leave by siglongjmp, from anywhere");
	check(jumps > 0, "as it did");
	stop = true;
	pthread_join(thread, NULL);
}

static volatile bool cleaned;

static void clean(void *unused)
{
	(void)unused;
	cleaned = true;
}

static void *endless(void *unused)
{
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	pthread_cleanup_push(clean, NULL);
	ready = true;
	for (;;)
		__asm__ volatile("pause");
	pthread_cleanup_pop(0);
	return unused;
}

static void test_cancel(void)
{
	pthread_t thread;
	unsigned good = 0;
	void *result;

	for (int i = 0; i < 100; i++) {
		cleaned = false;
		thread = start(endless);
		pthread_cancel(thread);
		pthread_join(thread, &result);
		good += result == PTHREAD_CANCELED && cleaned;
	}
	check_is(good, 100, "asynchronous cancellation ends a thread that computes");
}

static volatile greg_t interrupted;

static void redirect(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)info;
	interrupted = ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RAX] = 1;
}

static void *wait_for_register(void *unused)
{
	ready = true;
	__asm__ volatile("xor %%eax, %%eax\n"
			 "1:\tpause\n\ttest %%eax, %%eax\n\tjz 1b"
			 :
			 :
			 : "rax", "cc");
	return unused;
}

static void test_context(void)
{
	struct sigaction action = { .sa_sigaction = redirect, .sa_flags = SA_SIGINFO };
	pthread_t thread = start(wait_for_register);
	greg_t start_of = (greg_t)wait_for_register;

	sigaction(SIGUSR2, &action, NULL);
	check_pause();
	pthread_kill(thread, SIGUSR2);
	pthread_join(thread, NULL);
	check(interrupted > start_of && interrupted < start_of + 200,
	      "a handler sees where the thread was, and can change its registers");
}

static void test_masked(void)
{
	pthread_t thread;
	sigset_t set, before;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	install(SIGUSR1, count_signal, 0);
	pthread_sigmask(SIG_BLOCK, &set, &before);
	thread = start(compute);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_kill(thread, SIGUSR1);
	check_pause();
	check_is(handled, 0, "a masked signal does not interrupt");
	stop = true;
	pthread_join(thread, NULL);
}

void check_main(void)
{
	struct sched_param middle = { .sched_priority = 10 };

	pthread_setschedparam(pthread_self(), SCHED_RR, &middle);
	test_computing();
	test_calls();
	test_jumps();
	test_cancel();
	test_context();
	test_masked();
}
