/* SPDX-License-Identifier: MIT */
/* Platform control and debugger: every operation and its errors; the end of the test powers off. */
#include "thread.h"

#include <l4/sys/debugger.h>
#include <l4/sys/platform_control.h>

#define LIMIT timeout_us(500000, 500000)

static long platform(unsigned op, l4_umword_t argument, unsigned words)
{
	mr_set(0, op);
	mr_set(1, argument);
	mr_set(2, 0);
	return l4_error(l4_ipc_call(L4_BASE_ICU_CAP, l4_utcb(),
				    l4_msgtag(L4_PROTO_PLATFORM_CTL, words, 0, 0), LIMIT));
}

static void test_platform(void)
{
	tap_is(platform(L4_PLATFORM_CTL_CPU_ENABLE_OP, 0, 2), -L4_ENOSYS, "CPU enable: ENOSYS");
	tap_is(platform(L4_PLATFORM_CTL_CPU_DISABLE_OP, 0, 2), -L4_ENOSYS, "CPU disable: ENOSYS");
	tap_is(platform(0x10, 0, 2), -L4_ENOSYS, "operation 0x10: ENOSYS");
	tap_is(platform(0x55, 0, 2), -L4_ENOSYS, "an unknown operation: ENOSYS");
	tap_is(platform(L4_PLATFORM_CTL_CPU_ALLOW_SHUTDOWN_OP, 0, 3), 0, "allow CPU shutdown");
	tap_ok(platform(L4_PLATFORM_CTL_SYS_SUSPEND_OP, 0, 2) < 0, "suspend is not possible here");
	tap_ok(platform(L4_PLATFORM_CTL_SYS_SHUTDOWN_OP, 0, 1) < 0, "shutdown needs its argument");
	tap_is(l4_error(l4_ipc_call(L4_BASE_ICU_CAP, l4_utcb(), l4_msgtag(33, 1, 0, 0), LIMIT)),
	       -L4_EBADPROTO, "another protocol: EBADPROTO");
}

/* Name and number of the main thread. */
static void test_debugger(void)
{
	char name[32] = { 0 };
	unsigned long id;

	if (!cap_exists(L4_BASE_DEBUGGER_CAP)) {
		tap_skip("not built in", "debugger");
		return;
	}
	tap_is(l4_error(l4_debugger_set_object_name(L4_BASE_THREAD_CAP, "main-thread")), 0,
	       "debugger: set the name of an object");
	id = l4_debugger_global_id(L4_BASE_THREAD_CAP);
	tap_ok(id != ~0UL && id != l4_debugger_global_id(L4_BASE_TASK_CAP),
	       "debugger: objects have numbers");
	tap_ok(l4_error(l4_debugger_get_object_name(L4_BASE_DEBUGGER_CAP, (unsigned)id, name,
						    sizeof(name))) >= 0,
	       "debugger: name of a number");
	tap_is(strcmp(name, "main-thread"), 0, "debugger: it is the name given");
	tap_is(l4_error(l4_debugger_get_object_name(L4_BASE_DEBUGGER_CAP, ~0U, name, sizeof(name))),
	       -L4_ENOENT, "debugger: no such number");
	mr_set(0, 0);
	tap_is(l4_error(l4_ipc_call(L4_BASE_DEBUGGER_CAP, l4_utcb(),
				    l4_msgtag(L4_PROTO_DEBUGGER, 1, 0, 0), LIMIT)),
	       -L4_EMSGTOOSHORT, "debugger: too few words");
}

void test_main(void)
{
	test_platform();
	test_debugger();
}
