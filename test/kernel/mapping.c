/* SPDX-License-Identifier: MIT */
/*
 * Memory mapping: revocation trees, superpages, partial unmap, rights, access flags, occupied
 * targets, I/O ports. Seen through "probes": reads and writes that may fault in a victim thread.
 */
#include "victim.h"

#include <l4/sys/factory.h>
#include <l4/sys/task.h>

#define A 0x40000000UL /* windows in the test's own address space, far apart, 1 GiB aligned */
#define B 0x80000000UL
#define C 0xc0000000UL
#define D 0x100000000UL
enum { SUPER = 1 << 21 };

static char *ram; /* 4 MiB of memory, superpage aligned */

static void map(l4_addr_t from, unsigned order, unsigned rights, l4_addr_t to)
{
	long err =
	    l4_error(l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
				 l4_fpage(from, order, (unsigned char)rights), to | L4_ITEM_MAP));

	if (err)
		tap_diag("map returns %ld", err);
}

static unsigned unmap(l4_addr_t at, unsigned order, unsigned rights, l4_umword_t mask)
{
	l4_task_unmap(L4_BASE_TASK_CAP, l4_fpage(at, order, (unsigned char)rights), mask);
	return mr_get(2) & 0xf;
}

/* What a victim can do at an address: L4_FPAGE_RO and L4_FPAGE_W bits. It stays at 0 otherwise. */
static unsigned probe_one(void (*function)(void *), l4_addr_t address)
{
	l4_msgtag_t tag;
	unsigned can;

	victim_start(&root_task, function, (void *)address);
	tag = l4_ipc_wait(l4_utcb(), NULL, timeout_us(0, 500));
	can = ipc_error(tag) != 0 && victim->done;
	thread_destroy(victim);
	return can;
}

static unsigned access(l4_addr_t address)
{
	unsigned can = probe_one(victim_read, address) ? L4_FPAGE_RO : 0;

	return probe_one(victim_write, address) ? can | L4_FPAGE_W : can;
}

static bool executable(l4_addr_t address)
{
	return probe_one(victim_call, address);
}

/* ram page -> A -> B -> C, and A -> D: every node takes its subtree along. */
static void test_tree(void)
{
	map((l4_addr_t)ram, 12, L4_FPAGE_RW, A);
	map(A, 12, L4_FPAGE_RW, B);
	map(B, 12, L4_FPAGE_RW, C);
	map(A, 12, L4_FPAGE_RW, D);
	tap_is(access(C), L4_FPAGE_RW, "tree: the last of a chain of three");
	unmap(B, 12, L4_FPAGE_RWX, L4_FP_OTHER_SPACES);
	tap_is(access(B), L4_FPAGE_RW, "tree: other spaces keep the page itself");
	tap_is(access(C), 0, "tree: and remove what was derived");
	tap_is(access(D), L4_FPAGE_RW, "tree: siblings stay");
	map(B, 12, L4_FPAGE_RW, C);
	unmap(A, 12, L4_FPAGE_RWX, L4_FP_ALL_SPACES);
	tap_is(access(A) | access(B) | access(C) | access(D), 0, "tree: the root takes all along");
	tap_is(access((l4_addr_t)ram), L4_FPAGE_RW, "tree: but not its origin");
}

