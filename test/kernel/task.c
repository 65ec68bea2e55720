/* SPDX-License-Identifier: MIT */
/* Task: map, unmap, capability info, kernel-user memory, argument errors, end of a task. */
#include "partner.h"

#include <l4/sys/factory.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>

#define SLOT(n) ((l4_cap_idx_t)(FREE_CAP_FIRST + (n)) << L4_CAP_SHIFT)
#define KU_BASE 0x60000000UL

static struct task *other;

static long map_cap(l4_cap_idx_t dst, l4_cap_idx_t src, l4_cap_idx_t cap, unsigned rights,
		    l4_cap_idx_t to)
{
	return l4_error(
	    l4_task_map(dst, src, l4_obj_fpage(cap, 0, (unsigned char)rights), to | L4_ITEM_MAP));
}

static long valid(l4_cap_idx_t task, l4_cap_idx_t cap)
{
	return l4_error(l4_task_cap_valid(task, cap));
}

static long equal(l4_cap_idx_t a, l4_cap_idx_t b)
{
	return l4_error(l4_task_cap_equal(L4_BASE_TASK_CAP, a, b));
}

static void test_cap_info(void)
{
	l4_cap_idx_t sem = semaphore_create();

	tap_is(valid(L4_BASE_TASK_CAP, sem), 1, "cap info: an object is valid");
	tap_is(valid(L4_BASE_TASK_CAP, SLOT(0)), 0, "cap info: an empty slot is not");
	tap_is(valid(L4_BASE_TASK_CAP, L4_INVALID_CAP), 0, "cap info: the invalid selector is not");
	tap_is(valid(other->cap, L4_BASE_TASK_CAP), 1, "cap info: looks into the named task");
	map_cap(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, sem, L4_CAP_FPAGE_RWS, SLOT(0));
	map_cap(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, sem, L4_CAP_FPAGE_R, SLOT(1));
	tap_is(equal(sem, SLOT(0)), 1, "cap info: a copy with the same rights is equal");
	tap_is(equal(sem, SLOT(1)), 0, "cap info: a copy with other rights is not");
	tap_is(equal(sem, L4_BASE_FACTORY_CAP), 0, "cap info: another object is not");
	tap_is(equal(SLOT(2), SLOT(3)), 1, "cap info: two empty slots are equal");
	tap_is(equal(sem, sem), 1, "cap info: a selector equals itself");
	mr_set(0, L4_TASK_CAP_INFO_OP);
	tap_is(l4_error(l4_ipc_call(L4_BASE_TASK_CAP, l4_utcb(), l4_msgtag(L4_PROTO_TASK, 1, 0, 0),
				    L4_IPC_NEVER)),
	       -L4_EINVAL, "cap info: needs 2 or 3 words");
	cap_delete(sem);
	tap_is(valid(L4_BASE_TASK_CAP, SLOT(0)), 0, "deleting an object empties all its slots");
	tap_is(valid(L4_BASE_TASK_CAP, SLOT(1)), 0, "also those with fewer rights");
}

static void test_map_rights(void)
{
	l4_cap_idx_t weak_task = SLOT(10), sem = semaphore_create();

	map_cap(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, other->cap, L4_CAP_FPAGE_R, weak_task);
	tap_is(map_cap(weak_task, L4_BASE_TASK_CAP, sem, L4_CAP_FPAGE_RWS, SLOT(0)), -L4_EPERM,
	       "map: needs W on the destination task");
	map_cap(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, other->cap, L4_CAP_FPAGE_RW, SLOT(11));
	tap_is(map_cap(SLOT(11), L4_BASE_TASK_CAP, sem, L4_CAP_FPAGE_RWS, SLOT(0)), 0,
	       "map: W on it is enough");
	map_cap(other->cap, L4_BASE_TASK_CAP, sem, L4_CAP_FPAGE_RW, SLOT(1));
	tap_is(l4_error(l4_task_cap_equal(other->cap, SLOT(0), SLOT(1))), 1,
	       "map: without S on a task S is not passed");
	tap_is(map_cap(other->cap, L4_BASE_TASK_CAP, SLOT(40), L4_CAP_FPAGE_RWS, SLOT(2)), 0,
	       "map: an empty source is no error");
	tap_is(valid(other->cap, SLOT(2)), 0, "map: and maps nothing");
	tap_is(map_cap(other->cap, L4_BASE_TASK_CAP, sem, L4_CAP_FPAGE_W, SLOT(2)), 0,
	       "map: without R in the flexpage");
	tap_is(valid(other->cap, SLOT(2)), 0, "map: nothing is mapped");
	tap_is(map_cap(other->cap, L4_BASE_FACTORY_CAP, sem, L4_CAP_FPAGE_RWS, SLOT(2)), -L4_EINVAL,
	       "map: the source must be a task");
	tap_is(map_cap(other->cap, L4_BASE_TASK_CAP, sem, L4_CAP_FPAGE_RWS, 0x10000UL << 12), 0,
	       "map: to a slot behind the last one is no error");
	cap_delete(sem);
}

