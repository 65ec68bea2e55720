/* SPDX-License-Identifier: MIT */
/*
 * Promises of moe about clients that die in the middle of a request: for each protocol a thread
 * makes requests without end until it is killed, at a random moment, many times. Then moe's
 * accounting is as before, and it goes on serving.
 */
#include "client.h"

#include <l4/re/c/rm.h>
#include <l4/sys/factory.h>
#include <l4/sys/icu.h>
#include <l4/sys/ipc.h>
#include <l4/sys/meta.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>
#include <l4/sys/vcon.h>
#include <l4/zwinger/rm.h>
#include "child.h"

enum { PAGE = 4096, RW = L4_CAP_FPAGE_RW, ROUNDS = 60, SLOTS = 8, SEARCH = 0x20000 };
enum { PROGRAM_ROUNDS = 40, QUOTA = 4 << 20 };
#define VICTIM_MEMORY 0x700000000UL
#define WINDOW	      0x600000000000UL

static l4_cap_idx_t mem, factory, thread, gate;
static l4_cap_idx_t slots[SLOTS]; /* of the victim */
static char stack[16384] __attribute__((aligned(16)));
static volatile unsigned long requests; /* made by victims */

/* --- What victims do, again and again --- */

static void use_factory(void)
{
	create(factory, L4RE_PROTO_RM, slots[0]);
	create(factory, L4RE_PROTO_NAMESPACE, slots[1]);
	create(factory, L4RE_PROTO_DMA_SPACE, slots[2]);
	create_ds(factory, slots[3], 5 * PAGE, 1, 0);
	create_factory(factory, slots[4], 8 * PAGE);
	create_ds(slots[4], slots[5], 5 * PAGE, 0, 0);
	memory_stats(slots[4]);
	cap_release(slots[4]);
}

static void use_dataspace(void)
{
	create_ds(factory, slots[0], 600 * PAGE, 0, 0);
	create_ds(factory, slots[1], 600 * PAGE, 0, 0);
	ds_allocate(slots[0], 100 * PAGE, 30 * PAGE);
	ds_map(slots[0], 101 * PAGE, 6, VICTIM_MEMORY, 16, NULL);
	ds_copy(slots[1], 100 * PAGE, slots[0], 100 * PAGE, 30 * PAGE);
	ds_map(slots[1], 101 * PAGE, 6, VICTIM_MEMORY + 0x10000, 12, NULL);
	ds_clear(slots[0], 90 * PAGE, 20 * PAGE + 5);
}

static void use_region_map(void)
{
	l4_addr_t at = VICTIM_MEMORY, area = VICTIM_MEMORY, taken;
	unsigned long size = 1;
	unsigned flags;

	create(factory, L4RE_PROTO_RM, slots[0]);
	create_ds(factory, slots[1], 9 * PAGE, 0, 0);
	rm_reserve(slots[0], &area, 8 * PAGE, SEARCH, 12);
	rm_attach(slots[0], &at, 9 * PAGE, L4RE_RM_F_RW | SEARCH | L4RE_RM_F_EAGER_MAP, slots[1],
		  RW, 0, 12);
	rm_attach(slots[0], &at, 9 * PAGE, L4RE_RM_F_RW | SEARCH | L4RE_RM_F_PRIVATE, slots[1], RW,
		  0, 12);
	rm_find(slots[0], &at, &size, &flags);
	rm_detach(slots[0], at + PAGE, PAGE, 1, &taken, &size);
	rm_free_area(slots[0], area);
}

/* What is done in pieces. */
static void use_long_work(void)
{
	l4_addr_t at = VICTIM_MEMORY;

	create_ds(factory, slots[0], 300 * PAGE, 0, 0);
	ds_allocate(slots[0], 0, 300 * PAGE);
	create(factory, L4RE_PROTO_RM, slots[1]);
	rm_attach(slots[1], &at, 300 * PAGE, L4RE_RM_F_RW | SEARCH | L4RE_RM_F_PRIVATE, slots[0],
		  RW, 0, 12);
	ds_clear(slots[0], 0, 300 * PAGE);
	create_ds(factory, slots[2], 300 * PAGE, 1, 0);
}

/* A request of a region map with a range. */
static void ask_map(unsigned op, l4_addr_t low, l4_addr_t high)
{
	struct wire_out o = { 0 };

	wire_put_u32(&o, op);
	wire_put_word(&o, low);
	wire_put_word(&o, high);
	wire_put_u16(&o, 4);
	wire_expect_fpage(l4_fpage(VICTIM_MEMORY + 0x20000, 12, L4_FPAGE_RWX));
	wire_call(slots[0], &o, L4RE_PROTO_RM, NULL);
}

