/* SPDX-License-Identifier: MIT */
/* Segments of 64 bit processes: bases, descriptors of the local table and of threads. */
#include <asm/ldt.h>
#include <asm/prctl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user.h"

enum { ROUNDS = 500, LOCAL = 7, SYS_32_SET_THREAD_AREA = 243 };

static uint64_t words[2] = { 0x1122334455667788, 0x99aabbccddeeff00 };

static uint64_t through_gs(unsigned long offset)
{
	uint64_t value;
	asm volatile("mov %%gs:(%1), %0" : "=r"(value) : "r"(offset));
	return value;
}

static bool base_call(void)
{
	unsigned long base = 0;
	syscall(SYS_arch_prctl, ARCH_SET_GS, words);
	syscall(SYS_arch_prctl, ARCH_GET_GS, &base);
	return base == (uintptr_t)words && through_gs(8) == words[1];
}

static bool base_instruction(void)
{
	unsigned long base = 0;
	asm volatile("wrgsbase %0" ::"r"(words));
	sched_yield();
	usleep(1000);
	asm volatile("rdgsbase %0" : "=r"(base));
	return base == (uintptr_t)words && through_gs(0) == words[0];
}

/* Processes that share the CPU have bases and null selectors of their own. */
static bool bases_switched(void)
{
	bool all = true;
	int status;
	for (uintptr_t child = 0; child < 4; child++)
		if (!fork()) {
			uint64_t own[2] = { child, ~child };
			syscall(SYS_arch_prctl, ARCH_SET_GS, own);
			for (unsigned i = 0; i < ROUNDS; i++) {
				sched_yield();
				if (through_gs(0) != child || through_gs(8) != ~child)
					_exit(1);
			}
			_exit(0);
		}
	while (wait(&status) > 0)
		all &= !status;
	return all;
}

/* System calls of a process without FS base, which has no library then. */
static long bare(long number, long first, long second)
{
	asm volatile("syscall" : "+a"(number) : "D"(first), "S"(second) : "rcx", "r11", "memory");
	return number;
}

/* A process writes both bases that the kernel believes to be 0, or looks for what others wrote. */
static __attribute__((noreturn)) void without_bases(bool writes)
{
	uint64_t fs, gs, seen = 0;

	bare(SYS_arch_prctl, ARCH_SET_FS, 0);
	bare(SYS_arch_prctl, ARCH_SET_GS, 0);
	for (unsigned i = 0; i < ROUNDS; i++) {
		if (writes)
			asm volatile("wrfsbase %0; wrgsbase %0" ::"r"(words));
		bare(SYS_sched_yield, 0, 0);
		asm volatile("rdfsbase %0; rdgsbase %1" : "=r"(fs), "=r"(gs));
		seen |= writes ? 0 : fs | gs;
	}
	for (;;)
		bare(SYS_exit_group, seen != 0, 0);
}

static bool bases_kept_apart(void)
{
	bool all = true;
	int status;
	cpu_set_t one;
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	for (unsigned child = 0; child < 4; child++)
		if (!fork())
			without_bases(child % 2);
	while (wait(&status) > 0)
		all &= !status;
	return all;
}

static bool has_base_instructions(void)
{
	unsigned a = 7, b, c = 0, d;
	asm volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return b & 1;
}

static bool local_table(const void *base, unsigned limit, bool code, bool large)
{
	struct user_desc d = { .entry_number = LOCAL,
			       .base_addr = (unsigned)(uintptr_t)base,
			       .limit = limit,
			       .seg_32bit = large,
			       .contents = code ? 2 : 0,
			       .useable = 1 };
	return !syscall(SYS_modify_ldt, 0x11, &d, sizeof(d));
}

static void *low_page(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
}

static bool local_data(void)
{
	uint64_t *page = low_page();
	unsigned short selector = LOCAL * 8 + 7;
	page[1] = words[1];
	if (!local_table(page, 15, false, true))
		return false;
	asm volatile("mov %0, %%gs" ::"rm"(selector));
	bool before = through_gs(8) == words[1];
	usleep(1000);
	return before && through_gs(8) == words[1];
}

/* Code of 32 bit in a segment of the local table: it adds and comes back by a far return. */
static bool local_code(void)
{
	static const unsigned char code[] = {
		0x8d, 0x44, 0x36, 0x01, 0x40, 0xcb
	}; /* eax = 2 esi + 2 */
	unsigned char *page = low_page();
	char *stack = (char *)low_page() + 4096;
	uint32_t target[2] = { 0, LOCAL * 8 + 7 }, result;
	memcpy(page, code, sizeof(code));
	if (!local_table(page, 4095, true, true))
		return false;
	asm volatile("mov %%rsp, %%rbx; mov %2, %%rsp; lcall *(%1); mov %%rbx, %%rsp"
		     : "=a"(result)
		     : "r"(target), "r"(stack), "S"(20)
		     : "rbx", "memory", "cc");
	return result == 42;
}

/* A process gets the table of its parent, and each its own changes. */
static bool local_inherited(void)
{
	uint64_t *page = low_page();
	int status = -1;
	page[0] = 1;
	page[1] = 2;
	local_table(page, 15, false, true);
	if (!fork()) {
		unsigned short selector = LOCAL * 8 + 7;
		asm volatile("mov %0, %%gs" ::"rm"(selector));
		bool parent = through_gs(0) == 1;
		local_table(page + 1, 7, false, true);
		asm volatile("mov %0, %%gs" ::"rm"(selector));
		_exit(!(parent && through_gs(0) == 2));
	}
	wait(&status);
	unsigned short selector = LOCAL * 8 + 7;
	asm volatile("mov %0, %%gs" ::"rm"(selector));
	return !status && through_gs(8) == 2;
}

static bool thread_area(void)
{
	struct user_desc *d = low_page();
	uint64_t *page = low_page();
	*d = (struct user_desc){ .entry_number = (unsigned)-1,
				 .base_addr = (unsigned)(uintptr_t)page,
				 .limit = 0xfffff,
				 .seg_32bit = 1,
				 .limit_in_pages = 1,
				 .useable = 1 };
	page[1] = words[0];
	long result = SYS_32_SET_THREAD_AREA;
	asm volatile("int $0x80" : "+a"(result) : "b"(d) : "memory", "r8", "r9", "r10", "r11");
	if (result)
		return false;
	unsigned short selector = (unsigned short)(d->entry_number * 8 + 3);
	asm volatile("mov %0, %%gs" ::"rm"(selector));
	bool before = through_gs(8) == words[0];
	usleep(1000);
	return before && through_gs(8) == words[0];
}

void test_segments(void)
{
	promise("arch_prctl sets the base of GS", base_call);
	if (getauxval(AT_HWCAP2) & 2)
		promise("instructions set the base of GS", base_instruction);
	else
		skip("instructions set the base of GS", "the processor has none");
	promise("processes have bases of their own", bases_switched);
	if (has_base_instructions())
		promise("a base that a process writes unasked stays its own", bases_kept_apart);
	else
		skip("a base that a process writes unasked stays its own", "it cannot write any");
	promise("a data segment of the local table has a base", local_data);
	promise("a code segment of the local table runs code of 32 bit", local_code);
	promise("the local table is inherited, not shared", local_inherited);
	promise("a segment of a thread has a base", thread_area);
}
