/* SPDX-License-Identifier: MIT */
/*
 * Views of a vCPU: what guest user mode and guest-kernel mode see, how changes of views and of the
 * home reach address spaces that are in use, also on other CPUs.
 */
#include "guest.h"

#include <l4/sys/factory.h>
#include <l4/sys/task.h>

#define CODE	   0x10000000UL /* of the process view */
#define DATA	   0x20000000UL
#define FAR	   0x7f0000000000UL
#define KCODE	   0xffff888000000000UL /* of the kernel view */
#define KDATA	   0xffffc90000000000UL
#define KFAR	   0xffffea0000000000UL
#define VSYSCALL   0xffffffffff600000UL
#define MANY_LOWER 0x010000000000UL
#define MANY_UPPER 0xffff900000000000UL
#define SHIM	   0xffff820000100000UL /* of the home */
#define SHIM_NEXT  0xffff828000000000UL /* another root slot of it */
#define WINDOW	   0x40000000UL
enum { SHORT_BYTES = 64 << 10, MORE_MAX = 1000, SLOTS_MANY = 30 };
enum { PAGES = 4, A = 0x111, B, C, D, TRAP_PAGE_FAULT = 14 };

static struct guest *g;
static l4_cap_idx_t process, process2, kernel;
static volatile long *page[PAGES]; /* hold A, B, C, D in word 0 */

static void map(const volatile void *from, unsigned rights, l4_addr_t to)
{
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
		    l4_fpage((l4_addr_t)from, 12, (unsigned char)rights), to | L4_ITEM_MAP);
}

static void unmap(l4_addr_t at)
{
	l4_task_unmap(L4_BASE_TASK_CAP, l4_fpage(at, 12, L4_FPAGE_RWX), L4_FP_ALL_SPACES);
}

static long user(l4_addr_t a)
{
	return guest_read(g, GUEST_USER, CODE, a);
}

static long in_kernel(l4_addr_t a)
{
	return guest_read(g, GUEST_KERNEL, KCODE, a);
}

static void fill_code(void)
{
	view_fill(process, CODE, guest_code(), 12, L4_FPAGE_RX);
	view_fill(kernel, KCODE, guest_code(), 12, L4_FPAGE_RX);
}

static void fill_all(void)
{
	fill_code();
	view_fill(process, DATA, (void *)page[0], 12, L4_FPAGE_RW);
	view_fill(kernel, KDATA, (void *)page[1], 12, L4_FPAGE_RW);
}

static void test_visible(void)
{
	fill_all();
	map(page[2], L4_FPAGE_RW, SHIM);
	tap_is(user(DATA), A, "user mode: the process view");
	tap_is(user(KDATA), -1, "user mode: not the kernel view");
	tap_is(user(SHIM), -1, "user mode: not the home's slots");
	tap_is(user((l4_addr_t)page[3]), -1, "user mode: nothing else of the home");
	tap_is(user(0xffff800000000000UL), -1, "user mode: not the microkernel");
	tap_is(in_kernel(DATA), A, "kernel mode: the process view");
	tap_is(in_kernel(KDATA), B, "kernel mode: the kernel view");
	tap_is(in_kernel(SHIM), C, "kernel mode: the home's slots");
	tap_is(in_kernel((l4_addr_t)page[3]), -1, "kernel mode: nothing else of the home");
	tap_is(in_kernel(0xffff800000000000UL), -1, "kernel mode: not the microkernel");
	tap_is(guest_access(g, GUEST_KERNEL, KCODE, KDATA + 8), L4_FPAGE_RW,
	       "kernel mode: rights of the entry");
}

static void test_new_slots(void)
{
	view_fill(kernel, KFAR, (void *)page[3], 12, L4_FPAGE_RO);
	tap_is(in_kernel(KFAR), D, "a new part of the kernel view is visible at once");
	view_fill(process, FAR, (void *)page[3], 12, L4_FPAGE_RO);
	tap_is(in_kernel(FAR), D, "and of the process view");
	view_drop(kernel, KFAR, 4096);
	tap_is(in_kernel(KFAR), -1, "drop in the kernel view");
	l4_zw_view_drop_all(process);
	tap_is(in_kernel(DATA), -1, "drop of all in the process view");
	tap_is(in_kernel(KDATA), B, "which leaves the kernel view alone");
	fill_all();
	tap_is(in_kernel(DATA), A, "filled again");
}

