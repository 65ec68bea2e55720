/* SPDX-License-Identifier: MIT */
/*
 * Local descriptor tables: that of a task, that of a thread, which selectors can be loaded, and
 * what comes of segments that are not there when a thread goes on in them.
 */
#include "guest.h"
#include "victim.h"

#include <l4/sys/segment.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>
#include <l4/zwinger/thread.h>
#include <l4/zwinger/wellknown.h>

#define CODE	  0x10000000UL /* of the guest */
#define DATA32	  0x00cff3000000ffffUL
#define CODE32	  0x00cffb000000ffffUL
#define CODE16	  0x008ffb000000ffffUL
#define CODE64	  0x00affb000000ffffUL
#define ONLY_CODE 0x00cff9000000ffffUL
#define ABSENT	  0x00cf73000000ffffUL
#define NO_CODE	  0x00cf7b000000ffffUL /* absent */
#define SYSTEM	  0x0000ec000000ffffUL
#define KERNELS	  0x00cf93000000ffffUL
#define BASE(a)	  (((a)&0xffffffUL) << 16 | ((a) >> 24 & 0xffUL) << 56)
#define LOCAL(n)  ((n) << 3 | 7)

enum { TRAP_UD = 6, TRAP_NP = 11, TRAP_GP = 13, ENTRY = 5, LAST = L4_ZW_LDT_ENTRIES_MAX - 1 };

static volatile uint32_t words[2] = { 0x1111, 0x2222 };

static uint64_t data_at(volatile void *p)
{
	return DATA32 | BASE((l4_addr_t)p);
}

static long task_set(unsigned entry, uint64_t descriptor)
{
	return fiasco_ldt_set(L4_BASE_TASK_CAP, &descriptor, 1, entry, l4_utcb());
}

static long thread_set(l4_cap_idx_t thread, unsigned entry, uint64_t descriptor)
{
	return l4_zw_thread_ldt_set_u(thread, entry, &descriptor, 1, l4_utcb());
}

static long table_new(l4_cap_idx_t thread, unsigned entries)
{
	return l4_zw_thread_ldt_new_u(thread, entries, l4_utcb());
}

/* --- What is accepted --- */

static void test_refused(long (*set)(unsigned entry, uint64_t descriptor), const char *whose)
{
	tap_is(set(1, SYSTEM), -L4_EINVAL, "%s: a gate is refused", whose);
	tap_is(set(1, KERNELS), -L4_EINVAL, "%s: privilege 0 is refused", whose);
	tap_is(set(1, CODE64), -L4_EINVAL, "%s: a 64-bit segment is refused", whose);
	tap_is(set(1, 0), 0, "%s: an absent one is accepted", whose);
	tap_is(set(1, CODE16), 0, "%s: 16-bit code is accepted", whose);
}

static long own_set(unsigned entry, uint64_t descriptor)
{
	return thread_set(L4_BASE_THREAD_CAP, entry, descriptor);
}

static void test_tables(void)
{
	test_refused(task_set, "task");
	tap_is(task_set(512, DATA32), -L4_EINVAL, "task: 512 entries");
	tap_is(task_set(~0U, DATA32), -L4_EINVAL, "task: no entry of that number");
	tap_is(fiasco_ldt_set(L4_BASE_TASK_CAP, NULL, 0, 0, l4_utcb()), -L4_EINVAL,
	       "task: one descriptor at the least");

	tap_is(own_set(0, DATA32), -L4_EINVAL, "thread: without a table of its own");
	tap_is(table_new(L4_BASE_THREAD_CAP, 8), 0, "thread: a table");
	test_refused(own_set, "thread");
	tap_is(own_set(7, DATA32), 0, "thread: the last entry");
	tap_is(own_set(8, DATA32), -L4_EINVAL, "thread: beyond it");
	tap_is(table_new(L4_BASE_THREAD_CAP, LAST + 1), 0, "thread: the largest table");
	tap_is(own_set(LAST, DATA32), 0, "thread: its last entry");
	tap_is(own_set(LAST + 1, DATA32), -L4_EINVAL, "thread: beyond it");
	tap_is(table_new(L4_BASE_THREAD_CAP, LAST + 2), -L4_EINVAL, "thread: larger");
	tap_is(table_new(L4_BASE_THREAD_CAP, 0), 0, "thread: none any more");
	tap_is(own_set(0, DATA32), -L4_EINVAL, "thread: has no entry then");
}