static void test_unmap(void)
{
	l4_cap_idx_t sem = semaphore_create();
	l4_fpage_t pages[3];

	map_cap(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, sem, L4_CAP_FPAGE_RWS, SLOT(20));
	map_cap(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, sem, L4_CAP_FPAGE_R, SLOT(21));
	l4_task_unmap(L4_BASE_TASK_CAP, l4_obj_fpage(SLOT(20), 0, L4_CAP_FPAGE_W | L4_CAP_FPAGE_S),
		      L4_FP_ALL_SPACES);
	tap_is(equal(SLOT(20), SLOT(21)), 1, "unmap without R takes only W and S away");
	l4_task_unmap(L4_BASE_TASK_CAP, l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWSD),
		      L4_FP_OTHER_SPACES);
	tap_is(valid(L4_BASE_TASK_CAP, SLOT(20)), 1, "other spaces: nothing happens to objects");
	l4_task_release_cap(L4_BASE_TASK_CAP, SLOT(20));
	tap_is(valid(L4_BASE_TASK_CAP, SLOT(20)), 0, "release empties the slot");
	tap_is(valid(L4_BASE_TASK_CAP, sem), 1, "but the object lives by its other capabilities");
	pages[0] = l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWSD);
	pages[1] = l4_obj_fpage(SLOT(30), 0, L4_CAP_FPAGE_RWSD);
	pages[2] = l4_obj_fpage(SLOT(21), 0, L4_CAP_FPAGE_RWSD);
	tap_is(l4_error(l4_task_unmap_batch(L4_BASE_TASK_CAP, pages, 3, L4_FP_ALL_SPACES)), 0,
	       "unmap of several flexpages");
	tap_is(valid(L4_BASE_TASK_CAP, sem) + valid(L4_BASE_TASK_CAP, SLOT(21)), 0,
	       "all are empty");
	sem = semaphore_create();
	map_cap(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, sem, L4_CAP_FPAGE_RWS, SLOT(22));
	l4_task_unmap(L4_BASE_TASK_CAP, l4_obj_fpage(SLOT(22), 0, L4_CAP_FPAGE_RWSD),
		      L4_FP_DELETE_OBJ);
	tap_is(valid(L4_BASE_TASK_CAP, sem), 1, "delete without the D right only releases");
	cap_delete(sem);
	tap_is(valid(L4_BASE_TASK_CAP, sem), 0, "delete with the D right deletes");
}

/* A whole capability range. */
static void test_ranges(void)
{
	l4_cap_idx_t sem[4], from = SLOT(64), to = SLOT(96);
	unsigned found = 0;

	for (unsigned i = 0; i < 4; i++) {
		sem[i] = from + (l4_cap_idx_t)(i * 3) * L4_CAP_OFFSET;
		l4_factory_create(L4_BASE_FACTORY_CAP, L4_PROTO_SEMAPHORE, sem[i]);
	}
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, l4_obj_fpage(from, 4, L4_CAP_FPAGE_RWS),
		    to | L4_ITEM_MAP);
	for (unsigned i = 0; i < 16; i++)
		found |= (unsigned)valid(L4_BASE_TASK_CAP, to + i * L4_CAP_OFFSET) << i;
	tap_is((long)found, 0x249, "a range of 16 slots is mapped, holes stay holes");
	l4_task_unmap(L4_BASE_TASK_CAP, l4_obj_fpage(from, 4, L4_CAP_FPAGE_RWSD), L4_FP_DELETE_OBJ);
	found = 0;
	for (unsigned i = 0; i < 16; i++)
		found += (unsigned)valid(L4_BASE_TASK_CAP, to + i * L4_CAP_OFFSET);
	tap_is((long)found, 0, "deleting the originals as a range empties the copies");
}

static void test_occupied_slots(void)
{
	l4_cap_idx_t a = semaphore_create(), b = semaphore_create();

	map_cap(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, a, L4_CAP_FPAGE_RWS, SLOT(50));
	map_cap(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, b, L4_CAP_FPAGE_RWS, SLOT(50));
	tap_is(equal(SLOT(50), b), 1, "mapping to a slot in use replaces the capability");
	tap_is(valid(L4_BASE_TASK_CAP, a), 1, "the old object lives by its other capability");
	map_cap(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, b, L4_CAP_FPAGE_RWS, a);
	tap_is(equal(a, b), 1, "replacing a capability with the D right");
	map_cap(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, SLOT(50), L4_CAP_FPAGE_RWS, SLOT(50));
	tap_is(valid(L4_BASE_TASK_CAP, SLOT(50)), 0, "mapping onto itself empties the slot");
	cap_delete(b);
}

static long add_ku(l4_addr_t address, unsigned order)
{
	return l4_error(l4_task_add_ku_mem(other->cap, l4_fpage(address, order, 0)));
}

