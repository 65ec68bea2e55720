/* SPDX-License-Identifier: MIT */
/*
 * The upper half of the address space: tasks with the right to it can map everything but the
 * kernel's hole, tasks without it nothing.
 */
#include "victim.h"

#include <l4/sys/factory.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>
#include <l4/zwinger/task.h>
#include <l4/zwinger/wellknown.h>

#define FIRST  L4_ZW_SHIM_AREA_START /* lowest address behind the hole */
#define MIDDLE 0xffffc90000200000UL
#define LAST   0xfffffffffffff000UL
#define BEYOND 0x7ffffffff000UL /* the last page of the lower half, which nobody can have */
#define UTCBS  0xffff820040000000UL
enum { SUPER = 21, SUPER_BYTES = 1 << SUPER, KU_ORDER = 12 };

static volatile long *page;
static char *ram; /* 2 MiB, a large page */

static long map_into(l4_cap_idx_t task, const volatile void *from, unsigned order, unsigned rights,
		     l4_addr_t to)
{
	return l4_error(l4_task_map(task, L4_BASE_TASK_CAP,
				    l4_fpage((l4_addr_t)from, order, (unsigned char)rights),
				    to | L4_ITEM_MAP));
}

static long map(const volatile void *from, unsigned order, unsigned rights, l4_addr_t to)
{
	return map_into(L4_BASE_TASK_CAP, from, order, rights, to);
}

static void unmap(l4_addr_t at, unsigned order)
{
	l4_task_unmap(L4_BASE_TASK_CAP, l4_fpage(at, order, L4_FPAGE_RWX), L4_FP_ALL_SPACES);
}

/* Does a thread of t read the address? fault_word = word 0 of its page-fault message if not. */
static l4_umword_t fault_word;

static bool reads(struct task *t, l4_addr_t a)
{
	l4_msgtag_t tag;
	bool fault;

	victim_start(t, victim_read, (void *)a);
	tag = l4_ipc_wait(l4_utcb(), NULL, timeout_us(0, 2000));
	fault = ipc_error(tag) == 0 && l4_msgtag_is_page_fault(tag);
	fault_word = mr_get(0);
	if (fault && (fault_word & ~7UL) != a)
		tap_bail("page fault at %lx instead of %lx", fault_word & ~7UL, a);
	thread_destroy(victim);
	return !fault;
}

/* Give the program itself to a task, so that its victims fault at nothing else. */
static void map_program(struct task *t)
{
	extern char __executable_start[], _end[];

	for (char *p = __executable_start; p < _end; p += PAGE_BYTES)
		task_map_memory(t, p, 12, L4_FPAGE_RWX);
}

static void try_page(l4_addr_t a, const char *name)
{
	tap_ok(!reads(&root_task, a + 8), "%s: empty at first", name);
	tap_ok((fault_word & ~7UL) == a + 8, "%s: the fault message has all bits", name);
	tap_is(map(page, 12, L4_FPAGE_RW, a), 0, "%s: mapped", name);
	page[1] = (long)a;
	tap_is(((volatile long *)a)[1], (long)a, "%s: read", name);
	((volatile long *)a)[2] = 7;
	tap_is(page[2], 7, "%s: written", name);
	page[2] = 0;
	unmap(a, 12);
	tap_ok(!reads(&root_task, a), "%s: unmapped", name);
}

static void test_pages(void)
{
	try_page(FIRST, "first page behind the hole");
	try_page(MIDDLE, "a page in the middle");
	try_page(LAST, "last page of all");
	try_page(BEYOND - PAGE_BYTES, "last page but one of the lower half");
}

static void test_end_of_lower_half(void)
{
	l4_addr_t base = BEYOND & -(1UL << SUPER);

	map(page, 12, L4_FPAGE_RWX, BEYOND);
	tap_ok(!reads(&root_task, BEYOND), "last page of the lower half: nothing can be mapped");
	*(long *)(ram + SUPER_BYTES - 2 * PAGE_BYTES) = 0x456;
	map(ram, SUPER, L4_FPAGE_RW, base);
	tap_ok(!reads(&root_task, BEYOND), "last page: nor as the end of a large page");
	tap_is(*(volatile long *)(BEYOND - PAGE_BYTES), 0x456, "the page before it: mapped");
	unmap(base, SUPER);
	tap_ok(!reads(&root_task, BEYOND - PAGE_BYTES), "the page before it: unmapped");
}

static void test_large(void)
{
	*(long *)(ram + 0x123000) = 0x123;
	tap_is(map(ram, SUPER, L4_FPAGE_RW, MIDDLE), 0, "large page: mapped");
	tap_is(*(volatile long *)(MIDDLE + 0x123000), 0x123, "large page: read");
	tap_is(map((void *)(MIDDLE + 0x123000), 12, L4_FPAGE_RO, FIRST), 0,
	       "a part of it mapped on, within the upper half");
	tap_is(*(volatile long *)FIRST, 0x123, "part: read");
	unmap(MIDDLE, SUPER);
	tap_ok(!reads(&root_task, FIRST), "part: goes with it");
}

