/* SPDX-License-Identifier: MIT */
/* Promises of moe's region maps: places, areas, detach, faults, every documented error. */
#include "child.h"

#include <l4/re/c/rm.h>
#include <l4/sys/factory.h>
#include <l4/sys/ipc.h>
#include <l4/sys/irq.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>
#include <l4/zwinger/rm.h>

enum { PAGE = 4096, RO = L4_CAP_FPAGE_RO, RW = L4_CAP_FPAGE_RW };
enum { SEARCH = L4RE_RM_F_SEARCH_ADDR, IN_AREA = L4RE_RM_F_IN_AREA, OVERLAP = 2 };
#define PLACE 0x300000000UL

static l4_cap_idx_t mem, rm; /* rm: of no program, its faults do not come */

static l4_cap_idx_t new_ds(l4_mword_t size)
{
	l4_cap_idx_t ds = cap_new();

	if (create_ds(mem, ds, size, 0, 0) < 0)
		tap_bail("no dataspace");
	return ds;
}

static long attach_at(l4_addr_t at, unsigned long size, unsigned flags, l4_cap_idx_t ds)
{
	return rm_attach(rm, &at, size, flags, ds, RW, 0, 12);
}

static void places(void)
{
	l4_cap_idx_t ds = new_ds(8 * PAGE);
	l4_addr_t at = PLACE + 5, other;
	unsigned long size = 1;
	unsigned flags;

	tap_is(rm_attach(rm, &at, 2 * PAGE - 1, L4RE_RM_F_RW, ds, RW, 0, 12), 0, "attach");
	tap_is((long)at, (long)PLACE, "the address is rounded down to a page");
	tap_is(rm_find(rm, &at, &size, &flags), 0, "the region is found");
	tap_ok(at == PLACE && size == 2 * PAGE, "with its place and size");
	tap_is((long)flags & 7, L4RE_RM_F_RW, "and its rights");
	tap_is(attach_at(PLACE + PAGE, PAGE, L4RE_RM_F_R, ds), -L4_EADDRNOTAVAIL,
	       "two regions cannot overlap");
	other = PLACE;
	tap_is(rm_attach(rm, &other, PAGE, L4RE_RM_F_R | SEARCH, ds, RO, 0, 12), 0, "a search");
	tap_is((long)other, (long)(PLACE + 2 * PAGE), "finds the next free place");
	other = PLACE;
	tap_is(rm_attach(rm, &other, PAGE, L4RE_RM_F_R | SEARCH, ds, RO, 0, 21), 0, "aligned");
	tap_is((long)(other & 0x1fffff), 0, "it is aligned");
	tap_is(attach_at(0, PAGE, L4RE_RM_F_R, ds), -L4_EADDRNOTAVAIL, "page 0 is not given");
	tap_is(attach_at(0x7ffffffff000, 2 * PAGE, L4RE_RM_F_R, ds), -L4_EADDRNOTAVAIL,
	       "nor what lies beyond the user's addresses");
	tap_is(attach_at(0xffff800000000000, PAGE, L4RE_RM_F_R, ds), -L4_EADDRNOTAVAIL,
	       "nor the kernel's");
	cap_release(ds);
}

static void wrong_requests(void)
{
	l4_cap_idx_t ds = new_ds(2 * PAGE);
	l4_addr_t at = 2 * PLACE;
	struct wire_out o = { 0 };

	tap_is(attach_at(at, 0, L4RE_RM_F_R, ds), -L4_EINVAL, "size 0 is refused");
	tap_is(attach_at(at, ~0UL, L4RE_RM_F_R, ds), -L4_EINVAL, "a range that wraps is refused");
	tap_is(attach_at(at, PAGE, L4RE_RM_F_R | 0x200, ds), -L4_EINVAL,
	       "unknown flags are refused");
	tap_is(attach_at(at, PAGE, L4RE_RM_F_R | L4RE_RM_F_PAGER, ds), -L4_EINVAL,
	       "pagers of regions are refused");
	tap_is(rm_attach(rm, &at, PAGE, L4RE_RM_F_R | SEARCH, ds, RO, 0, 11), -L4_EINVAL,
	       "a search needs an alignment of a page");
	tap_is(rm_attach(rm, &at, PAGE, L4RE_RM_F_R | SEARCH, ds, RO, 0, 64), -L4_EINVAL,
	       "and less than the address space");
	tap_is(attach_at(at, PAGE, L4RE_RM_F_R, L4_INVALID_CAP), -L4_ENOENT,
	       "a dataspace must be there");
	tap_is(attach_at(at, PAGE, L4RE_RM_F_R, L4_BASE_FACTORY_CAP), -L4_ENOENT,
	       "and be one of moe's");
	tap_is(rm_attach(rm, &at, PAGE, L4RE_RM_F_RW, ds, RO, 0, 12), -L4_EPERM,
	       "the capability must have the right to write");
	tap_is(rm_attach(rm, &at, PAGE, L4RE_RM_F_R, ds, RO, 2 * PAGE, 12), -L4_ERANGE,
	       "the offset must be in the dataspace");
	tap_is(rm_detach(rm, at, PAGE, OVERLAP, &at, &(unsigned long){ 0 }), -L4_ENOENT,
	       "nothing to detach");
	tap_is(rm_free_area(rm, at), -L4_ENOENT, "no area to free");
	tap_is(rm_find(rm, &(l4_addr_t){ 2 * PLACE }, &(unsigned long){ 1 }, &(unsigned){ 0 }),
	       -L4_ENOENT, "nothing to find");
	wire_put_u32(&o, 0);
	wire_expect_nothing();
	tap_is(wire_call(rm, &o, L4RE_PROTO_RM, NULL), -L4_EMSGTOOSHORT,
	       "half a message is refused");
	tap_is(wire_call(rm, &o, 0x1234, NULL), -L4_EBADPROTO, "another protocol is refused");
	cap_release(ds);
}

