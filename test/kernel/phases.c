/* SPDX-License-Identifier: MIT */
/*
 * What all kernel objects have in common: protocols that are not theirs, among them the meta
 * protocol, which is for servers; and what the phases of an operation mean for them.
 */
#include "thread.h"

#include <l4/sys/factory.h>
#include <l4/sys/meta.h>
#include <l4/sys/task.h>
#include <l4/zwinger/view.h>

enum { UNKNOWN_PROTOCOL = 99 };
#define BRIEF timeout_us(2000, 2000)

struct object {
	const char *name;
	l4_cap_idx_t cap;
};

static l4_msgtag_t operate(const struct object *o, unsigned phases, long protocol)
{
	mr_set(0, 0);
	mr_set(1, 0);
	return invoke(o->cap, phases, l4_msgtag(protocol, 2, 0, 0), BRIEF, NULL);
}

static void test_protocols(const struct object *o)
{
	char name[32];
	long protocol;

	tap_is(l4_error(operate(o, L4_SYSF_CALL, UNKNOWN_PROTOCOL)), -L4_EBADPROTO,
	       "%s: an unknown protocol", o->name);
	tap_is(l4_meta_num_interfaces(o->cap), -L4_EBADPROTO, "%s: meta, number of interfaces",
	       o->name);
	tap_is(l4_meta_interface(o->cap, 0, &protocol, name, sizeof(name)), -L4_EBADPROTO,
	       "%s: meta, interface", o->name);
	tap_is(l4_meta_supports(o->cap, L4_PROTO_TASK), -L4_EBADPROTO, "%s: meta, supports",
	       o->name);
}

static void test_phases(const struct object *o)
{
	l4_msgtag_t sent = l4_msgtag(UNKNOWN_PROTOCOL, 2, 0, 0);

	tap_is(operate(o, L4_SYSF_NONE, UNKNOWN_PROTOCOL).raw, sent.raw,
	       "%s: without phases nothing happens", o->name);
	tap_is(operate(o, L4_SYSF_SEND, UNKNOWN_PROTOCOL).raw, sent.raw,
	       "%s: without a receive phase the tag is as it was, also after an error", o->name);
	tap_is(ipc_error(operate(o, L4_SYSF_RECV, 0)), L4_IPC_RETIMEOUT,
	       "%s: a receive phase alone waits for the timeout", o->name);
}

void test_main(void)
{
	struct object o[] = {
		{ "task", L4_BASE_TASK_CAP },
		{ "factory", L4_BASE_FACTORY_CAP },
		{ "log", L4_BASE_LOG_CAP },
		{ "ICU", L4_BASE_ICU_CAP },
		{ "scheduler", L4_BASE_SCHEDULER_CAP },
		{ "interrupt", irq_create() },
		{ "semaphore", semaphore_create() },
		{ "view", cap_alloc() },
		{ "debugger", L4_BASE_DEBUGGER_CAP },
	};

	tap_is(l4_error(l4_zw_factory_create_view(L4_BASE_FACTORY_CAP, o[7].cap, L4_BASE_TASK_CAP,
						  65536)),
	       0, "create a view");
	for (unsigned i = 0; i < ARRAY_SIZE(o); i++) {
		if (!cap_exists(o[i].cap)) {
			tap_skip("not built in", "%s", o[i].name);
			continue;
		}
		test_protocols(&o[i]);
		test_phases(&o[i]);
	}
}