static void test_rights(void)
{
	map((l4_addr_t)ram, 12, L4_FPAGE_RO, A);
	tap_is(access(A), L4_FPAGE_RO, "rights: a read-only mapping");
	map(A, 12, L4_FPAGE_RW, B);
	tap_is(access(B), L4_FPAGE_RO, "rights: cannot be more than the source's");
	map((l4_addr_t)ram, 12, L4_FPAGE_RW, A);
	tap_is(access(A), L4_FPAGE_RW, "rights: mapping the same frame again adds rights");
	tap_is(access(B), L4_FPAGE_RO, "rights: not those of derived pages");
	map((l4_addr_t)ram, 12, L4_FPAGE_RO, A);
	tap_is(access(A), L4_FPAGE_RW, "rights: and never takes some away");
	map(A, 12, L4_FPAGE_RW, B);
	unmap((l4_addr_t)ram, 12, L4_FPAGE_W, L4_FP_OTHER_SPACES);
	tap_is(access(A), L4_FPAGE_RO, "rights: taking W away leaves the page");
	tap_is(access(B), L4_FPAGE_RO, "rights: in the whole tree");
	unmap((l4_addr_t)ram, 12, L4_FPAGE_RWX, L4_FP_OTHER_SPACES);
	ram[0] = (char)0xc3;
	map((l4_addr_t)ram, 12, L4_FPAGE_RX, A);
	map((l4_addr_t)ram, 12, L4_FPAGE_RO, B);
	tap_ok(executable(A), "rights: execute");
	tap_ok(!executable(B), "rights: no execute");
	unmap((l4_addr_t)ram, 12, L4_FPAGE_RWX, L4_FP_OTHER_SPACES);
}

static void test_superpages(void)
{
	memset(ram, 1, 2 * SUPER);
	map((l4_addr_t)ram, 22, L4_FPAGE_RW, A);
	tap_is(access(A) & access(A + SUPER + 0x1ff000), L4_FPAGE_RW, "superpages: 4 MiB at once");
	map(A + 0x5000, 12, L4_FPAGE_RW, B);
	ram[0x5000] = 'x';
	tap_is(*(volatile char *)B, 'x', "superpages: a small page out of a large one");
	map(A, 21, L4_FPAGE_RW, C + 0x1000);
	tap_is(access(C + 0x3000), L4_FPAGE_RW, "superpages: hot spots are aligned to the size");
	unmap(C, 21, L4_FPAGE_RWX, L4_FP_ALL_SPACES);
	unmap(A + 0x5000, 12, L4_FPAGE_RWX, L4_FP_OTHER_SPACES);
	tap_is(access(B), 0, "superpages: unmapping a part from others");
	tap_is(access(A + 0x5000), L4_FPAGE_RW, "superpages: leaves the large page");
	unmap(A + 0x5000, 12, L4_FPAGE_RWX, L4_FP_ALL_SPACES);
	tap_is(access(A + 0x6000), 0, "superpages: unmapping a part from oneself takes all of it");
	tap_is(access(A + SUPER), L4_FPAGE_RW, "superpages: but not the next one");
	unmap(A, 22, L4_FPAGE_RWX, L4_FP_ALL_SPACES);
	map((l4_addr_t)ram + 0x10000, 16, L4_FPAGE_RW, A + 0x30000);
	tap_is(access(A + 0x3f000), L4_FPAGE_RW, "a range of 16 small pages");
	unmap(A + 0x38000, 15, L4_FPAGE_RWX, L4_FP_ALL_SPACES);
	tap_is(access(A + 0x37000), L4_FPAGE_RW, "unmap of its upper half leaves the lower one");
	tap_is(access(A + 0x38000), 0, "and takes the upper one");
	unmap(A, 21, L4_FPAGE_RWX, L4_FP_ALL_SPACES);
}

/* 1 GiB of addresses without a device: mapped in the largest pages that the CPU has. */
static void test_gigabyte(void)
{
	enum { DEVICE_CACHED = 0x80 };
	l4_addr_t hole = 0x4000000000; /* 256 GiB */

	tap_is(sigma0_request(DEVICE_CACHED, l4_fpage(hole, 30, 0), NULL), 0, "1 GiB at once");
	map(hole, 30, L4_FPAGE_RO, D);
	tap_is(access(D), L4_FPAGE_RO, "1 GiB mapped on: its first page");
	tap_is(access(D + (1UL << 30) - PAGE_BYTES), L4_FPAGE_RO, "1 GiB: its last page");
	map(D + 0x12345000, 12, L4_FPAGE_RO, A);
	unmap(D, 21, L4_FPAGE_RWX, L4_FP_OTHER_SPACES);
	tap_is(access(A), L4_FPAGE_RO, "1 GiB: a small page of it, untouched by unmap beside it");
	unmap(hole, 30, L4_FPAGE_RWX, L4_FP_ALL_SPACES);
	tap_is(access(D) | access(A), 0, "1 GiB: all gone with its origin");
}