/* Lists, pages one by one, the parent of a program, and what an object speaks. */
static void use_questions(void)
{
	l4_addr_t at = VICTIM_MEMORY;
	struct wire_out o = { 0 };
	char name[40];
	long protocol = 0;

	create(factory, L4RE_PROTO_RM, slots[0]);
	create_ds(factory, slots[1], PAGE, 0, 0);
	rm_attach(slots[0], &at, PAGE, L4RE_RM_F_RW, slots[1], RW, 0, 12);
	for (unsigned op = 5; op <= 10; op++)
		ask_map(op, VICTIM_MEMORY, VICTIM_MEMORY + PAGE - 1);
	wire_put_u32(&o, L4_ZW_RM_SET_PARENT_OP);
	wire_put_string(&o, "victim");
	wire_put_cap(&o, gate, L4_CAP_FPAGE_RW);
	wire_expect_nothing();
	wire_call(slots[0], &o, L4RE_PROTO_RM, NULL);
	ask_map(L4_ZW_RM_FAULT_OP, 0, 0);
	l4_meta_num_interfaces(slots[0]);
	l4_meta_interface(slots[0], 1, &protocol, name, sizeof(name));
	l4_meta_supports(slots[0], protocol);
}

static void use_namespace(void)
{
	create(factory, L4RE_PROTO_NAMESPACE, slots[0]);
	ns_register(slots[0], "gate", L4_CAP_FPAGE_RWS, gate);
	ns_register(slots[0], "self", L4_CAP_FPAGE_RWS, slots[0]);
	ns_register(slots[0], "gate", L4_CAP_FPAGE_RWS | 0x200, gate);
	ns_query(slots[0], "gate", slots[1], NULL, 0);
	ns_query(slots[0], "self/x", slots[2], NULL, 0);
	ns_query(slots[0], ".dirinfo", slots[3], NULL, 0);
	ns_unlink(slots[0], "self");
}

static void use_log(void)
{
	struct wire_out o = { 0 };

	wire_put_word(&o, (l4_umword_t)L4_PROTO_LOG);
	wire_put_varg_string(&o, "victim");
	wire_expect_cap(slots[0]);
	wire_call(factory, &o, L4_PROTO_FACTORY, NULL);
	l4_vcon_write(slots[0], "", 1); /* nothing to be seen */
	l4_vcon_write(slots[0], "", 1);
}

/* Scheduler proxies are the root factory's alone. */
static void use_scheduler(void)
{
	l4_sched_cpu_set_t cpus = l4_sched_cpu_set(0, 0, 0);
	l4_sched_param_t param = l4_sched_param(1, 0);
	struct wire_out o = { 0 };

	wire_put_word(&o, (l4_umword_t)L4_PROTO_SCHEDULER);
	wire_put_varg_uint(&o, 20);
	wire_put_varg_uint(&o, 10);
	wire_expect_cap(slots[0]);
	wire_call(mem, &o, L4_PROTO_FACTORY, NULL);
	l4_scheduler_info(slots[0], NULL, &cpus);
	l4_icu_bind(slots[0], 0, gate);
	l4_scheduler_run_thread(slots[0], gate, &param);
	l4_icu_bind(slots[0], 0, gate);
	l4_icu_unbind(slots[0], 0, gate);
	l4_icu_bind(slots[0], 0, gate);
}

static void use_dma_space(void)
{
	struct wire_out o = { 0 };

	create(factory, L4RE_PROTO_DMA_SPACE, slots[0]);
	create_ds(factory, slots[1], 4 * PAGE, 1, 0);
	wire_put_u32(&o, 1);
	wire_put_u32(&o, 0);
	wire_put_cap(&o, slots[0], RW);
	wire_expect_nothing();
	wire_call(cap_named("dma_mgr"), &o, 0, NULL);
	o = (struct wire_out){ 0 };
	wire_put_u32(&o, 0);
	wire_put_u64(&o, 0);
	wire_put_u64(&o, 4 * PAGE);
	wire_put_u8(&o, 12);
	wire_put_u32(&o, 1);
	wire_put_u64(&o, 0);
	wire_put_u64(&o, ~0UL);
	wire_put_cap(&o, slots[1], RW);
	wire_expect_nothing();
	wire_call(slots[0], &o, L4RE_PROTO_DMA_SPACE, NULL);
}

struct use {
	const char *name;
	void (*make)(void);
};

