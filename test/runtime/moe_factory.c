/* SPDX-License-Identifier: MIT */
/* Promises of moe's factories, quotas, logs, schedulers and DMA spaces. */
#include "client.h"

#include <l4/sys/factory.h>
#include <l4/sys/meta.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/task.h>
#include <l4/sys/vcon.h>

enum { PAGE = 4096, DMA_SEARCH = 1 };

static l4_cap_idx_t mem;

/* A request with numbers as arguments. */
static long create_with(l4_cap_idx_t factory, long protocol, l4_cap_idx_t slot, unsigned count,
			const l4_umword_t *numbers)
{
	struct wire_out o = { 0 };

	wire_put_word(&o, (l4_umword_t)protocol);
	for (unsigned i = 0; i < count; i++)
		wire_put_varg_uint(&o, numbers[i]);
	wire_expect_cap(slot);
	return wire_call(factory, &o, L4_PROTO_FACTORY, NULL);
}

static void wrong_requests(void)
{
	l4_cap_idx_t slot = cap_new(), ro = cap_new();
	struct wire_out o = { 0 };

	tap_is(create(mem, 0x7777, slot), -L4_ENODEV, "an unknown kind of object");
	tap_is(create(mem, L4_PROTO_DMA_SPACE, slot), -L4_ENODEV, "the kernel's DMA spaces");
	tap_is(create(mem, L4RE_PROTO_DATASPACE, slot), -L4_EINVAL, "a dataspace without size");
	tap_is(create_factory(mem, slot, 0), -L4_EINVAL, "a factory without quota");
	tap_is(create_factory(mem, slot, -5), -L4_EINVAL, "a factory with a negative one");
	tap_is(create(mem, L4_PROTO_LOG, slot), -L4_EINVAL, "a log without tag");
	tap_is(wire_call(mem, &o, L4_PROTO_FACTORY, NULL), -L4_EMSGTOOSHORT, "an empty message");
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, l4_obj_fpage(mem, 0, L4_CAP_FPAGE_RO),
		    ro | L4_ITEM_MAP);
	tap_is(create(ro, L4RE_PROTO_RM, slot), -L4_EPERM, "creating needs the right S");
	tap_ok(!cap_exists(slot), "a refused request gives no capability");
	cap_release(ro);
}

static void quotas(void)
{
	l4_cap_idx_t outer = cap_new(), inner = cap_new(), slot = cap_new(), rm = cap_new();
	l4_umword_t before = memory_stats(mem).used;

	tap_is(create_factory(mem, outer, 16 * PAGE), 0, "a factory with 16 pages");
	tap_is((long)memory_stats(outer).quota, 16 * PAGE, "which it tells");
	tap_is(create_factory(outer, inner, 17 * PAGE), -L4_ENOMEM, "it cannot give 17");
	tap_is(create_factory(outer, inner, 10 * PAGE), 0, "but 10");
	tap_is(create_ds(outer, slot, 8 * PAGE, 1, 0), -L4_ENOMEM, "then 8 are not left");
	tap_is(create_ds(inner, slot, 8 * PAGE, 1, 0), 0, "but in the inner one");
	tap_is(create(inner, L4RE_PROTO_RM, rm), 0, "and a region map");
	tap_ok(memory_stats(outer).committed >= 9 * PAGE, "the outer one counts all of it");
	cap_release(inner);
	for (unsigned i = 0; cap_exists(slot) && i < 2000; i++)
		l4_ipc_sleep(l4_ipc_timeout(0, 0, 1000, 0));
	tap_ok(!cap_exists(slot) && !cap_exists(rm), "objects die with their factory");
	cap_release(outer);
	tap_ok(memory_settles(mem, before), "and all memory comes back");
}

/* Every kind of object until the quota is used up, while another client goes on. */
static void a_greedy_client(void)
{
	static const long kinds[] = { L4RE_PROTO_RM, L4RE_PROTO_NAMESPACE, L4RE_PROTO_DMA_SPACE };
	l4_cap_idx_t f = cap_new(), other = cap_new();
	l4_umword_t before = memory_stats(mem).used;
	long err = 0;

	create_factory(mem, f, 32 * PAGE);
	for (unsigned i = 0; !err && i < 5000; i++)
		err = create(f, kinds[i % 3], cap_new());
	tap_is(err, -L4_ENOMEM, "objects end with the quota");
	tap_ok(memory_stats(f).used <= 32 * PAGE, "which is kept");
	tap_is(create_ds(mem, other, PAGE, 1, 0), 0, "others still get memory");
	cap_release(other);
	cap_release(f);
	tap_ok(memory_settles(mem, before), "and all of it comes back");
}