/* Addresses in so many root slots, where nothing else is. */
static l4_addr_t many(l4_addr_t first, unsigned i)
{
	return first + ((l4_addr_t)i << 39);
}

static void fill_many(l4_cap_idx_t view, l4_addr_t first)
{
	for (unsigned i = 0; i < SLOTS_MANY; i++)
		view_fill(view, many(first, i), (void *)page[3], 12, L4_FPAGE_RO);
}

static unsigned count_many(l4_addr_t first)
{
	unsigned n = 0;

	for (unsigned i = 0; i < SLOTS_MANY; i++)
		n += in_kernel(many(first, i)) == D;
	return n;
}

/* A drop of all, where the views use many root slots. */
static void test_many_slots(void)
{
	map(page[2], L4_FPAGE_RW, SHIM);
	fill_many(kernel, MANY_UPPER);
	fill_many(process, MANY_LOWER);
	tap_is(count_many(MANY_UPPER), SLOTS_MANY, "many parts of the kernel view are visible");
	tap_is(count_many(MANY_LOWER), SLOTS_MANY, "and of the process view");
	l4_zw_view_drop_all(kernel);
	view_fill(kernel, KCODE, guest_code(), 12, L4_FPAGE_RX);
	tap_is(count_many(MANY_UPPER), 0, "drop of all in the kernel view: none");
	tap_is(count_many(MANY_LOWER), SLOTS_MANY, "those of the process view are");
	tap_is(in_kernel(SHIM), C, "and the home's slots");
	fill_many(kernel, MANY_UPPER);
	l4_zw_view_drop_all(process);
	fill_code();
	tap_is(count_many(MANY_LOWER), 0, "drop of all in the process view: none");
	tap_is(count_many(MANY_UPPER), SLOTS_MANY, "those of the kernel view are, filled again");
	tap_is(user(many(MANY_LOWER, 1)), -1, "user mode: neither");
	l4_zw_view_drop_all(kernel);
	fill_all();
	tap_is(in_kernel(DATA), A, "a new fill is visible");
}

static void test_home_slots(void)
{
	map(page[3], L4_FPAGE_RW, SHIM_NEXT);
	tap_is(in_kernel(SHIM_NEXT), D, "the home maps in a new slot of its own: visible");
	unmap(SHIM_NEXT);
	tap_is(in_kernel(SHIM_NEXT), -1, "the home unmaps it: gone");
	map(page[2], L4_FPAGE_RW, SHIM_NEXT);
	tap_is(in_kernel(SHIM_NEXT), C, "the home maps another page there");
	unmap(SHIM_NEXT);
	map(page[3], L4_FPAGE_RW, WINDOW);
	view_fill(kernel, KFAR, (void *)WINDOW, 12, L4_FPAGE_RO);
	tap_is(in_kernel(KFAR), D, "revoke: visible before");
	unmap(WINDOW);
	fill_all();
	tap_is(in_kernel(KFAR), -1, "revoke: gone in the composition");
}

/* The vsyscall page of a process: in its upper half, which guest-kernel mode has from elsewhere. */
static void test_upper_process(void)
{
	view_fill(process, VSYSCALL, (void *)page[3], 12, L4_FPAGE_RO);
	tap_is(user(VSYSCALL), D, "upper half of the process view: in user mode");
	tap_is(in_kernel(VSYSCALL), -1, "but not in kernel mode");
	view_drop(process, VSYSCALL, 4096);
}

static void test_switch(void)
{
	process2 = view_create(L4_BASE_TASK_CAP, 256);
	view_fill(process2, CODE, guest_code(), 12, L4_FPAGE_RX);
	view_fill(process2, DATA, (void *)page[3], 12, L4_FPAGE_RO);
	g->process = process2;
	tap_is(user(DATA), D, "second process: its own view");
	tap_is(in_kernel(DATA), D, "second process: in kernel mode too");
	tap_is(in_kernel(KDATA), B, "second process: same kernel view");
	view_drop(kernel, KDATA, 4096);
	view_fill(kernel, KFAR, (void *)page[3], 12, L4_FPAGE_RO);
	g->process = process;
	tap_is(in_kernel(DATA), A, "first process again");
	tap_is(in_kernel(KDATA), -1, "a drop meanwhile is seen in its composition");
	tap_is(in_kernel(KFAR), D, "and so is a fill");
	tap_is((long)(g->ext.process_view & 1), 1, "the selector is marked as cached");
	fill_all();
}

