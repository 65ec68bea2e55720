/* SPDX-License-Identifier: MIT */
/*
 * Mappings that become smaller, larger, or go elsewhere. One that grows needs a larger dataspace:
 * it gets one of twice the size, so that the next steps need none; its place changes without its
 * content being copied then.
 */
#include "backend/calls.h"
#include "backend/range.h"
#include "backend/region.h"
#include "backend/thread.h"

#include <errno.h>
#include <sys/mman.h>

#include <l4/re/c/rm.h>
#include <l4/re/c/util/cap_alloc.h>

struct remap {
	l4_addr_t start, to;
	size_t before, bytes; /* whole pages */
	bool may_move, fixed;
};

/* The error for what is not one mapping: ENOMEM where memory is that mmap() has not made. */
static long error_at(l4_addr_t address)
{
	unsigned long size = 1;
	l4re_rm_offset_t offset;
	l4re_rm_flags_t flags;
	l4re_ds_t memory;

	if (l4re_rm_find(&address, &size, &offset, &flags, &memory) < 0)
		return -EFAULT;
	return flags & (L4RE_RM_F_RESERVED | L4RE_RM_F_IN_AREA) ? -EFAULT : -ENOMEM;
}

/* The one region that is the old mapping. */
static long find_old(const struct remap *wish, struct region **old)
{
	l4_addr_t end = wish->start + wish->before;
	struct region *region = region_from(wish->start);
	long error;

	if (!region || region->start > wish->start || region->end < end)
		return error_at(wish->start);
	error = region_cut(wish->start);
	if (!error)
		error = region_cut(end);
	*old = region_from(wish->start);
	return error;
}

/* Is the memory large enough for the whole new mapping, and nobody else's there? */
static bool has_room(const struct region *old, size_t before, size_t bytes)
{
	if (l4_is_invalid_cap(old->memory))
		return true;
	if (round_up(l4re_ds_size(old->memory)) < old->offset + bytes)
		return false;
	return !old->anonymous || !region_shares(old, old->offset + before);
}

/* New memory with the old content. */
static long copy_memory(struct region *copy, size_t before, size_t bytes)
{
	l4re_ds_t memory = region_memory(bytes > before * 2 ? bytes : before * 2);

	if (l4_is_invalid_cap(memory))
		memory = region_memory(bytes);
	if (l4_is_invalid_cap(memory))
		return -ENOMEM;
	if (l4re_ds_copy_in(memory, 0, copy->memory | L4_CAP_FPAGE_RO, copy->offset, before) < 0) {
		l4re_util_cap_release(memory);
		return -ENOMEM;
	}
	copy->memory = memory;
	copy->offset = 0;
	return 0;
}

/* What the larger mapping has beyond the old one reads as zeros. */
static void clear_new(const struct region *old, size_t before, size_t bytes)
{
	if (old->anonymous && l4_is_valid_cap(old->memory) && bytes > before)
		l4re_ds_clear(old->memory, old->offset + before, bytes - before);
}

static long move(const struct remap *wish, struct region *old)
{
	bool room = has_room(old, wish->before, wish->bytes);
	struct region like = *old;
	l4_addr_t to = wish->to;
	long error = 0;

	if (!room && !old->anonymous)
		return -ENOMEM;
	if (wish->fixed)
		error = range_remove(to, to + wish->bytes);
	if (!error && !room)
		error = copy_memory(&like, wish->before, wish->bytes);
	if (error)
		return error;
	if (room)
		clear_new(old, wish->before, wish->bytes);
	if (room && l4_is_valid_cap(like.memory))
		l4re_util_cap_take(like.memory);
	error = region_add(&to, wish->bytes, wish->fixed, &like);
	if (error && l4_is_valid_cap(like.memory))
		l4re_util_cap_release(like.memory);
	if (!error)
		region_remove(wish->start, wish->start + wish->before);
	return error ? error : (long)to;
}

static long grow(const struct remap *wish, struct region *old)
{
	long error = -ENOMEM;

	if (has_room(old, wish->before, wish->bytes)) {
		clear_new(old, wish->before, wish->bytes);
		error = region_grow(old, wish->bytes);
	}
	if (error && wish->may_move)
		return move(wish, old);
	return error ? error : (long)wish->start;
}

static long remap_locked(const struct remap *wish)
{
	struct region *old = NULL;
	long error;

	if (!wish->fixed && wish->bytes <= wish->before) {
		l4_addr_t end = wish->start + wish->before;

		if (!region_covers(wish->start, end))
			return error_at(wish->start);
		error =
		    wish->bytes < wish->before ? range_remove(wish->start + wish->bytes, end) : 0;
		return error ? error : (long)wish->start;
	}
	error = find_old(wish, &old);
	if (error)
		return error;
	return wish->fixed ? move(wish, old) : grow(wish, old);
}

long backend_mremap(long start, long old, long length, long flags, long to)
{
	struct remap wish = { .start = (l4_addr_t)start,
			      .before = round_up((size_t)old),
			      .bytes = round_up((size_t)length),
			      .may_move = flags & MREMAP_MAYMOVE,
			      .fixed = flags & MREMAP_FIXED };
	long result;

	if (flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED) || (wish.fixed && !wish.may_move))
		return -EINVAL;
	if (old <= 0 || length <= 0 || !range_valid(wish.start, wish.before))
		return -EINVAL;
	wish.to = wish.fixed ? (l4_addr_t)to : 0;
	if (wish.fixed && !range_valid(wish.to, wish.bytes))
		return -EINVAL;
	if (wish.fixed && wish.to < wish.start + wish.before && wish.start < wish.to + wish.bytes)
		return -EINVAL;
	lock_take(LOCK_MEMORY);
	result = remap_locked(&wish);
	lock_free(LOCK_MEMORY);
	return result;
}
