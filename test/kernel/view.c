/* SPDX-License-Identifier: MIT */
/*
 * Views: creation, filling, dropping, what a revocation in the home does to them, quota. Seen by a
 * guest in user mode, whose address space is one view.
 */
#include "guest.h"

#include <l4/sys/factory.h>
#include <l4/sys/task.h>

#define CODE   0x10000000UL /* guest addresses */
#define DATA   0x20000000UL
#define FAR    0x7f0000000000UL
#define WINDOW 0x40000000UL /* addresses of the test's task, the home; 1 GiB aligned */
#define HOLE   0x50000000UL /* there is nothing in the home */
#define END    0x7ffffffff000UL
#define KERNEL 0xffff800000000000UL
enum { MIN_PAGES = 16, SUPER = 21, SUPER_BYTES = 1 << 21, DEVICE_CACHED = 0x80 };

static l4_cap_idx_t view;
static struct guest *g;
static volatile long *page, *other; /* two pages of the home */
static char *ram;		    /* 2 MiB of it, a large page */

static void map(const void *from, unsigned order, unsigned rights, l4_addr_t to)
{
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
		    l4_fpage((l4_addr_t)from, order, (unsigned char)rights), to | L4_ITEM_MAP);
}

static void fill_code(void)
{
	if (view_fill(view, CODE, guest_code(), L4_PAGESHIFT, L4_FPAGE_RX) < 0)
		tap_bail("the guest's code cannot be filled");
}

/* Views may lose more than what is revoked: the guest's code is filled again. */
static void unmap(l4_addr_t at, unsigned order, unsigned rights)
{
	l4_task_unmap(L4_BASE_TASK_CAP, l4_fpage(at, order, (unsigned char)rights),
		      L4_FP_ALL_SPACES);
	fill_code();
}

static unsigned access(l4_addr_t a)
{
	return guest_access(g, GUEST_USER, CODE, a);
}

static long read(l4_addr_t a)
{
	return guest_read(g, GUEST_USER, CODE, a);
}

/* --- the object --- */

static long create(l4_cap_idx_t home, unsigned long bytes)
{
	return l4_error(l4_zw_factory_create_view(L4_BASE_FACTORY_CAP, cap_alloc(), home, bytes));
}

static void test_create(void)
{
	l4_cap_idx_t weak = cap_alloc();

	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
		    l4_obj_fpage(L4_BASE_TASK_CAP, 0, L4_CAP_FPAGE_RS), weak | L4_ITEM_MAP);
	tap_is(create(weak, 1 << 20), -L4_EPERM, "create: home without W");
	tap_is(create(L4_BASE_FACTORY_CAP, 1 << 20), -L4_EINVAL, "create: not a task");
	tap_is(create(cap_alloc(), 1 << 20), -L4_EINVAL, "create: no home");
	tap_is(create(L4_BASE_TASK_CAP, (MIN_PAGES - 1) * PAGE_BYTES), -L4_ENOMEM,
	       "create: quota below 16 pages");
	tap_is(create(L4_BASE_TASK_CAP, MIN_PAGES * PAGE_BYTES), 0, "create: 16 pages");
}

static long request(l4_cap_idx_t cap, long proto, unsigned words, l4_umword_t w0)
{
	mr_set(0, w0);
	return l4_error(l4_ipc_call(cap, l4_utcb(), l4_msgtag(proto, words, 0, 0), L4_IPC_NEVER));
}

