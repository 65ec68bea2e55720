/* SPDX-License-Identifier: MIT */
/*
 * Promises of moe about the end of objects: whatever refers to whatever, all of it goes, and what
 * takes long does not keep others from being served.
 */
#include "client.h"

#include <l4/re/c/rm.h>
#include <l4/sys/ipc.h>
#include <l4/sys/task.h>
#include "loader/loader.h"

enum { PAGE = 4096, RW = L4_CAP_FPAGE_RW, RWS = L4_CAP_FPAGE_RWS, SEARCH = 0x20000 };
enum { CHAIN = 3000, QUOTA = 16 << 20, LARGE = 96 << 20, PROGRAM_QUOTA = 1 << 20 };
#define WINDOW 0x600000000000UL

static l4_cap_idx_t mem;

static l4_cap_idx_t new_object(l4_cap_idx_t factory, long protocol)
{
	l4_cap_idx_t cap = cap_new();

	if (create(factory, protocol, cap) < 0)
		tap_bail("cannot make an object of kind %lx", protocol);
	return cap;
}

static void namespaces_that_name_each_other(void)
{
	l4_umword_t before = memory_stats(mem).used;
	l4_cap_idx_t ring[5];

	ring[0] = new_object(mem, L4RE_PROTO_NAMESPACE);
	ns_register(ring[0], "self", RWS, ring[0]);
	cap_release(ring[0]);
	tap_ok(memory_settles(mem, before), "a namespace that names itself goes");
	for (unsigned i = 0; i < 5; i++)
		ring[i] = new_object(mem, L4RE_PROTO_NAMESPACE);
	for (unsigned i = 0; i < 5; i++) {
		ns_register(ring[i], "next", RWS, ring[(i + 1) % 5]);
		ns_register(ring[i], "previous", RWS, ring[(i + 4) % 5]);
		ns_register(ring[i], "first", RWS, ring[0]);
	}
	for (unsigned i = 0; i < 4; i++)
		cap_release(ring[i]);
	tap_is(ns_query(ring[4], "next", ring[0], NULL, 0), 0, "a ring lives as long as one does");
	tap_is(ns_query(ring[0], "next", ring[1], NULL, 0), 0, "all of it");
	cap_release(ring[0]);
	cap_release(ring[1]);
	cap_release(ring[4]);
	tap_ok(memory_settles(mem, before), "and goes with its last capability");
}

/* Each is held by the name in the one before: the end of the first is the end of all. */
static void a_long_chain(void)
{
	l4_cap_idx_t factory = cap_new(), first, last, next = cap_new();
	bool good = true;

	create_factory(mem, factory, QUOTA);
	first = new_object(factory, L4RE_PROTO_NAMESPACE);
	last = cap_new();
	ns_register(first, "next", RWS, first);
	good &= ns_query(first, "next", last, NULL, 0) == 0;
	for (unsigned i = 0; i < CHAIN; i++) {
		good &= create(factory, L4RE_PROTO_NAMESPACE, next) == 0;
		good &= ns_register(last, "next", RWS | 0x200, next) == 0;
		l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, l4_obj_fpage(next, 0, 0xf),
			    last | L4_ITEM_MAP);
		cap_release(next);
	}
	cap_release(last);
	tap_ok(good, "a chain of %u namespaces", CHAIN);
	tap_is(ns_query(first, "next", next, NULL, 0), 0, "lives by its first");
	cap_release(next);
	cap_release(first);
	tap_ok(memory_settles(factory, 0), "and goes with it");
	cap_release(factory);
}

/* The end is done in pieces: who asks meanwhile sees it half done. In one piece, one figure is
 * seen. */
