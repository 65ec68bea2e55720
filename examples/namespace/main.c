/* SPDX-License-Identifier: MIT */
/* Namespaces: register an object, find it by its name, look into the boot modules. */
#include <stdbool.h>
#include <stdio.h>
#include <l4/re/c/dataspace.h>
#include <l4/re/c/mem_alloc.h>
#include <l4/re/c/namespace.h>
#include <l4/re/c/rm.h>
#include <l4/re/c/util/cap_alloc.h>
#include "lib/raw_thread.h"

/* Does what is written by way of one appear in the other? */
static bool same_memory(l4re_ds_t one, l4re_ds_t other)
{
	int *a = NULL, *b = NULL;

	check(l4re_rm_attach((void **)&a, L4_PAGESIZE, L4RE_RM_F_SEARCH_ADDR | L4RE_RM_F_RW,
			     one | L4_CAP_FPAGE_RW, 0, L4_PAGESHIFT),
	      "attach");
	check(l4re_rm_attach((void **)&b, L4_PAGESIZE, L4RE_RM_F_SEARCH_ADDR | L4RE_RM_F_R,
			     other | L4_CAP_FPAGE_RO, 0, L4_PAGESHIFT),
	      "attach again");
	*a = 42;
	return *b == 42;
}

static void register_and_find(l4_cap_idx_t ns)
{
	l4_cap_idx_t ds = l4re_util_cap_alloc(), found = l4re_util_cap_alloc();

	check(l4re_ma_alloc(5000, ds, 0), "allocate");
	check(l4re_ns_register_obj_srv(ns, "memory", ds | L4_CAP_FPAGE_RW, L4RE_NS_REGISTER_RW),
	      "register");
	check(l4re_ns_query_srv(ns, "memory", found), "query");
	printf("found a dataspace of %llu bytes\n", (unsigned long long)l4re_ds_size(found));
	printf("it is %s memory\n", same_memory(ds, found) ? "the same" : "another");
	printf("registered again: %s\n",
	       l4sys_errtostr(l4re_ns_register_obj_srv(ns, "memory", ds, L4RE_NS_REGISTER_RO)));
}

int main(void)
{
	l4_cap_idx_t slot = l4re_util_cap_alloc();

	register_and_find(l4re_env_get_cap("names"));
	printf("no such name: %s\n",
	       l4sys_errtostr(l4re_ns_query_to_srv(l4re_env_get_cap("names"), "nothing", slot, 0)));
	check(l4re_ns_query_srv(l4re_env_get_cap("names"), "rom/ex_namespace", slot), "path");
	printf("this program is a file: %s\n", l4re_ds_size(slot) > 0 ? "yes" : "no");
	return 0;
}
