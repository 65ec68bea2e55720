/* SPDX-License-Identifier: MIT */
/* FPU, vector registers and their control words belong to one thread each. */
#include <cpuid.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "user.h"

enum { THREADS = 4, ROUNDS = 300, SSE = 16, AVX = 32, AVX512 = 64 };

/* Sixteen vector registers, the x87 stack's top, and both control words. */
struct vectors {
	uint8_t bytes[16][64];
	uint64_t integer;
	uint32_t mxcsr;
	uint16_t control;
};

/* Bytes that a vector register has here, with all that must be enabled for it. */
static unsigned width(void)
{
	unsigned a, b, c, d, low, high;
	__cpuid(1, a, b, c, d);
	if (!(c & bit_OSXSAVE) || !(c & bit_AVX))
		return SSE;
	asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	if ((low & 6) != 6)
		return SSE;
	__cpuid_count(7, 0, a, b, c, d);
	return (b & bit_AVX512F) && (low & 0xe0) == 0xe0 ? AVX512 : AVX;
}

#define ALL(do)                                                                                   \
	do                                                                                        \
	(0) do(1) do(2) do(3) do(4) do(5) do(6) do(7) do(8) do(9) do(10) do(11) do(12) do(13) do( \
	    14) do(15)
#define LOAD(prefix, kind, n)  prefix " " #n "*64(%0), %%" kind #n "\n"
#define STORE(prefix, kind, n) prefix " %%" kind #n ", " #n "*64(%0)\n"
#define LOAD_SSE(n)	       LOAD("movdqu", "xmm", n)
#define LOAD_AVX(n)	       LOAD("vmovdqu", "ymm", n)
#define LOAD_AVX512(n)	       LOAD("vmovdqu64", "zmm", n)
#define STORE_SSE(n)	       STORE("movdqu", "xmm", n)
#define STORE_AVX(n)	       STORE("vmovdqu", "ymm", n)
#define STORE_AVX512(n)	       STORE("vmovdqu64", "zmm", n)

static void load(const struct vectors *v, unsigned bytes)
{
	asm volatile("fninit; fildll %0; fldcw %1; ldmxcsr %2" ::"m"(v->integer), "m"(v->control),
		     "m"(v->mxcsr));
	if (bytes == SSE)
		asm volatile(ALL(LOAD_SSE)::"r"(v) : "memory");
	else if (bytes == AVX)
		asm volatile(ALL(LOAD_AVX)::"r"(v) : "memory");
	else
		asm volatile(ALL(LOAD_AVX512)::"r"(v) : "memory");
}

static void store(struct vectors *v, unsigned bytes)
{
	if (bytes == SSE)
		asm volatile(ALL(STORE_SSE)::"r"(v) : "memory");
	else if (bytes == AVX)
		asm volatile(ALL(STORE_AVX)::"r"(v) : "memory");
	else
		asm volatile(ALL(STORE_AVX512)::"r"(v) : "memory");
	asm volatile("fnstcw %1; stmxcsr %2; fistpll %0"
		     : "=m"(v->integer), "=m"(v->control), "=m"(v->mxcsr));
}

static void pattern(struct vectors *v, unsigned seed, unsigned bytes)
{
	memset(v, 0, sizeof(*v));
	for (unsigned i = 0; i < 16; i++)
		memset(v->bytes[i], (int)(seed * 16 + i), bytes);
	v->integer = seed * 1000003ull;
	v->mxcsr = seed & 1 ? 0x1f80 : 0x7f80; /* rounding: nearest, to zero */
	v->control = seed & 2 ? 0x37f : 0xf7f;
}

/* The state as it is after a stretch of time in which the thread loses its CPU. */
static bool kept_across(void (*stretch)(void), unsigned seed)
{
	struct vectors wanted, found;
	unsigned bytes = width();
	pattern(&wanted, seed, bytes);
	pattern(&found, 0, bytes);
	load(&wanted, bytes);
	stretch();
	store(&found, bytes);
	asm volatile("fninit; ldmxcsr %0" ::"m"((uint32_t){ 0x1f80 }));
	return !memcmp(&wanted, &found, sizeof(wanted));
}