static void test_ku_memory(void)
{
	volatile char *own = (char *)(KU_BASE + 0x100000);
	char *page = mem_alloc(12);

	tap_is(add_ku(KU_BASE, 11), -L4_EINVAL, "KU memory: less than a page");
	tap_is(add_ku(KU_BASE, 18), -L4_EINVAL, "KU memory: more than 128 KiB");
	tap_is(add_ku(0x800000000000, 12), -L4_EINVAL, "KU memory: outside user addresses");
	tap_is(add_ku(KU_BASE, 12), 0, "KU memory: a page");
	tap_is((long)mr_get(0), (long)l4_fpage(KU_BASE, 12, 0).raw, "KU memory: flexpage returned");
	tap_is(add_ku(KU_BASE, 12), -L4_EEXIST, "KU memory: not twice");
	tap_is(add_ku(KU_BASE + 0x20000, 17), 0, "KU memory: 128 KiB");
	l4_task_map(other->cap, L4_BASE_TASK_CAP, l4_fpage((l4_addr_t)page, 12, L4_FPAGE_RW),
		    (KU_BASE + 0x80000) | L4_ITEM_MAP);
	tap_is(add_ku(KU_BASE + 0x80000, 12), -L4_EEXIST, "KU memory: not over a mapping");
	l4_task_add_ku_mem(L4_BASE_TASK_CAP, l4_fpage((l4_addr_t)own, 12, 0));
	tap_is(own[0] | own[4095], 0, "KU memory: is zero");
	own[0] = 1;
	l4_task_unmap(L4_BASE_TASK_CAP, l4_fpage((l4_addr_t)own, 12, L4_FPAGE_RWX),
		      L4_FP_ALL_SPACES);
	tap_is(own[0], 1, "KU memory: cannot be unmapped");
}

static void test_errors(void)
{
	mr_set(0, 0x77);
	tap_is(l4_error(l4_ipc_call(L4_BASE_TASK_CAP, l4_utcb(), l4_msgtag(L4_PROTO_TASK, 1, 0, 0),
				    L4_IPC_NEVER)),
	       -L4_ENOSYS, "an unknown operation");
	tap_is(l4_error(
		   l4_ipc_call(L4_BASE_TASK_CAP, l4_utcb(), l4_msgtag(55, 1, 0, 0), L4_IPC_NEVER)),
	       -L4_EBADPROTO, "an unknown protocol");
}

/* End of a task: what it holds with D dies, what was derived from it goes away. */
static void test_destroy(void)
{
	struct task *t = task_create();
	l4_cap_idx_t sem = semaphore_create(), kept = semaphore_create();
	char *page = mem_alloc(12);
	volatile char *copy = (char *)0x61000000UL;

	*page = 7;
	l4_task_map(t->cap, L4_BASE_TASK_CAP, l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWSD),
		    SLOT(0) | L4_ITEM_MAP);
	l4_task_map(t->cap, L4_BASE_TASK_CAP, l4_obj_fpage(kept, 0, L4_CAP_FPAGE_RWS),
		    SLOT(1) | L4_ITEM_MAP);
	task_map_memory(t, page, 12, L4_FPAGE_RW);
	l4_task_map(L4_BASE_TASK_CAP, t->cap, l4_fpage((l4_addr_t)page, 12, L4_FPAGE_RW),
		    (l4_umword_t)copy | L4_ITEM_MAP);
	tap_is(*copy, 7, "memory can be mapped back from the task");
	task_destroy(t);
	tap_ok(!cap_exists(t->cap), "the task is gone");
	tap_ok(!cap_exists(sem), "an object that it held with the D right is gone");
	tap_ok(cap_exists(kept), "one that it held without D lives");
	tap_is(*page, 7, "its memory is still here");
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, l4_fpage((l4_addr_t)page, 12, L4_FPAGE_RW),
		    (l4_umword_t)copy | L4_ITEM_MAP);
	tap_is(*copy, 7, "and what the task had mapped on can be mapped anew");
	cap_delete(kept);
}

static volatile bool unmapped;
static uint64_t unmap_us;

static void unmap_beyond(void *unused)
{
	uint64_t start = clock_us();

	(void)unused;
	l4_task_unmap(L4_BASE_TASK_CAP,
		      l4_obj_fpage(0x20000UL << L4_CAP_SHIFT, 2, L4_CAP_FPAGE_RWS),
		      L4_FP_ALL_SPACES);
	unmap_us = clock_us() - start;
	unmapped = true;
}

static void test_unmap_beyond_the_table(void)
{
	struct thread *t = thread_run(unmap_beyond, NULL, 0, PRIO_MAIN - 20);

	sleep_us(100000); /* a preemption would end it */
	tap_ok(WAIT_UNTIL(unmapped, 500) && unmap_us < 50000,
	       "unmapping capabilities above the last index ends at once");
	thread_destroy(t);
}

void test_main(void)
{
	other = task_create();
	test_cap_info();
	test_map_rights();
	test_unmap();
	test_ranges();
	test_occupied_slots();
	test_ku_memory();
	test_errors();
	test_unmap_beyond_the_table();
	test_destroy();
}
