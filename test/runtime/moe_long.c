/* SPDX-License-Identifier: MIT */
/*
 * Promises of moe about requests that take long: others are served meanwhile, the result is whole,
 * and who or whatever ends in the middle leaves nothing. A thread makes the request, and the main
 * thread, less urgent and on the same CPU, asks for something small again and again.
 *
 * With 3 GiB of memory or more the sizes are those of doc/moe.md; with a virtual clock (run-test -C
 * virtual) the ticks are instructions.
 */
#include "client.h"

#include <l4/re/c/rm.h>
#include <l4/sys/ipc.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>
#include <l4/util/rdtsc.h>
#include "child.h"

enum { PAGE = 4096, RW = 6, CONTINUOUS = 1, SEARCH = 0x20000, HIGHER = 3, PROBES_LEAST = 10 };
#define AREA	    0x200000000UL
#define STEP	    0x200000UL /* size is a multiple of it */
#define SIZE_MOST   (512UL << 20)
#define PATTERN(at) (0x5eed000000000000UL + (at))

static l4_cap_idx_t mem, factory, thread, from, to;
static l4_umword_t size;
static char stack[16384] __attribute__((aligned(16)));
static volatile bool done;
static volatile long result;
static long (*volatile request)(void);

/* --- Requests --- */

static long allocate_all(void)
{
	return ds_allocate(to, 0, size);
}

static long clear_all(void)
{
	return ds_clear(to, 0, size);
}

static long copy_pages(void)
{
	return ds_copy(to, 0, from, 0, size);
}

static long copy_bytes(void)
{
	return ds_copy(to, 8, from, 0, size - 8);
}

static long attach_private(void)
{
	l4_addr_t at = AREA + 4 * SIZE_MOST;

	return rm_attach(env->rm, &at, size, L4RE_RM_F_RW | SEARCH | L4RE_RM_F_PRIVATE, from,
			 L4_CAP_FPAGE_RW, 0, 12);
}

static long attach_eagerly(void)
{
	l4_addr_t at = AREA + 4 * SIZE_MOST;

	return rm_attach(env->rm, &at, size, L4RE_RM_F_RW | SEARCH | L4RE_RM_F_EAGER_MAP, to,
			 L4_CAP_FPAGE_RW, 0, 12);
}

static long attach_at_place(void)
{
	l4_addr_t at = AREA + 4 * SIZE_MOST;

	return rm_attach(env->rm, &at, size, L4RE_RM_F_RW | L4RE_RM_F_EAGER_MAP, to,
			 L4_CAP_FPAGE_RW, 0, 12);
}

static long create_contiguous(void)
{
	return create_ds(factory, to, (l4_mword_t)size, CONTINUOUS, 0);
}

/* --- The thread that makes them --- */

static void worker(void)
{
	result = request();
	done = true;
	l4_ipc_sleep(L4_IPC_NEVER);
}

static void begin(long (*what)(void))
{
	l4_sched_param_t param = l4_sched_param(HIGHER, 0);

	param.affinity = l4_sched_cpu_set(0, 0, 1);
	done = false;
	result = 1;
	request = what;
	thread_begin(thread, worker, stack + sizeof(stack), param);
}

static void end(void)
{
	l4_task_delete_obj(L4_BASE_TASK_CAP, thread);
}

/* Ask for something small until the request is answered. */
static void others_are_served(const char *name, long (*what)(void))
{
	l4_umword_t longest = 0, last = l4_rdtsc(), now, flags;
	unsigned probes = 0;
	l4_uint64_t bytes;

	begin(what);
	do {
		probes += !done;
		ds_info(from, &bytes, &flags);
		now = l4_rdtsc();
		longest = now - last > longest ? now - last : longest;
		last = now;
	} while (!done);
	end();
	tap_is(result, 0, "%s %lu MiB", name, size >> 20);
	tap_ok(probes >= PROBES_LEAST, "others are served meanwhile, %u times", probes);
	tap_diag("the longest wait: %lu ticks", longest);
}

/* --- Contents --- */

