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

enum { ROUNDS = 500, SYS_32_SET_THREAD_AREA = 243 };

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

static void *low_page(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
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
	promise("a segment of a thread has a base", thread_area);
}
