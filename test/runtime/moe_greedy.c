/* SPDX-License-Identifier: MIT */
/*
 * Promises of moe about a greedy program: it takes all that it can get, in every way there is,
 * until its quota is used up, again and again, and a second program beside it goes on undisturbed
 * with all the memory that it has been promised. What they do they tell in a page that the test
 * reads.
 */
#include "child.h"

#include <l4/re/c/rm.h>
#include <l4/sys/factory.h>
#include <l4/sys/ipc.h>
#include <l4/sys/task.h>

enum { PAGE = 4096, RW = L4_CAP_FPAGE_RW, SEARCH = 0x20000, ROUNDS = 3, PATIENCE = 60000 };
enum { GREEDY_QUOTA = 1 << 20, STEADY_QUOTA = 4 << 20, STEADY_MEMORY = 3 << 20, SLOTS = 20000 };
#define WINDOW	     0x600000000000UL
#define REPORT	     0x700000000UL
#define STEADY_PLACE 0x710000000UL
#define FIRST_SLOT   0x4000UL /* of what the greedy program takes */

/* --- What is told --- */

enum { WAYS = 9 };

struct report {
	volatile unsigned greedy_way;	       /* under way */
	volatile unsigned greedy_rounds[WAYS]; /* done */
	volatile unsigned greedy_got[WAYS];    /* the least of a round */
	volatile long greedy_error[WAYS];      /* the first that is none of quota */
	volatile unsigned steady_rounds[WAYS]; /* done during that way */
	volatile unsigned steady_failures, greedy_done;
};

static struct report *report = (struct report *)REPORT;

static void map_report(l4_cap_idx_t ds)
{
	if (ds_map(ds, 0, 6, REPORT, 12, NULL) < 0)
		tap_bail("no report");
}

/* --- The greedy program --- */

static l4_cap_idx_t greedy_mem, greedy_object;

static l4_cap_idx_t greedy_slot(unsigned i)
{
	return (FIRST_SLOT + i) << L4_CAP_SHIFT;
}

static long take_dataspace(unsigned i)
{
	return create_ds(greedy_mem, greedy_slot(i), PAGE, 0, 0);
}

static long take_contiguous(unsigned i)
{
	return create_ds(greedy_mem, greedy_slot(i), 5 * PAGE, 1, 0);
}

static long take_pages(unsigned i)
{
	return ds_allocate(greedy_object, (l4_uint64_t)i * PAGE, PAGE);
}

static long take_region(unsigned i)
{
	l4_addr_t at = 0x100000000 + (l4_addr_t)i * PAGE;

	return rm_attach(greedy_object, &at, PAGE, L4RE_RM_F_RESERVED, L4_INVALID_CAP, 0, 0, 12);
}

static long take_area(unsigned i)
{
	l4_addr_t at = 0x100000000 + (l4_addr_t)i * PAGE;

	return rm_reserve(greedy_object, &at, PAGE, 0, 12);
}

static long take_name(unsigned i)
{
	char name[] = "name-00000";

	for (unsigned k = 9; i; i /= 10)
		name[k--] = (char)('0' + i % 10);
	return ns_register(greedy_object, name, L4_CAP_FPAGE_RO, env->main_thread);
}

static long take_object(unsigned i)
{
	static const long kinds[] = { L4RE_PROTO_RM, L4RE_PROTO_NAMESPACE, L4RE_PROTO_DMA_SPACE };

	return create(greedy_mem, kinds[i % 3], greedy_slot(i));
}

static long take_factory(unsigned i)
{
	return create_factory(greedy_mem, greedy_slot(i), 2 * PAGE);
}

static long take_log(unsigned i)
{
	struct wire_out o = { 0 };

	wire_put_word(&o, (l4_umword_t)L4_PROTO_LOG);
	wire_put_varg_string(&o, "greedy");
	wire_expect_cap(greedy_slot(i));
	return wire_call(greedy_mem, &o, L4_PROTO_FACTORY, NULL);
}

struct way {
	const char *name;
	long (*take)(unsigned i);
	long object;	   /* protocol of the object in which it takes; 0: none */
	unsigned at_least; /* what the quota is good for */
};

static const struct way ways[WAYS] = {
	{ "dataspaces", take_dataspace, 0, 500 },
	{ "contiguous memory", take_contiguous, 0, 20 },
	{ "pages of a large dataspace", take_pages, L4RE_PROTO_DATASPACE, 100 },
	{ "regions", take_region, L4RE_PROTO_RM, 500 },
	{ "areas", take_area, L4RE_PROTO_RM, 500 },
	{ "names", take_name, L4RE_PROTO_NAMESPACE, 500 },
	{ "objects", take_object, 0, 500 },
	{ "factories", take_factory, 0, 50 },
	{ "logs", take_log, 0, 500 },
};

static void begin_way(const struct way *w)
{
	if (w->object == L4RE_PROTO_DATASPACE)
		create_ds(greedy_mem, greedy_object, 1L << 30, 0, 0);
	else if (w->object)
		create(greedy_mem, w->object, greedy_object);
}

static void use_up(unsigned number)
{
	const struct way *w = &ways[number];
	unsigned got = 0;
	long error;

	begin_way(w);
	do
		error = w->take(got);
	while (error >= 0 && ++got < SLOTS);
	if (error != -L4_ENOMEM && !report->greedy_error[number])
		report->greedy_error[number] = error;
	for (unsigned i = 0; !w->object && i < got; i++)
		cap_release(greedy_slot(i));
	cap_release(greedy_object);
	if (!report->greedy_rounds[number] || got < report->greedy_got[number])
		report->greedy_got[number] = got;
	report->greedy_rounds[number]++;
}