static void a_large_end(void)
{
	l4_umword_t before = memory_stats(mem).used, used, last = 0;
	l4_cap_idx_t factory = cap_new(), ds = cap_new(), small = cap_new();
	unsigned seen = 0;

	create_factory(mem, factory, LARGE);
	tap_is(create_ds(factory, ds, LARGE / 2, 0, 0), 0, "a large dataspace");
	tap_is(ds_allocate(ds, 0, LARGE / 2), 0, "with its memory");
	cap_release(ds);
	for (used = ~0UL; used && seen < 100000; last = used, used = memory_stats(factory).used)
		seen += used != last;
	tap_ok(seen > 2, "others are served while it goes: %u figures seen", seen);
	tap_is(create_ds(factory, ds, LARGE / 2, 1, 0), 0, "a large one in a row");
	cap_release(ds);
	tap_is(create_ds(factory, ds, PAGE, 1, 0), 0, "memory can be had before all is back");
	cap_release(factory);
	tap_is(create_ds(mem, small, PAGE, 1, 0), 0, "by others, too");
	cap_release(small);
	tap_ok(memory_settles(mem, before), "all comes back");
}

static void what_is_being_freed_can_be_had(void)
{
	l4_cap_idx_t factory = cap_new(), ds = cap_new();
	bool good = true;

	create_factory(mem, factory, 600 * PAGE);
	for (unsigned i = 0; i < 20; i++) {
		good &= create_ds(factory, ds, 400 * PAGE, i & 1, 0) == 0;
		good &= ds_allocate(ds, 0, 400 * PAGE) == 0;
		cap_release(ds);
	}
	tap_ok(good, "two thirds of a quota, again and again without a pause");
	tap_ok(memory_settles(factory, 0), "come back");
	cap_release(factory);
}

/* --- A program that shares what it has: the kernel deletes what it has the right to delete --- */

/* Puts a namespace, memory and a region map of its own into its parent's namespace. */
void child_main(void)
{
	l4_cap_idx_t shared = cap_named("shared"), ds = cap_new(), ns, rm;
	l4_addr_t at = 0;

	create_ds(env->mem_alloc, ds, 4 * PAGE, 0, 0);
	rm_attach(env->rm, &at, 4 * PAGE, L4RE_RM_F_RW | SEARCH, ds, RW, 0, 12);
	*(volatile long *)at = 4711;
	ns = new_object(env->mem_alloc, L4RE_PROTO_NAMESPACE);
	rm = new_object(env->mem_alloc, L4RE_PROTO_RM);
	ns_register(ns, "up", RWS, shared);
	ns_register(ns, "memory", RWS, ds);
	at = 0x1000000;
	rm_attach(rm, &at, 4 * PAGE, L4RE_RM_F_RW, ds, RW, 0, 12);
	ns_register(shared, "map", RWS, rm);
	ns_register(shared, "memory", RWS, ds);
	ns_register(shared, "names", RWS, ns);
}

static bool start(const struct loader_objects *objects, l4_cap_idx_t factory, l4_cap_idx_t shared)
{
	static const char *const arguments[] = { "rom/test-moe-end", "child" };
	const struct loader_named_cap caps[] = { { "shared", { shared, RWS } } };
	struct loader_params p = { .file = cap_new() };

	if (ns_query(cap_named("rom"), "test-moe-end", p.file, NULL, 0) < 0)
		tap_bail("this program is not in rom");
	p.file_name = arguments[0];
	p.argc = 2;
	p.argv = arguments;
	p.factory = (struct loader_cap){ env->factory, RWS };
	p.mem = (struct loader_cap){ factory, RWS };
	p.scheduler = (struct loader_cap){ env->scheduler, RWS };
	p.parent.cap = p.log.cap = p.dbg_events.cap = L4_INVALID_CAP;
	p.cap_count = 1;
	p.caps = caps;
	p.rm_fab = factory;
	p.kip = cap_named("kip");
	p.fault = L4_INVALID_CAP;
	p.window = WINDOW;
	p.sched = l4_sched_param(2, 0);
	return loader_start(&p, objects, NULL) == 0;
}