static volatile l4_umword_t *word_at(l4_cap_idx_t ds, l4_umword_t offset)
{
	l4_umword_t page = offset & ~(l4_umword_t)(PAGE - 1);

	if (ds_map(ds, page, RW, AREA, 12, NULL) < 0)
		tap_bail("cannot map offset %lx", offset);
	return (volatile l4_umword_t *)(AREA + (offset - page));
}

static void fill(l4_cap_idx_t ds)
{
	for (l4_umword_t at = 0; at < size; at += STEP)
		*word_at(ds, at) = PATTERN(at);
	*word_at(ds, size - 16) = PATTERN(size - 16);
}

/* Is what fill() wrote there, `shift` bytes further on? */
static bool is_filled(l4_cap_idx_t ds, l4_umword_t shift)
{
	bool good = *word_at(ds, size - 16 + shift) == PATTERN(size - 16);

	for (l4_umword_t at = 0; at < size; at += STEP)
		good = good && *word_at(ds, at + shift) == PATTERN(at);
	return good;
}

static bool is_zero(l4_cap_idx_t ds)
{
	bool good = !*word_at(ds, size - 16);

	for (l4_umword_t at = 0; at < size; at += STEP)
		good = good && !*word_at(ds, at);
	return good;
}

static void new_ds(l4_cap_idx_t ds)
{
	if (create_ds(factory, ds, (l4_mword_t)size, 0, 0) < 0)
		tap_bail("no dataspace");
}

static void detach(void)
{
	l4_addr_t taken;
	unsigned long bytes;

	tap_ok(rm_detach(env->rm, AREA + 4 * SIZE_MOST, size, 0, &taken, &bytes) >= 0 &&
		   bytes == size,
	       "the region is whole");
}

static void long_requests(void)
{
	new_ds(from);
	new_ds(to);
	others_are_served("allocating", allocate_all);
	fill(to);
	others_are_served("clearing", clear_all);
	tap_ok(is_zero(to), "all is zero");
	ds_allocate(from, 0, size);
	fill(from);
	others_are_served("sharing pages of a copy of", copy_pages);
	tap_ok(is_filled(to, 0), "the copy is whole");
	cap_release(to);
	memory_settles(mem, memory_stats(mem).used);
	new_ds(to);
	others_are_served("copying bytes of", copy_bytes);
	tap_ok(is_filled(to, 8), "the copy is whole");
	cap_release(to);
	new_ds(to);
	others_are_served("attaching eagerly", attach_eagerly);
	detach();
	cap_release(to);
	others_are_served("attaching a private copy of", attach_private);
	detach();
	cap_release(from);
	new_ds(from);
	others_are_served("making in a row", create_contiguous);
	tap_ok(is_zero(to), "all is zero");
}

/* --- Ends in the middle --- */

static void wait_for_some_work(void)
{
	l4_umword_t flags;
	l4_uint64_t bytes;

	for (unsigned i = 0; i < 5; i++)
		ds_info(from, &bytes, &flags);
}

static void renew(void)
{
	cap_release(factory);
	cap_release(to);
	cap_release(from);
	if (create_factory(mem, factory, (l4_mword_t)(3 * size)) < 0)
		tap_bail("no factory");
	new_ds(from);
	new_ds(to);
}

static void a_client_ends(void)
{
	l4_umword_t before = memory_stats(mem).used;

	renew();
	begin(allocate_all);
	wait_for_some_work();
	tap_ok(!done, "a request is under way");
	end();
	cap_release(to);
	cap_release(from);
	tap_ok(memory_settles(factory, 0), "its client ends: nothing is left of it");
	cap_release(factory);
	tap_ok(memory_settles(mem, before), "nor of the factory");
}

static void a_factory_ends(void)
{
	l4_umword_t before = memory_stats(mem).used;

	renew();
	begin(allocate_all);
	wait_for_some_work();
	cap_release(factory);
	for (unsigned i = 0; !done && i < 2000; i++)
		l4_ipc_sleep(l4_ipc_timeout(0, 0, 1000, 0));
	tap_ok(done && result == -L4_ENOENT, "its factory ends: the client is told");
	end();
	tap_ok(memory_settles(mem, before), "nothing is left of it");
}

