/* SPDX-License-Identifier: MIT */
/* Debugger object: every operation that answers without a dialogue. */
#include "thread.h"

#include <l4/sys/debugger.h>
#include <l4/sys/factory.h>
#include <l4/sys/irq.h>
#include <l4/sys/kdebug.h>
#include <l4/sys/ktrace.h>
#include <l4/sys/task.h>

enum { TRACE_CLEAR = 2, TRACE_DUMP = 3, TRACE_VALUES = 4, TRACE_MAP = 0x10 };

#define KU_ADDRESS 0x7ffd000000UL
#define LIMIT	   timeout_us(500000, 500000)

/* The debugger's record of an object; the id is above the five bits of the type. */
struct object_info {
	uint64_t type_id, address, references, more[5];
};
enum { TYPE_THREAD = 1, TYPE_TASK = 2, TYPE_FACTORY = 7 };

static long operation(unsigned op, unsigned words)
{
	mr_set(0, op);
	return l4_error(l4_ipc_call(L4_BASE_DEBUGGER_CAP, l4_utcb(),
				    l4_msgtag(L4_PROTO_DEBUGGER, words, 0, 0), LIMIT));
}

/* Group 1, about the object behind cap; the words from 1 on are set. */
static long about(l4_cap_idx_t cap, unsigned op, unsigned words)
{
	mr_set(0, op);
	return l4_error(l4_invoke_debugger(cap, l4_msgtag(0, words, 0, 0), l4_utcb()));
}

static void test_output(void)
{
	static const unsigned op[] = { L4_KDEBUG_OUTHEX32, L4_KDEBUG_OUTHEX20, L4_KDEBUG_OUTHEX16,
				       L4_KDEBUG_OUTHEX12, L4_KDEBUG_OUTHEX8,  L4_KDEBUG_OUTDEC };

	l4_kd_outstring("# written by the debugger\n");
	for (unsigned i = 0; i < ARRAY_SIZE(op); i++) {
		long result;

		mr_set(1, 0x12345678);
		result = operation(op[i], 2);
		l4_kd_outchar('\n');
		tap_is(result, 0, "output: number, form %u", i);
	}
	mr_set(1, '\n');
	tap_is(operation(L4_KDEBUG_OUTCHAR, 2), 0, "output: a character");
	tap_is(operation(L4_KDEBUG_OUTCHAR, 1), -L4_EMSGTOOSHORT, "output: too few words");
	tap_is(operation(0x20, 2), -L4_ENOSYS, "output: an unknown operation");
	mr_set(1, ~0UL);
	tap_is(operation(L4_KDEBUG_OUTNSTRING, 2), 0, "output: a length beyond the message");
	tap_is(operation(0x300, 2), -L4_ENOSYS, "an unknown group");
	tap_is(operation(0, 0), -L4_EMSGTOOSHORT, "no operation");
	tap_is(
	    l4_error(l4_ipc_call(L4_BASE_DEBUGGER_CAP, l4_utcb(), l4_msgtag(33, 2, 0, 0), LIMIT)),
	    -L4_EBADPROTO, "another protocol");
}

static void test_names(void)
{
	unsigned long id;
	char name[32];

	tap_is(l4_error(l4_debugger_set_object_name(L4_BASE_TASK_CAP, "0123456789abcdefgh")), 0,
	       "names: set");
	tap_is(about(L4_BASE_TASK_CAP, L4_DEBUGGER_NAME_GET_SELF_OP, 1), 0, "names: get");
	tap_is(strcmp((const char *)l4_utcb_mr()->mr, "0123456789abcdef"), 0,
	       "names: 16 characters are kept");
	id = l4_debugger_global_id(L4_BASE_TASK_CAP);
	tap_ok(id && id != ~0UL, "names: id of an object");
	tap_is(l4_error(l4_debugger_get_object_name(L4_BASE_DEBUGGER_CAP, (unsigned)id, name,
						    sizeof(name))) >= 0,
	       1, "names: of an id");
	tap_is(strcmp(name, "0123456789abcdef"), 0, "names: it is that of the object");
	mr_set(1, 0xfffff);
	tap_is(about(L4_BASE_DEBUGGER_CAP, L4_DEBUGGER_NAME_GET_OP, 2), -L4_ENOENT,
	       "names: no such id");
	tap_is(l4_debugger_global_id(FREE_CAP_FIRST << 12) == ~0UL, 1, "names: empty slot");
	tap_is(about(L4_BASE_TASK_CAP, L4_DEBUGGER_NAME_SET_OP, 1), -L4_EMSGTOOSHORT,
	       "names: too few words");
	tap_is(about(L4_BASE_TASK_CAP, 0x60, 2), -L4_ENOSYS, "names: an unknown operation");
	tap_is(l4_error(l4_debugger_set_object_name(L4_BASE_TASK_CAP, "test")), 0,
	       "names: set again");
}

