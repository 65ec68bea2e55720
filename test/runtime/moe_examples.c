/* SPDX-License-Identifier: MIT */
/* Promise of moe: whatever the programs of the examples do, nothing is left when they have ended.
 */
#include "client.h"

#include <l4/sys/ipc.h>
#include <l4/sys/task.h>
#include "loader/loader.h"

enum { PAGE = 4096, QUOTA = 16 << 20, ROUNDS = 3, NAME_MAX = 32 };
#define WINDOW	0x600000000000UL
#define LISTING 0x500000000UL

static l4_cap_idx_t factory;
static struct loader_params params;
static struct loader_objects objects;

static void fill_params(void)
{
	params.argc = 1;
	params.factory = (struct loader_cap){ env->factory, L4_CAP_FPAGE_RWS };
	params.mem = (struct loader_cap){ factory, L4_CAP_FPAGE_RWS };
	params.scheduler = (struct loader_cap){ env->scheduler, L4_CAP_FPAGE_RWS };
	params.parent.cap = params.log.cap = params.dbg_events.cap = L4_INVALID_CAP;
	params.rm_fab = factory;
	params.kip = cap_named("kip");
	params.fault = L4_INVALID_CAP;
	params.sched = l4_sched_param(2, 0);
	params.window = WINDOW;
	params.file = cap_new();
	objects = (struct loader_objects){ cap_new(), cap_new(), cap_new(), cap_new() };
}

/* Start it, let it run for a while, which differs by round, and end it. */
static bool start_and_end(const char *name, unsigned round)
{
	const char *arguments[] = { name };
	l4_umword_t used;
	bool good;

	if (ns_query(cap_named("rom"), name, params.file, NULL, 0) < 0)
		return false;
	params.file_name = name;
	params.argv = arguments;
	good = loader_start(&params, &objects, NULL) == 0;
	l4_ipc_sleep(l4_ipc_timeout(0, 0, 500, 2 * round));
	used = memory_stats(factory).used;
	loader_kill(&objects);
	cap_release(params.file);
	return good && used > 0;
}

static void one_example(const char *name)
{
	l4_umword_t before;
	bool good = start_and_end(name, 0);

	memory_settles(factory, 0);
	before = memory_stats(env->mem_alloc).committed;
	for (unsigned i = 0; i < ROUNDS; i++)
		good &= start_and_end(name, 2 + i);
	tap_ok(good, "%s is started and ended", name);
	tap_ok(memory_settles(factory, 0), "%s leaves nothing in its factory", name);
	tap_is((long)memory_stats(env->mem_alloc).committed, (long)before, "nor in others after %s",
	       name);
}

static bool is_example(const char *name)
{
	return __builtin_memcmp(name, "ex_", 3) == 0 || __builtin_memcmp(name, "hello", 5) == 0;
}

/* Lines <length>:<name>. */
static unsigned all_examples(const char *at, const char *end)
{
	char name[NAME_MAX];
	unsigned count = 0;

	while (at < end) {
		unsigned length = 0, i;

		for (; at < end && *at != ':'; at++)
			length = 10 * length + (unsigned)(*at - '0');
		at++;
		for (i = 0; i < length && i < NAME_MAX - 1; i++)
			name[i] = at[i];
		name[i] = 0;
		at += length + 1;
		if (at > end || !is_example(name))
			continue;
		one_example(name);
		count++;
	}
	return count;
}

void test_main(void)
{
	l4_cap_idx_t listing = cap_new();
	l4_uint64_t size = 0;
	l4_umword_t flags;

	factory = cap_new();
	tap_is(create_factory(env->mem_alloc, factory, QUOTA), 0, "a factory for programs");
	fill_params();
	if (ns_query(cap_named("rom"), ".dirinfo", listing, NULL, 0) < 0 ||
	    ds_info(listing, &size, &flags) < 0 || ds_map(listing, 0, 4, LISTING, 12, NULL) < 0)
		tap_bail("rom cannot be listed");
	tap_ok(all_examples((const char *)LISTING, (const char *)LISTING + size) > 5,
	       "the examples are in rom");
}
