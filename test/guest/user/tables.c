/* SPDX-License-Identifier: MIT */
/* Local descriptor tables of processes (modify_ldt), and the instructions that read the processor's
 * own tables. */
#include <asm/ldt.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user.h"

enum { WRITE = 0x11, READ = 0, ROUNDS = 300, CHILDREN = 4, LAST = LDT_ENTRIES - 1 };
enum { SELECTOR_MASK = 7, EXPECTED = 42 };

static unsigned short selector(unsigned entry)
{
	return (unsigned short)(entry << 3 | SELECTOR_MASK);
}

static long set(unsigned entry, const void *base, unsigned contents)
{
	struct user_desc d = { .entry_number = entry,
			       .base_addr = (unsigned)(uintptr_t)base,
			       .limit = 0xfffff,
			       .seg_32bit = 1,
			       .contents = contents,
			       .limit_in_pages = 1,
			       .useable = 1 };
	return syscall(SYS_modify_ldt, WRITE, &d, sizeof(d));
}

static void *low_page(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
}

static uint32_t read_gs(void)
{
	uint32_t value;
	asm volatile("mov %%gs:0, %0" : "=r"(value));
	return value;
}

static void load_gs(unsigned entry)
{
	asm volatile("mov %0, %%gs" ::"r"((unsigned)selector(entry)));
}

static bool data(void)
{
	uint32_t *page = low_page(), *other = low_page();
	*page = 0x1234;
	*other = 0x5678;
	if (set(3, page, 0) || set(LAST, other, 0))
		return false;
	load_gs(3);
	bool first = read_gs() == 0x1234;
	usleep(2000);
	first &= read_gs() == 0x1234;
	load_gs(LAST);
	return first && read_gs() == 0x5678;
}

static bool absent(void)
{
	struct user_desc none = { .entry_number = 3, .read_exec_only = 1, .seg_not_present = 1 };
	fault_catch();
	if (!faults(load_gs(3)) || fault.signal != SIGSEGV)
		return false;
	if (set(3, low_page(), 0) || faults(load_gs(3)))
		return false;
	asm volatile("mov %0, %%gs" ::"r"(0));
	syscall(SYS_modify_ldt, WRITE, &none, sizeof(none));
	return faults(load_gs(3)) && fault.signal == SIGSEGV;
}

static bool read_back(void)
{
	uint64_t entries[4] = { 0 };
	set(2, (void *)0x12345678, 0);
	return syscall(SYS_modify_ldt, READ, entries, sizeof(entries)) == sizeof(entries) &&
	       (entries[2] >> 16 & 0xffffff) == 0x345678 && entries[2] >> 56 == 0x12;
}

/* Each of some processes that share the CPUs has a table of its own; children begin with a copy. */
static bool own_tables(void)
{
	bool all = true;
	int status;
	for (uint32_t child = 0; child < CHILDREN; child++)
		if (!fork()) {
			uint32_t *page = low_page();
			*page = child;
			set(child % 2, page, 0);
			load_gs(child % 2);
			for (unsigned i = 0; i < ROUNDS; i++) {
				sched_yield();
				load_gs(child % 2);
				if (read_gs() != child)
					_exit(1);
				if (i % 50 == 0 && !fork())
					_exit(read_gs() != child);
			}
			while (wait(&status) > 0)
				if (status)
					_exit(1);
			_exit(0);
		}
	while (wait(&status) > 0)
		all &= !status;
	return all;
}

/* 32-bit code of a segment with a base: counts, asks Linux by int 0x80 who it is, goes back. */
extern const char local_code[], local_end[];
asm(".pushsection .text\n.code32\n"
    "local_code: xor %eax, %eax\n"
    "1: .byte 0x40\n" /* inc %eax here, a prefix in 64-bit code */
    "cmp $100000000, %eax\n"
    "jne 1b\n"
    "mov $20, %eax\n"
    "int $0x80\n"
    "lret\n"
    "local_end:\n.code64\n.popsection");