static void test_missing(void)
{
	g->kernel = 8;
	view_fill(process, KDATA, (void *)page[3], 12, L4_FPAGE_RO);
	tap_is(guest_read(g, GUEST_KERNEL, CODE, KDATA), D,
	       "without kernel view the process view has both halves");
	tap_is(guest_read(g, GUEST_KERNEL, CODE, SHIM), C, "and the home its slots");
	view_drop(process, KDATA, 4096);
	g->kernel = kernel;
	g->process = 8;
	view_fill(kernel, DATA, (void *)page[3], 12, L4_FPAGE_RO);
	tap_is(in_kernel(DATA), D, "without process view the kernel view has both halves");
	view_drop(kernel, DATA, 4096);
	guest_registers(g, CODE);
	tap_is(guest_run(g, GUEST_USER, PATIENT_MS), GUEST_ERROR, "user mode without process view");
	tap_is(g->error, -L4_ENOENT, "is an error of resume");
	g->process = process;
}

static void expect_error(l4_cap_idx_t view, long error, const char *name)
{
	g->process = view;
	g->kernel = 8;
	guest_registers(g, KCODE);
	tap_is(guest_run(g, GUEST_KERNEL, PATIENT_MS), GUEST_ERROR, "%s: resume returns", name);
	tap_is(g->error, error, "%s: error", name);
}

static void test_bad_views(void)
{
	struct task *t = task_create();
	l4_cap_idx_t weak = cap_alloc(), foreign = view_create(t->cap, 64);

	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, l4_obj_fpage(process, 0, L4_CAP_FPAGE_RW),
		    weak | L4_ITEM_MAP);
	expect_error(weak, -L4_EPERM, "view without S");
	expect_error(foreign, -L4_EPERM, "view of another home");
	g->process = 8;
	guest_run(g, GUEST_KERNEL, PATIENT_MS);
	expect_error(cap_alloc(), -L4_ENOENT, "empty slot");
	expect_error(L4_BASE_FACTORY_CAP, -L4_ENOENT, "something else as view");
	g->process = process;
	g->kernel = kernel;
	tap_is(in_kernel(KDATA), B, "then good ones again");
	cap_delete(foreign);
	task_destroy(t);
}

/* All of a factory's memory is in use: what a view needs to be seen once was reserved with it. */
static void test_shortage(void)
{
	l4_cap_idx_t factory = cap_alloc(), view = cap_alloc(), more[MORE_MAX];
	unsigned n = 0;

	l4_factory_create_factory(L4_BASE_FACTORY_CAP, factory, SHORT_BYTES);
	l4_zw_factory_create_view(factory, view, L4_BASE_TASK_CAP, SHORT_BYTES);
	do
		more[n] = cap_alloc();
	while (l4_error(l4_factory_create_irq(factory, more[n])) == 0 && ++n < MORE_MAX);
	tap_ok(n > 0 && n < MORE_MAX, "shortage: no memory is left");
	tap_is(view_fill(view, DATA, (void *)page[3], 12, L4_FPAGE_RO), 0, "shortage: a fill");
	g->process = view;
	tap_is(in_kernel(DATA), D, "shortage: kernel mode sees it with a kernel view");
	tap_is(in_kernel(KDATA), B, "shortage: and the kernel view");
	g->process = process;
	tap_is(in_kernel(DATA), A, "shortage: the first process again");
	cap_delete(view);
	while (n)
		cap_delete(more[--n]);
	cap_delete(factory);
}

/* --- two vCPUs --- */

static void test_two_kernels(void)
{
	struct guest *first = g, *second = guest_start(NULL, cpu_count() > 1);
	l4_cap_idx_t kernel2 = view_create(L4_BASE_TASK_CAP, 64);

	view_fill(kernel2, KCODE, guest_code(), 12, L4_FPAGE_RX);
	view_fill(kernel2, KDATA, (void *)page[3], 12, L4_FPAGE_RO);
	second->process = process;
	second->kernel = kernel2;
	g = second;
	tap_is(in_kernel(KDATA), D, "two vCPUs with one process view: one kernel view");
	g = first;
	tap_is(in_kernel(KDATA), B, "and the other kernel view");
	g = second;
	tap_is(in_kernel(KDATA), D, "side by side");
	tap_is(in_kernel(DATA), A, "with the same process");
	guest_end(second);
	cap_delete(kernel2);
	g = first;
}

