/* SPDX-License-Identifier: MIT */
/* Factory: creating every kind of object, argument errors, rights, quotas. */
#include "thread.h"

#include <l4/sys/factory.h>
#include <l4/sys/task.h>

/* Protocol of an interrupt multiplexer in older versions of the interface. */
enum { IRQ_MUX = -19 };

#define SLOT(n) ((l4_cap_idx_t)(FREE_CAP_FIRST + (n)) << L4_CAP_SHIFT)

/* A bare factory call with words from mr[0] on; the new capability goes to SLOT(0). */
static long create(l4_cap_idx_t factory, unsigned words, unsigned items)
{
	l4_msgtag_t tag = l4_msgtag(L4_PROTO_FACTORY, words, items, 0);

	buffers_cap(SLOT(0));
	tag = l4_ipc_call(factory, l4_utcb(), tag, L4_IPC_NEVER);
	buffers_none();
	return l4_error(tag);
}

static void test_kinds(void)
{
	static const struct {
		long protocol;
		const char *name;
	} kinds[] = {
		{ 0, "gate" },
		{ L4_PROTO_KOBJECT, "gate by its old number" },
		{ L4_PROTO_THREAD, "thread" },
		{ L4_PROTO_IRQ_SENDER, "interrupt" },
		{ L4_PROTO_SEMAPHORE, "semaphore" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
		mr_set(0, (l4_umword_t)kinds[i].protocol);
		mr_set(1, L4_VARG_TYPE_UMWORD | 8 << 16);
		mr_set(2, 0);
		tap_is(create(L4_BASE_FACTORY_CAP, 3, 0), 0, "create: %s", kinds[i].name);
		tap_ok(cap_exists(SLOT(0)), "create: %s is there", kinds[i].name);
		cap_delete(SLOT(0));
	}
	mr_set(0, (l4_umword_t)L4_PROTO_TASK);
	mr_set(1, L4_VARG_TYPE_FPAGE | 8 << 16);
	mr_set(2, 0);
	tap_is(create(L4_BASE_FACTORY_CAP, 3, 0), 0, "create: task without UTCB area");
	cap_delete(SLOT(0));
}

static void test_reply(void)
{
	l4_msgtag_t tag = l4_factory_create(L4_BASE_FACTORY_CAP, L4_PROTO_SEMAPHORE, SLOT(0));

	tap_is(l4_msgtag_items(tag), 1, "the reply has one item");
	tap_is((long)(mr_get(l4_msgtag_words(tag)) & 0x3f), 0x38, "it is a mapped capability");
	cap_delete(SLOT(0));
}

static void test_errors(void)
{
	static const long unknown[] = {
		1,
		5,
		1000,
		-1000,
		IRQ_MUX,
		L4_PROTO_THREAD_GROUP,
		L4_PROTO_VM,
		L4_PROTO_DMA_SPACE,
		L4_PROTO_VCPU_CONTEXT,
		L4_PROTO_IOMMU,
		L4_PROTO_LOG,
		L4_PROTO_SCHEDULER,
	};

	for (unsigned i = 0; i < ARRAY_SIZE(unknown); i++) {
		mr_set(0, (l4_umword_t)unknown[i]);
		tap_is(create(L4_BASE_FACTORY_CAP, 1, 0), -L4_ENODEV, "unknown kind %ld",
		       unknown[i]);
	}
	tap_is(create(L4_BASE_FACTORY_CAP, 0, 0), -L4_EMSGTOOSHORT, "no words");
	mr_set(0, (l4_umword_t)L4_PROTO_TASK);
	tap_is(create(L4_BASE_FACTORY_CAP, 1, 0), -L4_EINVAL, "task: no flexpage");
	tap_is(
	    l4_error(l4_factory_create_gate(L4_BASE_FACTORY_CAP, SLOT(0), L4_BASE_THREAD_CAP, 6)),
	    -L4_EINVAL, "gate: low label bits must be 0");
	tap_is(l4_error(l4_factory_create_gate(L4_BASE_FACTORY_CAP, SLOT(0), L4_BASE_TASK_CAP, 8)),
	       -L4_EINVAL, "gate: only a thread can be bound");
	tap_is(l4_error(l4_factory_create_task(L4_BASE_FACTORY_CAP, SLOT(0),
					       l4_fpage(0x40000000, 11, 0))),
	       -L4_EINVAL, "task: UTCB area below a page");
	mr_set(0, L4_PROTO_SEMAPHORE);
	tap_is(l4_error(l4_ipc_call(L4_BASE_FACTORY_CAP, l4_utcb(), l4_msgtag(3, 1, 0, 0),
				    L4_IPC_NEVER)),
	       -L4_EBADPROTO, "another protocol");
}

static void test_buffers(void)
{
	l4_msgtag_t tag;

	buffers_none();
	mr_set(0, (l4_umword_t)L4_PROTO_SEMAPHORE);
	tag = l4_ipc_call(L4_BASE_FACTORY_CAP, l4_utcb(), l4_msgtag(L4_PROTO_FACTORY, 1, 0, 0),
			  L4_IPC_NEVER);
	tap_is(ipc_error(tag), L4_IPC_REMSGCUT, "without a buffer: receive overflow");
	buffers_cap(SLOT(0));
	mr_set(0, (l4_umword_t)L4_PROTO_SEMAPHORE);
	invoke(L4_BASE_FACTORY_CAP, L4_SYSF_SEND, l4_msgtag(L4_PROTO_FACTORY, 1, 0, 0),
	       L4_IPC_NEVER, NULL);
	tap_ok(!cap_exists(SLOT(0)), "without a receive phase nothing is created");
	l4_utcb_br()->bdr = 0;
	l4_utcb_br()->br[0] = L4_ITEM_MAP;
	l4_utcb_br()->br[1] = l4_obj_fpage(SLOT(8), 3, 0).raw;
	mr_set(0, (l4_umword_t)L4_PROTO_SEMAPHORE);
	tag = l4_ipc_call(L4_BASE_FACTORY_CAP, l4_utcb(), l4_msgtag(L4_PROTO_FACTORY, 1, 0, 0),
			  L4_IPC_NEVER);
	buffers_none();
	tap_is(l4_error(tag), 0, "a window of several slots");
	tap_ok(cap_exists(SLOT(8)), "its first slot is used");
	cap_delete(SLOT(8));
}

static void test_rights(void)
{
	l4_cap_idx_t weak = SLOT(1), thread = SLOT(2), weak_thread = SLOT(3);

	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
		    l4_obj_fpage(L4_BASE_FACTORY_CAP, 0, L4_CAP_FPAGE_RW), weak | L4_ITEM_MAP);
	tap_is(l4_error(l4_factory_create_irq(weak, SLOT(0))), -L4_EPERM, "create needs S");
	l4_factory_create_thread(L4_BASE_FACTORY_CAP, thread);
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, l4_obj_fpage(thread, 0, L4_CAP_FPAGE_RW),
		    weak_thread | L4_ITEM_MAP);
	tap_is(l4_error(l4_factory_create_gate(L4_BASE_FACTORY_CAP, SLOT(0), weak_thread, 8)),
	       -L4_EPERM, "gate: needs S on the thread");
	cap_delete(thread);
	l4_task_release_cap(L4_BASE_TASK_CAP, weak);
}