static void nesting_has_an_end(void)
{
	l4_cap_idx_t first = cap_new(), parent = first, sub;
	l4_umword_t before = memory_stats(mem).used;
	long err = create_factory(mem, first, 4000 * PAGE);
	unsigned depth = 0;

	for (; !err && depth < 200; depth++, parent = sub) {
		sub = cap_new();
		err = create_factory(parent, sub, (4000 - 8 * (long)depth - 8) * PAGE);
	}
	tap_is(err, -L4_ENOMEM, "factories cannot be nested for ever");
	tap_ok(depth < 30, "but %u deep", depth);
	cap_release(first);
	tap_ok(memory_settles(mem, before), "all go with the first");
}

/* Requests whose answers do not arrive: the sender does not wait, or has no room for them. */
static void answers_that_nobody_takes(void)
{
	l4_umword_t before = memory_stats(mem).used;
	struct wire_out o;

	for (unsigned i = 0; i < 300; i++) {
		o = (struct wire_out){ 0 };
		wire_put_word(&o, L4RE_PROTO_RM);
		wire_expect_nothing();
		if (i % 2)
			l4_ipc_send(mem, l4_utcb(), wire_tag(&o, L4_PROTO_FACTORY), L4_IPC_NEVER);
		else
			wire_call(mem, &o, L4_PROTO_FACTORY, NULL);
	}
	tap_ok(memory_settles(mem, before), "what does not reach its client is taken back");
}

/* Capabilities sent along with requests that do not want any. */
static void capabilities_that_nobody_asked_for(void)
{
	l4_cap_idx_t gate = cap_new();
	struct wire_out o;
	bool good = true;

	l4_factory_create_gate(env->factory, gate, L4_INVALID_CAP, 0);
	for (unsigned i = 0; i < 100; i++) {
		o = (struct wire_out){ 0 };
		wire_put_u32(&o, 0);
		wire_put_cap(&o, gate, L4_CAP_FPAGE_RWSD);
		if (i % 2)
			wire_put_cap(&o, gate, L4_CAP_FPAGE_RWSD);
		if (i % 4 == 3)
			wire_put_cap(&o, gate, L4_CAP_FPAGE_RWSD);
		wire_expect_nothing();
		wire_call(mem, &o, L4RE_PROTO_MEM_ALLOC, NULL);
		good &= cap_exists(gate) && memory_stats(mem).used > 0;
	}
	tap_ok(good, "are dropped, not deleted, and moe goes on");
	l4_task_delete_obj(L4_BASE_TASK_CAP, gate);
}

/* Work on a range that nobody has paid for must not keep moe busy: this would take minutes. */
static void large_and_empty(void)
{
	l4_cap_idx_t f = cap_new(), a = cap_new(), b = cap_new();
	const long size = 1L << 39;
	bool good = true;

	create_factory(mem, f, 4096 * PAGE);
	tap_is(create_ds(f, a, size, 0, 0), 0, "a dataspace of 512 GiB");
	tap_is(create_ds(f, b, size, 0, 0), 0, "a second one");
	for (unsigned i = 0; i < 100; i++) {
		good &= ds_clear(a, 0, (l4_uint64_t)size) == 0;
		good &= ds_copy(b, 0, a, 0, (l4_uint64_t)size) == 0;
	}
	tap_ok(good, "clearing and copying them is no work");
	cap_release(a);
	cap_release(b);
	tap_ok(memory_settles(f, 0), "they go as well");
	cap_release(f);
}

static void logs(void)
{
	l4_cap_idx_t log = cap_new();
	struct wire_out o = { 0 };

	wire_put_word(&o, (l4_umword_t)L4_PROTO_LOG);
	wire_put_varg_string(&o, "tag");
	wire_put_varg_string(&o, "green");
	wire_expect_cap(log);
	tap_is(wire_call(mem, &o, L4_PROTO_FACTORY, NULL), 0, "a log");
	l4_vcon_write(log, "text of a log\n", 14);
	o = (struct wire_out){ 0 };
	wire_put_word(&o, 1);
	wire_expect_nothing();
	tap_is(wire_call(log, &o, L4_PROTO_LOG, NULL), -L4_ENOSYS, "it cannot be read");
	o = (struct wire_out){ 0 };
	tap_is(wire_call(log, &o, L4_PROTO_LOG, NULL), -L4_EINVAL, "an empty message is refused");
	cap_release(log);
}

