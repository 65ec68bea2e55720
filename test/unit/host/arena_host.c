/* SPDX-License-Identifier: MIT */
/* For tests of the real allocators: memory from mmap, and the few kernel functions they call. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "arena.h"
#include "core/print.h"
#include "core/spinlock.h"

unsigned host_cpu;

char *arena_create(u64 bytes, u64 align)
{
	char *p =
	    mmap(NULL, bytes + align, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return (char *)align_up((u64)p, align);
}
