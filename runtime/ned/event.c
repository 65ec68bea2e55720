/* SPDX-License-Identifier: MIT */
/* ned's ear: one server without a loop of its own, asked whenever Lua waits. */
#include "ned/ned.h"

#include <stdlib.h>
#include <l4/sys/err.h>
#include <l4/sys/ipc.h>

enum { BUCKETS = 64, PATIENCE_MS = 20 };

struct server ned_server;
static struct server_object *buckets[BUCKETS];
static bool answering;

bool event_answering(bool now)
{
	bool before = answering;

	answering = now;
	return before;
}

long event_init(void)
{
	return server_init_program(&ned_server, buckets, BUCKETS);
}

bool event_step(long ms)
{
	l4_timeout_s limit = L4_IPC_TIMEOUT_NEVER;
	bool came;

	if (answering)
		return false;
	if (ms == 0)
		limit = L4_IPC_TIMEOUT_0;
	else if (ms > 0)
		limit = l4_timeout_from_us((l4_uint64_t)ms * 1000);
	came = server_step(&ned_server, limit);
	for (bool more = came; more;)
		more = server_step(&ned_server, L4_IPC_TIMEOUT_0);
	child_reap();
	return came;
}

long event_try(l4_cap_idx_t object, long protocol, void (*build)(void *data, struct wire_out *out),
	       void *data, l4_cap_idx_t expect, struct wire_in *in)
{
	struct wire_out out = { 0 };
	l4_timeout_s patience = l4_timeout_from_us(PATIENCE_MS * 1000);
	l4_msgtag_t tag;

	build(data, &out);
	if (out.failed)
		return -L4_EMSGTOOLONG;
	if (l4_is_valid_cap(expect))
		wire_expect_cap(expect);
	else
		wire_expect_nothing();
	tag = l4_ipc_call(object, l4_utcb(), wire_tag(&out, protocol),
			  l4_timeout(patience, L4_IPC_TIMEOUT_NEVER));
	if (l4_msgtag_has_error(tag))
		return l4_error(tag);
	*in = wire_in_init(tag);
	return l4_msgtag_label(tag);
}

long event_call(l4_cap_idx_t object, long protocol, void (*build)(void *data, struct wire_out *out),
		void *data, l4_cap_idx_t expect, struct wire_in *in)
{
	for (;;) {
		long label = event_try(object, protocol, build, data, expect, in);

		if (label != l4_ipc_to_errno(L4_IPC_SETIMEOUT))
			return label;
		event_step(0);
	}
}