static void test_occupied_slot(void)
{
	l4_cap_idx_t copy = SLOT(4);

	l4_factory_create_irq(L4_BASE_FACTORY_CAP, SLOT(0));
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, l4_obj_fpage(SLOT(0), 0, L4_CAP_FPAGE_RWS),
		    copy | L4_ITEM_MAP);
	tap_is(l4_error(l4_factory_create_irq(L4_BASE_FACTORY_CAP, SLOT(0))), 0,
	       "create into a slot in use");
	tap_ok(cap_exists(SLOT(0)), "the new object is there");
	tap_ok(!cap_exists(copy), "the old one, held with the D right, is deleted");
	cap_delete(SLOT(0));
}

/* Number of semaphores that fit into the factory, at most max. */
static unsigned fill(l4_cap_idx_t factory, unsigned max)
{
	unsigned n = 0;

	while (n < max &&
	       l4_error(l4_factory_create(factory, L4_PROTO_SEMAPHORE, SLOT(100 + n))) == 0)
		n++;
	return n;
}

static void empty(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		cap_delete(SLOT(100 + i));
}

static void test_quota(void)
{
	enum { LIMIT_BYTES = 64 * 1024, MAX = 3000 };
	l4_cap_idx_t f = SLOT(5), sub = SLOT(6), t = SLOT(7);
	unsigned n, again;

	tap_is(l4_error(l4_factory_create_factory(L4_BASE_FACTORY_CAP, f, 0)), -L4_ENOMEM,
	       "factory: quota 0");
	tap_is(l4_error(l4_factory_create_factory(L4_BASE_FACTORY_CAP, f, LIMIT_BYTES)), 0,
	       "factory: quota 64 KiB");
	n = fill(f, MAX);
	tap_ok(n > 10 && n < MAX, "objects are charged until the quota is used up");
	tap_is(l4_error(l4_factory_create_irq(f, SLOT(0))), -L4_ENOMEM, "then ENOMEM");
	tap_is(l4_error(l4_factory_create_irq(L4_BASE_FACTORY_CAP, SLOT(0))), 0,
	       "other factories are not affected");
	cap_delete(SLOT(0));
	empty(n);
	again = fill(f, MAX);
	tap_is(again, n, "after deleting them as many fit again");
	empty(again);
	tap_is(l4_error(l4_factory_create_factory(f, sub, 2 * LIMIT_BYTES)), -L4_ENOMEM,
	       "factory: a larger quota than the parent's");
	tap_is(l4_error(l4_factory_create_factory(f, sub, LIMIT_BYTES / 2)), 0,
	       "factory: half of the parent's");
	again = fill(f, MAX);
	tap_ok(again < n * 6 / 10 + 2, "it is taken from the parent");
	empty(again);
	tap_is(l4_error(l4_factory_create_task(sub, t, l4_fpage(0x40000000, 17, 0))), -L4_ENOMEM,
	       "task: a UTCB area above the quota");
	tap_ok(!cap_exists(t), "task: nothing is left of it");
	tap_is(fill(sub, 5), 5, "the sub-factory works nevertheless");
	cap_delete(sub);
	tap_ok(cap_exists(SLOT(100)), "objects outlive their factory");
	empty(5);
	again = fill(f, MAX);
	tap_is(again, n, "its quota returns to the parent with the last of them");
	empty(again);
	mr_set(0, (l4_umword_t)L4_PROTO_FACTORY);
	tap_is(create(f, 2, 0), -L4_EMSGTOOSHORT, "factory: too few words");
	mr_set(0, (l4_umword_t)L4_PROTO_FACTORY);
	tap_is(create(f, 4, 0), -L4_EMSGTOOLONG, "factory: too many words");
	cap_delete(f);
}

void test_main(void)
{
	test_kinds();
	test_reply();
	test_errors();
	test_buffers();
	test_rights();
	test_occupied_slot();
	test_quota();
}