/* The limit of a segment by what the processor has loaded; -1: there is none. */
static long limit_of(unsigned selector)
{
	long limit;

	__asm__ volatile("mov $-1, %0; lsl %1, %0" : "=&r"(limit) : "r"((long)selector) : "cc");
	return limit;
}

/* A processor that was never told otherwise has a table at address 0, where a program can put what
 * it likes. */
static void test_none(void)
{
	tap_is(limit_of(LOCAL(0)), -1, "there is no table at first, not at address 0 either");
}

/* A thread changes its own table: nobody runs between that and the use of it. */
static void test_at_once(void)
{
	table_new(L4_BASE_THREAD_CAP, 8);
	own_set(3, DATA32);
	tap_is(limit_of(LOCAL(3)), 0xffffffff, "own table: an entry is there at once");
	tap_is(limit_of(LOCAL(8)), -1, "own table: none is behind the last one");
	own_set(3, 0);
	tap_is(limit_of(LOCAL(3)), -1, "own table: an entry is gone at once");
	own_set(7, DATA32);
	table_new(L4_BASE_THREAD_CAP, 4);
	tap_is(limit_of(LOCAL(7)), -1, "own table: another one takes its place at once");
	own_set(3, DATA32);
	table_new(L4_BASE_THREAD_CAP, 0);
	tap_is(limit_of(LOCAL(3)), -1, "own table: it is gone at once");
}

/* --- Data segments --- */

void read_local(void *selector);
void read_after_sleep(void *selector);
void ds_after_sleep(void *selector);
__asm__(".text\n"
	"read_local:\n\tmov %edi, %fs\n\tmov %fs:0, %eax\n\tmov %eax, victim_value(%rip)\n"
	"\tud2\n"
	/* the selector and what it names survive a switch to others */
	"read_after_sleep:\n\tmov %edi, %fs\n\tmov %edi, %ds\n"
	"\tmov $0x802, %edx\n\txor %eax, %eax\n\tmov $0x107d, %r8d\n\tsyscall\n"
	"\tmov %fs:0, %eax\n\tmov %eax, victim_value(%rip)\n"
	"\tmov %ds, %eax\n\tmov %eax, victim_value+4(%rip)\n\tud2\n"
	"ds_after_sleep:\n\tmov %edi, %ds\n"
	"\tmov $0x802, %edx\n\txor %eax, %eax\n\tmov $0x107d, %r8d\n\tsyscall\n"
	"\tmov %ds, %eax\n\tmov %eax, victim_value+4(%rip)\n\tud2\n");

/* Trap of a thread with a table of its own (or not: entries 0) that runs function(selector). */
static unsigned run(void (*function)(void *), unsigned entries, uint64_t descriptor,
		    unsigned selector)
{
	unsigned trap;
	long error = 0;

	victim_value = 0;
	victim = thread_create(&root_task, function, (void *)(l4_umword_t)selector);
	thread_set_pager(victim, FAULT_CAP);
	thread_set_handler(victim, FAULT_CAP);
	while (entries && (error = table_new(victim->cap, entries)) == -L4_ENOMEM)
		sleep_us(200); /* those that are dead give theirs back soon */
	if (error)
		tap_bail("no table for a thread: %ld", error);
	if (selector >> 3 < entries)
		thread_set(victim->cap, selector >> 3, descriptor);
	thread_start(victim, 0, PRIO_VICTIM);
	next_message();
	trap = (unsigned)l4_utcb_exc()->trapno;
	thread_destroy(victim);
	return trap;
}

