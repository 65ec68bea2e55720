/* SPDX-License-Identifier: MIT */
/* Start of the init program by a thread of its own. */
#include <string.h>
#include <l4/re/protocols.h>
#include <l4/sys/err.h>
#include <l4/sys/factory.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>
#include "create.h"
#include "dataspace.h"
#include "init.h"
#include "loader/loader.h"
#include "moe.h"
#include "namespace.h"

enum { CAPS_MAX = 12, INIT_PRIORITY = 2, LOADER_PRIORITY = 254, STACK_BYTES = 32768 };
enum { UTCB_ORDER = 13 }; /* 8 threads */
#define WINDOW 0x7e0000000000UL

static struct {
	struct loader_params params;
	struct loader_objects objects;
	struct loader_named_cap caps[CAPS_MAX];
	struct object parent;
	l4_cap_idx_t thread; /* of the loader */
} init;

static char stack[STACK_BYTES] __attribute__((aligned(16)));

static bool cap_exists(l4_cap_idx_t cap)
{
	return l4_msgtag_label(l4_task_cap_valid(L4_BASE_TASK_CAP, cap)) == 1;
}

/* Names come sorted. */
static void add_cap(const char *name, l4_cap_idx_t cap)
{
	if (l4_is_valid_cap(cap) && cap_exists(cap))
		init.caps[init.params.cap_count++] =
		    (struct loader_named_cap){ name, { cap, L4_CAP_FPAGE_RWS } };
}

static l4_cap_idx_t publish(struct object *object)
{
	if (!object || server_publish(&moe.server, &object->server) < 0)
		moe_fatal("no memory for the objects of the init program");
	object->permanent = true;
	return object->server.cap;
}

/* A gate to sigma0 that does not make its owner moe. */
static l4_cap_idx_t new_sigma0_client(void)
{
	l4_cap_idx_t cap = slot_alloc();

	if (l4_error(l4_factory_create(L4_BASE_PAGER_CAP, L4_PROTO_SIGMA0, cap)) < 0)
		moe_fatal("sigma0 makes no client for the init program");
	return cap;
}

static l4_cap_idx_t make_kip(void)
{
	struct dataspace *d = dataspace_create_static(&moe.root, (uint64_t)moe.kip, L4_PAGESIZE,
						      DATASPACE_R | DATASPACE_X);

	return publish(d ? &d->object : NULL);
}

/* Signal 0 is the end of the program. It is not answered: its thread is gone. */
static long handle_signal(struct server_object *object, struct server_request *request)
{
	l4_umword_t signal = wire_get_word(&request->in), value = wire_get_word(&request->in);

	(void)object;
	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (signal)
		return 0;
	if (value)
		moe_print("the init program has ended with %lu", value);
	loader_kill(&init.objects);
	return -L4_ENOREPLY;
}

static const struct server_operation parent_operations[] = { { handle_signal, 0 } };
static const struct server_interface parent_interfaces[] = {
	{ L4RE_PROTO_PARENT, "N4L4Re6ParentE", NULL, parent_operations, 1 },
};
static const struct server_class parent_class = { parent_interfaces, 1, object_released, NULL };

/* "rom/x" or "rwfs/x". */
static struct object *find_file(const char *path)
{
	if (strncmp(path, "rom/", 4) == 0)
		return namespace_lookup(moe.rom, path + 4);
	if (strncmp(path, "rwfs/", 5) == 0)
		return namespace_lookup(moe.rwfs, path + 5);
	return NULL;
}

static void collect_caps(l4_cap_idx_t kip, l4_cap_idx_t mem)
{
	init.params.caps = init.caps;
	add_cap("dma_mgr", publish(dma_manager_create(&moe.root)));
	add_cap("icu", L4_BASE_ICU_CAP);
	add_cap("iommu", L4_BASE_IOMMU_CAP);
	add_cap("jdb", L4_BASE_DEBUGGER_CAP);
	add_cap("kip", kip);
	add_cap("log", L4_BASE_LOG_CAP);
	add_cap("mem", mem);
	add_cap("rom", publish(&moe.rom->object));
	add_cap("rwfs", publish(&moe.rwfs->object));
	add_cap("sigma0", new_sigma0_client());
}