/* Looks up the records of the task and of the factory in what the kernel has written. */
static void check_infos(const struct object_info *info, l4_umword_t count)
{
	unsigned long task = l4_debugger_global_id(L4_BASE_TASK_CAP);
	unsigned long factory = l4_debugger_global_id(L4_BASE_FACTORY_CAP), found = 0;
	uint64_t address = 0;

	for (l4_umword_t i = 0; i < count; i++) {
		if (info[i].type_id == (task << 5 | TYPE_TASK)) {
			address = info[i].address;
			found |= 1;
		}
		if (info[i].type_id == (factory << 5 | TYPE_FACTORY))
			found |= 2;
	}
	tap_is((long)found, 3, "object infos: task and factory are there");
	tap_is((long)l4_debugger_kobj_to_id(L4_BASE_DEBUGGER_CAP, address), (long)task,
	       "object infos: the address leads back to the id");
	tap_is(l4_debugger_kobj_to_id(L4_BASE_DEBUGGER_CAP, address + 8) == ~0UL, 1,
	       "object infos: another address does not");
}

static void test_infos(void)
{
	struct object_info *info = (struct object_info *)KU_ADDRESS;
	l4_umword_t total;

	tap_is(
	    l4_error(l4_task_add_ku_mem(L4_BASE_TASK_CAP, l4_fpage(KU_ADDRESS, 13, L4_FPAGE_RW))),
	    0, "object infos: memory for them");
	mr_set(1, KU_ADDRESS);
	mr_set(2, 8192);
	mr_set(3, 0);
	tap_is(about(L4_BASE_DEBUGGER_CAP, L4_DEBUGGER_OBJ_INFO_OP, 4), 0, "object infos");
	total = mr_get(1);
	tap_is((long)mr_get(0), (long)total, "object infos: all of them");
	check_infos(info, total);
	mr_set(1, KU_ADDRESS);
	mr_set(2, 128);
	mr_set(3, total - 1);
	tap_is(about(L4_BASE_DEBUGGER_CAP, L4_DEBUGGER_OBJ_INFO_OP, 4), 0, "object infos: rest");
	tap_is((long)mr_get(0), 1, "object infos: only the last one");
	mr_set(1, 0x2000000);
	mr_set(2, 128);
	mr_set(3, 0);
	tap_is(about(L4_BASE_DEBUGGER_CAP, L4_DEBUGGER_OBJ_INFO_OP, 4), -L4_EINVAL,
	       "object infos: only to kernel-user memory");
}

/* --- more objects than one step of a walk passes --- */

enum { MANY = 1500, MANY_FIRST = FREE_CAP_FIRST, WALKERS = 3, WALKS_BROKEN_OFF = 12 };

static void many_create(void)
{
	for (unsigned long i = 0; i < MANY; i++)
		if (l4_error(l4_factory_create_irq(L4_BASE_FACTORY_CAP, (MANY_FIRST + i)
									    << L4_CAP_SHIFT)))
			tap_bail("no IRQ objects");
}

static void many_delete(void)
{
	for (unsigned long i = 0; i < MANY; i++)
		cap_delete((MANY_FIRST + i) << L4_CAP_SHIFT);
}

/* Records behind the first `skip` to the memory at KU_ADDRESS. Returns their number, or an error;
 * *total: of all objects. */
static long infos(l4_umword_t skip, l4_umword_t *total)
{
	long err;

	mr_set(1, KU_ADDRESS);
	mr_set(2, 8192);
	mr_set(3, skip);
	err = about(L4_BASE_DEBUGGER_CAP, L4_DEBUGGER_OBJ_INFO_OP, 4);
	*total = mr_get(1);
	return err ? err : (long)mr_get(0);
}

/* Reads all records, 128 at a time: is each id above the one before, and the number right? */
static bool infos_ascend(l4_umword_t expected)
{
	const struct object_info *info = (const struct object_info *)KU_ADDRESS;
	l4_umword_t total, seen = 0;
	uint64_t last = 0;
	long n;

	while ((n = infos(seen, &total)) > 0 && total == expected) {
		for (long i = 0; i < n; i++) {
			if (info[i].type_id >> 5 <= last)
				return false;
			last = info[i].type_id >> 5;
		}
		seen += (l4_umword_t)n;
	}
	return n == 0 && seen == expected;
}

static volatile unsigned walks_wrong, walks_done;
static l4_umword_t ids_first, ids_last;

/* Look for the first and the last of many objects, and for none, over and over. */
static void walker(void *unused)
{
	char name[32];

	(void)unused;
	for (;;) {
		bool good =
		    l4_error(l4_debugger_get_object_name(L4_BASE_DEBUGGER_CAP, (unsigned)ids_last,
							 name, sizeof(name))) >= 0 &&
		    !strcmp(name, "the last one") &&
		    l4_debugger_kobj_to_id(L4_BASE_DEBUGGER_CAP, 1) == ~0UL;

		if (!good)
			ADD(walks_wrong, 1);
		ADD(walks_done, 1);
		sleep_us(500); /* the others, too, must get the lock of the list */
	}
}

/* Walks are preempted, other walks and deletions go on meanwhile, and their threads are destroyed
 * in the middle of them. */