static void test_data(void)
{
	task_set(ENTRY, data_at(&words[0]));
	task_set(ENTRY + 4, data_at(&words[1]));
	tap_is(run(read_local, 0, 0, LOCAL(ENTRY + 4)), TRAP_UD, "task: one of several selectors");
	tap_is((long)victim_value, 0x2222, "task: and names its own segment");
	tap_is(run(read_local, 0, 0, LOCAL(ENTRY)), TRAP_UD, "task: a selector is loaded");
	tap_is((long)victim_value, 0x1111, "task: and names the segment");
	tap_is(run(read_local, 8, data_at(&words[1]), LOCAL(ENTRY)), TRAP_UD,
	       "thread: a selector is loaded");
	tap_is((long)victim_value, 0x2222, "thread: its own table goes before the task's");
	tap_is(run(read_local, LAST + 1, data_at(&words[1]), LOCAL(LAST)), TRAP_UD,
	       "thread: the last selector");
	tap_is((long)victim_value, 0x2222, "thread: names its segment");
	tap_is(run(read_local, 8, ONLY_CODE, LOCAL(3)), TRAP_GP, "thread: code is no data");
	tap_is(run(read_local, 0, 0, LOCAL(6)), TRAP_GP, "task: an empty entry");
	tap_is(run(read_local, 8, ABSENT, LOCAL(3)), TRAP_NP, "thread: an absent segment");
	tap_is(run(read_local, 8, 0, LOCAL(3)), TRAP_GP, "thread: an empty entry");
	tap_is(run(read_local, 8, 0, LOCAL(512)), TRAP_GP, "thread: beyond the table");
	tap_is(run(read_after_sleep, 0, 0, LOCAL(ENTRY)), TRAP_UD, "task: others run");
	tap_is((long)victim_value, 0x1111 | (long)LOCAL(ENTRY) << 32, "task: segments are kept");
	tap_is(run(read_after_sleep, 8, data_at(&words[1]), LOCAL(ENTRY)), TRAP_UD,
	       "thread: others run");
	tap_is((long)victim_value, 0x2222 | (long)LOCAL(ENTRY) << 32, "thread: segments are kept");
}

/* A selector whose entry is gone when the thread comes back. */
static void test_gone(void)
{
	victim_value = 1;
	victim = thread_create(&root_task, ds_after_sleep, (void *)LOCAL(ENTRY));
	thread_set_pager(victim, FAULT_CAP);
	thread_set_handler(victim, FAULT_CAP);
	thread_start(victim, 0, PRIO_VICTIM);
	sleep_us(500);
	task_set(ENTRY, 0);
	next_message();
	tap_ok(l4_utcb_exc()->trapno == TRAP_UD && victim_value == 1,
	       "a selector whose entry is gone becomes null: trap %lu, %lx", l4_utcb_exc()->trapno,
	       victim_value);
	thread_destroy(victim);
}

/* --- Code segments --- */

struct {
	uint32_t offset;
	uint16_t selector;
} __attribute__((packed)) local_pointer;

void go_local(void *selector);
extern const char local_code[], local_ud[], local_end[];
__asm__(".text\n"
	"go_local:\n\tljmp *local_pointer(%rip)\n"
	".code32\n"
	/* 0x40 is inc %eax here and a prefix in 64-bit code */
	"local_code:\txor %eax, %eax\n\t.byte 0x40, 0x40\n"
	"local_ud:\tud2\n\t.byte 0x40\n\tjmp local_ud\n"
	"local_end:\n"
	".code64\n");