static void fill_params(const struct options *o)
{
	const struct loader_cap kernel = { L4_BASE_FACTORY_CAP, L4_CAP_FPAGE_RWS };
	l4_cap_idx_t mem = publish(&moe.root.object), kip = make_kip();
	struct loader_params *p = &init.params;
	struct object *file = find_file(o->init);

	if (!file)
		moe_fatal("there is no init program %s", o->init);
	p->file = publish(file);
	p->file_name = o->init;
	p->argc = o->argc;
	p->argv = o->argv;
	p->factory = kernel;
	p->mem = (struct loader_cap){ mem, L4_CAP_FPAGE_RWS };
	p->scheduler = (struct loader_cap){ L4_BASE_SCHEDULER_CAP, L4_CAP_FPAGE_RWS };
	p->parent = (struct loader_cap){ publish(&init.parent), L4_CAP_FPAGE_RWS };
	p->log = (struct loader_cap){ L4_BASE_LOG_CAP, L4_CAP_FPAGE_RWS };
	p->dbg_events.cap = L4_INVALID_CAP;
	p->rm_fab = mem;
	p->kip = kip;
	p->fault = L4_INVALID_CAP;
	p->flags = o->loader_flags;
	p->debug_level = o->l4re_debug;
	p->utcb_area_order = UTCB_ORDER;
	p->sched = l4_sched_param(INIT_PRIORITY, 0);
	p->sched.affinity = l4_sched_cpu_set(0, 0, 1);
	p->window = WINDOW;
	collect_caps(kip, mem);
}

void init_thread(void);

/* Runs on the CPU of the init program and before it, so moe.loading is false when that begins. */
void init_thread(void)
{
	struct loader_error error = { 0, "", "" };
	long err;

	moe_print("loading '%s'", init.params.file_name);
	err = loader_start(&init.params, &init.objects, &error);
	moe.loading = false;
	if (err < 0)
		moe_fatal("cannot start %s: %s %s (%ld)", init.params.file_name, error.text,
			  error.subject, error.code);
	l4_task_delete_obj(L4_BASE_TASK_CAP, init.thread);
	for (;;)
		l4_ipc_sleep(L4_IPC_NEVER);
}

/* The second UTCB of the page that the kernel gave moe is free. */
static void start_thread(void)
{
	l4_utcb_t *utcb = l4_utcb() + 1;
	l4_umword_t *top = (l4_umword_t *)(stack + STACK_BYTES) - 1;
	l4_sched_param_t param = l4_sched_param(LOADER_PRIORITY, 0);
	long err;

	init.thread = slot_alloc();
	err = l4_error(l4_factory_create_thread(L4_BASE_FACTORY_CAP, init.thread));
	if (err >= 0) {
		l4_thread_control_start();
		l4_thread_control_pager(L4_BASE_PAGER_CAP);
		l4_thread_control_bind(utcb, L4_BASE_TASK_CAP);
		err = l4_error(l4_thread_control_commit(init.thread));
	}
	param.affinity = l4_sched_cpu_set(0, 0, 1);
	if (err >= 0)
		err = l4_error(l4_scheduler_run_thread(L4_BASE_SCHEDULER_CAP, init.thread, &param));
	if (err >= 0)
		err = l4_error(
		    l4_thread_ex_regs(init.thread, (l4_addr_t)init_thread, (l4_addr_t)top, 0));
	if (err < 0)
		moe_fatal("cannot start the loader (%ld)", err);
}

void init_start(const struct options *options)
{
	moe.loading = true;
	object_init(&init.parent, &parent_class, NULL, NULL);
	init.objects.task = slot_alloc();
	init.objects.thread = slot_alloc();
	init.objects.rm = slot_alloc();
	init.objects.scratch = slot_alloc();
	fill_params(options);
	start_thread();
}
