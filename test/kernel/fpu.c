/* SPDX-License-Identifier: MIT */
/* FPU state: a fresh one for each thread, kept over switches, handed over by IPC if asked for. */
#include "partner.h"

#include <l4/sys/ipc_gate.h>
#include <l4/sys/task.h>

enum { HIGH = PRIO_MAIN + 20, WORKERS = 4, ROUNDS = 300, MXCSR_DEFAULT = 0x1f80 };
#define LIMIT timeout_us(1000000, 1000000)

static volatile unsigned wrong, finished;

/*
 * Fill XMM registers with a pattern, let others run, compare: in one piece of assembler, as the
 * compiler may use the registers itself in between. Sleeps 30 us, or spins.
 */
static bool check_registers(uint64_t pattern, bool sleep)
{
	uint64_t in[2] = { pattern, ~pattern }, first[2], last[2];
	l4_umword_t rdx = L4_INVALID_CAP | L4_SYSF_RECV, rax = 0, rsi = 0;
	register l4_umword_t r8 __asm__("r8") = sleep ? 30 : 0x400;

	__asm__ volatile("movdqu %[in], %%xmm0\n\tmovdqa %%xmm0, %%xmm7\n\t"
			 "movdqa %%xmm0, %%xmm15\n\tmov $3000, %%ecx\n"
			 "1:\tdec %%ecx\n\tjnz 1b\n\tsyscall\n\t"
			 "movdqu %%xmm7, %[first]\n\tmovdqu %%xmm15, %[last]"
			 : [first] "=m"(first), [last] "=m"(last), "+d"(rdx), "+a"(rax), "+S"(rsi)
			 : [in] "m"(in), "r"(r8)
			 : "rcx", "rdi", "r11", "r15", "memory", "cc", "xmm0", "xmm7", "xmm15");
	return !memcmp(in, first, sizeof(in)) && !memcmp(in, last, sizeof(in));
}

static void work(void *number)
{
	uint64_t seed = (uint64_t)number * 0x1111111111111111UL;

	for (unsigned i = 0; i < ROUNDS; i++)
		if (!check_registers(seed + i, i & 1))
			ADD(wrong, 1);
	ADD(finished, 1);
}

static void test_isolation(void)
{
	struct task *tasks[2] = { &root_task, task_create() };
	struct thread *t[WORKERS];

	for (uintptr_t i = 0; i < WORKERS; i++) {
		t[i] = thread_create(tasks[i & 1], work, (void *)(i + 1));
		thread_start(t[i], (unsigned)i % cpu_count(), PRIO_MAIN - 1 - (unsigned)i / 2);
	}
	tap_ok(WAIT_UNTIL(READ(finished) == WORKERS, 8000), "%u threads of two tasks finish",
	       WORKERS);
	tap_is((long)wrong, 0, "each finds its own registers after every switch");
	for (unsigned i = 0; i < WORKERS; i++)
		thread_destroy(t[i]);
}

static volatile uint32_t fresh_mxcsr;
static volatile uint16_t fresh_fcw;
static volatile uint64_t fresh_xmm[2];

static void look_at_fresh(void *unused)
{
	uint32_t mxcsr;
	uint16_t fcw;
	uint64_t xmm[2];

	(void)unused;
	__asm__ volatile("movdqu %%xmm5, %0\n\tstmxcsr %1\n\tfnstcw %2"
			 : "=m"(xmm), "=m"(mxcsr), "=m"(fcw));
	fresh_xmm[0] = xmm[0];
	fresh_xmm[1] = xmm[1];
	fresh_mxcsr = mxcsr;
	fresh_fcw = fcw;
}

static void test_fresh_state(void)
{
	uint64_t dirt[2] = { 0x5ec2e7, 0x5ec2e7 };
	struct thread *t;

	__asm__ volatile("movdqu %0, %%xmm5" : : "m"(dirt) : "xmm5");
	t = thread_run(look_at_fresh, NULL, 0, HIGH);
	thread_join(t, 500);
	tap_is((long)(fresh_xmm[0] | fresh_xmm[1]), 0, "a new thread sees no registers of another");
	tap_is(fresh_mxcsr, MXCSR_DEFAULT, "its MXCSR is the default");
	tap_is(fresh_fcw, 0x37f, "its x87 control word is the default");
	thread_destroy(t);
}

