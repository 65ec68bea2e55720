/* SPDX-License-Identifier: MIT */
/* A 32-bit program without a library in a Linux guest: system calls in each way, segments, signals.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SYS_EXIT = 1,
	SYS_FORK = 2,
	SYS_WRITE = 4,
	SYS_WAITPID = 7,
	SYS_GETPID = 20,
	SYS_ALARM = 27,
	SYS_KILL = 37,
	SYS_GETPPID = 64,
	SYS_IOPL = 110,
	SYS_MODIFY_LDT = 123,
	SYS_SCHED_YIELD = 158,
	SYS_NANOSLEEP = 162,
	SYS_RT_SIGACTION = 174,
	SYS_MMAP2 = 192,
	SYS_SET_THREAD_AREA = 243,
};
enum { SIGILL = 4, SIGTRAP = 5, SIGFPE = 8, SIGUSR1 = 10, SIGSEGV = 11 };
enum { SA_SIGINFO = 4, SA_RESTORER = 0x4000000, SA_NODEFER = 0x40000000 };
enum { AT_SYSINFO = 32, LIMIT = 60, ROUNDS = 500, CHILDREN = 3, LOCAL = 3 };

struct segment {
	uint32_t entry, base, limit, flags;
};
/* Flags of a segment: data of 32 bit, limit in pages, usable. */
enum { SEGMENT_FLAGS = 0x51 };

/* struct sigaction of rt_sigaction. */
struct action {
	void (*handler)(int signal, uint32_t *info, uint32_t *context);
	uint32_t flags;
	void (*restorer)(void);
	uint32_t mask[2];
};

/* Words of the frame's context where registers are saved. */
enum { CONTEXT_EBX = 13, CONTEXT_EAX = 16, CONTEXT_TRAP = 17, CONTEXT_EIP = 19 };

static uintptr_t entry_of_vdso;
static int number_broken;

/* --- System calls --- */

static long by_interrupt(long number, long a, long b, long c)
{
	asm volatile("int $0x80" : "+a"(number) : "b"(a), "c"(b), "d"(c) : "memory");
	return number;
}

static long by_vdso(long number, long a, long b, long c)
{
	asm volatile("call *%1"
		     : "+a"(number)
		     : "m"(entry_of_vdso), "b"(a), "c"(b), "d"(c)
		     : "memory");
	return number;
}

static void *map(unsigned bytes)
{
	long result = SYS_MMAP2;
	asm volatile("push %%ebp; mov $0, %%ebp; int $0x80; pop %%ebp"
		     : "+a"(result)
		     : "b"(0), "c"(bytes), "d"(3), "S"(0x22), "D"(-1)
		     : "memory");
	return (void *)result;
}

static void yield(void)
{
	uint32_t time[2] = { 0, 1000000 };
	by_interrupt(SYS_SCHED_YIELD, 0, 0, 0);
	by_interrupt(SYS_NANOSLEEP, (long)time, 0, 0);
}

static void print(const char *text)
{
	size_t bytes = 0;
	while (text[bytes])
		bytes++;
	by_interrupt(SYS_WRITE, 1, (long)text, (long)bytes);
}

static void promise(const char *text, bool (*test)(void))
{
	int status = -1;
	long child = by_interrupt(SYS_FORK, 0, 0, 0);
	if (child == 0) {
		by_interrupt(SYS_ALARM, LIMIT, 0, 0);
		by_interrupt(SYS_EXIT, !test(), 0, 0);
	}
	by_interrupt(SYS_WAITPID, child, (long)&status, 0);
	number_broken += status != 0;
	print(status ? "not ok - 32 bit: " : "ok - 32 bit: ");
	print(text);
	print("\n");
}

static bool calls(long (*call)(long number, long a, long b, long c))
{
	long id = call(SYS_GETPID, 0, 0, 0);
	for (unsigned i = 0; i < ROUNDS; i++)
		if (call(SYS_GETPID, 0, 0, 0) != id || call(SYS_KILL, id, 0, 0) ||
		    call(1000, 0, 0, 0) != -38)
			return false;
	return id > 1;
}

static bool interrupt(void)
{
	return calls(by_interrupt);
}

static bool vdso(void)
{
	return entry_of_vdso && calls(by_vdso) &&
	       by_vdso(SYS_GETPPID, 0, 0, 0) == by_interrupt(SYS_GETPPID, 0, 0, 0);
}

static bool six_arguments(void)
{
	volatile uint32_t *page = map(8192);
	page[0] = 1;
	page[2047] = 2;
	return page[0] + page[2047] == 3;
}

