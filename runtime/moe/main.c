/* SPDX-License-Identifier: MIT */
/* Start of moe, and what the C library wants to have from it. */
#include <l4/sys/scheduler.h>
#include "init.h"
#include "job.h"
#include "libc/service.h"
#include "modules.h"
#include "moe.h"

enum { BUCKETS = 1024 };

struct moe moe;

const l4_addr_t service_utcbs_start = 0x7f1000000000, service_utcbs_end = 0x7f1000010000;

static struct server_object *buckets[BUCKETS];
static struct options options;

void *service_memory_alloc(size_t bytes)
{
	uint64_t address = pages_alloc_run(&moe.pages, bytes >> PAGE_SHIFT, 0);

	return address ? __builtin_memset((void *)address, 0, bytes) : NULL;
}

void service_memory_free(void *start, size_t bytes)
{
	pages_free(&moe.pages, (uint64_t)start, bytes >> PAGE_SHIFT);
}

l4_cap_idx_t service_cap_alloc(void)
{
	return slot_alloc();
}

void service_cap_free(l4_cap_idx_t cap)
{
	slot_free(cap);
}

/* Page faults of all programs wait for moe. */
static void raise_own_priority(void)
{
	l4_sched_param_t param = l4_sched_param(L4_SCHED_MAX_PRIO, 0);

	param.affinity = l4_sched_cpu_set(0, 0, 1);
	l4_scheduler_run_thread(L4_BASE_SCHEDULER_CAP, L4_BASE_THREAD_CAP, &param);
}

/* What is done between two requests. A job that ends is to be destroyed, so jobs come first. */
static bool work(void)
{
	bool working = job_work(), destroying = object_work();

	return working || destroying;
}

static void start_server(void)
{
	const struct server_config config = { .task = L4_BASE_TASK_CAP,
					      .thread = L4_BASE_THREAD_CAP,
					      .factory = L4_BASE_FACTORY_CAP,
					      .slot_alloc = slot_alloc,
					      .slot_free = slot_free,
					      .work = work,
					      .buckets = buckets,
					      .bucket_count = BUCKETS };
	long err = server_init(&moe.server, &config);

	if (err < 0)
		moe_fatal("cannot make the server (%ld)", err);
}

int main(int argc, char **argv)
{
	moe_print("Hello world");
	options_parse(&options, argc, argv);
	moe.debug = options.debug;
	memory_init();
	factory_init_root(&moe.root);
	raise_own_priority();
	start_server();
	modules_init();
	if (options.unknown)
		moe_print("unknown option %s", options.unknown);
	moe_print("Starting: %s", options.init);
	init_start(&options);
	server_loop(&moe.server);
}