/* Wait with or without accepting FPU state, then note xmm3. */
static l4_cap_idx_t gate;
static volatile uint64_t got_xmm;
static volatile bool accept, ready, received;

static void receive_fpu(void *unused)
{
	uint64_t xmm[2] = { 1, 1 };

	(void)unused;
	__asm__ volatile("movdqu %0, %%xmm3" : : "m"(xmm) : "xmm3");
	l4_utcb_br()->bdr = accept ? L4_UTCB_INHERIT_FPU : 0;
	l4_utcb_br()->br[0] = 0;
	ready = true;
	l4_ipc_wait(l4_utcb(), NULL, LIMIT);
	__asm__ volatile("movdqu %%xmm3, %0" : "=m"(xmm));
	got_xmm = xmm[0];
	received = true;
}

static uint64_t send_fpu(bool offer, bool take, unsigned rights)
{
	uint64_t xmm[2] = { 0x77, 0x77 };
	l4_cap_idx_t channel = cap_alloc();
	struct thread *t;

	accept = take;
	ready = received = false;
	t = thread_run(receive_fpu, NULL, 0, HIGH);
	WAIT_UNTIL(ready, 500);
	gate = gate_create(t, 0x10);
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
		    l4_obj_fpage(gate, 0, (unsigned char)rights), channel | L4_ITEM_MAP);
	__asm__ volatile("movdqu %0, %%xmm3" : : "m"(xmm) : "xmm3");
	l4_ipc_send(channel, l4_utcb(), l4_msgtag(0, 0, 0, offer ? L4_MSGTAG_TRANSFER_FPU : 0),
		    LIMIT);
	WAIT_UNTIL(received, 500);
	cap_delete(gate);
	thread_destroy(t);
	return got_xmm;
}

static void test_transfer(void)
{
	tap_is((long)send_fpu(true, true, L4_CAP_FPAGE_RWS), 0x77,
	       "offered and accepted: it moves");
	tap_is((long)send_fpu(false, true, L4_CAP_FPAGE_RWS), 1, "not offered: it does not");
	tap_is((long)send_fpu(true, false, L4_CAP_FPAGE_RWS), 1, "not accepted: it does not");
	tap_is((long)send_fpu(true, true, L4_CAP_FPAGE_RW), 1, "channel without S: it does not");
}

/* --- All that the CPU has and the kernel enables, by XSAVE --- */

enum {
	AREA_BYTES = 4096,
	LEGACY_BYTES = 512,
	FCW = 0,
	MXCSR = 24,
	ST = 32, /* 8 registers of 10 bytes, each in 16 */
	XMM = 160,
	XMM_BYTES = 256,
	COMPONENT_FIRST = 2, /* behind the legacy region */
	COMPONENTS = 63,
	CPUID_XSTATE = 13,
};

/* What the kernel switches: x87, SSE, AVX, AVX-512. */
#define KNOWN_COMPONENTS 0xe7UL

static char area[WORKERS][2][AREA_BYTES] __attribute__((aligned(64)));
static uint64_t xcr0;

struct cpuid {
	unsigned a, b, c, d;
};

static struct cpuid cpuid(unsigned leaf, unsigned subleaf)
{
	struct cpuid r = { .a = leaf, .c = subleaf };

	__asm__ volatile("cpuid" : "+a"(r.a), "=b"(r.b), "+c"(r.c), "=d"(r.d));
	return r;
}

