/* SPDX-License-Identifier: MIT */
/* Debugging: names of kernel objects, dumps by servers, output that needs no server, back-traces.
 */
#include <stdio.h>
#include <string.h>
#include <l4/re/c/debug.h>
#include <l4/re/c/rm.h>
#include <l4/sys/debugger.h>
#include <l4/sys/kdebug.h>
#include <l4/util/backtrace.h>
#include "lib/raw_thread.h"

enum { DEPTH = 16, NAME_BYTES = 32, DUMP = 0 };

/* The debugger shows this name in its lists; everybody who has the debugger can find it by id. */
static void name_a_thread(void)
{
	char name[NAME_BYTES];
	unsigned long id;

	check(l4_error(l4_debugger_set_object_name(l4re_env()->main_thread, "main of example")),
	      "set name");
	id = l4_debugger_global_id(l4re_env()->main_thread);
	check(l4_error(l4_debugger_get_object_name(L4_BASE_DEBUGGER_CAP, (unsigned)id, name,
						   sizeof(name))),
	      "get name");
	printf("the debugger knows this thread as '%s'\n", name);
	printf("and finds its number by %s\n", id != ~0UL && id ? "the capability" : "nothing");
}

/* Servers print what they know to their own log, here moe to the console. */
static void ask_servers(void)
{
	l4re_rm_show_lists();
	printf("region map: %s\n", l4sys_errtostr(l4re_debug_obj_debug(l4re_env()->rm, DUMP)));
	printf("memory: %s\n", l4sys_errtostr(l4re_debug_obj_debug(l4re_env()->mem_alloc, DUMP)));
	printf("log: %s\n", l4sys_errtostr(l4re_debug_obj_debug(l4re_env()->log, DUMP)));
}

static __attribute__((noinline)) int depth_here(void)
{
	void *callers[DEPTH];

	return l4util_backtrace(callers, DEPTH);
}

static __attribute__((noinline)) int depth_below(void)
{
	int depth = depth_here();

	__asm__ volatile(""); /* so the call is not the last thing, which would be a jump */
	return depth;
}

int main(void)
{
	name_a_thread();
	ask_servers();
	printf("a call more on the stack: %d\n", depth_below() - depth_here());
	fflush(stdout);
	l4_kd_outstring("kernel  | ");
	l4_kd_outdec(6 * 7);
	l4_kd_outstring(" by the debugger, without a server\n");
	return 0;
}