/* Until it has been done several times, and the other program has had its turns meanwhile. */
static bool way_goes_on(unsigned number)
{
	return report->greedy_rounds[number] < ROUNDS || report->steady_rounds[number] < ROUNDS;
}

static void greedy(void)
{
	l4_umword_t at_first = memory_stats(env->mem_alloc).used;

	greedy_mem = cap_new();
	greedy_object = cap_new();
	for (unsigned i = 0; i < WAYS; i++) {
		report->greedy_way = i;
		while (way_goes_on(i)) {
			if (create_factory(env->mem_alloc, greedy_mem, GREEDY_QUOTA / 2) < 0)
				report->greedy_error[i] = -1;
			use_up(i);
			cap_release(greedy_mem);
			if (!memory_settles(env->mem_alloc, at_first))
				report->greedy_error[i] = -2;
		}
	}
	report->greedy_done = 1;
}

/* --- The steady program --- */

static bool steady_round(l4_cap_idx_t ds, unsigned number)
{
	l4_addr_t at = STEADY_PLACE;
	bool good = create_ds(env->mem_alloc, ds, STEADY_MEMORY, 0, 0) == 0;
	unsigned long size;

	good = good && ds_allocate(ds, 0, STEADY_MEMORY) == 0;
	good = good && rm_attach(env->rm, &at, STEADY_MEMORY, L4RE_RM_F_RW, ds, RW, 0, 12) == 0;
	for (l4_addr_t i = 0; good && i < STEADY_MEMORY; i += PAGE)
		*(volatile l4_umword_t *)(at + i) = number + i;
	for (l4_addr_t i = 0; good && i < STEADY_MEMORY; i += PAGE)
		good = *(volatile l4_umword_t *)(at + i) == number + i;
	good = good && rm_detach(env->rm, at, STEADY_MEMORY, 0, &at, &size) >= 0;
	cap_release(ds);
	return good;
}

static void steady(void)
{
	l4_umword_t at_first = memory_stats(env->mem_alloc).used;
	l4_cap_idx_t ds = cap_new();

	for (unsigned number = 0;; number++) {
		if (!steady_round(ds, number) || !memory_settles(env->mem_alloc, at_first))
			report->steady_failures++;
		report->steady_rounds[report->greedy_way]++;
	}
}

void child_main(void)
{
	l4_cap_idx_t as_greedy = l4re_env_get_cap_e("greedy", env);

	if (l4_is_valid_cap(as_greedy)) {
		map_report(as_greedy);
		greedy();
	} else {
		map_report(cap_named("steady"));
		steady();
	}
}

/* --- The test --- */

struct program {
	struct loader_params params;
	struct loader_objects objects;
	struct loader_named_cap report;
	l4_cap_idx_t factory;
};

static void start(struct program *p, const char *role, l4_cap_idx_t page, l4_mword_t quota)
{
	p->factory = cap_new();
	p->objects = (struct loader_objects){ cap_new(), cap_new(), cap_new(), cap_new() };
	p->report = (struct loader_named_cap){ role, { page, RW } };
	if (create_factory(env->mem_alloc, p->factory, quota) < 0)
		tap_bail("no factory");
	child_params(&p->params, "test-moe-greedy", p->factory);
	p->params.caps = &p->report;
	p->params.cap_count = 1;
	p->params.window = WINDOW;
	p->params.sched = l4_sched_param(1, 0);
	p->params.sched.affinity = l4_sched_cpu_set(0, 0, 1);
	if (loader_start(&p->params, &p->objects, NULL) < 0)
		tap_bail("cannot start the %s program", role);
}

static void end(struct program *p, const char *role)
{
	loader_kill(&p->objects);
	tap_ok(memory_settles(p->factory, 0), "the %s program leaves nothing", role);
	cap_release(p->factory);
}

void test_main(void)
{
	static struct program greedy_program, steady_program;
	l4_cap_idx_t page = cap_new();

	if (create_ds(env->mem_alloc, page, PAGE, 0, 0) < 0)
		tap_bail("no page for the report");
	map_report(page);
	start(&steady_program, "steady", page, STEADY_QUOTA);
	start(&greedy_program, "greedy", page, GREEDY_QUOTA);
	for (unsigned i = 0; !report->greedy_done && i < PATIENCE; i++)
		l4_ipc_sleep(l4_ipc_timeout(0, 0, 1000, 2));
	for (unsigned i = 0; i < WAYS; i++) {
		tap_ok(report->greedy_rounds[i] >= ROUNDS, "%s until there is no more, %u times",
		       ways[i].name, report->greedy_rounds[i]);
		tap_is(report->greedy_error[i], 0, "they end with the quota");
		tap_ok(report->greedy_got[i] >= ways[i].at_least, "each time at least %u of %u",
		       report->greedy_got[i], ways[i].at_least);
		tap_ok(report->steady_rounds[i] >= ROUNDS, "the other program goes on, %u rounds",
		       report->steady_rounds[i]);
	}
	tap_is(report->steady_failures, 0, "with all its memory each time");
	end(&greedy_program, "greedy");
	end(&steady_program, "steady");
}