/* Source with holes; order below a page; window of all. */
static void test_ranges(void)
{
	map((l4_addr_t)ram, 12, L4_FPAGE_RW, A);
	map((l4_addr_t)ram + 0x3000, 12, L4_FPAGE_RW, A + 0x3000);
	map(A, 14, L4_FPAGE_RW, B);
	tap_is(access(B), L4_FPAGE_RW, "holes: what is there is mapped");
	tap_is(access(B + 0x1000), 0, "holes: are left out");
	tap_is(access(B + 0x3000), L4_FPAGE_RW, "holes: and what is behind them is mapped");
	map(A, 11, L4_FPAGE_RW, C);
	tap_is(access(C), 0, "an order below a page maps nothing");
	unmap(A, 30, L4_FPAGE_RWX, L4_FP_ALL_SPACES);
	tap_is(access(A) | access(B), 0, "unmap of 1 GiB");
}

static void test_occupied(void)
{
	char *other = mem_alloc(12);

	other[0] = 'o';
	ram[0] = 'r';
	map((l4_addr_t)ram, 12, L4_FPAGE_RW, A);
	map(A, 12, L4_FPAGE_RW, B);
	map((l4_addr_t)other, 12, L4_FPAGE_RW, A);
	tap_is(*(volatile char *)A, 'o', "occupied: another page replaces the old one");
	tap_is(access(B), 0, "occupied: with what was derived from that");
	unmap(A, 12, L4_FPAGE_RWX, L4_FP_ALL_SPACES);
	map((l4_addr_t)ram, 12, L4_FPAGE_RW, A);
	map(A, 12, L4_FPAGE_RW, B);
	map(B, 12, L4_FPAGE_RW, A);
	tap_is(access(A), 0, "occupied: mapping a page onto its ancestor unmaps that");
	tap_is(access(B), 0, "occupied: and so itself");
	map((l4_addr_t)ram, 21, L4_FPAGE_RW, A);
	map((l4_addr_t)other, 12, L4_FPAGE_RW, A + 0x7000);
	tap_is(*(volatile char *)(A + 0x7000), 'o', "occupied: a small page inside a large one");
	unmap(A, 21, L4_FPAGE_RWX, L4_FP_ALL_SPACES);
}

static void test_access_flags(void)
{
	map((l4_addr_t)ram, 12, L4_FPAGE_RW, A);
	tap_is(unmap(A, 12, L4_FPAGE_RWX, L4_FP_ALL_SPACES), 0, "access flags: untouched");
	map((l4_addr_t)ram, 12, L4_FPAGE_RW, A);
	(void)*(volatile char *)A;
	tap_is(unmap(A, 12, L4_FPAGE_RWX, L4_FP_ALL_SPACES), L4_TASK_UNMAP_REFERENCED,
	       "access flags: read");
	map((l4_addr_t)ram, 12, L4_FPAGE_RW, A);
	*(volatile char *)A = 1;
	tap_is(unmap(A, 12, L4_FPAGE_RWX, L4_FP_ALL_SPACES),
	       L4_TASK_UNMAP_REFERENCED | L4_TASK_UNMAP_DIRTY, "access flags: written");
}

/* Over a task: what it had mapped back goes with it. */
static void test_across_tasks(void)
{
	struct task *t = task_create();

	task_map_memory(t, ram, 21, L4_FPAGE_RW);
	l4_task_map(L4_BASE_TASK_CAP, t->cap, l4_fpage((l4_addr_t)ram, 21, L4_FPAGE_RW),
		    A | L4_ITEM_MAP);
	tap_is(access(A), L4_FPAGE_RW, "through another task and back");
	l4_task_unmap(t->cap, l4_fpage((l4_addr_t)ram, 12, L4_FPAGE_W), L4_FP_OTHER_SPACES);
	tap_is(access(A + 0x100000), L4_FPAGE_RO, "a part of a large page loses W as a whole");
	task_destroy(t);
	tap_is(access(A), 0, "the end of the task between revokes it");
}