static void test_protocol(void)
{
	l4_cap_idx_t weak = cap_alloc();
	l4_zw_view_info_t info = { 0 };

	tap_is(request(view, L4_PROTO_TASK, 1, 0), -L4_EBADPROTO, "other protocol");
	tap_is(request(view, L4_PROTO_VIEW, 0, 0), -L4_EMSGTOOSHORT, "no opcode");
	tap_is(request(view, L4_PROTO_VIEW, 1, 77), -L4_ENOSYS, "unknown opcode");
	tap_is(request(view, L4_PROTO_VIEW, 2, L4_ZW_VIEW_FILL_OP), -L4_EINVAL,
	       "half a pair, fill");
	tap_is(request(view, L4_PROTO_VIEW, 2, L4_ZW_VIEW_DROP_OP), -L4_EINVAL,
	       "half a pair, drop");
	tap_is(request(view, L4_PROTO_VIEW, 1, L4_ZW_VIEW_FILL_OP), 0, "fill of nothing");
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, l4_obj_fpage(view, 0, L4_CAP_FPAGE_RS),
		    weak | L4_ITEM_MAP);
	tap_is(request(weak, L4_PROTO_VIEW, 1, L4_ZW_VIEW_FILL_OP), -L4_EPERM, "fill without W");
	tap_is(request(weak, L4_PROTO_VIEW, 1, L4_ZW_VIEW_DROP_OP), -L4_EPERM, "drop without W");
	tap_is(l4_error(l4_zw_view_info(weak, &info)) < 0, 0, "info without W");
	tap_is((long)info.pages_limit, 256, "info: limit");
	tap_ok(info.pages_used > 0 && info.pages_used <= 4, "info: pages used: %lu",
	       info.pages_used);
	tap_is((long)info.forced_drops, 0, "info: no drop yet");
}

/* --- filling --- */

static void test_rights(void)
{
	page[1] = 0x1234;
	tap_is(read(DATA + 8), -1, "nothing is there before the fill");
	tap_is(view_fill(view, DATA, (void *)page, 12, L4_FPAGE_RO), 0, "fill of a page");
	tap_is(read(DATA + 8), 0x1234, "the guest reads what the home has");
	tap_is(access(DATA + 16), L4_FPAGE_RO, "read-only is read-only");
	tap_is(view_fill(view, DATA, (void *)page, 12, L4_FPAGE_RW), 0, "fill again, writable");
	tap_is(access(DATA + 16), L4_FPAGE_RW, "then it can be written");
	tap_is(page[2], 0x5151, "and the home sees it");
	view_fill(view, DATA, (void *)page, 12, L4_FPAGE_RO);
	tap_is(access(DATA + 16), L4_FPAGE_RO, "fill with fewer rights takes them away at once");
	view_fill(view, DATA, (void *)other, 12, L4_FPAGE_RO);
	other[1] = 0x4321;
	tap_is(read(DATA + 8), 0x4321, "fill replaces the page");
	guest_registers(g, CODE + CODE_JUMP);
	g->regs.di = DATA;
	tap_ok(guest_run(g, GUEST_USER, 1000) == 14 && g->regs.pfa == DATA && (g->regs.err & 16),
	       "a page without X is not executed");
}

static void expect_bad(l4_umword_t guest, l4_umword_t home, long error, const char *name)
{
	l4_zw_view_entry_t e[3] = { l4_zw_view_entry(FAR, (l4_addr_t)page, 12, L4_FPAGE_RO),
				    { guest, home },
				    l4_zw_view_entry(FAR + 4096, (l4_addr_t)page, 12, 4) };
	unsigned filled = 9;

	tap_is(l4_error(l4_zw_view_fill(view, e, 3, &filled)), error, "fill: %s", name);
	tap_is(filled, 1, "fill: %s: entries before it are filled", name);
}

#define PAIR(guest, home, order, rights)                                    \
	((guest) & ~0xfffUL) | ((l4_umword_t)((order)-12) << 4) | (rights), \
	    ((l4_umword_t)(home) & ~0xfffUL)