/* System calls and loops without a library's code, which may use vector registers. */
static void give_way(void)
{
	asm volatile("syscall" ::"a"(24) : "rcx", "r11", "memory"); /* sched_yield */
}

static void be_preempted(void)
{
	for (volatile unsigned i = 0; i < 200000; i++)
		;
}

static void *thread(void *seed)
{
	for (unsigned i = 0; i < ROUNDS; i++)
		if (!kept_across(i % 16 ? give_way : be_preempted,
				 (unsigned)(uintptr_t)seed + i % 2))
			return (void *)1;
	return NULL;
}

static bool threads(void)
{
	pthread_t id[THREADS];
	void *result;
	bool all = true;
	cpu_set_t one;
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&id[i], NULL, thread, (void *)(2 * i + 1));
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(id[i], &result);
		all &= !result;
	}
	return all;
}

/* To the next CPU. */
static cpu_set_t turns[ROUNDS];
static unsigned turn;

static void move(void)
{
	asm volatile("syscall" ::"a"(203), "D"(0), "S"(sizeof(turns[0])), "d"(&turns[turn])
		     : "rcx", "r11", "memory"); /* sched_setaffinity */
}

static bool moved(void)
{
	unsigned cpus = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	for (turn = 0; turn < ROUNDS; turn++) {
		CPU_ZERO(&turns[turn]);
		CPU_SET(turn % cpus, &turns[turn]);
		if (!kept_across(move, turn % 7 + 1))
			return false;
	}
	return true;
}

static volatile unsigned alarms;

static void overwrite(int signal)
{
	struct vectors other;
	(void)signal;
	alarms++;
	pattern(&other, 9, width());
	load(&other, width());
}

static void be_interrupted(void)
{
	unsigned before = alarms;
	while (alarms == before)
		;
}

static bool signals(void)
{
	struct itimerval timer = { { 0, 2000 }, { 0, 2000 } };
	signal(SIGALRM, overwrite);
	setitimer(ITIMER_REAL, &timer, NULL);
	for (unsigned i = 0; i < ROUNDS / 3; i++)
		if (!kept_across(be_interrupted, i % 7 + 1))
			return false;
	return true;
}

/* What a handler finds in its frame is the interrupted state, and what it puts there is loaded. */
static void change_frame(int signal, siginfo_t *info, void *context)
{
	ucontext_t *frame = context;
	(void)signal;
	(void)info;
	frame->uc_mcontext.fpregs->_xmm[5].element[0] ^= 0xffffffff;
}

static bool frame(void)
{
	uint32_t value = 0x12345678;
	struct sigaction action = { .sa_sigaction = change_frame, .sa_flags = SA_SIGINFO };
	sigaction(SIGUSR1, &action, NULL);
	asm volatile("movd %0, %%xmm5; mov $39, %%eax; syscall; mov %%eax, %%edi; mov $10, %%esi\n"
		     "mov $62, %%eax; syscall; movd %%xmm5, %0"
		     : "+r"(value)::"rax", "rcx", "rdi", "rsi", "r11", "xmm5", "memory");
	return value == ~0x12345678u;
}

static bool exceptions(void)
{
	const uint16_t control = 0x37b; /* division by zero is not masked */
	const float zero = 0;
	fault_catch();
	return faults(asm volatile("fninit; fldcw %0; fld1; fdivs %1; fwait" ::"m"(control),
				   "m"(zero))) &&
	       fault.signal == SIGFPE && fault.code == FPE_FLTDIV;
}

void test_fpu(void)
{
	printf("# vector registers of %u bytes\n", width());
	promise("threads on one CPU keep their vector registers", threads);
	promise("vector registers move with a thread to other CPUs", moved);
	promise("a signal's handler leaves vector registers alone", signals);
	promise("a signal's handler can change vector registers in its frame", frame);
	promise("a numeric exception is SIGFPE", exceptions);
}