/* Many pages, each mapped several times; all gone by one unmap. */
static void test_many(void)
{
	unsigned wrong = 0;

	for (unsigned i = 0; i < 4; i++)
		for (unsigned page = 0; page < 512; page += 3)
			map((l4_addr_t)ram + page * PAGE_BYTES, 12, L4_FPAGE_RW,
			    A + i * 0x10000000UL + page * PAGE_BYTES);
	for (unsigned page = 0; page < 512; page += 3)
		wrong += *(volatile char *)(A + 0x30000000UL + page * PAGE_BYTES) !=
			 ram[page * PAGE_BYTES];
	tap_is(wrong, 0, "684 mappings of 171 pages");
	unmap((l4_addr_t)ram, 21, L4_FPAGE_RWX, L4_FP_OTHER_SPACES);
	tap_is(access(A) | access(A + 0x30000000UL + 510 * PAGE_BYTES), 0, "all revoked at once");
}

static volatile unsigned char port_value;

static void read_port(void *port)
{
	port_value = in8((uint16_t)(uintptr_t)port);
}

/* A victim's in instruction: works, or trap 13. The message to the pager before that is refused. */
static bool port_works(struct task *t, unsigned port)
{
	l4_msgtag_t tag;
	bool works;

	victim = thread_create(t, read_port, (void *)(uintptr_t)port);
	thread_set_pager(victim, t == &root_task ? FAULT_CAP : library_gate);
	thread_set_handler(victim, FAULT_CAP);
	thread_start(victim, 0, PRIO_VICTIM);
	tag = l4_ipc_wait(l4_utcb(), NULL, timeout_us(0, 5000));
	if (!ipc_error(tag) && l4_msgtag_is_io_page_fault(tag)) {
		if (l4_fpage_ioport((l4_fpage_t){ .raw = mr_get(0) }) != port)
			tap_diag("I/O fault with flexpage %lx", mr_get(0));
		tag = answer_and_wait(l4_msgtag(-L4_ENOMEM, 0, 0, 0));
	}
	works = ipc_error(tag) && victim->done;
	if (!works && !(l4_msgtag_is_exception(tag) && l4_utcb_exc()->trapno == 13))
		tap_diag("in: label %ld trap %ld", l4_msgtag_label(tag), l4_utcb_exc()->trapno);
	thread_destroy(victim);
	return works;
}

static void test_ports(void)
{
	struct task *t = task_create();

	task_give(t, FAULT_CAP, L4_CAP_FPAGE_RWS);
	tap_ok(!port_works(&root_task, 0x61), "ports: none at the beginning, trap 13");
	ports_get(0x60, 2);
	tap_ok(port_works(&root_task, 0x61), "ports: asked of sigma0 they work");
	tap_ok(!port_works(&root_task, 0x64), "ports: the next one does not");
	tap_ok(!port_works(t, 0x61), "ports: another task has none");
	l4_task_map(t->cap, L4_BASE_TASK_CAP, l4_iofpage(0x61, 0), L4_ITEM_MAP);
	tap_ok(port_works(t, 0x61), "ports: mapped to it");
	tap_ok(!port_works(t, 0x60), "ports: only that one");
	l4_task_unmap(L4_BASE_TASK_CAP, l4_iofpage(0x60, 2), L4_FP_OTHER_SPACES);
	tap_ok(!port_works(t, 0x61), "ports: revoked");
	tap_ok(port_works(&root_task, 0x61), "ports: but not here");
	l4_task_unmap(L4_BASE_TASK_CAP, l4_iofpage(0x61, 0), L4_FP_ALL_SPACES);
	tap_ok(!port_works(&root_task, 0x61), "ports: given up");
	tap_ok(port_works(&root_task, 0x60), "ports: a single one of a range");
	task_destroy(t);
}

void test_main(void)
{
	victim_init();
	ram = mem_alloc(22);
	test_tree();
	test_rights();
	test_superpages();
	test_gigabyte();
	test_ranges();
	test_occupied();
	test_access_flags();
	test_across_tasks();
	test_many();
	test_ports();
}