static void test_bad_entries(void)
{
	l4_addr_t a = (l4_addr_t)page;

	expect_bad(PAIR(DATA, a, 12, 0), -L4_EINVAL, "no rights");
	expect_bad(PAIR(DATA, a, 12, 8 | 4), -L4_EINVAL, "unknown right");
	expect_bad(PAIR(DATA, a, 12, 0x400 | 4), -L4_EINVAL, "reserved bit of word guest");
	expect_bad(DATA | 4, a | 1, -L4_EINVAL, "reserved bit of word home");
	expect_bad(PAIR(DATA, a, 16, 4), -L4_EINVAL, "run of 64 KiB");
	expect_bad(PAIR(DATA, a, 39, 4), -L4_EINVAL, "page of 512 GiB");
	expect_bad(PAIR(DATA + 4096, ram, 13, 4), -L4_EINVAL, "guest address not aligned");
	expect_bad(PAIR(DATA, ram + 4096, 13, 4), -L4_EINVAL, "home address not aligned");
	expect_bad(PAIR(KERNEL, a, 12, 4), -L4_EINVAL, "guest address of the kernel");
	expect_bad(PAIR(0x800000000000UL, a, 12, 4), -L4_EINVAL, "guest address not canonical");
	expect_bad(PAIR(END, a, 12, 4), -L4_EINVAL, "last page of the lower half");
	expect_bad(PAIR(END & ~0x7fffUL, ram, 15, 4), -L4_EINVAL, "run with that page");
	expect_bad(PAIR(END & -(1UL << SUPER), ram, SUPER, 4), -L4_EINVAL, "2 MiB with that page");
	expect_bad(PAIR(DATA, HOLE, 12, 4), -L4_EFAULT, "nothing in the home");
	expect_bad(PAIR(DATA, KERNEL, 12, 4), -L4_EFAULT, "home address of the kernel");
	expect_bad(PAIR(DATA, 0x900000000000UL, 12, 4), -L4_EFAULT, "home address not canonical");
	map((void *)page, 12, L4_FPAGE_RO, WINDOW);
	expect_bad(PAIR(DATA, WINDOW, 12, 6), -L4_EFAULT, "more rights than the home has");
	tap_is(view_fill(view, DATA, (void *)WINDOW, 12, L4_FPAGE_RO), 0, "fill: just its rights");
	unmap(WINDOW, 12, L4_FPAGE_RWX);
}

static void test_run(void)
{
	for (unsigned i = 0; i < 8; i++)
		*(long *)(ram + i * PAGE_BYTES) = 0x700 + i;
	tap_is(view_fill(view, DATA, ram, 15, L4_FPAGE_RO), 0, "run: 8 pages in one entry");
	tap_is(read(DATA), 0x700, "run: first page");
	tap_is(read(DATA + 7 * PAGE_BYTES), 0x707, "run: last page");
	tap_is(read(DATA + 8 * PAGE_BYTES), -1, "run: no more");
	map(ram, 13, L4_FPAGE_RO, WINDOW);
	tap_is(view_fill(view, FAR, (void *)WINDOW, 15, L4_FPAGE_RO), -L4_EFAULT,
	       "run: the home has only two of its pages");
	unmap(WINDOW, 13, L4_FPAGE_RWX);
}

static void test_large(void)
{
	l4_addr_t at = FAR + SUPER_BYTES;

	*(long *)(ram + 0x5000) = 0x5555;
	*(long *)(ram + SUPER_BYTES - 8) = 0x6666;
	tap_is(view_fill(view, at, ram, SUPER, L4_FPAGE_RO), 0, "2 MiB: of a page of that size");
	tap_is(read(at + 0x5000), 0x5555, "2 MiB: inside");
	tap_is(read(at + SUPER_BYTES - 8), 0x6666, "2 MiB: last word");
	view_fill(view, at + 0x5000, (void *)page, 12, L4_FPAGE_RO);
	tap_is(read(at + 0x5008), page[1], "2 MiB: replaced by a small page");
	view_fill(view, at, ram, SUPER, L4_FPAGE_RO);
	tap_is(read(at + 0x5000), 0x5555, "2 MiB: instead of a small page");
	view_fill(view, at, ram + 0x5000, 12, L4_FPAGE_RO);
	tap_is(read(at), 0x5555, "small page of a large one of the home");
	map((void *)page, 12, L4_FPAGE_RO, WINDOW);
	tap_is(view_fill(view, at, (void *)WINDOW, SUPER, L4_FPAGE_RO), -L4_EFAULT,
	       "2 MiB: the home has only a small page");
	unmap(WINDOW, 12, L4_FPAGE_RWX);
}