/* --- deletion --- */

static void test_delete(void)
{
	cap_delete(process2);
	process2 = view_create(L4_BASE_TASK_CAP, 256);
	view_fill(process2, CODE, guest_code(), 12, L4_FPAGE_RX);
	view_fill(process2, DATA, (void *)page[3], 12, L4_FPAGE_RO);
	g->process = process2;
	tap_is(in_kernel(DATA), D, "delete: the process is there");
	cap_delete(process2);
	sleep_us(1000);
	tap_is(in_kernel(DATA), -1, "delete: the process view in use goes");
	tap_is(in_kernel(KDATA), B, "delete: the kernel view stays visible");
	view_fill(kernel, KFAR, (void *)page[3], 12, L4_FPAGE_RO);
	tap_is(in_kernel(KFAR), D, "delete: and is kept up to date");
	cap_delete(kernel);
	sleep_us(1000);
	guest_registers(g, KCODE);
	tap_ok(guest_run(g, GUEST_KERNEL, PATIENT_MS) == TRAP_PAGE_FAULT && g->regs.pfa == KCODE,
	       "delete: without any view nothing is left");
	g->process = process;
	tap_is(user(DATA), A, "delete: another view is fine");
	kernel = view_create(L4_BASE_TASK_CAP, 256);
	fill_all();
	g->kernel = kernel;
	tap_is(in_kernel(KDATA), B, "delete: and so is a new kernel view");
}

/* --- other CPUs --- */

/* The guest counts in page[3], which it sees at `at`; take() takes that away, from another CPU. */
static void count_until(unsigned mode, l4_addr_t code, l4_addr_t at, void (*take)(void),
			const char *name)
{
	volatile long *counter = page[3] + 8;
	long before, after;

	*counter = 0;
	guest_registers(g, code + CODE_COUNT);
	g->regs.di = at + 64;
	guest_go(g, mode);
	WAIT_UNTIL(*counter > 1000, PATIENT_MS);
	take();
	before = *counter;
	spin_us(2000);
	after = *counter;
	tap_ok(before > 1000 && before == after, "%s: no access after it has returned", name);
	tap_is(guest_wait(g, PATIENT_MS), TRAP_PAGE_FAULT, "%s: the guest faults", name);
}

static void take_window(void)
{
	unmap(WINDOW);
}

static void take_shim(void)
{
	unmap(SHIM_NEXT);
}

static void take_kernel_entry(void)
{
	view_drop(kernel, KFAR, 4096);
}

static void take_all(void)
{
	l4_zw_view_drop_all(kernel);
}

static void take_view(void)
{
	cap_delete(process2);
	WAIT_UNTIL(READ(g->entries), PATIENT_MS);
}

static void test_other_cpu(void)
{
	struct guest *first = g;

	if (cpu_count() < 2) {
		tap_skip("one CPU", "what is taken away from a guest on another CPU");
		return;
	}
	g = guest_start(NULL, 1);
	g->process = process;
	g->kernel = kernel;
	map(page[3], L4_FPAGE_RW, WINDOW);
	view_fill(process, FAR, (void *)WINDOW, 12, L4_FPAGE_RW);
	count_until(GUEST_USER, CODE, FAR, take_window, "revoke, user mode");
	map(page[3], L4_FPAGE_RW, WINDOW);
	fill_all();
	view_fill(kernel, KFAR, (void *)WINDOW, 12, L4_FPAGE_RW);
	count_until(GUEST_KERNEL, KCODE, KFAR, take_window, "revoke, kernel mode");
	fill_all();
	map(page[3], L4_FPAGE_RW, SHIM_NEXT);
	count_until(GUEST_KERNEL, KCODE, SHIM_NEXT, take_shim, "unmap of the home's slots");
	view_fill(kernel, KFAR, (void *)page[3], 12, L4_FPAGE_RW);
	count_until(GUEST_KERNEL, KCODE, KFAR, take_kernel_entry, "drop of a page");
	view_fill(kernel, KFAR, (void *)page[3], 12, L4_FPAGE_RW);
	count_until(GUEST_KERNEL, KCODE, KFAR, take_all, "drop of all");
	fill_all();
	process2 = view_create(L4_BASE_TASK_CAP, 64);
	view_fill(process2, CODE, guest_code(), 12, L4_FPAGE_RX);
	view_fill(process2, FAR, (void *)page[3], 12, L4_FPAGE_RW);
	g->process = process2;
	count_until(GUEST_KERNEL, KCODE, FAR, take_view, "deletion of a view");
	guest_end(g);
	g = first;
}

