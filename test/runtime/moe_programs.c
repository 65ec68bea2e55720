/* SPDX-License-Identifier: MIT */
/* Promises of moe about whole programs: many at once, many in a row, and nothing left of them. */
#include "client.h"

#include <l4/sys/task.h>
#include "child.h"

enum { IN_A_ROW = 1000, AT_ONCE = 100, QUOTA = 64 << 20 };
#define WINDOW 0x600000000000UL

static struct loader_params params;
static l4_cap_idx_t scratch, factory; /* factory: of the programs alone */

static struct loader_objects new_slots(void)
{
	return (struct loader_objects){ cap_new(), cap_new(), cap_new(), scratch };
}

static void fill_params(void)
{
	child_params(&params, "test-moe-programs", factory);
	params.window = WINDOW;
	params.sched = l4_sched_param(3, 0); /* more urgent than this thread: it runs at once */
	scratch = cap_new();
}

static bool start(const struct loader_objects *objects)
{
	struct loader_error error;
	long err = loader_start(&params, objects, &error);

	if (err < 0)
		tap_diag("%s %s: %ld", error.text, error.subject, err);
	return err == 0;
}

static void one_after_the_other(void)
{
	struct loader_objects objects = new_slots();
	bool good = true;

	for (unsigned i = 0; i < IN_A_ROW && good; i++) {
		good = start(&objects);
		loader_kill(&objects);
	}
	tap_ok(good, "%u programs start one after the other", IN_A_ROW);
	tap_ok(memory_settles(factory, 0), "no page is lost");
}

static void all_at_once(void)
{
	static struct loader_objects objects[AT_ONCE];
	bool good = true;

	for (unsigned i = 0; i < AT_ONCE && good; i++) {
		objects[i] = new_slots();
		good = start(&objects[i]);
	}
	tap_ok(good, "%u programs at once", AT_ONCE);
	tap_ok(memory_stats(factory).used > 0, "need memory");
	for (unsigned i = 0; i < AT_ONCE; i++)
		loader_kill(&objects[i]);
	tap_ok(memory_settles(factory, 0), "and give all of it back");
}

void test_main(void)
{
	struct loader_objects first;

	factory = cap_new();
	tap_is(create_factory(env->mem_alloc, factory, QUOTA), 0, "a factory for programs");
	fill_params();
	first = new_slots();
	tap_ok(start(&first), "a program starts");
	tap_ok(memory_stats(factory).used > 0, "and needs memory");
	loader_kill(&first);
	tap_ok(memory_settles(factory, 0), "which comes back at its end");
	one_after_the_other();
	all_at_once();
}