static void test_gigabyte(void)
{
	l4_addr_t hole = 0x4000000000; /* 256 GiB: no device */
	bool pages_1g;

	sigma0_request(DEVICE_CACHED, l4_fpage(hole, 30, 0), NULL);
	pages_1g = view_fill(view, FAR, (void *)hole, 30, L4_FPAGE_RO) == 0;
	tap_ok(pages_1g || view_fill(view, FAR, (void *)hole, SUPER, L4_FPAGE_RO) == 0,
	       "1 GiB (2 MiB on a CPU without such pages): filled");
	tap_is(access(FAR + 0x123000), L4_FPAGE_RO, "1 GiB: first part");
	if (pages_1g)
		tap_is(access(FAR + 0x3ffff000), L4_FPAGE_RO, "1 GiB: last page");
	else
		tap_skip("no pages of 1 GiB", "1 GiB: last page");
	unmap(hole, 30, L4_FPAGE_RWX);
	tap_is(access(FAR + 0x123000), 0, "1 GiB: revoked");
	fill_code();
}

/* --- dropping --- */

static void fill_three(void)
{
	fill_code();
	view_fill(view, DATA, (void *)page, 12, L4_FPAGE_RO);
	view_fill(view, DATA + 4096, (void *)page, 12, L4_FPAGE_RO);
	view_fill(view, FAR, (void *)page, 12, L4_FPAGE_RO);
}

static void test_drop(void)
{
	fill_three();
	tap_is(view_drop(view, DATA, 4096), 0, "drop of a page");
	tap_is(access(DATA), 0, "drop: it is gone");
	tap_is(access(DATA + 4096), L4_FPAGE_RO, "drop: its neighbour is not");
	fill_three();
	tap_is(view_drop(view, DATA, 0x10000), 0, "drop of a range");
	tap_is(access(DATA) | access(DATA + 4096), 0, "drop: all of it is gone");
	tap_is(access(FAR), L4_FPAGE_RO, "drop: what lies outside is not");
	fill_three();
	tap_is(view_drop(view, 0, 1UL << 47), 0, "drop of the lower half");
	fill_code();
	tap_is(access(DATA) | access(FAR), 0, "drop: everything is gone");
	fill_three();
	tap_is(l4_error(l4_zw_view_drop_all(view)), 0, "drop of all");
	fill_code();
	tap_is(access(DATA) | access(FAR), 0, "drop of all: everything is gone");
	view_fill(view, DATA, ram, SUPER, L4_FPAGE_RO);
	view_drop(view, DATA + 0x7000, 4096);
	tap_is(access(DATA), 0, "drop of a part of a large page takes all of it");
}

static void test_drop_of_writing(void)
{
	fill_code();
	view_fill(view, DATA, (void *)page, 12, L4_FPAGE_RW);
	view_fill(view, DATA + 4096, (void *)page, 12, L4_FPAGE_RW);
	tap_is(access(DATA), L4_FPAGE_RW, "drop of writing: allowed before");
	tap_is(view_drop(view, DATA | L4_ZW_VIEW_DROP_W, 4096), 0, "drop of writing");
	tap_is(access(DATA), L4_FPAGE_RO, "drop of writing: reading is left");
	tap_is(access(DATA + 4096), L4_FPAGE_RW, "drop of writing: not from its neighbour");
	view_drop(view, (DATA - 0x10000) | L4_ZW_VIEW_DROP_W, 0x20000);
	tap_is(access(DATA + 4096), L4_FPAGE_RO, "drop of writing: from a range with holes");
	tap_is(access(DATA - 4096), 0, "drop of writing: nothing comes where nothing was");
	view_drop(view, DATA | L4_ZW_VIEW_DROP_W, 4096);
	tap_is(access(DATA), L4_FPAGE_RO, "drop of writing: twice");
	view_fill(view, DATA, (void *)page, 12, L4_FPAGE_RW);
	tap_is(access(DATA), L4_FPAGE_RW, "drop of writing: filled anew");
	view_fill(view, DATA, ram, SUPER, L4_FPAGE_RW);
	view_drop(view, (DATA + 0x7000) | L4_ZW_VIEW_DROP_W, 4096);
	tap_is(access(DATA), L4_FPAGE_RO, "drop of writing: all of a large page");
	view_drop(view, DATA, SUPER_BYTES);
}