/* Its base is not 0, so what cs is makes a difference. */
static void test_code(void)
{
	l4_addr_t base = (l4_addr_t)local_code & ~15UL;
	l4_addr_t offset = (l4_addr_t)local_code - base, ud = (l4_addr_t)local_ud - base;
	l4_exc_regs_t *e = l4_utcb_exc();

	local_pointer.offset = (uint32_t)offset;
	local_pointer.selector = LOCAL(ENTRY);
	tap_is(run(go_local, 8, CODE32 | BASE(base), LOCAL(ENTRY)), TRAP_UD,
	       "code: runs in its segment");
	tap_ok(e->rax == 2 && e->dummy1 == LOCAL(ENTRY) && e->ip == ud, "code: 32 bits");

	victim = thread_create(&root_task, go_local, NULL);
	thread_set_pager(victim, FAULT_CAP);
	thread_set_handler(victim, FAULT_CAP);
	table_new(victim->cap, 8);
	thread_set(victim->cap, ENTRY, CODE32 | BASE(base));
	thread_start(victim, 0, PRIO_VICTIM);
	next_message();
	e->ip += 2;
	answer_and_wait(l4_msgtag(0, L4_UTCB_EXCEPTION_REGS_SIZE, 0, 0));
	tap_ok(e->trapno == TRAP_UD && e->rax == 3 && e->dummy1 == LOCAL(ENTRY),
	       "code: an answer goes on in it");
	thread_set(victim->cap, ENTRY, NO_CODE);
	answer_and_wait(l4_msgtag(0, 0, 0, 0));
	tap_ok(e->trapno == TRAP_NP && e->ip == ud && e->dummy1 == LOCAL(ENTRY),
	       "code: gone when the thread goes on: an exception (%lu)", e->trapno);
	table_new(victim->cap, 0);
	answer_and_wait(l4_msgtag(0, 0, 0, 0));
	tap_ok(e->trapno == TRAP_GP && e->ip == ud, "code: the table is gone: an exception (%lu)",
	       e->trapno);
	table_new(victim->cap, 8);
	thread_set(victim->cap, ENTRY, CODE32 | BASE(base));
	answer_and_wait(l4_msgtag(0, 0, 0, 0));
	tap_ok(e->trapno == TRAP_UD && e->ip == ud, "code: there again");
	thread_destroy(victim);
}

/* --- Guests --- */

static struct guest *g;

static unsigned guest_at(unsigned offset, unsigned cs, unsigned ss)
{
	guest_registers(g, CODE + offset);
	g->regs.cs = cs;
	g->regs.ss = ss;
	return guest_run(g, GUEST_USER, 1000);
}

static void test_guest(void)
{
	table_new(g->thread->cap, 600);
	thread_set(g->thread->cap, 599, CODE32);
	thread_set(g->thread->cap, 598, DATA32);
	thread_set(g->thread->cap, 597, NO_CODE);
	tap_is(guest_at(CODE_32, LOCAL(599), LOCAL(598)), TRAP_UD, "guest: in its own segments");
	tap_ok(g->regs.cs == LOCAL(599) && g->regs.ss == LOCAL(598) && g->regs.ax == 1 &&
		   g->regs.di == 1,
	       "guest: the state shows them");
	tap_is(guest_at(CODE_READ + 3, L4_ZW_USER_CS64, LOCAL(598)), TRAP_UD, "guest: a stack");
	tap_is((long)g->regs.ss, LOCAL(598), "guest: with 64-bit code");
	tap_is(guest_at(CODE_32, LOCAL(597), L4_ZW_USER_DS), TRAP_NP, "guest: absent code");
	tap_ok(g->regs.ip == CODE + CODE_32 && g->regs.cs == LOCAL(597),
	       "guest: nothing was executed");
	tap_is(guest_at(CODE_32, LOCAL(598), L4_ZW_USER_DS), TRAP_GP, "guest: data is no code");
	tap_is(guest_at(CODE_32, LOCAL(599), LOCAL(599)), TRAP_GP, "guest: code is no stack");
	tap_is(guest_at(CODE_32, LOCAL(1000), L4_ZW_USER_DS), TRAP_GP, "guest: beyond the table");
	table_new(g->thread->cap, 0);
	tap_is(guest_at(CODE_32, LOCAL(599), L4_ZW_USER_DS), TRAP_GP, "guest: without a table");
	tap_is(guest_at(CODE_32, L4_ZW_USER_CS32, L4_ZW_USER_DS), TRAP_UD, "guest: goes on");
}

/* Tables come and go with their threads. */
static void test_many(void)
{
	for (unsigned i = 0; i < 600; i++)
		if (run(read_local, LAST + 1, data_at(&words[1]), LOCAL(LAST)) != TRAP_UD)
			tap_bail("thread %u has no table", i);
	tap_ok(true, "tables are given back");
}

void test_main(void)
{
	l4_cap_idx_t view = view_create(L4_BASE_TASK_CAP, 64);

	victim_init();
	test_none();
	test_at_once();
	test_tables();
	test_data();
	test_gone();
	test_code();
	view_fill(view, CODE, guest_code(), 12, L4_FPAGE_RX);
	g = guest_start(NULL, 0);
	g->process = view;
	test_guest();
	guest_end(g);
	test_many();
}