static void areas(void)
{
	l4_cap_idx_t ds = new_ds(8 * PAGE);
	l4_addr_t area = 3 * PLACE, at = area;

	tap_is(rm_reserve(rm, &area, 8 * PAGE, 0, 12), 0, "reserve an area");
	tap_is(attach_at(area + PAGE, PAGE, L4RE_RM_F_R, ds), -L4_EADDRNOTAVAIL,
	       "nobody gets into an area unasked");
	tap_is(attach_at(area + PAGE, PAGE, L4RE_RM_F_R | IN_AREA, ds), 0, "but with the flag");
	tap_is(rm_attach(rm, &at, PAGE, L4RE_RM_F_R | SEARCH, ds, RO, 0, 12), 0, "a search");
	tap_ok(at >= area + 8 * PAGE, "goes around the area");
	at = area;
	tap_is(rm_attach(rm, &at, 3 * PAGE, L4RE_RM_F_R | SEARCH | IN_AREA, ds, RO, 0, 12), 0,
	       "a search in the area");
	tap_is((long)at, (long)(area + 2 * PAGE), "finds the gap there");
	at = area;
	tap_is(rm_attach(rm, &at, 4 * PAGE, L4RE_RM_F_R | SEARCH | IN_AREA, ds, RO, 0, 12),
	       -L4_EADDRNOTAVAIL, "and does not leave it");
	tap_is(attach_at(area + 7 * PAGE, 2 * PAGE, L4RE_RM_F_R | IN_AREA, ds), -L4_EADDRNOTAVAIL,
	       "nothing crosses its end");
	at = area;
	tap_is(rm_reserve(rm, &at, PAGE, 0, 12), -L4_EADDRNOTAVAIL, "areas do not overlap");
	tap_is(rm_free_area(rm, area + 5 * PAGE), 0, "free the area");
	tap_is(attach_at(area + 6 * PAGE, PAGE, L4RE_RM_F_R, ds), 0, "its place can be used");
	cap_release(ds);
}

static void detaching(void)
{
	l4_cap_idx_t ds = new_ds(10 * PAGE);
	l4_addr_t start = 4 * PLACE, taken;
	unsigned long size;

	attach_at(start, 10 * PAGE, L4RE_RM_F_RW, ds);
	tap_is(rm_detach(rm, start + 3 * PAGE, 2 * PAGE, 1, &taken, &size), 2, "cut a hole");
	tap_ok(taken == start + 3 * PAGE && size == 2 * PAGE, "of that size");
	tap_is(
	    rm_find(rm, &(l4_addr_t){ start + 3 * PAGE }, &(unsigned long){ 1 }, &(unsigned){ 0 }),
	    -L4_ENOENT, "nothing is there");
	tap_is(rm_detach(rm, start, PAGE, 1, &taken, &size), 1, "cut the head");
	tap_is(rm_detach(rm, start + 9 * PAGE, PAGE, 1, &taken, &size), 1, "cut the tail");
	tap_is(rm_detach(rm, start, 10 * PAGE, OVERLAP, &taken, &size), 4,
	       "take all: there is more");
	tap_ok(taken == start + PAGE && size == 2 * PAGE, "the first part went");
	tap_is(rm_detach(rm, start, 10 * PAGE, OVERLAP, &taken, &size), 0, "and the second");
	tap_ok(taken == start + 5 * PAGE && size == 4 * PAGE, "which was the rest");
	cap_release(ds);
}