static void test_walks_at_once(void)
{
	struct thread *t[WALKERS];
	unsigned cpus = cpu_count();

	for (unsigned i = 0; i < WALKERS; i++)
		t[i] = thread_run(walker, NULL, i % cpus, PRIO_MAIN - 1 - i % 2);
	for (unsigned i = 0; i < WALKS_BROKEN_OFF; i++) {
		unsigned n = i % WALKERS;

		sleep_us(300 + 230 * i);
		thread_destroy(t[n]);
		cap_delete((MANY_FIRST + i) << L4_CAP_SHIFT);
		t[n] = thread_run(walker, NULL, i % cpus, PRIO_MAIN - 1 - i % 2);
	}
	tap_ok(WAIT_UNTIL(READ(walks_done) > 4 * WALKERS, PATIENT_MS), "walks at once: they end");
	l4_kd_enter("*#objects irq");
	for (unsigned i = 0; i < WALKERS; i++)
		thread_destroy(t[i]);
	tap_is(READ(walks_wrong), 0, "walks at once: each finds what it looks for");
}

static void test_many(void)
{
	l4_cap_idx_t last = (l4_cap_idx_t)(MANY_FIRST + MANY - 1) << L4_CAP_SHIFT;
	l4_umword_t before, total;

	infos(~0UL, &before);
	many_create();
	l4_debugger_set_object_name(last, "the last one");
	ids_first = l4_debugger_global_id((l4_cap_idx_t)MANY_FIRST << L4_CAP_SHIFT);
	ids_last = l4_debugger_global_id(last);
	tap_is((long)(ids_last - ids_first), MANY - 1, "many objects: their ids");
	infos(~0UL, &total);
	tap_is((long)(total - before), MANY, "many objects: all are counted");
	tap_ok(infos_ascend(total), "many objects: each has one record, in order");
	test_walks_at_once();
	many_delete();
	WAIT_UNTIL(infos(~0UL, &total) >= 0 && total == before, PATIENT_MS);
	tap_is((long)total, (long)before, "many objects: none is left over");
}

/* Without a debugger in the kernel there are neither records nor commands. */
static void test_trace(void)
{
	long kind;

	if (l4_debugger_query_log_typeid(L4_BASE_DEBUGGER_CAP, "ipc", 0) < 0) {
		tap_skip("not built in", "trace buffer");
		return;
	}
	kind = l4_debugger_query_log_typeid(L4_BASE_DEBUGGER_CAP, "text", 0);
	tap_ok(kind > 0, "trace: id of a kind of record");
	tap_is(l4_debugger_query_log_typeid(L4_BASE_DEBUGGER_CAP, "none", 0), -1,
	       "trace: no such kind");
	tap_is(l4_error(l4_debugger_switch_log(L4_BASE_DEBUGGER_CAP, "ipc", 1)), 0, "trace: on");
	tap_is(l4_error(l4_debugger_switch_log(L4_BASE_DEBUGGER_CAP, "ipc", 0)), 0, "trace: off");
	tap_is(l4_error(l4_debugger_switch_log(L4_BASE_DEBUGGER_CAP, "none", 1)), -L4_ENOENT,
	       "trace: no such kind to switch");
	tap_is(operation(L4_KDEBUG_GROUP_TRACE + TRACE_CLEAR, 1), 0, "trace: clear");
	tap_is(fiasco_tbuf_log("a record"), 0, "trace: text");
	tap_is(fiasco_tbuf_log_3val("three", 1, 2, 3), 0, "trace: three values");
	tap_is(fiasco_tbuf_log_binary((const unsigned char *)"twenty-four bytes of data"), 0,
	       "trace: binary data");
	tap_is(operation(L4_KDEBUG_GROUP_TRACE + TRACE_VALUES, 2), -L4_EMSGTOOSHORT,
	       "trace: too few words");
	tap_is(operation(L4_KDEBUG_GROUP_TRACE + TRACE_MAP, 2), -L4_ENOSYS,
	       "trace: it cannot be mapped");
	tap_is(operation(L4_KDEBUG_GROUP_TRACE + TRACE_DUMP, 1), 0, "trace: dump");
}

void test_main(void)
{
	if (!cap_exists(L4_BASE_DEBUGGER_CAP)) {
		tap_skip("not built in", "debugger");
		return;
	}
	test_output();
	test_names();
	test_infos();
	test_many();
	test_trace();
	tap_is(l4_error(l4_debugger_add_image_info(L4_BASE_TASK_CAP, 0x2000000, "rom/test")), 0,
	       "image info");
	tap_is(l4_error(l4_debugger_add_image_info(L4_BASE_THREAD_CAP, 0x2000000, "rom/test")),
	       -L4_EINVAL, "image info: only of tasks");
	tap_is(operation(L4_KDEBUG_GROUP_DUMP, 1), 0, "memory statistics");
	l4_kd_enter("*#cpus;threads;tasks;caps 8;trace 5;nonsense;bt");
	tap_ok(true, "a sequence of commands ends by itself");
}