/* All registers but the result are as before. */
static bool registers(void)
{
	uint32_t result = SYS_GETPID, sum;
	asm volatile("push %%ebp; mov $0x10, %%ebx; mov $0x200, %%ecx; mov $0x3000, %%edx\n"
		     "mov $0x40000, %%esi; mov $0x500000, %%edi; mov $0x6000000, %%ebp; int $0x80\n"
		     "add %%ecx, %%ebx; add %%edx, %%ebx; add %%esi, %%ebx; add %%edi, %%ebx\n"
		     "add %%ebp, %%ebx; pop %%ebp"
		     : "+a"(result), "=&b"(sum)::"ecx", "edx", "esi", "edi", "memory", "cc");
	return sum == 0x6543210 && result == (uint32_t)by_interrupt(SYS_GETPID, 0, 0, 0);
}

/* --- Segments --- */

static uint32_t through_gs(uint32_t offset)
{
	uint32_t value;
	asm volatile("mov %%gs:(%1), %0" : "=r"(value) : "r"(offset));
	return value;
}

static bool set_thread_area(const void *base, uint32_t *entry)
{
	struct segment s = { *entry, (uintptr_t)base, 0xfffff, SEGMENT_FLAGS };
	long result = by_interrupt(SYS_SET_THREAD_AREA, (long)&s, 0, 0);
	uint32_t selector = s.entry * 8 + 3;
	*entry = s.entry;
	asm volatile("mov %0, %%gs" ::"r"(selector));
	return !result;
}

static bool thread_area(void)
{
	uint32_t words[2] = { 0x11223344, 0x55667788 }, entry = (uint32_t)-1;
	bool set = set_thread_area(words, &entry);
	bool before = set && through_gs(4) == words[1];
	yield();
	return before && through_gs(0) == words[0];
}

static bool areas_switched(void)
{
	int status, all = 0;
	for (uint32_t child = 1; child <= CHILDREN; child++)
		if (!by_interrupt(SYS_FORK, 0, 0, 0)) {
			uint32_t own[2] = { child, ~child }, entry = (uint32_t)-1;
			bool kept = set_thread_area(own, &entry);
			for (unsigned i = 0; i < ROUNDS; i++) {
				by_interrupt(SYS_SCHED_YIELD, 0, 0, 0);
				kept &= through_gs(0) == child && through_gs(4) == ~child;
			}
			by_interrupt(SYS_EXIT, !kept, 0, 0);
		}
	for (unsigned child = 1; child <= CHILDREN; child++) {
		by_interrupt(SYS_WAITPID, -1, (long)&status, 0);
		all |= status;
	}
	return !all;
}

static bool local_table(void)
{
	uint32_t words[2] = { 0x99887766, 0x55443322 };
	struct segment s = { LOCAL, (uintptr_t)words, 0xfffff, SEGMENT_FLAGS };
	if (by_interrupt(SYS_MODIFY_LDT, 0x11, (long)&s, sizeof(s)))
		return false;
	asm volatile("mov %0, %%gs" ::"r"(LOCAL * 8 + 7));
	bool before = through_gs(4) == words[1];
	yield();
	return before && through_gs(0) == words[0];
}

/* To 64-bit code and back, as some programs do. */
static bool long_mode(void)
{
	uint32_t high, low;
	asm volatile(
	    "ljmp $0x33, $1f\n"
	    "1: .byte 0x48, 0xb8; .quad 0x1234567800000042\n"	   /* movabs, rax */
	    ".byte 0x48, 0x89, 0xc2, 0x48, 0xc1, 0xea, 0x20\n"	   /* mov rax, rdx; shr 32, rdx */
	    "push $0x23; .byte 0x68; .long 2f; .byte 0x48, 0xcb\n" /* far return, 64 bit */
	    "2:"
	    : "=a"(low), "=d"(high)::"memory", "cc");
	return low == 0x42 && high == 0x12345678;
}

/* --- Signals --- */

static volatile uint32_t came, trap, address;

/* Go on behind the instruction, whose length is in ebx, with another eax. */
static void handler(int signal, uint32_t *info, uint32_t *context)
{
	came = (uint32_t)signal;
	address = info[3];
	trap = context[CONTEXT_TRAP];
	context[CONTEXT_EIP] += signal == SIGUSR1 ? 0 : context[CONTEXT_EBX];
	if (signal != SIGUSR1)
		context[CONTEXT_EAX] = 0x7777;
}

extern void restorer(void);
asm("restorer: mov $173, %eax; int $0x80");

static void catch_signal(int signal)
{
	struct action a = { handler, SA_SIGINFO | SA_RESTORER | SA_NODEFER, restorer, { 0 } };
	long result = SYS_RT_SIGACTION;
	asm volatile("int $0x80"
		     : "+a"(result)
		     : "b"(signal), "c"(&a), "d"(0), "S"(sizeof(a.mask))
		     : "memory");
}

