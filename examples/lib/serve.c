/* SPDX-License-Identifier: MIT */
/* Serving one object. */
#include <stdio.h>
#include <l4/re/env.h>
#include "lib/raw_thread.h"
#include "lib/serve.h"

enum { BUCKETS = 8 };

void serve(struct server_object *object, const char *gate)
{
	static struct server_object *buckets[BUCKETS];
	static struct server server;
	l4_cap_idx_t cap = l4re_env_get_cap(gate);

	check(l4_is_valid_cap(cap) ? 0 : -L4_ENOENT, gate);
	check(server_init_program(&server, buckets, BUCKETS), "server");
	check(server_bind_gate(&server, object, cap), gate);
	printf("ready\n");
	server_loop(&server);
}