static void own_memory(void)
{
	l4_cap_idx_t ds = new_ds(2 * PAGE);
	l4_addr_t shared = 0x10000, private = 0x10000, anonymous = 0x10000;
	volatile l4_umword_t *a, *b;
	unsigned long size;

	tap_is(rm_attach(env->rm, &shared, 2 * PAGE, L4RE_RM_F_RW | SEARCH, ds, RW, 0, 12), 0,
	       "attach to the own region map");
	a = (volatile l4_umword_t *)shared;
	a[0] = 77;
	tap_is((long)a[0], 77, "the memory is there");
	tap_is(rm_attach(env->rm, &private, 2 * PAGE, L4RE_RM_F_RW | L4RE_RM_F_PRIVATE | SEARCH, ds,
			 RO, 0, 12),
	       0, "attach a private copy with a read-only capability");
	b = (volatile l4_umword_t *)private;
	tap_is((long)b[0], 77, "it has the contents");
	b[0] = 88;
	a[0] = 99;
	tap_ok(a[0] == 99 && b[0] == 88, "each has its own page");
	tap_is(rm_attach(env->rm, &anonymous, 4 * PAGE,
			 L4RE_RM_F_RW | L4RE_RM_F_ANONYMOUS | SEARCH | L4RE_RM_F_EAGER_MAP,
			 L4_INVALID_CAP, 0, 0, 12),
	       0, "attach anonymous memory");
	tap_is((long)*(volatile l4_umword_t *)(anonymous + 3 * PAGE), 0, "it is zero");
	rm_detach(env->rm, shared, 1, OVERLAP, &shared, &size);
	rm_detach(env->rm, private, 1, OVERLAP, &private, &size);
	rm_detach(env->rm, anonymous, 1, OVERLAP, &anonymous, &size);
	cap_release(ds);
}

static long replace(l4_addr_t at, unsigned long size, unsigned flags, l4_cap_idx_t ds)
{
	return rm_replace(env->rm, at, size, flags, ds, RW);
}

static void replacing(void)
{
	l4_cap_idx_t ds = new_ds(8 * PAGE), other = new_ds(2 * PAGE);
	l4_addr_t at = 5 * PLACE, behind = at + 6 * PAGE;
	volatile l4_umword_t *a = (volatile l4_umword_t *)at;
	unsigned long size = 1;
	unsigned flags;

	rm_attach(env->rm, &at, 4 * PAGE, L4RE_RM_F_RW, ds, RW, 0, 12);
	rm_attach(env->rm, &behind, PAGE, L4RE_RM_F_R, ds, RO, 0, 12);
	a[0] = 11;
	tap_is(replace(at, PAGE, L4RE_RM_F_R, ds), 0, "replace the head of a region");
	tap_ok(!rm_find(env->rm, &at, &size, &flags) && size == PAGE && (flags & 7) == L4RE_RM_F_R,
	       "it is one of its own, with its own rights");
	tap_is((long)a[0], 11, "and the same memory");
	tap_is(replace(at + 2 * PAGE, PAGE, L4RE_RM_F_RESERVED, L4_INVALID_CAP), 0,
	       "a part in the middle can become nothing");
	a[512 * 3] = 13;
	tap_is((long)a[512 * 3], 13, "the rest is there");
	tap_is(replace(at + 3 * PAGE, 3 * PAGE, L4RE_RM_F_RW, other), 0,
	       "a region can be made larger, of other memory");
	tap_is(replace(at + 3 * PAGE, 4 * PAGE, L4RE_RM_F_RW, other), -L4_EADDRNOTAVAIL,
	       "but not over another region");
	tap_is(replace(at - PAGE, 2 * PAGE, L4RE_RM_F_RW, ds), -L4_ENOENT,
	       "and not where none begins");
	tap_is(replace(at, PAGE, L4RE_RM_F_RW | L4RE_RM_F_PRIVATE, ds), -L4_EINVAL,
	       "what is private does not replace");
	tap_is(rm_replace(env->rm, at, PAGE, L4RE_RM_F_RW, ds, RO), -L4_EPERM,
	       "nor what the capability does not allow");
	tap_is((long)a[0], 11, "an error leaves all as it was");
	while (rm_detach(env->rm, at, 8 * PAGE, OVERLAP, &(l4_addr_t){ 0 }, &size) >= 0)
		;
	cap_release(ds);
	cap_release(other);
}