/* A guest reads eight words far apart, each of which holds its own address. The view is too small
 * for all of them, and both the guest's handler and the main thread fill it. */
enum { TAGS = 8, TAG_SHIFT = 30, TINY = 16, STRESS_FAULTS = 3000 };
static volatile bool stress_over;
static volatile unsigned stress_faults;
static l4_cap_idx_t tiny;
static void *tag_page[TAGS];

static bool fill_tag(struct guest *guest)
{
	l4_addr_t a = guest->regs.pfa;

	if (guest->regs.trapno != TRAP_PAGE_FAULT || stress_over)
		return false;
	ADD(stress_faults, 1);
	if (a == CODE + CODE_TAGS || a >> 12 == CODE >> 12)
		view_fill(tiny, CODE, guest_code(), 12, L4_FPAGE_RX);
	else
		view_fill(tiny, a, tag_page[(a - FAR) >> TAG_SHIFT], 12, L4_FPAGE_RO);
	return true;
}

static bool stress_enough(l4_zw_view_info_t *info)
{
	l4_zw_view_info(tiny, info);
	return READ(stress_faults) > STRESS_FAULTS && info->forced_drops > STRESS_FAULTS;
}

static void test_stress(void)
{
	struct guest *busy = guest_start(NULL, cpu_count() > 1);
	uint64_t end = clock_us() + PATIENT_MS * 1000UL;
	l4_zw_view_info_t info = { 0 };

	tiny = view_create(L4_BASE_TASK_CAP, TINY);
	for (unsigned i = 0; i < TAGS; i++) {
		tag_page[i] = mem_alloc(12);
		*(l4_addr_t *)tag_page[i] = FAR + ((l4_addr_t)i << TAG_SHIFT);
	}
	busy->process = tiny;
	busy->filter = fill_tag;
	guest_registers(busy, CODE + CODE_TAGS);
	busy->regs.di = FAR;
	busy->regs.dx = 1UL << TAG_SHIFT;
	busy->regs.si = (8UL << TAG_SHIFT) - 1;
	guest_go(busy, GUEST_USER);
	for (unsigned i = 0; clock_us() < end && !stress_enough(&info) && !READ(busy->entries);
	     i++) {
		view_fill(tiny, (l4_addr_t)(1 + i % 100) << 39, (void *)page[0], 12, L4_FPAGE_RO);
		if (i % 16 == 0)
			sleep_us(50);
	}
	tap_is((long)busy->entries, 0, "stress: the guest never reads what is not its own");
	stress_over = true;
	tap_ok(stress_enough(&info), "stress: %u faults, %lu forced drops", stress_faults,
	       info.forced_drops);
	l4_zw_view_drop_all(tiny);
	tap_is(guest_wait(busy, PATIENT_MS), TRAP_PAGE_FAULT, "stress: the guest comes back");
	guest_end(busy);
	cap_delete(tiny);
}

void test_main(void)
{
	for (unsigned i = 0; i < PAGES; i++) {
		page[i] = mem_alloc(12);
		page[i][0] = A + i;
	}
	process = view_create(L4_BASE_TASK_CAP, 256);
	kernel = view_create(L4_BASE_TASK_CAP, 256);
	g = guest_start(NULL, 0);
	g->process = process;
	g->kernel = kernel;
	test_visible();
	test_new_slots();
	test_many_slots();
	test_home_slots();
	test_upper_process();
	test_switch();
	test_missing();
	test_bad_views();
	test_shortage();
	test_two_kernels();
	test_delete();
	test_other_cpu();
	test_stress();
	guest_end(g);
}