static long call_local(unsigned entry)
{
	struct {
		uint32_t offset;
		uint16_t selector;
	} __attribute__((packed)) *far = low_page();
	char *stack = (char *)low_page() + 4096;
	long result;
	far->offset = 0;
	far->selector = selector(entry);
	asm volatile("mov %%rsp, %%rbx; mov %2, %%rsp; lcall *(%1); mov %%rbx, %%rsp"
		     : "=a"(result)
		     : "r"(far), "r"(stack)
		     : "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "memory");
	return (int)result;
}

static bool code(void)
{
	char *page = low_page();
	memcpy(page + 64, local_code, (size_t)(local_end - local_code));
	return !set(1, page + 64, 2) && call_local(1) == getpid();
}

/* A stack segment of one's own, across system calls and signals. */
static bool stack(void)
{
	unsigned short ss;
	if (set(5, NULL, 0))
		return false;
	asm volatile("mov %1, %%ss; mov %%ss, %0" : "=r"(ss) : "r"((unsigned)selector(5)));
	for (volatile unsigned i = 0; i < 20000000; i++)
		;
	asm volatile("mov %%ss, %0" : "=r"(ss));
	return ss == selector(5);
}

static void removed(int signal)
{
	(void)signal;
	struct user_desc none = { .entry_number = 1, .read_exec_only = 1, .seg_not_present = 1 };
	syscall(SYS_modify_ldt, WRITE, &none, sizeof(none));
}

static void expected(int signal)
{
	(void)signal;
	_exit(EXPECTED);
}

/* While its code runs the segment goes away: the return of the signal cannot work. */
static bool gone(void)
{
	static const char loop[] = "\xeb\xfe";
	char *page = low_page();
	stack_t other = { .ss_sp = low_page(), .ss_size = 4096 };
	int status = 0;
	pid_t child = fork();
	if (!child) {
		struct sigaction action = { .sa_handler = removed, .sa_flags = SA_ONSTACK };
		sigaltstack(&other, NULL);
		sigaction(SIGALRM, &action, NULL);
		action.sa_handler = expected;
		sigaction(SIGSEGV, &action, NULL);
		memcpy(page, loop, sizeof(loop));
		set(1, page, 2);
		ualarm(20000, 0);
		call_local(1);
		_exit(0);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == EXPECTED;
}

/* What sgdt and sidt store. */
struct table {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

#define KERNEL_HALF (1UL << 63)
enum { PROTECTED = 1, PAGE = 4096 };

/* A processor with UMIP refuses them; then they are answered, in a way that tells nothing. */
static bool processor_tables(void)
{
	struct table gdt = { 0 }, idt = { 0 };
	unsigned long state = ~0UL, ldt = ~0UL, task = ~0UL;
	uint16_t part = 0;
	asm volatile("sgdt %0" : "=m"(gdt));
	asm volatile("sidt %0" : "=m"(idt));
	asm volatile("smsw %0" : "=r"(state));
	asm volatile("smsw %0" : "=m"(part));
	asm volatile("sldt %k0" : "=r"(ldt));
	asm volatile("str %k0" : "=r"(task));
	return gdt.base & KERNEL_HALF && idt.base & KERNEL_HALF && gdt.base != idt.base &&
	       state & PROTECTED && part == (uint16_t)state && ldt == 0 && task && task < PAGE;
}

/* In pages that are not there yet, that are shared with another process, that have an end. */
static bool processor_tables_in_memory(void)
{
	char *pages =
	    mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct table *table = (struct table *)(pages + PAGE - 4);
	asm volatile("sidt %0" : "=m"(*table));
	if (!(table->base & KERNEL_HALF))
		return false;
	uint64_t base = table->base;
	if (!fork()) {
		asm volatile("sgdt %0" : "=m"(*table));
		_exit(table->base == base);
	}
	int status;
	wait(&status);
	mprotect(pages + PAGE, PAGE, PROT_READ);
	fault_catch();
	return !status && table->base == base &&
	       faults(asm volatile("sgdt %0"
				   : "=m"(*table))) &&
	       fault.signal == SIGSEGV && fault.address == pages + PAGE && table->base == base;
}

static bool others(void)
{
	char table[10] = { 0 };
	fault_catch();
	return faults(asm volatile("lgdt %0" ::"m"(table))) && fault.signal == SIGSEGV &&
	       faults(asm volatile("lidt %0" ::"m"(table))) && fault.signal == SIGSEGV &&
	       faults(asm volatile("lldt %w0" ::"r"(0))) && fault.signal == SIGSEGV &&
	       faults(asm volatile("ltr %w0" ::"r"(0x40))) && fault.signal == SIGSEGV &&
	       faults(asm volatile("lmsw %w0" ::"r"(0))) && fault.signal == SIGSEGV;
}

void test_tables(void)
{
	promise("segments of the local table have bases", data);
	promise("absent entries of the local table cannot be loaded", absent);
	promise("the local table is read as written", read_back);
	promise("each process has its own local table, children a copy", own_tables);
	promise("code of the local table runs, and makes system calls", code);
	promise("a stack segment of the local table is kept", stack);
	promise("code whose segment has gone away ends with SIGSEGV", gone);
	promise("instructions that read the processor's tables are answered", processor_tables);
	promise("such answers get to memory of each kind, or are SIGSEGV there",
		processor_tables_in_memory);
	promise("instructions that load them are refused", others);
}
