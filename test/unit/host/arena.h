/* SPDX-License-Identifier: MIT */
/* Memory for tests of the real allocators. */
#ifndef HOST_ARENA_H
#define HOST_ARENA_H

#include "core/types.h"

extern unsigned host_cpu; /* the CPU that the test plays */

/* bytes of memory, aligned to align (a power of two); never freed. */
char *arena_create(u64 bytes, u64 align);

#endif