static void test_bad_drop(void)
{
	l4_zw_view_range_t two[2] = { { DATA, 4096 }, { DATA, 100 } };

	fill_three();
	tap_is(view_drop(view, DATA + 8, 4096), -L4_EINVAL, "drop: start not aligned");
	tap_is(view_drop(view, DATA + 1, 4096), -L4_EINVAL, "drop: a right that cannot go");
	tap_is(view_drop(view, DATA, 0), -L4_EINVAL, "drop: empty range");
	tap_is(view_drop(view, KERNEL, 4096), -L4_EINVAL, "drop: kernel addresses");
	tap_is(view_drop(view, 0x7ffffffff000, 8192), -L4_EINVAL, "drop: over the end of a half");
	tap_is(view_drop(view, -4096UL, 8192), -L4_EINVAL, "drop: over the end of all");
	tap_is(l4_error(l4_zw_view_drop(view, two, 2)), -L4_EINVAL, "drop: one of two is bad");
	tap_is(access(DATA), L4_FPAGE_RO, "drop: an error leaves no trace");
	tap_is(view_drop(view, -4096UL, 4096), 0, "drop: last page of all");
}

/* --- the home --- */

static void test_revoke(void)
{
	map((void *)page, 12, L4_FPAGE_RW, WINDOW);
	map(ram, SUPER, L4_FPAGE_RW, WINDOW + SUPER_BYTES);
	fill_code();
	view_fill(view, DATA, (void *)WINDOW, 12, L4_FPAGE_RW);
	tap_is(access(DATA), L4_FPAGE_RW, "revoke: writable before");
	unmap(WINDOW, 12, L4_FPAGE_W);
	tap_is(access(DATA) & L4_FPAGE_W, 0, "revoke: W taken from the home's page");
	view_fill(view, DATA, (void *)WINDOW, 12, L4_FPAGE_RO);
	tap_is(access(DATA), L4_FPAGE_RO, "revoke: readable before");
	unmap(WINDOW, 12, L4_FPAGE_RWX);
	tap_is(access(DATA), 0, "revoke: the home's page taken");
	view_fill(view, DATA, (void *)(WINDOW + SUPER_BYTES), SUPER, L4_FPAGE_RO);
	unmap(WINDOW + SUPER_BYTES, SUPER, L4_FPAGE_RWX);
	tap_is(access(DATA), 0, "revoke: a large page of the home taken");
	l4_zw_view_drop_all(view);
	fill_code();
	view_fill(view, DATA, (void *)page, 12, L4_FPAGE_RO);
	map((void *)other, 12, L4_FPAGE_RW, WINDOW);
	unmap(WINDOW, 12, L4_FPAGE_RWX);
	tap_is(access(DATA), L4_FPAGE_RO, "revoke: of a page far away leaves entries alone");
}