static const struct use uses[] = {
	{ "factory", use_factory },
	{ "dataspace", use_dataspace },
	{ "region map", use_region_map },
	{ "long work", use_long_work },
	{ "questions", use_questions },
	{ "namespace", use_namespace },
	{ "log", use_log },
	{ "scheduler", use_scheduler },
	{ "DMA space", use_dma_space },
};
enum { USES = sizeof(uses) / sizeof(uses[0]) };

static const struct use *current;

static void victim(void)
{
	for (;;) {
		current->make();
		requests++;
	}
}

/* --- The killer --- */

static unsigned random_below(unsigned bound)
{
	static l4_uint64_t state = 12345;

	state = state * 6364136223846793005UL + 1442695040888963407UL;
	return (unsigned)(state >> 33) % bound;
}

static void sleep_at_random(void)
{
	l4_ipc_sleep(l4_ipc_timeout(0, 0, 1 + random_below(1000), random_below(6)));
}

static void wait_for_use(unsigned long old)
{
	for (unsigned i = 0; requests == old && i < 10000; i++)
		l4_ipc_sleep(l4_ipc_timeout(0, 0, 1000, 0));
}

/* On another CPU if there is one: then moe can be in the middle of the request. */
static l4_sched_param_t where(void)
{
	l4_sched_cpu_set_t cpus = l4_sched_cpu_set(0, 0, 0);
	l4_sched_param_t param = l4_sched_param(1, 0);

	l4_scheduler_info(env->scheduler, NULL, &cpus);
	param.affinity = l4_sched_cpu_set(cpus.map & 2 ? 1 : 0, 0, 1);
	return param;
}

static void start_victim(void)
{
	thread_begin(thread, victim, stack + sizeof(stack), where());
}

static void release_all(void)
{
	for (unsigned i = 0; i < SLOTS; i++)
		cap_release(slots[i]);
}

static void kill_while(const struct use *use)
{
	l4_umword_t before = memory_stats(mem).used;
	unsigned long first = requests;

	current = use;
	for (unsigned i = 0; i < ROUNDS; i++) {
		if (create_factory(mem, factory, QUOTA) < 0)
			tap_bail("no factory in round %u", i);
		start_victim();
		if (i % 8 == 0) /* the first ones of a slow machine must come to something, too */
			wait_for_use(requests);
		sleep_at_random();
		l4_task_delete_obj(L4_BASE_TASK_CAP, thread);
		if (i % 2)
			cap_release(factory);
		release_all();
		cap_release(factory);
	}
	tap_ok(requests > first, "%s: %u killed, after %lu uses", use->name, ROUNDS,
	       requests - first);
	tap_ok(memory_settles(mem, before), "nothing is left of them");
}

/* --- Whole programs --- */

static struct loader_params params;

/* A program uses all protocols in turn; its factory is its parent's. */
void child_main(void)
{
	mem = factory = env->mem_alloc;
	gate = cap_new();
	for (unsigned i = 0; i < SLOTS; i++)
		slots[i] = cap_new();
	l4_factory_create_gate(env->factory, gate, env->main_thread, 0);
	for (unsigned i = 0;; i = (i + 1) % USES)
		if (uses[i].make != use_scheduler && uses[i].make != use_dma_space)
			uses[i].make();
}

static void fill_params(void)
{
	child_params(&params, "test-moe-killed", factory);
	params.window = WINDOW;
	params.sched = where();
}

static void kill_programs(void)
{
	struct loader_objects objects = { cap_new(), cap_new(), cap_new(), cap_new() };
	l4_umword_t most = 0;
	bool good = true;

	create_factory(mem, factory, QUOTA);
	fill_params();
	for (unsigned i = 0; i < PROGRAM_ROUNDS && good; i++) {
		good = loader_start(&params, &objects, NULL) == 0;
		sleep_at_random();
		most = memory_stats(factory).used > most ? memory_stats(factory).used : most;
		loader_kill(&objects);
	}
	tap_ok(good && most, "%u programs killed while they use all", PROGRAM_ROUNDS);
	tap_ok(memory_settles(factory, 0), "nothing is left of them");
	cap_release(factory);
}

void test_main(void)
{
	mem = env->mem_alloc;
	factory = cap_new();
	thread = cap_new();
	gate = cap_new();
	for (unsigned i = 0; i < SLOTS; i++)
		slots[i] = cap_new();
	l4_factory_create_irq(env->factory, gate);
	for (unsigned i = 0; i < USES; i++)
		kill_while(&uses[i]);
	kill_programs();
}
