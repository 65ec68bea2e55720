/* SPDX-License-Identifier: MIT */
/* A server of an ordinary program: what the configuration needs comes from its environment. */
#include "server/server.h"

#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/env.h>

long server_init_program(struct server *server, struct server_object **buckets, unsigned count)
{
	const l4re_env_t *env = l4re_env();
	const struct server_config config = { .task = L4RE_THIS_TASK_CAP,
					      .thread = env->main_thread,
					      .factory = env->factory,
					      .slot_alloc = l4re_util_cap_alloc,
					      .slot_free = l4re_util_cap_free,
					      .buckets = buckets,
					      .bucket_count = count };

	return server_init(server, &config);
}