static void a_capability_ends(void)
{
	l4_umword_t before = memory_stats(mem).used;

	renew();
	begin(allocate_all);
	wait_for_some_work();
	cap_release(to);
	for (unsigned i = 0; !done && i < 2000; i++)
		l4_ipc_sleep(l4_ipc_timeout(0, 0, 1000, 0));
	tap_ok(done && !result, "its last capability ends: it is done nevertheless");
	end();
	cap_release(from);
	tap_ok(memory_settles(factory, 0), "and the dataspace goes then");
	cap_release(factory);
	tap_ok(memory_settles(mem, before), "nothing is left of it");
}

static void a_request_fails(void)
{
	l4_umword_t before = memory_stats(mem).used;

	cap_release(factory);
	create_factory(mem, factory, (l4_mword_t)(size / 2));
	new_ds(from);
	new_ds(to);
	begin(allocate_all);
	for (unsigned i = 0; !done && i < 2000; i++)
		l4_ipc_sleep(l4_ipc_timeout(0, 0, 1000, 0));
	tap_ok(done && result == -L4_ENOMEM, "the quota ends: the client is told");
	end();
	tap_is(ds_clear(to, 0, size), 0, "what it has got can be cleared");
	cap_release(to);
	cap_release(from);
	cap_release(factory);
	tap_ok(memory_settles(mem, before), "nothing is left of it");
}

static void a_place_is_taken(void)
{
	l4_addr_t place = AREA + 4 * SIZE_MOST + STEP, taken;
	l4_umword_t before = memory_stats(mem).used;
	unsigned long bytes;

	renew();
	begin(attach_at_place);
	wait_for_some_work();
	tap_is(rm_attach(env->rm, &place, PAGE, L4RE_RM_F_RW, from, L4_CAP_FPAGE_RW, 0, 12), 0,
	       "the place of a region under way is taken");
	for (unsigned i = 0; !done && i < 2000; i++)
		l4_ipc_sleep(l4_ipc_timeout(0, 0, 1000, 0));
	tap_ok(done && result == -L4_EADDRNOTAVAIL, "its client is told");
	end();
	rm_detach(env->rm, place, PAGE, 0, &taken, &bytes);
	cap_release(to);
	cap_release(from);
	cap_release(factory);
	tap_ok(memory_settles(mem, before), "nothing is left of it");
}

/* A dataspace that takes long to be given back, and somebody who wants what he cannot have. */
static void a_quota_is_no_strangers(void)
{
	l4_cap_idx_t small = cap_new(), slot = cap_new();
	l4_umword_t before = memory_stats(mem).used;

	renew();
	ds_allocate(to, 0, size);
	create_factory(mem, small, 8 * PAGE);
	cap_release(to);
	tap_is(create_ds(small, slot, 9 * PAGE, CONTINUOUS, 0), -L4_ENOMEM,
	       "beyond one's quota there is nothing");
	tap_ok(memory_stats(factory).used > size / 2, "and nobody waits for a stranger's memory");
	cap_release(small);
	cap_release(from);
	cap_release(factory);
	tap_ok(memory_settles(mem, before), "all memory comes back");
}

void test_main(void)
{
	l4_umword_t before;

	mem = env->mem_alloc;
	factory = cap_new();
	thread = cap_new();
	from = cap_new();
	to = cap_new();
	before = memory_stats(mem).used;
	size = (memory_stats(mem).free / 5) & ~(STEP - 1);
	size = size > SIZE_MOST ? SIZE_MOST : size;
	create_factory(mem, factory, (l4_mword_t)(4 * size));
	long_requests();
	cap_release(to);
	cap_release(from);
	cap_release(factory);
	tap_ok(memory_settles(mem, before), "all memory comes back");
	a_client_ends();
	a_factory_ends();
	a_capability_ends();
	a_request_fails();
	a_place_is_taken();
	a_quota_is_no_strangers();
}