/* The home is another task: what is revoked there comes from us. */
static void test_foreign_home(void)
{
	struct task *home = task_create();
	l4_cap_idx_t mine = view;
	struct guest *first = g;

	view = view_create(home->cap, 256);
	g = guest_start(home, 0);
	task_give(home, view, L4_CAP_FPAGE_RWS);
	map((void *)page, 12, L4_FPAGE_RW, WINDOW);
	l4_task_map(home->cap, L4_BASE_TASK_CAP, l4_fpage(WINDOW, 12, L4_FPAGE_RW),
		    WINDOW | L4_ITEM_MAP);
	task_map_memory(home, guest_code(), 12, L4_FPAGE_RX);
	fill_code();
	tap_is(view_fill(view, DATA, (void *)WINDOW, 12, L4_FPAGE_RW), 0, "child as home: fill");
	g->process = view;
	tap_is(access(DATA), L4_FPAGE_RW, "child as home: its guest sees the page");
	unmap(WINDOW, 12, L4_FPAGE_RWX);
	tap_is(access(DATA), 0, "child as home: revoked by its parent");
	guest_end(g);
	task_destroy(home);
	sleep_us(1000);
	tap_is(view_fill(view, CODE, guest_code(), 12, L4_FPAGE_RX), -L4_EFAULT,
	       "fill after the home was destroyed");
	tap_is(l4_error(l4_zw_view_drop_all(view)), 0, "drop after the home was destroyed");
	cap_delete(view);
	view = mine;
	g = first;
}

/* --- quota --- */

static void test_shortage(void)
{
	enum { REGIONS = 42 };
	l4_cap_idx_t mine = view;
	l4_zw_view_info_t info = { 0 };
	unsigned visible = 0, good = 0;

	view = view_create(L4_BASE_TASK_CAP, MIN_PAGES);
	g->process = view;
	for (unsigned i = 1; i <= REGIONS; i++)
		good += view_fill(view, (l4_addr_t)i << 39, (void *)page, 12, L4_FPAGE_RO) == 0;
	tap_is(good, REGIONS, "shortage: no fill fails");
	l4_zw_view_info(view, &info);
	tap_ok(info.pages_used <= MIN_PAGES, "shortage: %lu pages used", info.pages_used);
	tap_ok(info.forced_drops >= REGIONS * 3 / MIN_PAGES - 1, "shortage: %lu forced drops",
	       info.forced_drops);
	fill_code();
	for (unsigned i = 1; i <= REGIONS; i++)
		visible += access((l4_addr_t)i << 39) == L4_FPAGE_RO;
	tap_ok(visible >= 1 && visible <= MIN_PAGES / 3, "shortage: %u entries are left", visible);
	tap_is(access((l4_addr_t)REGIONS << 39), L4_FPAGE_RO, "shortage: the last one is");
	g->process = mine;
	read(CODE);
	cap_delete(view);
	view = mine;
}

/* Everything that a view took goes back to its factory. */
static void test_no_leak(void)
{
	l4_cap_idx_t factory = cap_alloc(), v = cap_alloc();
	unsigned good = 0;

	l4_factory_create_factory(L4_BASE_FACTORY_CAP, factory, 200 * 1024);
	for (unsigned i = 0; i < 50; i++) {
		if (l4_error(l4_zw_factory_create_view(factory, v, L4_BASE_TASK_CAP, 1 << 17)) < 0)
			break;
		for (unsigned j = 0; j < 8; j++)
			good += view_fill(v, (l4_addr_t)j << 39, (void *)page, 12, 4) == 0;
		cap_delete(v);
		sleep_us(500);
	}
	tap_is(good, 400, "a quota of 50 pages serves 50 views of 26 pages, one after the other");
	cap_delete(factory);
}

void test_main(void)
{
	page = mem_alloc(12);
	other = mem_alloc(12);
	ram = mem_alloc(SUPER);
	view = view_create(L4_BASE_TASK_CAP, 256);
	test_create();
	test_protocol();
	g = guest_start(NULL, 0);
	g->process = view;
	fill_code();
	test_rights();
	test_bad_entries();
	test_run();
	test_large();
	test_gigabyte();
	test_drop();
	test_drop_of_writing();
	test_bad_drop();
	test_revoke();
	test_foreign_home();
	test_shortage();
	test_no_leak();
	guest_end(g);
}
