/* SPDX-License-Identifier: MIT */
/* Memory calls of programs. */
#include "backend/calls.h"
#include "backend/region.h"
#include "backend/thread.h"
#include "backend/mapping.h"
#include "backend/range.h"

#include <errno.h>
#include <sys/mman.h>

#include <l4/re/c/util/cap_alloc.h>
#include <l4/sys/consts.h>

long range_remove(l4_addr_t start, l4_addr_t end)
{
	long error = region_cut(start);

	if (!error)
		error = region_cut(end);
	if (!error)
		region_remove(start, end);
	return error;
}

static long map_locked(l4_addr_t start, size_t bytes, unsigned flags, struct region *like)
{
	bool fixed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);
	long error = 0;

	if (flags & MAP_FIXED_NOREPLACE) {
		struct region *there = region_from(start);

		if (there && there->start < start + bytes)
			return -EEXIST;
	} else if (fixed) {
		error = range_remove(start, start + bytes);
	}
	if (!fixed)
		start = 0;
	if (!error)
		error = region_add(&start, bytes, fixed, like);
	return error ? error : (long)start;
}

static long map_region(l4_addr_t start, size_t bytes, unsigned flags, struct region *like)
{
	long result;

	lock_take(LOCK_MEMORY);
	result = map_locked(start, bytes, flags, like);
	lock_free(LOCK_MEMORY);
	if (result < 0 && result > -4096 && l4_is_valid_cap(like->memory))
		l4re_util_cap_release(like->memory);
	return result;
}

/* A private copy of a part of a file, so that it can be written. */
static long copy_private(struct region *like, size_t bytes)
{
	l4re_ds_t copy = region_memory(bytes);
	uint64_t size = l4re_ds_size(like->memory), part = bytes;
	long error;

	if (l4_is_invalid_cap(copy))
		return -ENOMEM;
	if (like->offset > size)
		part = 0;
	else if (part > size - like->offset)
		part = size - like->offset;
	error =
	    part ? l4re_ds_copy_in(copy, 0, like->memory | L4_CAP_FPAGE_RO, like->offset, part) : 0;
	l4re_util_cap_release(like->memory);
	like->memory = copy;
	like->offset = 0;
	like->anonymous = true;
	return error < 0 ? -ENOMEM : 0;
}

static long map_file(l4_addr_t start, size_t bytes, unsigned flags, int file, struct region *like)
{
	bool shared = flags & (MAP_SHARED | MAP_SHARED_VALIDATE) && !(flags & MAP_PRIVATE);
	long error;

	if (like->offset & PAGE_MASK)
		return -EINVAL;
	error = file_memory(file, shared, like->protection, &like->memory);
	if (error)
		return error;
	if (!shared && like->protection & PROT_WRITE)
		error = copy_private(like, bytes);
	if (error) {
		l4re_util_cap_release(like->memory);
		return error;
	}
	return map_region(start, bytes, flags, like);
}

long backend_mmap(long start, long length, long protection, long flags, long file, long offset)
{
	size_t bytes = round_up((size_t)length);
	struct region like = { .memory = L4_INVALID_CAP,
			       .offset = (uint64_t)offset,
			       .protection = (unsigned)protection };

	if (!(flags & (MAP_SHARED | MAP_PRIVATE)) || length <= 0)
		return -EINVAL;
	if (!(flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)))
		start = 0;
	if (!range_valid((l4_addr_t)start, bytes))
		return start & (long)PAGE_MASK ? -EINVAL : -ENOMEM;
	if (!(flags & MAP_ANONYMOUS))
		return map_file((l4_addr_t)start, bytes, (unsigned)flags, (int)file, &like);
	like.anonymous = true;
	like.offset = 0;
	if (protection != PROT_NONE) {
		like.memory = region_memory(bytes);
		if (l4_is_invalid_cap(like.memory))
			return -ENOMEM;
	}
	return map_region((l4_addr_t)start, bytes, (unsigned)flags, &like);
}

long backend_munmap(long start, long length)
{
	size_t bytes = round_up((size_t)length);
	long error;

	if (length <= 0 || !range_valid((l4_addr_t)start, bytes))
		return -EINVAL;
	lock_take(LOCK_MEMORY);
	error = range_remove((l4_addr_t)start, (l4_addr_t)start + bytes);
	lock_free(LOCK_MEMORY);
	return error;
}

static long protect_locked(l4_addr_t start, l4_addr_t end, unsigned protection)
{
	long error = region_covers(start, end) ? region_cut(start) : -ENOMEM;

	if (!error)
		error = region_cut(end);
	for (struct region *r = region_from(start); !error && r && r->start < end; r = r->next)
		error = region_protect(r, protection);
	return error;
}

long backend_mprotect(long start, long length, long protection)
{
	size_t bytes = round_up((size_t)length);
	long error;

	if (!length && !(start & (long)PAGE_MASK))
		return 0;
	if (length < 0 || !range_valid((l4_addr_t)start, bytes))
		return -EINVAL;
	lock_take(LOCK_MEMORY);
	error = protect_locked((l4_addr_t)start, (l4_addr_t)start + bytes, (unsigned)protection);
	lock_free(LOCK_MEMORY);
	return error;
}

/* A mapping is the file itself: what is written is in it at once. */
long backend_msync(long start, long length, long flags)
{
	size_t bytes = round_up((size_t)length);
	bool covered;

	if (start & (long)PAGE_MASK || flags & ~(MS_ASYNC | MS_SYNC | MS_INVALIDATE) ||
	    (flags & MS_ASYNC && flags & MS_SYNC))
		return -EINVAL;
	if (!bytes)
		return 0;
	if (length < 0 || !range_valid((l4_addr_t)start, bytes))
		return -ENOMEM;
	lock_take(LOCK_MEMORY);
	covered = region_covers((l4_addr_t)start, (l4_addr_t)start + bytes);
	lock_free(LOCK_MEMORY);
	return covered ? 0 : -ENOMEM;
}

/* What is not needed any more reads as zeros again; other advice changes nothing. */
long backend_madvise(long start, long length, long advice)
{
	l4_addr_t address = (l4_addr_t)start, end;
	size_t bytes = round_up((size_t)length);

	if (length < 0 || (bytes && !range_valid(address, bytes)))
		return -EINVAL;
	if (advice != MADV_DONTNEED)
		return 0;
	end = address + bytes;
	lock_take(LOCK_MEMORY);
	for (struct region *r = region_from(address); r && r->start < end; r = r->next) {
		l4_addr_t from = r->start > address ? r->start : address;
		l4_addr_t to = r->end < end ? r->end : end;

		if (r->anonymous && l4_is_valid_cap(r->memory))
			l4re_ds_clear(r->memory, r->offset + (from - r->start), to - from);
	}
	lock_free(LOCK_MEMORY);
	return 0;
}