/* A thread that faults, and what its region map tells. */

static char stack[8192] __attribute__((aligned(16)));

static void write_to_nothing(void)
{
	*(volatile int *)0x123450000 = 1;
}

static long ask_fault(l4_cap_idx_t map, l4_zw_rm_fault_t *fault)
{
	struct wire_out o = { 0 };
	struct wire_in in;
	long label;

	wire_put_u32(&o, L4_ZW_RM_FAULT_OP);
	wire_expect_nothing();
	label = wire_call(map, &o, L4RE_PROTO_RM, &in);
	wire_get_struct(&in, fault, sizeof(*fault), 8);
	return label;
}

static long set_parent(l4_cap_idx_t map, l4_cap_idx_t irq)
{
	struct wire_out o = { 0 };

	wire_put_u32(&o, L4_ZW_RM_SET_PARENT_OP);
	wire_put_string(&o, "faulty");
	wire_put_cap(&o, irq, L4_CAP_FPAGE_RW);
	wire_expect_nothing();
	return wire_call(map, &o, L4RE_PROTO_RM, NULL);
}

/* words: how many the message has. */
static long set_handled(l4_cap_idx_t map, bool handled, unsigned words)
{
	l4_utcb_mr()->mr[0] = L4_ZW_RM_HANDLED_OP;
	l4_utcb_mr()->mr[1] = handled;
	wire_expect_nothing();
	return l4_error(
	    l4_ipc_call(map, l4_utcb(), l4_msgtag(L4RE_PROTO_RM, words, 0, 0), L4_IPC_NEVER));
}

static void start_faulty_thread(l4_cap_idx_t thread)
{
	thread_begin(thread, write_to_nothing, stack + sizeof(stack), l4_sched_param(2, 0));
}

static void faults(void)
{
	l4_cap_idx_t irq = cap_new(), thread = cap_new();
	l4_zw_rm_fault_t fault;
	l4_msgtag_t tag;

	tap_is(ask_fault(env->rm, &fault), -L4_ENOENT, "there was no fault");
	l4_factory_create_irq(env->factory, irq);
	l4_rcv_ep_bind_thread(irq, env->main_thread, 0x40);
	tap_is(set_parent(env->rm, env->main_thread), 0, "any capability can be told of faults");
	tap_is(set_parent(env->rm, irq), 0, "an interrupt replaces it");
	tap_is(set_handled(env->rm, true, 2), 0, "who answers to faults itself can say so");
	tap_is(set_handled(env->rm, true, 1), -L4_EMSGTOOSHORT, "yes or no");
	tap_is(set_handled(env->rm, false, 2), 0, "and take it back");
	start_faulty_thread(thread);
	tag = l4_irq_receive(irq, l4_ipc_timeout(0, 0, 600, 15));
	tap_is((long)l4_ipc_error(tag, l4_utcb()), 0, "the fault triggers the interrupt");
	tap_is(ask_fault(env->rm, &fault), 0, "the region map tells the fault");
	tap_is((long)fault.signal, 11, "a segmentation fault");
	tap_is((long)fault.address, 0x123450000, "its address");
	tap_ok(fault.ip - (l4_addr_t)write_to_nothing < 64, "its instruction");
	l4_task_delete_obj(L4_BASE_TASK_CAP, thread);
}

static void no_memory_is_lost(void)
{
	l4_umword_t before = memory_stats(mem).used;
	l4_cap_idx_t map = cap_new(), ds = cap_new();
	bool good = true;

	for (unsigned i = 0; i < 100; i++) {
		l4_addr_t at = PLACE;

		good &= create(mem, L4RE_PROTO_RM, map) == 0;
		good &= create_ds(mem, ds, 40 * PAGE, 0, 0) == 0;
		for (unsigned k = 0; k < 20; k++, at += 2 * PAGE)
			good &= rm_attach(map, &at, PAGE, L4RE_RM_F_RW, ds, RW, k * PAGE, 12) == 0;
		at = PLACE;
		good &= rm_reserve(map, &at, PAGE, SEARCH, 12) == 0;
		cap_release(ds);
		cap_release(map);
	}
	tap_ok(good, "100 region maps with 20 regions each");
	tap_ok(memory_settles(mem, before), "leave nothing behind");
}

void test_main(void)
{
	mem = env->mem_alloc;
	rm = cap_new();
	tap_is(create(mem, L4RE_PROTO_RM, rm), 0, "a region map");
	places();
	wrong_requests();
	areas();
	detaching();
	own_memory();
	replacing();
	faults();
	no_memory_is_lost();
}