#define FAULTS(length, text)                                  \
	({                                                    \
		uint32_t changed_to;                          \
		asm volatile(text                             \
			     : "=a"(changed_to)               \
			     : "b"(length), "a"(0)            \
			     : "ecx", "edx", "memory", "cc"); \
		changed_to == 0x7777;                         \
	})

static bool faults(void)
{
	catch_signal(SIGSEGV);
	catch_signal(SIGILL);
	catch_signal(SIGFPE);
	catch_signal(SIGTRAP);
	return FAULTS(5, "movl 0x40, %%eax") && came == SIGSEGV && trap == 14 && address == 0x40 &&
	       FAULTS(2, "ud2") && came == SIGILL && trap == 6 &&
	       FAULTS(2, "xor %%edx, %%edx; xor %%ecx, %%ecx; div %%ecx") && came == SIGFPE &&
	       trap == 0 && FAULTS(0, "int3") && came == SIGTRAP && trap == 3 && FAULTS(1, "cli") &&
	       came == SIGSEGV && trap == 13 &&
	       FAULTS(0, "mov $0x7fffffff, %%eax; inc %%eax; into") && came == SIGSEGV &&
	       trap == 4 && FAULTS(1, "in %%dx, %%al") && came == SIGSEGV && trap == 13;
}

/* A processor with UMIP refuses sgdt and others; then they are answered. */
static bool processor_tables(void)
{
	struct {
		uint16_t limit;
		uint32_t base;
		uint16_t behind;
	} __attribute__((packed)) table = { .behind = 0x1234 };
	uint32_t state = 0, task = 0;
	uint16_t part = 0;
	asm volatile("sgdt %0" : "+m"(table));
	asm volatile("smsw %0" : "=r"(state));
	asm volatile("smsw %0" : "=m"(part));
	asm volatile("str %0" : "=r"(task));
	return table.base && table.behind == 0x1234 && state & 1 && part == (uint16_t)state && task;
}

static bool has_umip(void)
{
	uint32_t a = 7, c = 0;
	asm volatile("cpuid" : "+a"(a), "+c"(c)::"ebx", "edx");
	return c & 4;
}

/* Linux passes over these, and looks up the code segment in the processor's table for that. */
static bool interrupts_off(void)
{
	if (by_interrupt(SYS_IOPL, 3, 0, 0))
		return false;
	asm volatile("cli; sti" ::: "memory");
	return true;
}

static bool signals(void)
{
	long id = by_interrupt(SYS_GETPID, 0, 0, 0);
	catch_signal(SIGUSR1);
	for (unsigned i = 0; i < ROUNDS; i++) {
		came = 0;
		if (by_vdso(SYS_KILL, id, SIGUSR1, 0) || came != SIGUSR1)
			return false;
	}
	return true;
}

static bool single_step(void)
{
	catch_signal(SIGTRAP);
	uint32_t now;
	asm volatile("xor %%ebx, %%ebx; pushf; orl $0x100, (%%esp); popf; nop; pushf; andl "
		     "$~0x100, (%%esp); popf"
		     : "=a"(now)::"ebx", "memory", "cc");
	return came == SIGTRAP && trap == 1;
}

/* --- Start --- */

static void find_vdso(uint32_t *stack)
{
	uint32_t *word = stack + 1 + stack[0] + 1; /* behind the arguments */
	while (*word)
		word++;
	for (word++; word[0]; word += 2)
		if (word[0] == AT_SYSINFO)
			entry_of_vdso = word[1];
}

__attribute__((used)) static void begin(uint32_t *stack)
{
	find_vdso(stack);
	promise("system calls by int 0x80", interrupt);
	promise("system calls by the vdso's way", vdso);
	promise("six arguments", six_arguments);
	promise("system calls keep registers", registers);
	promise("a segment of the thread has a base", thread_area);
	promise("threads have segments of their own", areas_switched);
	promise("a segment of the local table has a base", local_table);
	promise("64-bit code and back", long_mode);
	promise("faults are signals, and their frame can be changed", faults);
	promise("instructions that read the processor's tables are answered", processor_tables);
	if (has_umip())
		promise("cli and sti do nothing for who may use ports", interrupts_off);
	else
		print("ok - 32 bit: cli and sti do nothing for who may use ports # skip no UMIP\n");
	promise("signals and system calls by the vdso's way", signals);
	promise("single steps", single_step);
	by_interrupt(SYS_EXIT, number_broken != 0, 0, 0);
}

asm(".globl _start; _start: mov %esp, %eax; and $-16, %esp; sub $12, %esp; push %eax; call begin");