static bool appears(l4_cap_idx_t ns, const char *name, l4_cap_idx_t slot)
{
	for (unsigned i = 0; i < 10000; i++) {
		if (ns_query(ns, name, slot, NULL, 0) == 0)
			return true;
		l4_ipc_sleep(l4_ipc_timeout(0, 0, 1000, 0));
	}
	return false;
}

/* The first start also makes this program touch memory of its own. */
static void start_and_kill(void)
{
	struct loader_objects objects = { cap_new(), cap_new(), cap_new(), cap_new() };
	l4_cap_idx_t factory = cap_new(), shared = new_object(mem, L4RE_PROTO_NAMESPACE);

	create_factory(mem, factory, PROGRAM_QUOTA);
	tap_ok(start(&objects, factory, shared), "a program starts");
	loader_kill(&objects);
	cap_release(factory);
	cap_release(shared);
}

static void a_program_that_shares(bool factory_first)
{
	struct loader_objects objects = { cap_new(), cap_new(), cap_new(), cap_new() };
	l4_umword_t before = memory_stats(mem).used;
	l4_cap_idx_t factory = cap_new(), shared = new_object(mem, L4RE_PROTO_NAMESPACE);
	l4_cap_idx_t names = cap_new(), ds = cap_new(), copy = cap_new(), map = cap_new();
	l4_addr_t at = 0, seen = 0;
	unsigned long size = 1;

	create_factory(mem, factory, PROGRAM_QUOTA);
	tap_ok(start(&objects, factory, shared), "a program starts");
	tap_ok(appears(shared, "names", names), "and shares names");
	tap_ok(appears(shared, "memory", ds) && appears(shared, "map", map), "memory, and a map");
	tap_is(rm_attach(env->rm, &at, 4 * PAGE, L4RE_RM_F_RW | SEARCH, ds, RW, 0, 12), 0,
	       "its memory is attached");
	tap_is(*(volatile long *)at, 4711, "and has what it has written");
	create_ds(mem, copy, 4 * PAGE, 0, 0);
	tap_is(ds_copy(copy, 0, ds, 0, 4 * PAGE), 0, "and is copied");
	if (factory_first)
		cap_release(factory);
	loader_kill(&objects);
	if (!factory_first) {
		*(volatile long *)at = 4712;
		tap_is(*(volatile long *)at, 4712, "what it shared outlives the program");
		tap_ok(!cap_exists(names) && !cap_exists(map), "what it could delete goes with it");
		tap_is(ns_query(shared, "memory", ds, NULL, 0), 0, "but for the names of others");
		cap_release(factory);
	}
	for (unsigned i = 0; cap_exists(ds) && i < 2000; i++)
		l4_ipc_sleep(l4_ipc_timeout(0, 0, 1000, 0));
	tap_ok(!cap_exists(ds) && !cap_exists(names) && !cap_exists(map),
	       "nothing outlives the factory that pays for it");
	tap_is(ns_query(shared, "memory", ds, NULL, 0), -L4_ENOENT,
	       "its names are names of nothing");
	rm_attach(env->rm, &seen, 4 * PAGE, L4RE_RM_F_R | SEARCH, copy, RW, 0, 12);
	tap_is(*(volatile long *)seen, 4711, "the copy is as it was");
	tap_is(rm_detach(env->rm, at, 4 * PAGE, 2, &at, &size), 0, "the empty region is detached");
	rm_detach(env->rm, seen, 4 * PAGE, 2, &seen, &size);
	cap_release(copy);
	cap_release(shared);
	tap_ok(memory_settles(mem, before), "and all memory is back");
}

void test_main(void)
{
	mem = env->mem_alloc;
	namespaces_that_name_each_other();
	a_long_chain();
	a_large_end();
	what_is_being_freed_can_be_had();
	start_and_kill();
	a_program_that_shares(false);
	a_program_that_shares(true);
}