static void test_code(void)
{
	static const unsigned char code[] = {
		0xb8, 0x77, 0, 0, 0, 0xc3
	}; /* mov $0x77, %eax; ret */
	long (*function)(void) = (long (*)(void))MIDDLE;

	memcpy(ram, code, sizeof(code));
	map(ram, 12, L4_FPAGE_RX, MIDDLE);
	tap_is(function() & 0xff, 0x77, "code in the upper half is executed");
	unmap(MIDDLE, 12);
}

static void try_hole(l4_addr_t a, const char *name)
{
	tap_is(map(page, 12, L4_FPAGE_RW, a), 0, "hole, %s: mapping is no error", name);
	tap_ok(!reads(&root_task, a), "hole, %s: but there is nothing", name);
	tap_is(l4_error(l4_task_add_ku_mem(L4_BASE_TASK_CAP, l4_fpage(a, KU_ORDER, 0))), -L4_EINVAL,
	       "hole, %s: no kernel-user memory", name);
}

static void test_hole(void)
{
	try_hole(L4_ZW_KERNEL_START, "first page");
	try_hole(0xffff808000000000, "the kernel's image");
	try_hole(L4_ZW_KERNEL_END - 4096, "last page");
	l4_task_unmap(L4_BASE_TASK_CAP, l4_fpage(L4_ZW_KERNEL_START, 41, L4_FPAGE_RWX),
		      L4_FP_ALL_SPACES);
	tap_ok(true, "hole: unmapping it does no harm");
}

/* --- KU memory: a thread whose UTCB and message are there --- */

static volatile bool answered;

static void call_main(void *unused)
{
	(void)unused;
	mr_set(0, (l4_umword_t)l4_utcb());
	answered = ipc_error(l4_ipc_call(FAULT_CAP, l4_utcb(), l4_msgtag(0, 1, 0, 0), LIMIT)) == 0;
}

static void test_utcb(void)
{
	struct thread *t = thread_create(&root_task, call_main, NULL);
	l4_cap_idx_t cap = cap_alloc();
	l4_addr_t ip, sp;

	tap_is(l4_error(l4_task_add_ku_mem(L4_BASE_TASK_CAP, l4_fpage(UTCBS, KU_ORDER, 0))), 0,
	       "kernel-user memory in the upper half");
	l4_factory_create_thread(L4_BASE_FACTORY_CAP, cap);
	l4_thread_control_start();
	l4_thread_control_pager(L4_BASE_PAGER_CAP);
	l4_thread_control_bind((l4_utcb_t *)UTCBS, L4_BASE_TASK_CAP);
	tap_is(l4_error(l4_thread_control_commit(cap)), 0, "a UTCB there");
	thread_schedule(cap, 0, PRIO_MAIN - 1);
	thread_prepare(t, &ip, &sp);
	l4_thread_ex_regs(cap, ip, sp, 0);
	tap_is(l4_msgtag_words(next_message()), 1, "its thread sends a message");
	tap_ok(mr_get(0) == UTCBS, "and finds its UTCB");
	answer(l4_msgtag(0, 0, 0, 0));
	tap_ok(WAIT_UNTIL(answered, 500), "and gets the answer");
	cap_delete(cap);
	thread_destroy(t);
}

/* --- other tasks --- */

static void test_without_right(void)
{
	struct task *t = task_create();

	task_give(t, FAULT_CAP, L4_CAP_FPAGE_RWS);
	map_program(t);
	tap_is(map_into(t->cap, page, 12, L4_FPAGE_RW, MIDDLE), 0, "no right: mapping is no error");
	tap_ok(!reads(t, MIDDLE), "no right: but there is nothing");
	tap_is(l4_error(l4_task_add_ku_mem(t->cap, l4_fpage(UTCBS, KU_ORDER, 0))), -L4_EINVAL,
	       "no right: no kernel-user memory");
	task_map_memory(t, (void *)page, 12, L4_FPAGE_RW);
	tap_ok(reads(t, (l4_addr_t)page), "no right: the lower half is there");
	task_destroy(t);
}

/* Its memory is looked at by mapping it back. */
static void test_with_right(void)
{
	l4_cap_idx_t task = cap_alloc();
	long err;

	err = l4_error(l4_zw_factory_create_task_upper(L4_BASE_FACTORY_CAP, task,
						       l4_fpage(UTCBS, KU_ORDER, 0)));
	tap_is(err, 0, "right: task with its UTCBs in the upper half");
	page[1] = 0x4444;
	tap_is(map_into(task, page, 12, L4_FPAGE_RW, MIDDLE), 0, "right: map into it");
	err = l4_error(l4_task_map(L4_BASE_TASK_CAP, task, l4_fpage(MIDDLE, 12, L4_FPAGE_RO),
				   FIRST | L4_ITEM_MAP));
	tap_is(err, 0, "right: and out of it");
	tap_is(((volatile long *)FIRST)[1], 0x4444, "right: it is the same page");
	cap_delete(task);
	tap_ok(WAIT_UNTIL(!reads(&root_task, FIRST), 500), "right: gone with the task");
}

void test_main(void)
{
	victim_init();
	page = mem_alloc(12);
	ram = mem_alloc(SUPER);
	test_pages();
	test_end_of_lower_half();
	test_large();
	test_code();
	test_hole();
	test_utcb();
	test_without_right();
	test_with_right();
}
