/* SPDX-License-Identifier: MIT */
/*
 * Client of the namespace protocol. A server resolves a name up to the first '/'; the rest is asked
 * of what it returned. Those stations of the way go alternately to the caller's slot and to another
 * one, so that none is overwritten while it is called.
 */
#include <string.h>
#include <l4/re/c/namespace.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/protocols.h>
#include <l4/sys/ipc.h>
#include <l4/sys/task.h>
#include <l4/util/util.h>
#include "l4re/request.h"

enum { NS_QUERY, NS_REGISTER, NS_PARTLY_RESOLVED = 0x20 };
enum { FIRST_PAUSE_MS = 10, LAST_PAUSE_MS = 160 };

/* One question. *rest becomes the part of the name that is still to be resolved, or NULL. */
static long query_once(l4_cap_idx_t ns, const char *name, l4_cap_idx_t slot, const char **rest)
{
	struct wire_out o = request(NS_QUERY);
	size_t length = strlen(name), left;
	struct wire_in in;
	long result;

	*rest = NULL;
	wire_put_array(&o, name, length);
	wire_expect_cap(slot);
	result = wire_call(ns, &o, L4RE_PROTO_NAMESPACE, &in);
	if (result < 0 || !(result & NS_PARTLY_RESOLVED))
		return result;
	wire_get_u32(&in);
	left = wire_get_word(&in);
	if (in.failed || left == 0 || left >= length)
		return -L4_EINVAL;
	*rest = name + length - left;
	return result;
}

/* Ask again while the entry has no object yet. *left: milliseconds of patience. */
static long query_patiently(l4_cap_idx_t ns, const char *name, l4_cap_idx_t slot, const char **rest,
			    int *left)
{
	int pause = FIRST_PAUSE_MS;
	long result = query_once(ns, name, slot, rest);

	while (result == -L4_EAGAIN && *left > 0) {
		pause = pause < *left ? pause : *left;
		l4_sleep((l4_uint32_t)pause);
		*left -= pause;
		pause = pause < LAST_PAUSE_MS ? 2 * pause : pause;
		result = query_once(ns, name, slot, rest);
	}
	return result;
}

static void move_cap(l4_cap_idx_t to, l4_cap_idx_t from)
{
	l4_task_map(L4RE_THIS_TASK_CAP, L4RE_THIS_TASK_CAP,
		    l4_obj_fpage(from, 0, L4_CAP_FPAGE_RWSD),
		    l4_map_obj_control(to, L4_MAP_ITEM_GRANT) | L4_FPAGE_C_OBJ_RIGHTS);
}

/* Follow the path from its second station on. */
static long follow(const char *rest, l4_cap_idx_t cap, int timeout)
{
	l4_cap_idx_t slots[2] = { cap, l4re_util_cap_alloc() };
	unsigned at = 0;
	long result = 0;

	if (!l4_is_valid_cap(slots[1]))
		result = -L4_ENOMEM;
	while (result >= 0 && rest) {
		result = query_patiently(slots[at], rest, slots[!at], &rest, &timeout);
		at = !at;
	}
	if (result < 0)
		l4_task_release_cap(L4RE_THIS_TASK_CAP, cap);
	else if (at == 1)
		move_cap(cap, slots[1]);
	if (l4_is_valid_cap(slots[1]))
		l4re_util_cap_free_um(slots[1]);
	return result < 0 ? result : 0;
}

long l4re_ns_query_to_srv(l4re_namespace_t srv, char const *name, l4_cap_idx_t const cap,
			  int timeout)
{
	l4_cap_idx_t slot = cap & L4_CAP_MASK;
	const char *rest;
	long result = query_patiently(srv, name, slot, &rest, &timeout);

	if (result < 0)
		return result;
	return rest ? follow(rest, slot, timeout) : 0;
}

long l4re_ns_register_obj_srv(l4re_namespace_t srv, char const *name, l4_cap_idx_t const obj,
			      unsigned flags)
{
	struct wire_out o = request(NS_REGISTER);

	wire_put_u32(&o, flags);
	wire_put_array(&o, name, strlen(name));
	if (l4_is_valid_cap(obj))
		put_cap(&o, obj, L4_CAP_FPAGE_R | (flags & L4_CAP_FPAGE_RWS));
	return call_plain(srv, &o, L4RE_PROTO_NAMESPACE, NULL);
}