static uint64_t xgetbv(void)
{
	unsigned low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

/* Bytes of component i in the standard format; 0: it is not enabled. */
static unsigned component(unsigned i, unsigned *offset)
{
	struct cpuid r = cpuid(CPUID_XSTATE, i);

	*offset = r.b;
	return xcr0 >> i & 1 ? r.a : 0;
}

static void fill_bytes(char *p, unsigned bytes, uint64_t *seed)
{
	for (unsigned i = 0; i < bytes; i++) {
		*seed = *seed * 6364136223846793005UL + 1442695040888963407UL;
		p[i] = (char)(*seed >> 56);
	}
}

static void fill_area(char *a, uint64_t seed)
{
	unsigned offset, bytes;

	memset(a, 0, AREA_BYTES);
	memcpy(a + FCW, &(uint16_t){ 0x37f }, 2);
	memcpy(a + MXCSR, &(uint32_t){ MXCSR_DEFAULT }, 4);
	for (unsigned i = 0; i < 8; i++)
		fill_bytes(a + ST + 16 * i, 10, &seed);
	fill_bytes(a + XMM, XMM_BYTES, &seed);
	for (unsigned i = COMPONENT_FIRST; i < COMPONENTS; i++) {
		bytes = component(i, &offset);
		fill_bytes(a + offset, bytes, &seed);
	}
	memcpy(a + LEGACY_BYTES, &xcr0, 8);
}

static bool same_area(const char *a, const char *b)
{
	unsigned offset, bytes;

	for (unsigned i = 0; i < 8; i++)
		if (memcmp(a + ST + 16 * i, b + ST + 16 * i, 10))
			return false;
	if (memcmp(a + XMM, b + XMM, XMM_BYTES))
		return false;
	for (unsigned i = COMPONENT_FIRST; i < COMPONENTS; i++) {
		bytes = component(i, &offset);
		if (memcmp(a + offset, b + offset, bytes))
			return false;
	}
	return true;
}

/* Load all registers from a, let others run, store them to b. Sleeps 30 us, or spins. */
static void load_and_store(const char *a, char *b, bool sleep)
{
	l4_umword_t rdx = L4_INVALID_CAP | L4_SYSF_RECV;
	register l4_umword_t r8 __asm__("r8") = sleep ? 30 : 0x400;

	__asm__ volatile("mov %%rdx, %%r12\n\tmov $-1, %%eax\n\tmov $-1, %%edx\n\t"
			 "xrstor64 (%[a])\n\tmov $3000, %%ecx\n"
			 "1:\tdec %%ecx\n\tjnz 1b\n\t"
			 "mov %%r12, %%rdx\n\txor %%eax, %%eax\n\tsyscall\n\t"
			 "mov $-1, %%eax\n\tmov $-1, %%edx\n\txsave64 (%[b])"
			 : "+d"(rdx)
			 : [a] "r"(a), [b] "r"(b), "r"(r8)
			 : "rax", "rcx", "rsi", "rdi", "r11", "r12", "r15", "memory", "cc");
	__asm__ volatile("fninit");
}

static void work_on_all(void *number)
{
	uintptr_t n = (uintptr_t)number;

	for (unsigned i = 0; i < ROUNDS; i++) {
		fill_area(area[n][0], n * ROUNDS + i);
		memset(area[n][1], 0, AREA_BYTES);
		load_and_store(area[n][0], area[n][1], i & 1);
		if (!same_area(area[n][0], area[n][1]))
			ADD(wrong, 1);
	}
	ADD(finished, 1);
}

static void test_enabled(void)
{
	struct cpuid features = cpuid(7, 0), all = cpuid(CPUID_XSTATE, 0);
	uint64_t there = (uint64_t)all.d << 32 | all.a;

	tap_is((long)(xcr0 & ~KNOWN_COMPONENTS), 0, "no state is enabled that is not switched");
	tap_is((long)xcr0, (long)(there & KNOWN_COMPONENTS),
	       "all of x87, SSE, AVX and AVX-512 that the CPU has is enabled");
	tap_ok(!(features.c >> 4 & 1), "protection keys are reported as not enabled");
	tap_ok(all.b <= AREA_BYTES, "the state fits into the test's areas");
}

static void test_all_state(void)
{
	struct task *tasks[2] = { &root_task, task_create() };
	struct thread *t[WORKERS];

	finished = 0;
	for (uintptr_t i = 0; i < WORKERS; i++) {
		t[i] = thread_create(tasks[i & 1], work_on_all, (void *)i);
		thread_start(t[i], (unsigned)i % cpu_count(), PRIO_MAIN - 1 - (unsigned)i / 2);
	}
	tap_ok(WAIT_UNTIL(READ(finished) == WORKERS, 20000), "%u threads with all state finish",
	       WORKERS);
	tap_is((long)wrong, 0, "each finds all its extended state after every switch");
	for (unsigned i = 0; i < WORKERS; i++)
		thread_destroy(t[i]);
}

void test_main(void)
{
	test_isolation();
	test_fresh_state();
	test_transfer();
	if (cpuid(1, 0).c >> 27 & 1) { /* OSXSAVE */
		xcr0 = xgetbv();
		test_enabled();
		test_all_state();
	} else {
		tap_skip("no XSAVE", "all extended state");
	}
}
