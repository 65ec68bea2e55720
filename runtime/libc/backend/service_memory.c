/* SPDX-License-Identifier: MIT */
/* Memory of a service: all of it is readable and writable, as service.h's functions give it. */
#include "backend/calls.h"
#include "backend/memory.h"
#include "backend/thread.h"
#include "service.h"

#include <errno.h>
#include <sys/mman.h>
#include <l4/sys/consts.h>

void *memory_pages(size_t bytes)
{
	return service_memory_alloc((bytes + L4_PAGESIZE - 1) & ~(L4_PAGESIZE - 1UL));
}

long backend_mmap(long start, long bytes, long protection, long flags, long file, long offset)
{
	void *memory;

	(void)start, (void)protection, (void)file, (void)offset;
	if (bytes <= 0)
		return -EINVAL;
	if (!(flags & MAP_ANONYMOUS))
		return -EBADF;
	if (flags & MAP_FIXED)
		return -ENOMEM;
	lock_take(LOCK_MEMORY);
	memory = memory_pages((size_t)bytes);
	lock_free(LOCK_MEMORY);
	return memory ? (long)memory : -ENOMEM;
}

long backend_munmap(long start, long bytes)
{
	if (start & (L4_PAGESIZE - 1) || bytes <= 0)
		return -EINVAL;
	lock_take(LOCK_MEMORY);
	service_memory_free((void *)start, (bytes + L4_PAGESIZE - 1) & ~(L4_PAGESIZE - 1UL));
	lock_free(LOCK_MEMORY);
	return 0;
}

/* Guard pages are as writable as the rest. */
long backend_mprotect(long start, long bytes, long protection)
{
	(void)bytes, (void)protection;
	return start & (L4_PAGESIZE - 1) ? -EINVAL : 0;
}

/* realloc() copies then. */
long backend_mremap(long start, long old, long bytes, long flags, long to)
{
	(void)start, (void)old, (void)bytes, (void)flags, (void)to;
	return -ENOMEM;
}

long backend_madvise(long start, long bytes, long advice)
{
	(void)start, (void)bytes, (void)advice;
	return 0;
}