static void schedulers(void)
{
	static const l4_umword_t good[] = { 20, 10, 1 }, same[] = { 10, 10 }, high[] = { 256, 1 };
	l4_cap_idx_t s = cap_new(), f = cap_new(), thread = cap_new();
	l4_sched_cpu_set_t cpus = l4_sched_cpu_set(0, 0, 0);
	l4_sched_param_t param = l4_sched_param(2, 0);
	l4_umword_t cpu_max = 0;

	tap_is(create_with(mem, L4_PROTO_SCHEDULER, s, 2, same), -L4_EINVAL, "an empty range");
	tap_is(create_with(mem, L4_PROTO_SCHEDULER, s, 2, high), -L4_ERANGE, "too high priorities");
	tap_is(create_with(mem, L4_PROTO_SCHEDULER, s, 1, good), -L4_EINVAL, "half a range");
	create_factory(mem, f, 16 * PAGE);
	tap_is(create_with(f, L4_PROTO_SCHEDULER, s, 2, good), -L4_ENODEV, "only of the root");
	cap_release(f);
	tap_is(create_with(mem, L4_PROTO_SCHEDULER, s, 3, good), 0, "a scheduler for CPU 0");
	tap_is(l4_error(l4_scheduler_info(s, &cpu_max, &cpus)), 0, "tells about CPUs");
	tap_is((long)cpus.map, 1, "that it has CPU 0 alone");
	tap_ok(cpu_max >= 1, "of all");
	l4_factory_create_thread(env->factory, thread);
	tap_is(l4_error(l4_scheduler_run_thread(s, thread, &param)), 0, "runs a thread");
	tap_is(l4_error(l4_scheduler_run_thread(s, mem, &param)), -L4_EINVAL, "but no factory");
	l4_task_delete_obj(L4_BASE_TASK_CAP, thread);
	cap_release(s);
}

static long dma_map(l4_cap_idx_t space, l4_cap_idx_t ds, l4_uint64_t size, l4_uint64_t *address)
{
	struct wire_out o = { 0 };
	struct wire_in in;
	long label;

	wire_put_u32(&o, 0);
	wire_put_u64(&o, 0);
	wire_put_u64(&o, size);
	wire_put_u8(&o, 12);
	wire_put_u32(&o, DMA_SEARCH);
	wire_put_u64(&o, 0);
	wire_put_u64(&o, ~0UL);
	wire_put_cap(&o, ds, L4_CAP_FPAGE_RW);
	wire_expect_nothing();
	label = wire_call(space, &o, L4RE_PROTO_DMA_SPACE, &in);
	wire_get_u64(&in);
	*address = wire_get_u64(&in);
	return label;
}

static long associate(l4_cap_idx_t space)
{
	struct wire_out o = { 0 };

	wire_put_u32(&o, 1);
	wire_put_u32(&o, 0);
	wire_put_cap(&o, space, L4_CAP_FPAGE_RW);
	wire_expect_nothing();
	return wire_call(cap_named("dma_mgr"), &o, 0, NULL);
}

static void dma_spaces(void)
{
	l4_cap_idx_t space = cap_new(), ds = cap_new(), scattered = cap_new();
	l4_uint64_t address = 0;

	tap_is(create(mem, L4RE_PROTO_DMA_SPACE, space), 0, "a DMA space");
	create_ds(mem, ds, 0x200000, 1, 21);
	create_ds(mem, scattered, 16 * PAGE, 0, 0);
	tap_is(dma_map(space, ds, 0x200000, &address), -L4_EINVAL, "needs to be associated");
	tap_is(associate(mem), -L4_ENOENT, "other objects cannot be");
	tap_is(associate(space), 0, "associate it");
	tap_is(associate(space), -L4_EBUSY, "once");
	tap_is(dma_map(space, ds, 0x200000, &address), 0, "contiguous memory has an address");
	tap_ok(address && !(address & 0x1fffff), "0x%lx, aligned as asked for",
	       (unsigned long)address);
	tap_is(dma_map(space, scattered, 16 * PAGE, &address), -L4_EADDRNOTAVAIL,
	       "scattered memory has none");
	tap_is(dma_map(space, ds, 0x400000, &address), -L4_ERANGE, "nor what is not there");
	cap_release(space);
	cap_release(ds);
	cap_release(scattered);
}

static void meta(void)
{
	char name[40];
	long protocol = 0;

	tap_is(l4_meta_num_interfaces(mem), 4, "a factory tells its interfaces");
	tap_is(l4_meta_interface(mem, 0, &protocol, name, sizeof(name)), 0, "the first");
	tap_ok(__builtin_strcmp(name, "N4L4Re9Mem_allocE") == 0, "by the name %s", name);
	tap_is(protocol, L4RE_PROTO_MEM_ALLOC, "and the number");
	tap_is(l4_meta_supports(mem, L4_PROTO_FACTORY), 1, "it speaks the factory protocol");
	tap_is(l4_meta_supports(mem, L4RE_PROTO_RM), 0, "and not that of region maps");
}

void test_main(void)
{
	mem = env->mem_alloc;
	wrong_requests();
	quotas();
	a_greedy_client();
	nesting_has_an_end();
	answers_that_nobody_takes();
	capabilities_that_nobody_asked_for();
	large_and_empty();
	logs();
	schedulers();
	dma_spaces();
	meta();
}
